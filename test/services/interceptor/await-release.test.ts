import { describe, expect, test } from 'vitest';
import type { JournalEntry } from '../../../services/core/call.ts';
import type { RaisedAlert } from '../../../services/core/ports.ts';
import { type FinishedCall, foldRecord } from '../../../services/core/record.ts';
import { awaitReleases, withRelease } from '../../../services/interceptor/await-release.ts';
import type { Settled } from '../../../services/interceptor/releases.ts';
import { finishedCall, finishedOutgoing } from '../../support/finished-call.ts';
import { memoryLog } from '../../support/log.ts';

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

  test('takes a call once its carrier has answered', async () => {
    const put: FinishedCall[] = [];
    const answer = Promise.withResolvers<Settled>();
    const queue = awaitReleases(
      { put: async (call) => void put.push(call) },
      watching(() => answer.promise),
    );
    const kept = queue.put({ record, journal });
    await new Promise((resolve) => setImmediate(resolve));
    expect(put).toEqual([]);
    answer.resolve({ state: 'released', at: at + 5, status: 200, asked: true });
    await kept;
    expect(put.map(({ record: { direction }, journal: { length } }) => [direction, length])).toEqual([
      ['inbound', journal.length + 1],
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
