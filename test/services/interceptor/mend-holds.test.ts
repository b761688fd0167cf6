import { expect, it, onTestFinished, vi } from 'vitest';
import type { Reply } from '../../../services/core/ports.ts';
import { HoldBook } from '../../../services/interceptor/line/hold-book.ts';
import { holdMender } from '../../../services/interceptor/line/mend-holds.ts';
import { until } from '../../support/until.ts';

const log = { warn() {} };
const away: Reply = { ok: false, gone: false, why: 'AMI is not connected' };

/** AstDB behind AMI: line id to epoch seconds. `put` is what was written into it. */
function astDb(entries: Readonly<Record<string, number>> = {}) {
  const holds = new Map(Object.entries(entries));
  const put: string[] = [];
  const db = {
    holds,
    put,
    isAway: false,
    readHolds: async () =>
      db.isAway ? null : { until: new Map(holds), callers: new Map<string, string>(), timed: new Map() },
    putHold: async (line: string, seconds: number): Promise<Reply> => {
      if (db.isAway) return away;
      put.push(`${line} ${seconds}`);
      holds.set(line, seconds);
      return { ok: true };
    },
  };
  return db;
}

it('puts into AstDB the hold it lacks or has shorter, and no other', async () => {
  const db = astDb({ shorter: 100, same: 200, longer: 300, other: 400 });
  const book = new HoldBook();
  for (const line of ['absent', 'shorter', 'same', 'longer']) book.hold(line, 200_999);
  expect(await holdMender(book, db, log).mend(0)).toBe(true);
  expect(db.put).toEqual(['absent 200', 'shorter 200']);
  expect(book.isHeld('longer', 299_999)).toBe(true);
  expect(book.isHeld('other', 399_999)).toBe(true);
});

it('leaves lifted what was lifted by hand after AstDB was read', async () => {
  const db = astDb();
  const book = new HoldBook();
  const mender = holdMender(book, db, log);
  book.hold('room-1', 200_000);
  await mender.mend(0);
  db.holds.delete('room-1');
  await mender.mend(0);
  expect(db.put).toEqual(['room-1 200']);
  expect(book.isHeld('room-1', 100_000)).toBe(false);
});

it('a longer hold that another call leaves meanwhile stands in the end', async () => {
  const db = astDb();
  const book = new HoldBook();
  book.hold('room-1', 200_000);
  const { putHold } = db;
  const ami = {
    readHolds: db.readHolds,
    putHold: (line: string, seconds: number) => {
      book.hold('room-1', 1_800_000);
      db.holds.set('room-1', 1800);
      return putHold(line, seconds);
    },
  };
  expect(await holdMender(book, ami, log).mend(0)).toBe(true);
  expect(db.holds.get('room-1')).toBe(1800);
});

it('loses nothing while AMI is away, and mends when it is back', async () => {
  const db = astDb();
  const book = new HoldBook();
  const mender = holdMender(book, db, log);
  db.isAway = true;
  book.hold('room-1', 200_000);
  expect(await mender.mend(300)).toBe(false);
  expect(book.isHeld('room-1', 199_999)).toBe(true);
  mender.mendSoon();
  mender.mendSoon();
  db.isAway = false;
  await until('the hold is in AstDB', () => db.holds.get('room-1') === 200);
  expect(db.put).toEqual(['room-1 200']);
});

it('takes over within seconds that staff lifted a hold in AstDB', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const db = astDb({ 'room-1': 200 });
  const book = new HoldBook();
  const stop = holdMender(book, db, log).keepMending();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(book.isHeld('room-1', 100_000)).toBe(true);
  db.holds.delete('room-1');
  await vi.advanceTimersByTimeAsync(2_000);
  expect(book.isHeld('room-1', 100_000)).toBe(false);
  expect(db.put).toEqual([]);
  stop();
  expect(vi.getTimerCount()).toBe(0);
});
