import { expect, test } from 'vitest';
import { HoldBook } from '../../../services/interceptor/line/hold-book.ts';

/** What AstDB says; times in seconds. */
function kept(until: Record<string, number>, callers: Record<string, string> = {}, timed: [string, number][] = []) {
  return {
    until: new Map(Object.entries(until)),
    callers: new Map(Object.entries(callers)),
    timed: new Map(timed),
  };
}

test('a line is held until its time, and not at it', () => {
  const book = new HoldBook();
  book.hold('room-12', 5000);
  expect([4999, 5000, 5001].map((at) => book.isHeld('room-12', at))).toEqual([true, false, false]);
  expect(book.isHeld('room-14', 0)).toBe(false);
});

test('a later call makes a hold longer, never shorter', () => {
  const book = new HoldBook();
  book.hold('room-12', 5000);
  book.hold('room-12', 3000);
  expect(book.isHeld('room-12', 4000)).toBe(true);
  book.hold('room-12', 9000);
  expect(book.isHeld('room-12', 8000)).toBe(true);
});

test('what AstDB says, in seconds, stands above what was known', () => {
  const book = new HoldBook();
  book.hold('room-12', 9000);
  book.replaceBy(kept({ 'room-14': 7 }), book.mark());
  expect(book.isHeld('room-12', 1000)).toBe(false);
  expect(book.isHeld('room-14', 6999)).toBe(true);
  expect(book.isHeld('room-14', 7000)).toBe(false);
});

test('a hold that is lifted in AstDB is lifted, but not one left after AstDB was asked', () => {
  const book = new HoldBook();
  book.hold('room-12', 9000);
  const mark = book.mark();
  book.hold('room-14', 9000);
  expect([...book.missingIn(kept({}), mark)]).toEqual([['room-12', 9]]);
  book.replaceBy(kept({}), mark);
  expect(book.isHeld('room-12', 1000)).toBe(false);
  expect(book.isHeld('room-14', 1000)).toBe(true);
  expect([...book.missingIn(kept({}), book.mark())]).toEqual([['room-14', 9]]);
  book.replaceBy(kept({}), book.mark());
  expect(book.isHeld('room-14', 1000)).toBe(false);
});

test('a hold that the dialplan wrote in the second before is no other one, and none that lacks', () => {
  const book = new HoldBook();
  const by = { number: '+442079460000', trunk: 'net' };
  book.hold('room-12', 9010, by);
  expect([...book.missingIn(kept({ 'room-12': 8 }), book.mark())]).toEqual([]);
  book.replaceBy(kept({ 'room-12': 8 }), book.mark());
  expect(book.leftBy('room-12')).toEqual(by);
  expect(book.isHeld('room-12', 9000)).toBe(true);
  book.hold('room-14', 9010, by);
  expect([...book.missingIn(kept({ 'room-14': 7 }), book.mark())]).toEqual([['room-14', 9]]);
});

test('who left the hold is known, also when AstDB alone remembers', () => {
  const book = new HoldBook();
  expect(book.leftBy('room-12')).toEqual({ number: null, trunk: null });
  book.hold('room-12', 9000, { number: '+442079460000', trunk: 'net' });
  book.hold('room-12', 5000, { number: '+441923555666', trunk: 'other' });
  expect(book.leftBy('room-12')).toEqual({ number: '+442079460000', trunk: 'net' });
  book.replaceBy(kept({ 'room-12': 9, 'room-14': 9 }, { 'room-14': '01923555666' }), book.mark());
  expect(book.leftBy('room-12')).toEqual({ number: '+442079460000', trunk: 'net' });
  expect(book.leftBy('room-14')).toEqual({ number: '01923555666', trunk: null });
  book.replaceBy(kept({ 'room-12': 12 }, { 'room-12': '02079460001' }), book.mark());
  expect(book.leftBy('room-12')).toEqual({ number: '02079460001', trunk: null });
});

test('a timed trunk may be held open until its time, as this process saw it or as AstDB says', () => {
  const book = new HoldBook();
  book.holdTrunk('gateway', 5000);
  book.holdTrunk('gateway', 4000);
  expect(book.timedTrunks(2000)).toEqual([{ trunk: 'gateway', leftMs: 3000 }]);
  expect(book.timedTrunks(5000)).toEqual([]);
  const mark = book.mark();
  book.holdTrunk('second', 9000);
  book.replaceBy(kept({}, {}, [['other', 7]]), mark);
  expect(book.timedTrunks(2000)).toEqual([
    { trunk: 'second', leftMs: 7000 },
    { trunk: 'other', leftMs: 5000 },
  ]);
});
