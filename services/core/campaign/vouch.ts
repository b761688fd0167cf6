import { numbersOf, type Sighting } from './campaign.ts';

/** Honest callers who ring many lines: a number that somebody stands for makes no campaign. */

/** What is known of a number in the area of the line that it rings. */
export interface NumberPast {
  readonly number: string;
  /** A line of the area on whose trusted list it is. */
  readonly trustedOn: string | null;
  /** The protected line whose own number it is. */
  readonly ownOf: string | null;
  /** Days, of the past 28 but the last of them (`windowDays`), on which it rang lines of the area. */
  readonly days: number;
  /** Its calls of the past 28 days that staff took. */
  readonly byStaff: number;
  /** Its calls of the past 28 days that were reported. */
  readonly reported: number;
}

/** Whoever rings on so many earlier days, and is never reported, is a neighbour, a firm or a club: not a fraud of these days. */
const regularDays = 4;
/** Staff took so many calls of it, and nobody reported one. Once is not enough: a fraudster reaches staff, too. */
const staffCalls = 2;

export interface Vouched {
  /** The sighting without the numbers that somebody stands for, or one that does not count. */
  readonly sighting: Sighting;
  /** A sentence for each number that somebody stands for. */
  readonly reasons: readonly string[];
}

/** What is left to count of a call. One with a sign of forgery counts, and one that was reported, whosever number is shown. */
export function withoutVouched(sighting: Sighting, pasts: readonly NumberPast[]): Vouched {
  const bad = sighting.suspect || sighting.reported;
  const known = new Map(pasts.map((past) => [past.number, whyVouched(past, bad)]));
  const reasons = numbersOf(sighting).flatMap((number) => known.get(number) ?? []);
  if (reasons.length > 0 && !bad) return { sighting: { ...sighting, counts: false }, reasons };
  const left = (number: string | null) => (number !== null && known.get(number) ? null : number);
  return { sighting: { ...sighting, shown: left(sighting.shown), network: left(sighting.network) }, reasons };
}

function whyVouched({ trustedOn, ownOf, days, byStaff, reported }: NumberPast, bad: boolean): string | null {
  if (ownOf !== null) return `The number is that of the line ${ownOf}.`;
  if (trustedOn !== null) return `The number is on the trusted list of ${trustedOn}, in the same area.`;
  if (reported > 0 || bad) return null;
  if (byStaff >= staffCalls) return `Staff took ${byStaff} calls from the number, and none was reported.`;
  if (days >= regularDays) return `The number rang here on ${days} earlier days, and nobody reported it.`;
  return null;
}
