/**
 * Which lines are held, in memory, so that nothing on the call path has to ask. The truth is in AstDB, where the dialplan
 * writes it whatever becomes of this process; the book is read from there at the start and after every lost connection.
 */
export class HoldBook {
  private readonly untilMs = new Map<string, number>();

  /** `at` is ms since the epoch. */
  isHeld(line: string, at: number): boolean {
    return (this.untilMs.get(line) ?? 0) > at;
  }

  /** Holds a line until a time in ms since the epoch; never shortens a hold. */
  hold(line: string, until: number): void {
    this.untilMs.set(line, Math.max(until, this.untilMs.get(line) ?? 0));
  }

  /** Takes over what AstDB says: line id to epoch seconds. */
  replaceBy(seconds: ReadonlyMap<string, number>): void {
    this.untilMs.clear();
    for (const [line, until] of seconds) this.untilMs.set(line, until * 1000);
  }
}
