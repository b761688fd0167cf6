/** A caller's leg on a line. */
export interface Caller {
  readonly channel: string;
  readonly line: string;
  readonly trunk: string;
  /** Nobody vouched for them. */
  readonly suspect: boolean;
}

/** How many of those who have gone are remembered a line, and for how long, in milliseconds. */
const mostLeft = 5;
const rememberMs = 600_000;

/**
 * Callers, until Asterisk tells that they are gone: for Clearline their call may be over long before. Suspects who left last
 * are remembered, so that the record can say how their carriers let go of them.
 */
export class Callers {
  private readonly here = new Map<string, Caller>();
  private readonly left = new Map<string, (Caller & { readonly at: number })[]>();

  add(caller: Caller): void {
    this.here.set(caller.channel, caller);
  }

  /** Suspects of this line who are still in Asterisk. */
  suspectsOn(line: string): Caller[] {
    return [...this.here.values()].filter((caller) => caller.suspect && caller.line === line);
  }

  /** Over which trunks this line's callers, trusted ones too, came in who are still in Asterisk, as far as we have heard. */
  trunksOn(line: string): string[] {
    return [...this.here.values()].filter((caller) => caller.line === line).map(({ trunk }) => trunk);
  }

  get channels(): string[] {
    return [...this.here.keys()];
  }

  /** The channel is gone, at a time in ms since the epoch; null when it was no caller's. */
  remove(channel: string, at: number): Caller | null {
    const caller = this.here.get(channel);
    if (!caller) return null;
    this.here.delete(channel);
    if (!caller.suspect) return caller;
    const before = (this.left.get(caller.line) ?? []).filter((earlier) => earlier.at > at - rememberMs);
    this.left.set(caller.line, [{ ...caller, at }, ...before].slice(0, mostLeft));
    return caller;
  }

  /** Channels of the suspects who left this line in the last ten minutes, the last first. */
  goneFrom(line: string, at: number): string[] {
    const left = this.left.get(line) ?? [];
    return left.filter((caller) => caller.at > at - rememberMs).map(({ channel }) => channel);
  }
}
