import { expect, test } from 'vitest';
import { HoldBook } from '../../../services/interceptor/hold-book.ts';

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
  book.replaceBy(new Map([['room-14', 7]]));
  expect(book.isHeld('room-12', 1000)).toBe(false);
  expect(book.isHeld('room-14', 6999)).toBe(true);
  expect(book.isHeld('room-14', 7000)).toBe(false);
});
