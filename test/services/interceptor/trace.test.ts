import { expect, test } from 'vitest';
import type { CallEvent, Effect, Opening } from '../../../services/core/call.ts';
import { Trace } from '../../../services/interceptor/call/trace.ts';
import { HoldBook } from '../../../services/interceptor/line/hold-book.ts';
import { finishedCall, monday, storedLine } from '../../support/finished-call.ts';

/** The hold that a call leaves, and one that is made longer when the caller has gone. */

const { caller, signalling } = finishedCall().record;
const opening: Opening = {
  at: monday,
  type: 'Arrived',
  dialled: '01923555012',
  line: storedLine(),
  trunk: 'carrier',
  caller,
  signalling,
  held: false,
  engaged: false,
  calledBefore: false,
  staffed: false,
  random: 0,
};
const hold = (seconds: number) => ({ do: 'Hold', seconds, vouched: false }) as const satisfies Effect;
const gone: CallEvent = { at: monday, type: 'HungUp', leg: 'caller', cause: 16 };

test('a call that is reported after the caller has gone holds the line for longer, from then on', () => {
  const holds = new HoldBook();
  const trace = new Trace(opening, holds);
  trace.take(hold(300), monday);
  expect(holds.isHeld('room-12', monday)).toBe(false);
  trace.leave(monday + 1000);
  expect(holds.isHeld('room-12', monday + 300_999)).toBe(true);
  expect(holds.isHeld('room-12', monday + 301_000)).toBe(false);
  trace.take(hold(1800), monday + 10_000);
  expect(holds.isHeld('room-12', monday + 1_809_999)).toBe(true);
  expect(holds.isHeld('room-12', monday + 1_810_000)).toBe(false);
  expect(holds.isLate('room-12')).toBe(true);
  // AstDB does not know of it yet: the mender writes it there.
  expect([...holds.missingIn({ until: new Map([['room-12', (monday + 301_000) / 1000]]) }, holds.mark())]).toEqual([
    ['room-12', (monday + 1_810_000) / 1000],
  ]);
});

test('of a call that another process ran, no hold is entered anew: staff may have lifted it', () => {
  const holds = new HoldBook();
  const trace = new Trace(opening, holds);
  trace.relive({ at: monday, event: gone });
  trace.relive({ at: monday + 10_000, effect: hold(1800) });
  trace.leave(monday + 20_000);
  expect(holds.countHeld(monday + 20_000)).toBe(0);
});
