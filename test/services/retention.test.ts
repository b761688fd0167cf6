import { expect, test } from 'vitest';
import { openRecordingFolder } from '../../services/adapters/recordings.ts';
import { firstStep, nextStep } from '../../services/core/retention/pace.ts';
import type { RetentionRun, RetentionStore } from '../../services/core/retention/stores.ts';
import { periodsOf, retention } from '../../services/settings/retention.ts';
import { enforceRetention, missedNight } from '../../services/worker/enforce-retention.ts';
import { finishedCall, monday } from '../support/finished-call.ts';
import { memoryLog } from '../support/log.ts';

/** How large the steps of a run are, and which night is made up for. */

const run = (changes: Partial<RetentionRun> = {}): RetentionRun => {
  const periods = periodsOf(retention.parse(undefined));
  return {
    id: 'night-1',
    startedAt: 0,
    finishedAt: null,
    by: 'clearline',
    periods,
    fault: null,
    counts: [],
    ...changes,
  };
};

test.each([
  [1, 17],
  [10, 2],
  [100, 1],
  [0.001, 1000],
])('where one takes %d ms, steps come to be of %d, so that none takes 50 ms', (msEach, size) => {
  let step = firstStep;
  const sizes = Array.from({ length: 12 }, () => {
    step = nextStep(step, step * msEach);
    return step;
  });
  expect(sizes.at(-1)).toBe(size);
  if (msEach < 50) expect(Math.max(...sizes) * msEach).toBeLessThan(50);
});

test.each([
  ['no run was ever made: the first night is waited for', [], null, null],
  ['the last night was made', [run()], run({ finishedAt: 1 }), null],
  ['the last night was left in the middle', [run()], run(), 'night-2026-11-23'],
  ['the last night was missed', [run()], null, 'night-2026-11-23'],
])('%s', async (_, runs, found, missed) => {
  const store = { runs: async () => runs, find: async () => found } as unknown as RetentionStore;
  const now = () => Date.parse('2026-11-23T09:00:00Z');
  expect(await missedNight({ store, now }, { at: '03:30', zone: 'Europe/London' })).toBe(missed);
});

const day = 86_400_000;
test.each([
  ['a call of last week', [finishedCall({ arrivedAt: monday - 7 * day }).record], [], false],
  [
    'a run of last week, and calls of last year',
    [finishedCall({ arrivedAt: monday - 400 * day }).record],
    [monday - 7 * day],
    false,
  ],
  ['nothing at all', [], [], false],
  [
    'nothing of the last month: the clock may have jumped',
    [finishedCall({ arrivedAt: monday - 40 * day }).record],
    [monday - 41 * day],
    true,
  ],
])('with %s on record', async (_, calls, runs, waits) => {
  const log = memoryLog();
  const store = {
    runs: async () => runs.map((startedAt) => run({ startedAt })),
    takeTurn: async () => false,
  } as unknown as RetentionStore;
  const recordings = openRecordingFolder('/nowhere');
  const { periods } = run();
  const parts = { store, calls: { list: async () => calls }, recordings, periods, now: () => monday };
  const later = await enforceRetention(parts, { at: '03:30', zone: 'Europe/London' }, log)();
  // Somebody else has the turn: what is tried, is tried again.
  expect(later === null).toBe(waits);
  expect(log.lines.some(({ message }) => message.includes('if the clock is right'))).toBe(waits);
});
