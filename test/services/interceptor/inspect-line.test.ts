import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Callers } from '../../../services/interceptor/line/callers.ts';
import { HoldBook } from '../../../services/interceptor/line/hold-book.ts';
import { inspectLine } from '../../../services/interceptor/line/inspect-line.ts';

const question = { line: 'room-12', channel: null, own: new Map() };
const sighting = { at: 0, tookMs: 1, channels: [], peers: [] };

function look(readHolds: (book: HoldBook) => Promise<boolean>, clearing: 'timed' | 'proven' = 'timed') {
  const holds = new HoldBook();
  const trunks = [{ name: 'gateway', clearing, clearingSeconds: 300 }] as const;
  const witness = async () => sighting;
  return inspectLine(question, null, new Callers(), {
    witnesses: { ari: witness, ami: witness },
    holds,
    readHolds: () => readHolds(holds),
    trunks,
    releaseOf: () => 'unknown',
    clock: Date.now,
  });
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('where a site has a timed trunk', () => {
  it('what AstDB says, whichever line the trunk was held over, is part of the look', async () => {
    const { ami, timedTrunks } = await look(async (book) => {
      book.holdTrunk('gateway', Date.now() + 5000);
      return true;
    });
    expect(ami).toEqual(sighting);
    expect(timedTrunks).toEqual([{ trunk: 'gateway', leftMs: 5000 }]);
  });

  it.each<[string, () => Promise<boolean>]>([
    ['does not say', async () => false],
    ['fails', () => Promise.reject(new Error('lost'))],
    ['has not said within 900 ms', () => new Promise(() => {})],
  ])('AMI counts as silent when AstDB %s', async (_, readHolds) => {
    const answer = look(readHolds);
    await vi.advanceTimersByTimeAsync(900);
    const first = await Promise.race([answer, 'nothing']);
    expect(first).toMatchObject({ ari: sighting, ami: null });
  });
});

it('AstDB is not asked where every trunk is proven', async () => {
  expect(await look(() => new Promise(() => {}), 'proven')).toMatchObject({ ami: sighting, timedTrunks: [] });
});
