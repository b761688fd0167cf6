import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore, type Store } from '../../../services/adapters/sql/store.ts';
import type { RaisedAlert } from '../../../services/core/ports.ts';
import type { InboundRecord } from '../../../services/core/record.ts';
import { checkCampaign, recheckIncidents } from '../../../services/worker/check-campaign.ts';
import { openIncidents } from '../../../services/worker/open-incident.ts';
import { followUp } from '../../../services/worker/suspects.ts';
import { type TemporaryConfig, temporaryConfig } from '../../support/config.ts';
import { callingNumber, finishedCall, monday, storedLine } from '../../support/finished-call.ts';
import { memoryLog } from '../../support/log.ts';
import { hour, usualRules as rules } from '../../support/sightings.ts';

/** The worker's steps on a real database: from calls on record to the campaign, the guard, the alert and the incidents. */

let site: TemporaryConfig;
let store: Store;
let alerts: RaisedAlert[];
/** Whether the queue of alerts takes anything. */
let away: boolean;

beforeEach(async () => {
  site = temporaryConfig();
  store = await openStore(site.config);
  alerts = [];
  away = false;
});
afterEach(async () => {
  await store.close();
  site.remove();
});

const log = memoryLog();
const now = () => monday + 5 * hour;

function steps() {
  const queue = {
    async put(alert: RaisedAlert) {
      if (away) throw new Error('Redis is away');
      if (!alerts.some(({ id }) => id === alert.id)) alerts.push(alert);
    },
  };
  const check = checkCampaign({ ...store, alerts: queue, rules, now, log });
  return { check, follow: followUp(store.calls, [openIncidents(store.incidents, log), check], log) };
}

/** A call that is on record, from the same stranger unless the test says otherwise. */
async function rings(room: number, changes: Partial<InboundRecord> = {}): Promise<string> {
  const id = `1795358400.${room}`;
  const call = finishedCall({ id, line: `room-${room}`, area: 'Oxhey', arrivedAt: monday + room * 60_000, ...changes });
  await store.calls.save({
    ...call,
    record: { ...call.record, caller: { ...call.record.caller, name: null, ...changes.caller } },
  });
  return id;
}

const campaigns = async () => store.campaigns.list({ limit: 10 });

test('three lines make a campaign: one alert, the guard of the area, and its incidents linked', async () => {
  await store.lines.upsert([storedLine({ id: 'room-7', area: 'Oxhey' })]);
  const { follow } = steps();
  const reported = { alerts: [{ at: monday, alert: 'reported' }] } as const;
  for (const id of [await rings(1, reported), await rings(2), await rings(3)]) await follow({ call: id, revision: 0 });
  const [found] = await campaigns();
  const id = found?.campaign.id ?? '';
  expect(found).toMatchObject({ calls: 3, lines: 3, areas: ['Oxhey'] });
  expect(alerts).toEqual([
    {
      id: `campaign-${id}`,
      kind: 'campaign',
      at: expect.any(Number),
      line: '',
      call: '1795358400.2',
      area: 'Oxhey',
      campaign: id,
    },
  ]);
  expect((await store.lines.all())[0]).toMatchObject({
    raisedUntil: monday + 180_000 + rules.guardHours * hour,
    raisedFor: id,
  });
  expect((await store.incidents.list({ limit: 10 })).map(({ campaign }) => campaign)).toEqual([id]);
});

test('a job that dies before its alert is queued, and is done again, alerts once', async () => {
  const { follow } = steps();
  const [one, two, three] = [await rings(1), await rings(2), await rings(3)];
  await follow({ call: one, revision: 0 });
  await follow({ call: two, revision: 0 });
  away = true;
  await expect(follow({ call: three, revision: 0 })).rejects.toThrow('Redis is away');
  away = false;
  for (const revision of [0, 1]) for (const call of [one, two, three]) await follow({ call, revision });
  expect(alerts).toHaveLength(1);
  expect(await campaigns()).toHaveLength(1);
});

test('trusted callers, a number that another line trusts, and withheld numbers make none', async () => {
  await store.lines.upsert([
    storedLine({ id: 'room-9', area: 'Oxhey', trusted: [{ number: '+441923555001', name: 'Surgery' }] }),
  ]);
  const { follow } = steps();
  for (const room of [1, 2, 3, 4]) await follow({ call: await rings(room), revision: 0 });
  const caller = {
    presentation: null,
    network: callingNumber('x', '+442079460123'),
    name: null,
    withheld: true,
    attestation: null,
    signs: [],
  };
  for (const room of [5, 6, 7, 8]) await follow({ call: await rings(room, { caller }), revision: 0 });
  const { verdict } = finishedCall().record;
  const trusted = verdict && { ...verdict, standing: 'trusted' as const };
  const known = { ...caller, presentation: callingNumber('x', '+442079460124'), withheld: false };
  for (const room of [10, 11, 12])
    await follow({ call: await rings(room, { verdict: trusted, caller: known }), revision: 0 });
  expect(await campaigns()).toEqual([]);
  expect(alerts).toEqual([]);
});

test('what staff say of incidents later is heard of without being told: the same story on two lines is a campaign', async () => {
  const { follow, check } = steps();
  const recheck = recheckIncidents(store, check, now);
  for (const room of [1, 2]) {
    const caller = {
      presentation: callingNumber('x', `+44770090${room}123`),
      network: null,
      name: null,
      withheld: false,
      attestation: null,
      signs: [],
    };
    await follow({ call: await rings(room, { caller, alerts: [{ at: monday, alert: 'reported' }] }), revision: 0 });
  }
  expect(await campaigns()).toEqual([]);
  for (const incident of await store.incidents.list({ limit: 10 })) {
    const told = {
      ...incident,
      caller: { ...incident.caller, role: 'bank', pretext: 'card-misused' },
      version: incident.version + 1,
    } as const;
    expect(await store.incidents.change(told, 'anna', now())).toBe(true);
    await recheck();
  }
  expect(await campaigns()).toMatchObject([
    { campaign: { kind: 'script', key: 'bank/card-misused' }, calls: 2, lines: 2 },
  ]);
  const linked = await store.incidents.list({ limit: 10 });
  expect(linked.map(({ campaign }) => campaign)).toEqual(Array(2).fill((await campaigns())[0]?.campaign.id));
  await recheck();
  await recheck();
  expect(await store.campaigns.outdated(0, 10)).toEqual([]);
  expect(alerts).toHaveLength(1);
});

test('a call that cannot be looked at anew keeps none of the others from it', async () => {
  const { follow } = steps();
  const reported = { alerts: [{ at: monday, alert: 'reported' }] } as const;
  const calls = [await rings(1, reported), await rings(2, reported)];
  for (const call of calls) await follow({ call, revision: 0 });
  for (const incident of await store.incidents.list({ limit: 10 })) {
    await store.incidents.change({ ...incident, version: incident.version + 1 }, 'anna', now());
  }
  const seen: string[] = [];
  const check = async ({ record }: { readonly record: InboundRecord }) => {
    seen.push(record.id);
    throw new Error(`cannot look at ${record.id}`);
  };
  await expect(recheckIncidents(store, check, now)()).rejects.toThrow('cannot look at');
  expect(seen.toSorted()).toEqual(calls);
});

test('a campaign that staff ended raises nothing when its jobs are done again', async () => {
  const { follow } = steps();
  const calls = [await rings(1), await rings(2), await rings(3)];
  for (const call of calls) await follow({ call, revision: 0 });
  const id = (await campaigns())[0]?.campaign.id ?? '';
  await store.campaigns.end(id, { at: now(), by: 'anna', why: 'the roofer' });
  for (const call of calls) await follow({ call, revision: 1 });
  expect((await store.campaigns.find(id))?.guards).toMatchObject([{ until: now() }]);
  expect(alerts).toHaveLength(1);
});
