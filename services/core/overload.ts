/**
 * Whether Clearline keeps up with its calls, judged once a second by how late its own turns come. Every event of a call is
 * decided and done with in the turn that brings it, so there is no queue of them but those turns.
 */

/** `streak`: how many seconds in a row have spoken for the other state. */
export interface Shedding {
  readonly on: boolean;
  readonly streak: number;
}

export const atEase: Shedding = { on: false, streak: 0 };

/** A ring is late by this much, in milliseconds: from here on another call would only make every call worse. */
const lateMs = 100;
/** Two, since one second may have a single long pause in it: a collection of garbage, a machine that slept. */
const lateSeconds = 2;
/** Well below, and for longer, or callers would be refused and let in by turns. */
const easyMs = 30;
const easySeconds = 5;

/** `delayMs`: how late turns came on average within the last second. */
export function judgeDelay({ on, streak }: Shedding, delayMs: number): Shedding {
  const speaksForChange = on ? delayMs < easyMs : delayMs >= lateMs;
  if (!speaksForChange) return { on, streak: 0 };
  const reached = streak + 1 >= (on ? easySeconds : lateSeconds);
  return reached ? { on: !on, streak: 0 } : { on, streak: streak + 1 };
}
