/** Something that neither the queue nor the disk took. */
export interface Held<T> {
  readonly fact: T;
  /** As it would stand in the spool. */
  readonly line: string;
  /** Whoever put it is told. */
  readonly settle: (error?: unknown) => void;
}

/** The last resort: facts in memory, oldest first, of which nobody has been told yet that they are safe. */
export interface Memory<T> {
  /** Resolves when the fact has been taken elsewhere, which may be long. Rejects at once when there is no room. */
  hold(fact: T, line: string): Promise<void>;
  /** Gives each to `take`, and lets go of those that it took; ends with the first that it did not, which rejects. */
  handOver(take: (held: Held<T>) => Promise<void>): Promise<void>;
  /** Lets go of all there are; whoever put them is told so. Answers with how many. */
  giveUp(): number;
  readonly size: number;
}

/** `limitBytes` of facts at most, as they would stand in the spool. */
export function openMemory<T>(limitBytes: number): Memory<T> {
  const held: Held<T>[] = [];
  let bytes = 0;
  return {
    hold(fact, line) {
      const size = Buffer.byteLength(line);
      if (bytes + size > limitBytes) {
        return Promise.reject(
          new Error(`${held.length} facts wait in memory already: ${bytes} of ${limitBytes} bytes`),
        );
      }
      bytes += size;
      return new Promise((resolve, reject) => {
        const settle = (error?: unknown) => {
          bytes -= size;
          if (error === undefined) resolve();
          else reject(error);
        };
        held.push({ fact, line, settle });
      });
    },
    async handOver(take) {
      for (let [first] = held; first; [first] = held) {
        await take(first);
        // `giveUp` may have come between.
        if (held[0] !== first) return;
        held.shift();
        first.settle();
      }
    },
    giveUp() {
      const given = held.splice(0);
      for (const { settle } of given) settle(new Error('stopped before the queue or the disk took the fact'));
      return given.length;
    },
    get size() {
      return held.length;
    },
  };
}
