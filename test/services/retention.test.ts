import { expect, test } from 'vitest';
import { firstStep, nextStep } from '../../services/core/retention/pace.ts';
import type { RetentionRun, RetentionStore } from '../../services/core/retention/stores.ts';
import { periodsOf, retention } from '../../services/settings/retention.ts';
import { missedNight } from '../../services/worker/enforce-retention.ts';

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
