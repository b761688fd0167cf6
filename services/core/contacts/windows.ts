import type { ExpectedCaller, ProtectedLine } from '../line.ts';
import { isListed } from './suggest.ts';

/** Rests in a line's screening, and callers who are expected: what may be asked for. Times are UTC milliseconds. */

/** Screening of a line rests. `endedAt` is when somebody ended it early, or another pause took its place. */
export interface Pause {
  readonly line: string;
  readonly at: number;
  readonly until: number;
  readonly by: string;
  readonly why: string;
  readonly endedAt: number | null;
  readonly endedBy: string | null;
}

/** Somebody is expected; `by` told so at `at`. `cancelledBy` ended it before its time, at `until`. */
export interface Expectation extends ExpectedCaller {
  readonly id: string;
  readonly line: string;
  readonly at: number;
  readonly by: string;
  readonly cancelledBy: string | null;
}

export interface WindowLimits {
  readonly longestPauseHours: number;
  readonly longestWindowHours: number;
}

const hourMs = 3_600_000;
/** Nobody remembers an appointment entered earlier than this. */
const furthestAheadHours = 31 * 24;

/** Why screening may not rest so, in a sentence for whoever asked; null when it may. A pause nobody remembers protects nobody. */
export function pauseFault(
  { at, until }: Pick<Pause, 'at' | 'until'>,
  { longestPauseHours }: WindowLimits,
): string | null {
  if (!(until > at)) return 'A pause has to end after now.';
  if (until - at <= longestPauseHours * hourMs) return null;
  return `A pause may last ${hours(longestPauseHours)} at most (contacts.longestPauseHours), so that nobody forgets it.`;
}

/** Why nobody may be expected so, in a sentence for whoever asked; null when it may. */
export function expectationFault(
  { number, from, until, at }: Pick<Expectation, 'number' | 'from' | 'until' | 'at'>,
  line: ProtectedLine,
  { longestWindowHours }: WindowLimits,
): string | null {
  if (!(until > from)) return 'The window has to end after it begins.';
  if (until <= at) return 'The window is over already.';
  if (until - from > longestWindowHours * hourMs) {
    const always = number === null ? '' : ' Somebody who calls often belongs on the list: clearline contacts add';
    return `A window may last ${hours(longestWindowHours)} at most (contacts.longestWindowHours).${always}`;
  }
  if (from - at > furthestAheadHours * hourMs) return 'A window may begin a month from now at most.';
  if (number === null) return null;
  if (line.blocked.includes(number)) return 'The number is on this line’s blocked list, which stands above.';
  return isListed(line, number) ? 'The number is on this line’s trusted list already: nothing more is needed.' : null;
}

function hours(count: number): string {
  return `${count} hour${count === 1 ? '' : 's'}`;
}
