import type { Effect, JournalEntry, Opening } from '../../core/call.ts';
import { shownNumber } from '../exchange/arrival.ts';
import type { HoldBook } from '../line/hold-book.ts';

/** What a call leaves on its line for the calls after it: whether its caller is trusted, and the hold. */
export class Trace {
  /** Somebody vouches for the caller. */
  trusted = false;
  private readonly opening: Opening;
  private readonly holds: HoldBook;
  private holdSeconds = 0;
  private left = false;

  constructor(opening: Opening, holds: HoldBook) {
    this.opening = opening;
    this.holds = holds;
  }

  take(effect: Extract<Effect, { do: 'Screen' | 'Hold' }>, at: number): void {
    this.know(effect);
    // The caller has gone, and the dialplan written what it knew: the book mends that.
    if (effect.do === 'Hold' && this.left) this.hold(at, true);
  }

  private know(effect: Extract<Effect, { do: 'Screen' | 'Hold' }>): void {
    if (effect.do === 'Screen') this.trusted = effect.verdict.standing === 'trusted';
    else this.holdSeconds = effect.seconds;
  }

  /** A call that another process ran so far: a hold that it left stands in AstDB, unless somebody has lifted it. */
  relive(entry: JournalEntry): void {
    if ('event' in entry) {
      if (entry.event.type === 'HungUp' && entry.event.leg === 'caller') this.left = true;
    } else if (entry.effect.do === 'Screen' || entry.effect.do === 'Hold') this.know(entry.effect);
  }

  /** The hold begins when the caller has gone, not at the end of the record: they may ring back while advice plays. */
  leave(at: number): void {
    if (this.left || this.opening.type !== 'Arrived') return;
    this.left = true;
    this.hold(at);
  }

  private hold(at: number, late = false): void {
    const { opening, holdSeconds } = this;
    if (opening.type !== 'Arrived' || opening.line === null || holdSeconds === 0) return;
    const by = { number: shownNumber(opening.caller), trunk: opening.trunk };
    this.holds.hold(opening.line.id, at + holdSeconds * 1000, by, late);
  }
}
