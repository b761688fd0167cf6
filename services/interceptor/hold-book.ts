/**
 * Which lines are held, in memory, so that nothing on the call path has to ask. The truth is in AstDB, where the dialplan
 * writes it whatever becomes of this process; the book is read from there at the start and after every lost connection.
 */
export class HoldBook {
  private readonly untilMs = new Map<string, number>();
  /** Holds that calls left since AstDB was last read, in ms since the epoch. */
  private readonly fresh = new Map<string, number>();

  /** `at` is ms since the epoch. */
  isHeld(line: string, at: number): boolean {
    return (this.untilMs.get(line) ?? 0) > at;
  }

  /** Holds a line until a time in ms since the epoch; never shortens a hold. */
  hold(line: string, until: number): void {
    for (const holds of [this.untilMs, this.fresh]) holds.set(line, Math.max(until, holds.get(line) ?? 0));
  }

  /**
   * What calls left since AstDB was last read and is longer than what it says; both are line id to epoch seconds. A hold
   * read from AstDB itself is not in it: somebody may have lifted that by hand.
   */
  missingIn(seconds: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
    const left = [...this.fresh].map(([line, until]) => [line, Math.floor(until / 1000)] as const);
    return new Map(left.filter(([line, until]) => until > (seconds.get(line) ?? 0)));
  }

  /** Takes over what AstDB says: line id to epoch seconds. */
  replaceBy(seconds: ReadonlyMap<string, number>): void {
    this.untilMs.clear();
    this.fresh.clear();
    for (const [line, until] of seconds) this.untilMs.set(line, until * 1000);
  }
}
