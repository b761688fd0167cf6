import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore, type Store } from '../../../services/adapters/sql/store.ts';
import type { InboundRecord } from '../../../services/core/record.ts';
import { openIncidents } from '../../../services/worker/open-incident.ts';
import { makeRounds } from '../../../services/worker/rounds.ts';
import { followUp } from '../../../services/worker/suspects.ts';
import { tellMoneyAtRisk } from '../../../services/worker/tell-money-at-risk.ts';
import { type TemporaryConfig, temporaryConfig } from '../../support/config.ts';
import { finishedCall, finishedOutgoing, monday } from '../../support/finished-call.ts';
import { openedIncident } from '../../support/incidents.ts';
import { memoryLog } from '../../support/log.ts';

/** What the worker makes of suspect calls and of what staff enter, on a real database. */

let site: TemporaryConfig;
let store: Store;
let follow: ReturnType<typeof followUp>;
beforeEach(async () => {
  site = temporaryConfig();
  store = await openStore(site.config);
  follow = followUp(store.calls, [openIncidents(store.incidents, memoryLog())], memoryLog());
});
afterEach(async () => {
  await store.close();
  site.remove();
});

const reported = (id: string, changes: Partial<InboundRecord> = {}) =>
  finishedCall({ id, ending: { outcome: 'reported', by: 'resident', cause: 16 }, connectedAt: monday, ...changes });
const incidents = () => store.incidents.list({ limit: 100 });

test('a reported call opens one incident, however often the job is done', async () => {
  await store.calls.save(reported('17.1'));
  for (const revision of [0, 0, 1]) await follow({ call: '17.1', revision });
  await Promise.all([1, 2, 3, 4].map(() => follow({ call: '17.1', revision: 0 })));
  expect(await incidents()).toMatchObject([{ id: 'incident-17.1', calls: ['17.1'], outcome: 'realised', version: 1 }]);
});

test('a call without a sign, one from the line, and one that was removed open none', async () => {
  await store.calls.save(finishedCall({ id: '17.1' }));
  await store.calls.save(finishedOutgoing({ id: '17.2' }));
  for (const call of ['17.1', '17.2', 'gone']) await follow({ call, revision: 0 });
  expect(await incidents()).toEqual([]);
});

test('a call of a trusted number that the resident reported opens one too: numbers are forged', async () => {
  const { verdict } = finishedCall().record;
  if (verdict === null) throw new Error('the call has a verdict');
  const alerts = [{ at: monday, alert: 'reported' }] as const;
  await store.calls.save(reported('17.1', { verdict: { ...verdict, standing: 'trusted' }, alerts }));
  await follow({ call: '17.1', revision: 0 });
  expect(await incidents()).toHaveLength(1);
});

test('he rings back: two calls of a line, at the same moment or one by one, are one incident of two calls', async () => {
  const back = { arrivedAt: monday + 120_000, connectedAt: null } as const;
  const returned = reported('17.2', { ...back, ending: { outcome: 'returned-call', by: 'clearline', cause: 21 } });
  for (const call of [reported('17.1'), returned]) await store.calls.save(call);
  await Promise.all(['17.2', '17.1'].map((call) => follow({ call, revision: 0 })));
  for (const call of ['17.1', '17.2']) await follow({ call, revision: 1 });
  expect(await incidents()).toMatchObject([{ calls: ['17.1', '17.2'], outcome: 'realised', at: monday, version: 2 }]);
  await store.calls.save(reported('17.3', { line: 'room-13' }));
  await follow({ call: '17.3', revision: 0 });
  expect(await incidents()).toHaveLength(2);
});

test('staff linked the call to an incident of theirs already: none is opened', async () => {
  await store.incidents.open(openedIncident({ id: 'form-7', openedFor: 'staff', calls: ['17.1'] }));
  await store.calls.save(reported('17.1'));
  await follow({ call: '17.1', revision: 0 });
  expect(await incidents()).toMatchObject([{ id: 'form-7', version: 1 }]);
});

test('staff changed the incident while the second call was being added: the job is done again', async () => {
  await store.incidents.open(openedIncident({ id: 'incident-17.1', calls: ['17.1'] }));
  await store.calls.save(reported('17.2', { arrivedAt: monday + 60_000 }));
  const late = openIncidents({ ...store.incidents, change: async () => false }, memoryLog());
  await expect(late(reported('17.2', { arrivedAt: monday + 60_000 }))).rejects.toThrow(
    'incident-17.1 was changed meanwhile',
  );
  await follow({ call: '17.2', revision: 0 });
  expect(await incidents()).toMatchObject([{ calls: ['17.1', '17.2'], version: 2 }]);
});

test('money at risk is queued once, and once more under the same id where the worker dies in between', async () => {
  const queued: string[] = [];
  const alerts = {
    put: async ({ id, line, incident, area }: Parameters<Parameters<typeof tellMoneyAtRisk>[1]['put']>[0]) => {
      queued.push([id, line, incident, area].join(' '));
    },
  };
  const dying = { ...store.incidents, markTold: () => Promise.reject(new Error('killed')) };
  const first = await store.incidents.open(openedIncident({ outcome: 'agreed' }));
  await store.incidents.open(
    openedIncident({ id: 'incident-x', calls: [], line: null, area: null, outcome: 'realised' }),
  );
  await expect(tellMoneyAtRisk(dying, alerts)()).rejects.toThrow('killed');
  for (const _ of [1, 2, 3]) await tellMoneyAtRisk(store.incidents, alerts)();
  const told = `money-at-risk-${first.id} room-12 ${first.id} Rickmansworth`;
  expect(queued).toEqual([told, told]);
});

test('a round that fails keeps none of the others from theirs', async () => {
  const log = memoryLog();
  const done: string[] = [];
  const rounds = [() => Promise.reject(new Error('database is locked')), async () => void done.push('second')];
  await makeRounds(rounds, log)();
  expect(done).toEqual(['second']);
  expect(log.lines.map(({ level }) => level)).toEqual(['warn']);
});
