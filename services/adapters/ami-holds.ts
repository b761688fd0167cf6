import type { Reply } from '../core/ports.ts';

/** What the dialplan wrote into AstDB about lines, keyed by line id, and about trunks. Times are epoch seconds. */
export interface KeptHolds {
  /** Until when each line is held. */
  readonly until: ReadonlyMap<string, number>;
  /** The number shown by whoever left the hold that stands. */
  readonly callers: ReadonlyMap<string, string>;
  /** Until when a far end may hold a timed trunk open, by the trunk's name. */
  readonly timed: ReadonlyMap<string, number>;
}

/** The AstDB families in which the dialplan keeps what it must not forget; see dialplan/extensions.conf. */
const holdFamily = 'clearline-hold';
const callerFamily = 'clearline-caller';
const timedFamily = 'clearline-timed';

/** What is needed of AMI. */
interface Shelf {
  /** The rows of an AstDB family; null when there is no answer. */
  list(family: string): Promise<readonly Readonly<Record<string, unknown>>[] | null>;
  command(action: Record<string, string>): Promise<Reply>;
}

/** The holds in AstDB, where the dialplan keeps them; see the methods' promises in ami.ts. */
export class AstDbHolds {
  private readonly shelf: Shelf;

  constructor(shelf: Shelf) {
    this.shelf = shelf;
  }

  async read(): Promise<KeptHolds | null> {
    const families = [holdFamily, callerFamily, timedFamily].map((family) => this.family(family));
    const [until, callers, timed] = await Promise.all(families);
    if (!until || !callers || !timed) return null;
    // An earlier Clearline wrote <line>/<trunk>, which is no trunk's name.
    const trunks = timed.flatMap(([[trunk, ...rest], value]) =>
      rest.length === 0 ? [[trunk, secondsIn(value)] as const] : [],
    );
    return {
      until: new Map(until.map(([[line], value]) => [line, secondsIn(value)])),
      callers: new Map(callers.map(([[line], value]) => [line, value])),
      timed: new Map(trunks),
    };
  }

  /** The entries of an AstDB family: what stands behind its name in each key, in parts, and the value. */
  private async family(family: string): Promise<(readonly [readonly [string, ...string[]], string])[] | null> {
    const rows = await this.shelf.list(family);
    return (
      rows?.map((row) => {
        const [, , first = '', ...rest] = String(row.key).split('/');
        return [[first, ...rest], String(row.val)] as const;
      }) ?? null
    );
  }

  put(line: string, untilSeconds: number): Promise<Reply> {
    return this.shelf.command({ action: 'DBPut', family: holdFamily, key: line, val: String(untilSeconds) });
  }

  async remove(line: string): Promise<Reply> {
    const kept = await this.read();
    if (kept === null) return { ok: false, gone: false, why: 'AMI does not say what is held' };
    // Asterisk calls it an error when there is nothing to delete.
    const deletions = [
      ...(kept.callers.has(line) ? [{ action: 'DBDel', family: callerFamily, key: line }] : []),
      ...(kept.until.has(line) ? [{ action: 'DBDel', family: holdFamily, key: line }] : []),
    ];
    for (const deletion of deletions) {
      const done = await this.shelf.command(deletion);
      if (!done.ok) return done;
    }
    return { ok: true };
  }
}

/** As the dialplan reads it, which keeps the digits: an administrator may have written anything. */
function secondsIn(value: string): number {
  return Number(value.replace(/\D/g, ''));
}
