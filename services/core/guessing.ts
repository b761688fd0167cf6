/**
 * Who guesses at a telephone's password, and for how long nothing more is heard of them. Times are milliseconds since the
 * epoch. An address here is whatever the caller counts as one: an IPv4 address, or the network a home gets in IPv6.
 */

/** So many wrong answers within so long are guesses: somebody who mistypes a new telephone's password has the first nine. */
export const guessesToBan = 10;
export const guessedWithinMs = 600_000;
/** The first ban; each one that follows within a day of the last one's end is twice as long, up to the longest. */
export const firstBanMs = 300_000;
export const longestBanMs = 14_400_000;
export const forgottenAfterMs = 86_400_000;

export interface Ban {
  readonly address: string;
  readonly from: number;
  readonly until: number;
  /** How many bans in a row this one makes; the length follows from it. */
  readonly times: number;
}

/** The wrong answers that still count, with one more; `isGuessing` when they are too many, and then the count begins anew. */
export function afterWrongAnswer(
  before: readonly number[],
  at: number,
): { readonly wrong: readonly number[]; readonly isGuessing: boolean } {
  const wrong = [...before.filter((earlier) => Math.abs(at - earlier) < guessedWithinMs), at];
  return wrong.length >= guessesToBan ? { wrong: [], isGuessing: true } : { wrong, isGuessing: false };
}

export function banOf(address: string, before: Ban | undefined, at: number): Ban {
  const times = before !== undefined && !isForgotten(before, at) ? before.times + 1 : 1;
  // 2 to the power of a hundred bans is no number of milliseconds.
  const lasts = Math.min(longestBanMs, firstBanMs * 2 ** Math.min(times - 1, 20));
  return { address, from: at, until: at + lasts, times };
}

/** A ban also ends where the clock was set back: nobody may be shut out by a clock. */
export function isInForce({ from, until }: Ban, at: number): boolean {
  return at < until && at > from - longestBanMs && until - from <= longestBanMs;
}

/** Its address is as good as new. */
export function isForgotten({ until }: Ban, at: number): boolean {
  return at > until + forgottenAfterMs;
}

/** A ban as it is kept, in whole seconds: `1795381785 1795382085 1`. */
export function writeBan({ from, until, times }: Ban): string {
  return `${Math.floor(from / 1000)} ${Math.ceil(until / 1000)} ${times}`;
}

/** Null for what `writeBan` did not write. */
export function readBan(address: string, text: string): Ban | null {
  const [, from, until, times] = /^(\d{1,12}) (\d{1,12}) (\d{1,6})$/.exec(text) ?? [];
  if (from === undefined || until === undefined || times === undefined) return null;
  return { address, from: Number(from) * 1000, until: Number(until) * 1000, times: Number(times) };
}
