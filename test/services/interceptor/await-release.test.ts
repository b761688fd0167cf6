import { describe, expect, test } from 'vitest';
import type { JournalEntry } from '../../../services/core/call.ts';
import type { RaisedAlert } from '../../../services/core/ports.ts';
import { type FinishedCall, foldRecord } from '../../../services/core/record.ts';
import { awaitReleases, withRelease } from '../../../services/interceptor/call/await-release.ts';
import type { Settled } from '../../../services/interceptor/exchange/releases.ts';
import { finishedCall, finishedOutgoing } from '../../support/finished-call.ts';
import { memoryLog } from '../../support/log.ts';
import { until } from '../../support/until.ts';

const { id, caller, signalling, trunk, dialled, ...times } = finishedCall().record;
const at = times.endedAt;
const journal: JournalEntry[] = [
  {
    at: times.arrivedAt,
    event: {
      type: 'Arrived',
      at: times.arrivedAt,
      dialled,
      line: {
        id: 'room-12',
        number: '+441923555012',
        resident: 'Elsie Brown',
        area: 'Rickmansworth',
        mode: 'guarded',
        trusted: [],
        blocked: [],
        recordCalls: false,
        toneWatch: true,
        ringSeconds: 30,
      },
      trunk,
      caller,
      signalling,
      held: false,
      engaged: false,
      calledBefore: false,
      staffed: false,
      random: 0,
    },
  },
  { at, effect: { do: 'HangUp', leg: 'caller', cause: 21 } },
  { at, event: { type: 'HungUp', at, leg: 'caller', cause: 21 } },
  { at, effect: { do: 'Conclude', ending: { outcome: 'refused', by: 'clearline', cause: 21 } } },
];
const record = foldRecord(id, journal);
const now = at + 32_000;

async function settle(settled: Settled, call: FinishedCall = { record, journal }) {
  const asked: string[] = [];
  const raised: RaisedAlert[] = [];
  const watch = {
    releases: {
      settled: async (channel: string) => {
        asked.push(channel);
        return settled;
      },
    },
    alerts: { put: async (alert: RaisedAlert) => void raised.push(alert) },
    clock: () => now,
    log: memoryLog(),
  };
  return { call: await withRelease(call, watch), asked, raised };
}

const added = (call: FinishedCall): readonly JournalEntry[] => call.journal.slice(journal.length);

test('the answer to our goodbye goes on record, with its time', async () => {
  const then = at + 7;
  const { call, asked, raised } = await settle({ state: 'released', at: then, status: 481, asked: true });
  expect(asked).toEqual([id]);
  expect(added(call)).toEqual([{ at: then, event: { type: 'Released', leg: 'caller', status: 481, at: then } }]);
  expect(call.record).toEqual(foldRecord(id, call.journal));
  expect(call.record).toMatchObject({ released: { at: then, status: 481 }, alerts: [], endedAt: at });
  expect(raised).toEqual([]);
});

test('no answer raises an alert, which goes on record', async () => {
  const { call, raised } = await settle({ state: 'unanswered' });
  expect(raised).toEqual([{ id: `${id}-not-released`, kind: 'not-released', at: now, line: 'room-12', call: id }]);
  expect(added(call)).toEqual([{ at: now, effect: { do: 'Raise', alert: 'not-released' } }]);
  expect(call.record).toMatchObject({ released: null, alerts: [{ at: now, alert: 'not-released' }] });
});

test.each<Settled>([{ state: 'unknown' }, { state: 'released', at: now, status: 200, asked: false }])(
  '$state, asked: $asked leaves the call as it was',
  async (settled) => {
    const given = { record, journal };
    const { call, raised } = await settle(settled, given);
    expect(call).toBe(given);
    expect(raised).toEqual([]);
  },
);

test('an outgoing call has no caller to wait for', async () => {
  const given = finishedOutgoing();
  const { call, asked } = await settle({ state: 'unanswered' }, given);
  expect(call).toBe(given);
  expect(asked).toEqual([]);
});

describe('the queue', () => {
  const watching = (settled: () => Promise<Settled>) => ({
    releases: { settled },
    alerts: { put: async () => {} },
    clock: () => now,
    log: memoryLog(),
  });

  test('has a call at once, and a later account of it when its carrier has answered', async () => {
    const put: FinishedCall[] = [];
    const answer = Promise.withResolvers<Settled>();
    const queue = awaitReleases(
      { put: async (call) => void put.push(call) },
      watching(() => answer.promise),
    );
    await queue.put({ record, journal });
    expect(put).toEqual([{ record, journal }]);
    expect(queue.pending()).toBe(1);
    answer.resolve({ state: 'released', at: at + 5, status: 200, asked: true });
    await until('both are put', () => put.length === 2 && queue.pending() === 0);
    expect(put[1]).toMatchObject({ revision: 1, record: { id, released: { at: at + 5, status: 200 } } });
    expect(put[1]?.journal).toHaveLength(journal.length + 1);
  });

  test('has it once where the answer is known or none is to be expected', async () => {
    for (const state of [
      { state: 'released', at, status: 200, asked: true },
      { state: 'unknown' },
    ] satisfies Settled[]) {
      const put: FinishedCall[] = [];
      const queue = awaitReleases(
        { put: async (call) => void put.push(call) },
        watching(async () => state),
      );
      await queue.put({ record, journal });
      expect([put.length, queue.pending()]).toEqual([1, 0]);
    }
  });

  test('says when a later account is refused: the first one stands', async () => {
    const answer = Promise.withResolvers<Settled>();
    const watch = watching(() => answer.promise);
    const firstOnly = async ({ revision = 0 }: FinishedCall) => {
      if (revision > 0) throw new Error('no room');
    };
    const queue = awaitReleases({ put: firstOnly }, watch);
    await queue.put({ record, journal });
    answer.resolve({ state: 'unanswered' });
    await until('it is told', () => queue.pending() === 0);
    expect(watch.log.lines).toEqual([
      { level: 'error', message: "a call stays on record without its carrier's answer" },
    ]);
  });

  test('takes it as it was rather than lose it', async () => {
    const put: FinishedCall[] = [];
    const broken = { record, journal: [] };
    const watch = watching(async () => ({ state: 'released', at, status: 200, asked: true }));
    await awaitReleases({ put: async (call) => void put.push(call) }, watch).put(broken);
    expect(put).toEqual([broken]);
    expect(watch.log.lines).toMatchObject([{ level: 'error' }]);
  });

  test('says when the queue behind it refuses', async () => {
    const refuses = { put: () => Promise.reject(new Error('no room')) };
    const watch = watching(async () => ({ state: 'unknown' }));
    await expect(awaitReleases(refuses, watch).put({ record, journal })).rejects.toThrow('no room');
  });
});
