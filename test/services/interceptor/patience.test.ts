import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Patience } from '../../../services/interceptor/restart/patience.ts';

/** When those who wait for a voice go to the dialplan while an interceptor starts, and when they are taken up instead. */

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function open() {
  const seen = { anothers: false, gone: 0, lookMs: 0 };
  const patience = new Patience({
    isAnothers: async () => seen.anothers,
    letGo: async (isDue) => {
      if (seen.lookMs > 0) await new Promise((resolve) => setTimeout(resolve, seen.lookMs));
      if (!isDue()) return [];
      seen.gone += 1;
      return [`1.${seen.gone}`];
    },
  });
  return { seen, patience };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test('whoever waits is taken up where the calls are ours within two seconds', async () => {
  const { seen, patience } = open();
  await pass(1_900);
  patience.prepared();
  patience.end();
  await pass(10_000);
  expect(seen.gone).toBe(0);
});

test('whoever waits goes after two seconds, and so does whoever is left behind later while we still prepare', async () => {
  const { seen, patience } = open();
  await pass(2_000);
  expect(seen.gone).toBe(1);
  await pass(2_000);
  expect(seen.gone).toBe(2);
  patience.prepared();
  patience.end();
});

test('they go once more where all is there, but not the calls', async () => {
  const { seen, patience } = open();
  await pass(500);
  patience.prepared();
  await pass(20_000);
  expect(seen.gone).toBe(1);
});

test('nobody goes who is another’s, who may die later', async () => {
  const { seen, patience } = open();
  seen.anothers = true;
  await pass(4_100);
  expect(seen.gone).toBe(0);
  seen.anothers = false;
  await pass(2_000);
  expect(seen.gone).toBe(1);
  patience.end();
});

test('where an interceptor cannot start they go at once', async () => {
  const { seen, patience } = open();
  await patience.lose();
  expect(seen.gone).toBe(1);
  patience.end();
});

test('who went is known for good, and nobody goes whom it was still looking for when the calls became ours', async () => {
  const { seen, patience } = open();
  await pass(2_000);
  expect(seen.gone).toBe(1);
  seen.lookMs = 500;
  await pass(2_100);
  patience.end();
  await pass(10_000);
  expect(seen.gone).toBe(1);
  expect([...patience.given]).toEqual(['1.1']);
});
