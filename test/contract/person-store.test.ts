import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openRecordingFolder } from '../../services/adapters/recordings.ts';
import type { Store } from '../../services/adapters/sql/store.ts';
import type { Person } from '../../services/core/person/person.ts';
import type { InboundRecord } from '../../services/core/record.ts';
import { erase, planErasure } from '../../services/person/erase.ts';
import { exportOf, gather } from '../../services/person/gather.ts';
import { callingNumber, finishedCall, finishedOutgoing, monday, storedLine } from '../support/finished-call.ts';
import { openedIncident } from '../support/incidents.ts';
import { storeBackends } from '../support/stores.ts';

const resident: Person = { line: 'room-12', resident: null, numbers: ['+441923555012'] };
const caller: Person = { line: null, resident: null, numbers: ['+447700900123'] };
const wish = { id: 'erasure-1', at: monday + 1000, by: 'anna', why: 'asked for' };
const pseudonym = 'person-0123456789abcdef';

describe.each(storeBackends().filter(({ name }) => name !== 'fake'))('PersonStore: $name', (backend) => {
  let store: Store;
  let folder: string;
  beforeAll(() => backend.start());
  afterAll(() => backend.stop());
  beforeEach(async () => {
    store = await backend.open();
    folder = mkdtempSync(join(tmpdir(), 'clearline-recordings-'));
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const from = (written: string, e164: string | null): Pick<InboundRecord, 'caller'> => ({
    caller: { ...finishedCall().record.caller, presentation: callingNumber(written, e164), name: null },
  });
  const call = (id: string, changes: Partial<InboundRecord> = {}) => {
    for (const name of changes.recordings ?? []) writeFileSync(join(folder, `${name}.wav`), 'hello');
    return store.calls.save(finishedCall({ id, ...changes }));
  };
  const mobile = from('07700900123', '+447700900123');
  const parts = () => ({ store, recordings: openRecordingFolder(folder), pseudonym });
  const left = async () => (await store.calls.list({ limit: 100 })).map(({ id }) => id).sort();
  const hold = { since: monday, by: 'anna', why: 'the police asked' };

  test('everything about a resident is found: calls both ways, incidents, alerts, lists, who saw it', async () => {
    await store.lines.upsert([
      storedLine(),
      storedLine({ id: 'room-14', number: '+441923555014', trusted: [{ number: '+441923555012', name: 'Elsie' }] }),
    ]);
    await call('a');
    await store.calls.save(finishedOutgoing({ id: 'b' }));
    await call('c', { line: 'room-14', resident: 'Tom', ...from('01923555012', '+441923555012') });
    await call('x', { line: 'room-14', resident: 'Tom' });
    await store.incidents.open(openedIncident({ calls: ['a'] }));
    await store.alerts.save({ id: 'a-reported', kind: 'reported', at: monday, line: 'room-12', call: 'a' });
    await store.accessLog.note({ at: monday, by: 'ben', what: 'call', item: 'a', why: 'x' });
    const found = await gather(store, resident, pseudonym);
    expect(found.calls.map(({ call: { record }, reason }) => [record.id, reason])).toEqual([
      ['a', 'line'],
      ['c', 'number'],
      ['b', 'line'],
    ]);
    expect(found.incidents.map(({ incident }) => incident.id)).toEqual(['incident-1795358400.17']);
    expect(found.alerts.map(({ id }) => id)).toEqual(['a-reported']);
    expect(found.contacts).toEqual([{ line: 'room-14', kind: 'trusted', number: '+441923555012', name: 'Elsie' }]);
    expect(found.accesses.map(({ by }) => by)).toEqual(['ben']);
    const text = JSON.stringify(exportOf(resident, found, { at: monday, by: 'anna' }));
    expect(text).toContain('Elsie Brown');
    expect(text).not.toMatch(/Tom|battery staple/);
  });

  test('a caller is found by any way the number was written, and never by part of a longer one', async () => {
    await call('a', mobile);
    await call('b', from('+447700900123', '+447700900123'));
    await call('c', from('077009001234', null));
    await call('d', { line: null, ...mobile });
    await store.incidents.open(
      openedIncident({ id: 'i', calls: [], caller: { ...openedIncident().caller, callBackNumber: '07700 900 123' } }),
    );
    const found = await gather(store, caller, pseudonym);
    expect(found.calls.map(({ call: each }) => each.record.id)).toEqual(['a', 'b', 'd']);
    expect(found.incidents).toMatchObject([{ reason: 'number', incident: { id: 'i' } }]);
    expect(JSON.stringify(exportOf(caller, found, { at: monday, by: 'anna' }))).not.toMatch(/Elsie|room-12/);
  });

  test('a line that two people had one after the other: only the calls of the one who is meant', async () => {
    await call('a', { resident: 'Tom Field' });
    await call('b');
    const found = await gather(store, { line: 'room-12', resident: 'Tom Field', numbers: [] }, pseudonym);
    expect(found.calls.map(({ call: each }) => each.record.id)).toEqual(['a']);
  });

  test('a resident’s calls, recordings, alerts and closed incidents are erased; the chain says so, and nobody else loses anything', async () => {
    await call('a', { recordings: ['a-name', 'a-call'] });
    await call('b');
    await call('x', { line: 'room-14', recordings: ['x-name'] });
    await store.incidents.open(openedIncident({ calls: ['b'], status: 'closed' }));
    for (const id of ['a', 'x']) {
      await store.alerts.save({ id, kind: 'reported', at: monday, line: id === 'a' ? 'room-12' : 'room-14', call: id });
    }
    const { erasure } = await erase(parts(), resident, wish);
    expect(erasure.removed).toEqual({ calls: 2, recordings: 2, incidents: 1, alerts: 1, contacts: 0 });
    expect(await left()).toEqual(['x']);
    expect(readdirSync(folder)).toEqual(['x-name.wav']);
    expect((await store.alerts.list({ limit: 9 })).map(({ id }) => id)).toEqual(['x']);
    expect((await store.chain.linksOf(['a'])).at(-1)).toMatchObject({
      kind: 'removal',
      by: 'anna',
      why: 'erased at a person’s wish (erasure-1)',
    });
    expect((await store.chain.verify()).faults).toEqual([]);
    expect(await store.people.erasures(9)).toEqual([erasure]);
    expect(await store.accessLog.list({ limit: 9 })).toMatchObject([{ what: 'person-erasure', item: pseudonym }]);
    expect(JSON.stringify(await store.incidents.list({ limit: 9 }))).not.toMatch(/Elsie|room-12/);
    expect((await store.incidents.counts({ since: 0, until: monday * 2 })).map(({ area }) => area)).toEqual([
      'Rickmansworth',
    ]);
    expect((await gather(store, resident, 'nobody')).calls).toEqual([]);
  });

  test('what is under a legal hold, or in an open incident, stays, and the plan says why', async () => {
    await call('held', { recordings: ['held-call'] });
    await call('open');
    await store.incidents.open(openedIncident({ id: 'h', calls: ['held'], status: 'closed', legalHold: hold }));
    await store.incidents.open(openedIncident({ id: 'o', calls: ['open'] }));
    const { plan, erasure } = await erase(parts(), resident, wish);
    expect(await left()).toEqual(['held', 'open']);
    expect(readdirSync(folder)).toEqual(['held-call.wav']);
    expect(erasure.kept).toEqual({ calls: 2, recordings: 1, incidents: 2, alerts: 0, contacts: 0 });
    expect(plan.stays).toEqual([
      '1 call stays: under a legal hold.',
      '1 call stays: in an incident that goes on or is another person’s.',
      '1 incident stays: under a legal hold.',
      '1 incident stays: open: close it first (clearline incidents).',
    ]);
  });

  test('a caller goes from the calls and trusted lists; blocked stays blocked, and evidence of others stays theirs', async () => {
    const trusted = [
      { number: '+447700900123', name: 'Anna' },
      { number: '+441923555100', name: 'Ben' },
    ];
    await store.lines.upsert([storedLine({ trusted, blocked: ['+447700900123'] })]);
    const revision = await store.lines.revision();
    await call('a', mobile);
    await call('evidence', mobile);
    await store.incidents.open(openedIncident({ calls: ['evidence'], status: 'closed' }));
    const { erasure, plan } = await erase(parts(), caller, wish);
    expect(await left()).toEqual(['evidence']);
    expect(erasure.removed).toMatchObject({ calls: 1, incidents: 0, contacts: 1 });
    expect(plan.stays).toContain('1 entry stays: on a list of blocked numbers, to protect whoever blocked it.');
    const [line] = await store.lines.all();
    expect([line?.trusted, line?.blocked]).toEqual([[{ number: '+441923555100', name: 'Ben' }], ['+447700900123']]);
    expect(await store.lines.revision()).toBeGreaterThan(revision);
  });

  test('no log, no erasure; interrupted and done again, it is whole', async () => {
    for (let index = 0; index < 50; index += 1) await call(`call-${index}`);
    const noLog = { ...store.accessLog, note: () => Promise.reject(new Error('locked')) };
    await expect(erase({ ...parts(), store: { ...store, accessLog: noLog } }, resident, wish)).rejects.toThrow(
      'locked',
    );
    expect(await left()).toHaveLength(50);
    let times = 0;
    const people = { ...store.people };
    people.removeCalls = (...of) =>
      times++ === 1 ? Promise.reject(new Error('killed')) : store.people.removeCalls(...of);
    await expect(erase({ ...parts(), store: { ...store, people } }, resident, wish)).rejects.toThrow('killed');
    expect((await left()).length).toBeLessThan(50);
    await erase(parts(), resident, wish);
    expect(await left()).toEqual([]);
  });

  test('a recording that cannot be deleted is left to the nights', async () => {
    mkdirSync(join(folder, 'a-name.wav'));
    await store.calls.save(finishedCall({ id: 'a', recordings: ['a-name'] }));
    const { erasure } = await erase(parts(), resident, wish);
    expect(erasure.kept.recordings).toBe(1);
    expect(await store.retention.doomed('', 9)).toEqual(['a-name']);
  });

  test('the plan is what then is done', async () => {
    await call('a', { recordings: ['a-name'] });
    await call('b');
    await store.incidents.open(openedIncident({ calls: ['b'], status: 'closed' }));
    const plan = planErasure(await gather(store, resident, pseudonym));
    const { erasure } = await erase(parts(), resident, wish);
    expect(erasure.removed).toEqual({
      calls: plan.calls.length,
      recordings: plan.recordings,
      incidents: plan.incidents.length,
      alerts: plan.alerts.length,
      contacts: plan.contacts,
    });
  });
});
