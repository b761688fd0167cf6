import { describe, expect, test } from 'vitest';
import type { LeaseAnswer } from '../../../services/core/ports.ts';
import {
  atFirst,
  decideOwnership,
  type Ownership,
  type OwnershipEvent,
} from '../../../services/interceptor/ownership/ownership.ts';

/** One row a transition: where an interceptor stands, what it learns, and what it does then. */

const away: LeaseAnswer = { state: 'away' };
const free: LeaseAnswer = { state: 'free' };
const other: LeaseAnswer = { state: 'other', owner: 'a' };
const ours: LeaseAnswer = { state: 'ours', token: '7', awaited: false };

const looked = (at: number, lease: LeaseAnswer, taken: boolean | null, dead = false): OwnershipEvent => ({
  type: 'Looked',
  ...{ at, lease, taken, dead },
});
const asked = (at: number, lease: LeaseAnswer, dead = false): OwnershipEvent => ({ type: 'Asked', at, lease, dead });
const replaced: OwnershipEvent = { type: 'Replaced' };

/** Does one after the other, and says what was to be done, in short. */
function live(...events: readonly OwnershipEvent[]): { readonly now: Ownership; readonly done: string[] } {
  let now = atFirst;
  const done: string[] = [];
  for (const event of events) {
    const { next, effects } = decideOwnership(now, event);
    now = next;
    for (const effect of effects) {
      const about =
        effect.do === 'TakeLease' ? ` from ${effect.dead}` : effect.do === 'TakeCalls' ? '' : `: ${effect.why}`;
      done.push(effect.do + about);
    }
  }
  return { now, done };
}

const takeFree = 'TakeLease from null';
const standBy = 'StandBy: another has the calls';
const mayBe = 'StandBy: Redis is away, and another may have the calls';
const lost = 'Exit: another interceptor has the lease';

describe('an interceptor that has not the calls', () => {
  test.each<[string, OwnershipEvent[], string[]]>([
    ['takes a free lease where the application is free', [looked(0, free, false)], [takeFree]],
    ['takes the calls when it has the lease', [looked(0, free, false), asked(1, ours)], [takeFree, 'TakeCalls']],
    [
      'stands by where another has the lease, and says so once',
      [looked(0, other, true), looked(250, other, true)],
      [standBy],
    ],
    [
      'stands by although that other has lost Asterisk',
      [looked(0, other, false), looked(9_000, other, false)],
      [standBy],
    ],
    [
      'takes the lease of a dead one at once',
      [looked(0, other, true), looked(250, other, true, true)],
      [standBy, 'TakeLease from a'],
    ],
    [
      'takes a lease that ran out although the application is taken: its owner hangs',
      [looked(0, other, true), looked(3_000, other, true), looked(3_250, free, true), asked(3_260, ours)],
      [standBy, takeFree, 'TakeCalls'],
    ],
    [
      'leaves a free lease to whoever has the application, for as long as a lease lasts',
      [looked(0, free, true), looked(2_900, free, true), looked(3_000, free, true)],
      ['StandBy: another has the application', takeFree],
    ],
    [
      'counts that from when Redis is back',
      [looked(0, other, true), looked(5_000, away, true), looked(9_000, free, true), looked(11_900, free, true)],
      [standBy, mayBe, 'StandBy: another has the application'],
    ],
    [
      'waits on when another was quicker',
      [looked(0, free, false), asked(1, other), looked(250, other, true)],
      [takeFree, standBy],
    ],
    [
      'waits on when Redis went away over it',
      [looked(0, free, false), asked(1, away), looked(250, away, null)],
      [takeFree, mayBe],
    ],
    ['knows its own lease where the answer to the taking was lost', [looked(0, ours, false)], ['TakeCalls']],
    ['takes no application that is taken, without Redis', [looked(0, away, true), looked(60_000, away, true)], [mayBe]],
    ['takes none that Asterisk does not tell of', [looked(0, away, null), looked(60_000, away, null)], [mayBe]],
    [
      'takes a free application without Redis, but not one that is free for a moment',
      [looked(0, away, false), looked(900, away, true), looked(1_000, away, false), looked(2_000, away, false)],
      [mayBe, 'TakeCalls'],
    ],
  ])('%s', (_, events, done) => {
    expect(live(...events).done).toEqual(done);
  });
});

describe('an interceptor that has the calls', () => {
  const begun = [looked(0, free, false), asked(10, ours)];
  const alone = [looked(0, away, false), looked(1_000, away, false)];
  const upon = (before: OwnershipEvent[], ...events: OwnershipEvent[]) => {
    const { now, done } = live(...before, ...events);
    return { now, done: done.slice(live(...before).done.length) };
  };

  test('relies on each renewal for three seconds from when it was asked for', () => {
    const { now, done } = upon(begun, asked(1_000, { ...ours, awaited: true }));
    expect(done).toEqual([]);
    expect(now).toEqual({ stage: 'owning', token: '7', awaited: true, trustedUntil: 4_000, contestedSince: null });
  });

  test.each<[string, OwnershipEvent[], OwnershipEvent[], string[]]>([
    ['goes when another has the lease', begun, [asked(1_000, other)], [lost]],
    ['goes when another had it meanwhile', begun, [asked(1_000, free)], ['Exit: the lease went to another']],
    ['goes when another took the application', begun, [replaced], ['Exit: another interceptor took the application']],
    [
      'does nothing any more once it goes',
      begun,
      [replaced, asked(1_000, other), replaced],
      ['Exit: another interceptor took the application'],
    ],
    ['stays while Redis is away', begun, [asked(1_000, away), asked(99_000, away)], []],
    ['stays when Redis is back and has nothing', alone, [asked(2_000, free), asked(3_000, ours)], []],
    ['takes the lease that a dead one left', alone, [asked(2_000, other, true)], ['TakeLease from a']],
    [
      'waits for the lease of one who may be dead',
      alone,
      [asked(2_000, other), asked(5_000, other), asked(5_100, free)],
      [],
    ],
    ['goes when that one lives', alone, [asked(2_000, other), asked(5_001, other)], [lost]],
  ])('%s', (_, before, events, done) => {
    expect(upon(before, ...events).done).toEqual(done);
  });

  test('keeps its token while Redis is away, and relies on nobody else having it', () => {
    expect(upon(begun, asked(5_000, away)).now).toMatchObject({ token: '7', trustedUntil: 8_000 });
  });
});
