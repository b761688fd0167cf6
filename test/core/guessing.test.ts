import { describe, expect, it } from 'vitest';
import {
  afterWrongAnswer,
  type Ban,
  banOf,
  firstBanMs,
  forgottenAfterMs,
  guessedWithinMs,
  guessesToBan,
  isForgotten,
  isInForce,
  longestBanMs,
  readBan,
  writeBan,
} from '../../services/core/guessing.ts';

const at = 1_795_381_785_000;

/** Tells of wrong answers at these times, and says which of them were one too many. */
function guessesAt(times: readonly number[]): number[] {
  let wrong: readonly number[] = [];
  return times.flatMap((time) => {
    const after = afterWrongAnswer(wrong, time);
    wrong = after.wrong;
    return after.isGuessing ? [time] : [];
  });
}

describe('what counts as guessing', () => {
  const every = (ms: number, count: number) => Array.from({ length: count }, (_, index) => at + index * ms);

  it.each([
    ['nine in a second', every(100, guessesToBan - 1), 0],
    ['ten in a second', every(100, guessesToBan), 1],
    ['a hundred in a second', every(10, 10 * guessesToBan), 10],
    ['one a minute for ten minutes', every(60_000, 10), 1],
    ['one every ten minutes, for ever', every(guessedWithinMs, 500), 0],
  ])('%s', (_, times, bans) => {
    expect(guessesAt(times)).toHaveLength(bans);
  });

  it('never keeps more than the few that count', () => {
    let wrong: readonly number[] = [];
    for (const time of every(1, 10_000)) {
      wrong = afterWrongAnswer(wrong, time).wrong;
      expect(wrong.length).toBeLessThan(guessesToBan);
    }
  });

  it('starts anew after a clock that was set back an hour', () => {
    expect(guessesAt([...every(1, 9), at - 3_600_000])).toEqual([]);
  });
});

describe('a ban', () => {
  const minutesOf = ({ from, until }: Ban) => (until - from) / 60_000;

  it('is five minutes, and twice as long each time the guessing goes on, up to four hours', () => {
    const lengths: number[] = [];
    let ban: Ban | undefined;
    for (let time = at; lengths.length < 9; time = ban.until + 1000) {
      ban = banOf('192.0.2.1', ban, time);
      lengths.push(minutesOf(ban));
    }
    expect(lengths).toEqual([5, 10, 20, 40, 80, 160, 240, 240, 240]);
  });

  it('stays within four hours however often it was made', () => {
    expect(minutesOf(banOf('192.0.2.1', { address: '192.0.2.1', from: at, until: at, times: 999_999 }, at))).toBe(240);
  });

  it('is forgotten a day after its end', () => {
    const ban = banOf('192.0.2.1', undefined, at);
    expect(isForgotten(ban, ban.until + forgottenAfterMs)).toBe(false);
    expect(banOf('192.0.2.1', ban, ban.until + forgottenAfterMs).times).toBe(2);
    expect(isForgotten(ban, ban.until + forgottenAfterMs + 1)).toBe(true);
    expect(banOf('192.0.2.1', ban, ban.until + forgottenAfterMs + 1).times).toBe(1);
  });

  it.each([
    ['at its beginning', 0, true],
    ['a moment before its end', firstBanMs - 1, true],
    ['at its end', firstBanMs, false],
    ['with the clock set back a year', -365 * 86_400_000, false],
  ])('in force %s: %s', (_, after, expected) => {
    expect(isInForce(banOf('192.0.2.1', undefined, at), at + (after as number))).toBe(expected);
  });

  it('is not in force for longer than there are bans', () => {
    expect(isInForce({ address: '192.0.2.1', from: at, until: at + longestBanMs + 1, times: 1 }, at + 1)).toBe(false);
  });

  it('is kept as text and read again, to the second', () => {
    const ban = banOf('192.0.2.1', undefined, at);
    expect(readBan('192.0.2.1', writeBan(ban))).toEqual(ban);
  });

  it.each(['', '1', '1 2', 'a b c', '1 2 3 4', '-1 2 3', '1795381785 1795382085'])('reads no ban in "%s"', (text) => {
    expect(readBan('192.0.2.1', text)).toBeNull();
  });
});
