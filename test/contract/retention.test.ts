import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openRecordingFolder } from '../../services/adapters/recordings.ts';
import { emptyIncidents } from '../../services/adapters/sql/retention-remove.ts';
import type { Tables } from '../../services/adapters/sql/schema.ts';
import { sqliteDialect } from '../../services/adapters/sql/sqlite.ts';
import { openStore, type Store } from '../../services/adapters/sql/store.ts';
import type { Incident } from '../../services/core/incident/incident.ts';
import type { Periods, RetentionKind } from '../../services/core/retention/periods.ts';
import { enforce, type RetentionParts, survey } from '../../services/retention.ts';
import { temporaryConfig } from '../support/config.ts';
import { finishedCall, monday, storedLine } from '../support/finished-call.ts';
import { openedIncident } from '../support/incidents.ts';
import { sighting } from '../support/sightings.ts';
import { storeBackends } from '../support/stores.ts';

const day = 86_400_000;
const now = monday + 1000 * day;
const periods: Periods = {
  incidents: 300,
  calls: 100,
  names: 10,
  messages: 20,
  conversations: 30,
  alerts: 100,
  sightings: 50,
  access: 200,
};

describe.each(storeBackends().filter(({ name }) => name !== 'fake'))('RetentionStore: $name', (backend) => {
  let store: Store;
  let folder: string;
  let parts: RetentionParts;
  beforeAll(() => backend.start());
  afterAll(() => backend.stop());
  beforeEach(async () => {
    store = await backend.open();
    folder = mkdtempSync(join(tmpdir(), 'clearline-recordings-'));
    parts = { store: store.retention, recordings: openRecordingFolder(folder), periods, now: () => now };
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const call = async (id: string, daysAgo: number) =>
    store.calls.save(finishedCall({ id, arrivedAt: now - daysAgo * day, endedAt: now - daysAgo * day + 9000 }));
  const incident = async (id: string, calls: string[], daysAgo: number, changes: Partial<Incident> = {}) =>
    store.incidents.open(
      openedIncident({
        id,
        calls,
        at: now - daysAgo * day,
        openedAt: now - daysAgo * day,
        status: 'closed',
        ...changes,
      }),
    );
  const hold = { since: now, by: 'anna', why: 'the police asked' };
  const file = (name: string, daysAgo: number) => {
    const path = join(folder, `${name}.wav`);
    writeFileSync(path, name);
    utimesSync(path, (now - daysAgo * day) / 1000, (now - daysAgo * day) / 1000);
  };
  const callIds = async () => (await store.calls.list({ limit: 10_000 })).map(({ id }) => id).sort();
  const files = () => readdirSync(folder).sort();

  async function run(id = 'night-1', changes: Partial<RetentionParts> = {}) {
    for (let tries = 0; tries < 1000; tries += 1) {
      const progress = await enforce({ ...parts, ...changes }, { id, by: 'clearline' }, 2000);
      if (progress.state === 'done') return progress.run;
      expect(progress.state).toBe('more');
    }
    throw new Error('the run did not end');
  }

  async function counted(kind: RetentionKind, id = 'night-1', changes: Partial<RetentionParts> = {}) {
    const { counts } = await run(id, changes);
    const { removed, linked, held, failed } = counts.find((count) => count.kind === kind) ?? {};
    return { removed, linked, held, failed };
  }

  test('calls go when their time is up, with a link in the chain that says so, and others stay', async () => {
    await call('old', 101);
    await call('young', 99);
    const report = await run();
    expect(await callIds()).toEqual(['young']);
    expect(await store.calls.find('old')).toBeNull();
    expect(report.counts.find(({ kind }) => kind === 'calls')).toEqual({
      kind: 'calls',
      removed: 1,
      linked: 0,
      held: 0,
      failed: 0,
      oldest: now - 101 * day,
      newest: now - 101 * day,
      done: true,
    });
    const links = await store.chain.linksOf(['old']);
    expect(links.map(({ kind }) => kind)).toEqual(['call', 'removal']);
    expect(links.at(-1)).toMatchObject({ by: 'clearline', why: 'retention: older than its period (night-1)' });
    expect((await store.chain.verify()).faults).toEqual([]);
    await store.calls.save(finishedCall({ id: 'old' }));
    expect(await callIds()).toEqual(['young']);
  });

  test('a call to the millisecond of its period stays, and nothing goes that is kept for ever', async () => {
    await store.calls.save(finishedCall({ id: 'edge', arrivedAt: now - 100 * day }));
    await run();
    expect(await callIds()).toEqual(['edge']);
    await call('old', 900);
    expect(await counted('calls', 'night-2', { periods: { ...periods, calls: null } })).toMatchObject({ removed: 0 });
    expect(await callIds()).toEqual(['edge', 'old']);
  });

  test('a call of an incident lives as long as the incident, and as a legal hold on it', async () => {
    for (const id of ['open', 'closed', 'held', 'over', 'alone']) await call(id, 500);
    await incident('a', ['open'], 500, { status: 'open' });
    await incident('b', ['closed'], 299);
    await incident('c', ['held'], 500, { legalHold: hold });
    await incident('d', ['over'], 500);
    const { counts } = await run();
    expect(await callIds()).toEqual(['closed', 'held', 'open']);
    expect(counts.find(({ kind }) => kind === 'calls')).toMatchObject({ removed: 2, linked: 2, held: 1 });
    expect(counts.find(({ kind }) => kind === 'incidents')).toMatchObject({ removed: 1, linked: 1, held: 1 });
  });

  test('an incident whose time is up tells of nobody any more, and still counts where it was', async () => {
    await incident('d', ['over'], 500, {
      caller: { ...openedIncident().caller, name: 'PC Jones', role: 'police', callBackNumber: '07700 900123' },
      notes: [{ at: monday, by: 'anna', text: 'Elsie cried' }],
    });
    const period = { since: 0, until: now };
    const counts = async () =>
      (await store.incidents.counts(period)).map(({ area, outcome, count }) => [area, outcome, count]);
    const before = await counts();
    expect(before).toEqual([['Rickmansworth', 'realised', 1]]);
    await run();
    expect(await counts()).toEqual(before);
    const emptied = await store.incidents.find('d');
    expect(emptied).toMatchObject({
      area: 'Rickmansworth',
      outcome: 'realised',
      line: null,
      resident: null,
      calls: [],
    });
    expect(JSON.stringify(emptied)).not.toMatch(/Elsie|Jones|900123|anna|room-12/);
    expect(await store.incidents.history('d')).toEqual([]);
    expect(await store.incidents.list({ line: 'room-12', limit: 10 })).toEqual([]);
    expect(await counted('incidents', 'night-2')).toEqual({ removed: 0, linked: 0, held: 0, failed: 0 });
  });

  test('recordings go by what they are of; those of a call on record by its age', async () => {
    await call('young', 5);
    await call('old', 40);
    for (const kind of ['name', 'message', 'call']) {
      file(`young-${kind}`, 900);
      file(`old-${kind}`, 0);
      file(`nobodys-${kind}`, 25);
    }
    file('music', 900);
    const { counts } = await run();
    expect(files()).toEqual(
      ['music.wav', 'nobodys-call.wav', 'young-call.wav', 'young-message.wav', 'young-name.wav'].sort(),
    );
    const removed = Object.fromEntries(counts.map(({ kind, removed: number }) => [kind, number]));
    expect(removed).toMatchObject({ names: 2, messages: 2, conversations: 1 });
  });

  test('recordings of an incident stay with it; those of a call that goes, go with it', async () => {
    await call('open', 500);
    await call('over', 500);
    await incident('a', ['open'], 500, { legalHold: hold });
    for (const id of ['open-call', 'over-call']) file(id, 500);
    expect(await counted('conversations')).toEqual({ removed: 1, linked: 0, held: 1, failed: 0 });
    expect(files()).toEqual(['open-call.wav']);
  });

  test('a link out of the folder is left alone, and a file that cannot be deleted is told of and tried again', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'clearline-outside-'));
    const victim = join(outside, 'victim.wav');
    writeFileSync(victim, 'precious');
    symlinkSync(victim, join(folder, 'evil-name.wav'));
    mkdirSync(join(folder, 'folder-name.wav'));
    file('stuck-name', 50);
    const { recordings } = parts;
    const stuck = {
      ...recordings,
      remove: async (name: string) => (name === 'stuck-name' ? 'EBUSY' : recordings.remove(name)),
    };
    expect(await counted('names', 'night-1', { recordings: stuck })).toEqual({
      removed: 0,
      linked: 0,
      held: 0,
      failed: 1,
    });
    expect(await counted('names', 'night-2')).toEqual({ removed: 1, linked: 0, held: 0, failed: 0 });
    expect(files()).toEqual(['evil-name.wav', 'folder-name.wav']);
    expect(existsSync(victim)).toBe(true);
    rmSync(outside, { recursive: true });
  });

  test('a folder that cannot be read is in the report, and everything else goes on', async () => {
    await call('old', 101);
    writeFileSync(join(folder, 'plain'), '');
    const report = await run('night-1', { recordings: openRecordingFolder(join(folder, 'plain')) });
    expect(report.fault).toContain('cannot be read: ENOTDIR');
    expect(await callIds()).toEqual([]);
  });

  test('alerts go, but for those of calls that must stay; the access log and lifted holds go', async () => {
    const alert = (id: string, daysAgo: number, of: string | null) =>
      store.alerts.save({ id, kind: 'reported', at: now - daysAgo * day, line: 'room-12', call: of });
    await incident('a', ['kept'], 500, { legalHold: hold });
    await alert('old', 101, 'x');
    await alert('held', 101, 'kept');
    await alert('young', 99, null);
    const about = { kind: 'money-at-risk', at: now - 101 * day, line: 'room-12', call: null, incident: 'a' } as const;
    await store.alerts.save({ id: 'about', ...about });
    for (const daysAgo of [199, 201]) {
      await store.accessLog.note({ at: now - daysAgo * day, by: 'anna', what: 'recording', item: 'x', why: '' });
      await store.lifts.put({ line: 'room-12', at: now - daysAgo * day, by: 'anna', why: '' });
    }
    const { counts } = await run();
    expect((await store.alerts.list({ limit: 9 })).map(({ id }) => id)).toEqual(['young', 'held', 'about']);
    expect(await store.accessLog.list({ limit: 9 })).toHaveLength(1);
    expect(await store.lifts.list('room-12', 9)).toHaveLength(1);
    expect(counts.find(({ kind }) => kind === 'access')).toMatchObject({ removed: 2 });
    expect(counts.find(({ kind }) => kind === 'alerts')).toMatchObject({ removed: 1, held: 2 });
  });

  test('what campaigns are found by goes by its own period, and so do pauses and whom a line expected', async () => {
    for (const daysAgo of [40, 60])
      await store.campaigns.note(sighting({ call: `of ${daysAgo}`, at: now - daysAgo * day }));
    await store.lines.upsert([storedLine()]);
    const [from, until] = [now - 201 * day, now - 200.5 * day];
    await store.contacts.pause({ line: 'room-12', at: from, until, by: 'anna', why: 'x' });
    const window = { line: 'room-12', number: null, name: 'Dr Hill', from, until, at: from, by: 'anna' };
    await store.contacts.expect({ id: 'expected-1', ...window });
    const { counts } = await run();
    expect(counts.find(({ kind }) => kind === 'sightings')).toMatchObject({ removed: 1, linked: 0, held: 0 });
    expect(counts.find(({ kind }) => kind === 'access')).toMatchObject({ removed: 1 });
    expect(await store.contacts.pauses('room-12', 9)).toEqual([]);
    expect(await store.contacts.expectations('room-12', 0)).toEqual([]);
    expect((await survey(parts)).get('sightings')).toEqual({ removed: 0, linked: 0, held: 0 });
  });

  test('a run that is done does nothing when it is asked for again', async () => {
    await call('a', 101);
    const first = await run();
    await call('b', 101);
    expect(await run()).toEqual(first);
    expect(await callIds()).toEqual(['b']);
    expect(await store.retention.runs(10)).toEqual([first]);
  });

  test('one that was left in the middle is finished first, and counts each thing once', async () => {
    for (let index = 0; index < 150; index += 1) await call(`call-${index}`, 200);
    await incident('a', ['call-7'], 200, { status: 'open' });
    const broken = { ...store.retention };
    let steps = 0;
    broken.step = async (...of) => {
      if (steps++ === 3) throw new Error('killed');
      return store.retention.step(...of);
    };
    const asked = { id: 'night-1', by: 'clearline' };
    await expect(enforce({ ...parts, store: broken }, asked, 2000)).rejects.toThrow('killed');
    const left = (await callIds()).length;
    expect(left).toBeGreaterThan(1);
    expect(left).toBeLessThan(150);
    await run('night-2');
    const [second, first] = await store.retention.runs(10);
    expect([first?.id, second?.id]).toEqual(['night-1', 'night-2']);
    expect(first?.counts.find(({ kind }) => kind === 'calls')).toMatchObject({ removed: 149, linked: 1 });
    expect(second?.counts.find(({ kind }) => kind === 'calls')).toMatchObject({ removed: 0, linked: 1 });
    expect((await store.chain.verify()).faults).toEqual([]);
  });

  test('killed between a file and its count, the file is counted once', async () => {
    for (const id of ['a', 'b', 'c']) file(`${id}-name`, 50);
    const broken = { ...store.retention };
    broken.deleted = async (turn, name, fault) => {
      if (name === 'b-name') throw new Error('killed');
      return store.retention.deleted(turn, name, fault);
    };
    const asked = { id: 'night-1', by: 'clearline' };
    await expect(enforce({ ...parts, store: broken }, asked, 2000)).rejects.toThrow('killed');
    expect(files()).toEqual(['c-name.wav']);
    expect(await counted('names')).toEqual({ removed: 3, linked: 0, held: 0, failed: 0 });
    expect(files()).toEqual([]);
  });

  test('two at once: one waits, and one whose turn was taken undoes what it was doing', async () => {
    await call('a', 101);
    expect(await store.retention.takeTurn('other', now, now + 1000)).toBe(true);
    expect(await enforce(parts, { id: 'night-1', by: 'clearline' }, 2000)).toEqual({ state: 'busy' });
    expect(await store.retention.takeTurn('third', now + 1000, now + 2000)).toBe(true);
    const begun = await store.retention.begin({ id: 'night-1', startedAt: now, by: 'clearline', periods });
    const turn = { run: begun.id, owner: 'other', until: now + 5000 };
    await expect(store.retention.step(turn, 'calls', now, 10)).rejects.toThrow('somebody else');
    expect(await callIds()).toEqual(['a']);
    await store.retention.giveTurn('other');
    expect(await store.retention.takeTurn('fourth', now + 1500, now + 3000)).toBe(false);
    await store.retention.giveTurn('third');
    expect(await counted('calls')).toMatchObject({ removed: 1 });
  });

  test('what would go is what then goes, and looking changes nothing', async () => {
    await call('a', 101);
    await call('b', 101);
    await call('c', 101);
    await incident('i', ['b'], 101, { status: 'open' });
    await incident('j', ['c'], 101, { legalHold: hold });
    file('a-name', 101);
    file('young-name', 1);
    const due = await survey(parts);
    expect(due.get('calls')).toEqual({ removed: 1, linked: 1, held: 1 });
    expect(due.get('names')).toEqual({ removed: 1, linked: 0, held: 0 });
    expect(await callIds()).toEqual(['a', 'b', 'c']);
    expect(await store.retention.runs(1)).toEqual([]);
    const { counts } = await run();
    for (const { kind, removed, linked, held } of counts) expect({ removed, linked, held }).toEqual(due.get(kind));
  });
});

test('an incident that was held or opened again since it was looked for is not emptied', async () => {
  const { config, remove } = temporaryConfig();
  const store = await openStore(config);
  const opened = (id: string, changes: Partial<Incident>) =>
    store.incidents.open(openedIncident({ id, calls: [id], ...changes }));
  await opened('held', { status: 'closed', legalHold: { by: 'anna', why: 'the police asked', since: now } });
  await opened('open', { status: 'open' });
  await opened('over', { status: 'closed' });
  const db = new Kysely<Tables>({ dialect: sqliteDialect(config.paths.database) });
  const emptied = await db.transaction().execute((trx) => emptyIncidents(trx, ['held', 'open', 'over']));
  expect(emptied).toEqual(['over']);
  expect(await store.incidents.find('held')).toMatchObject({ calls: ['held'], version: 1 });
  expect(await store.incidents.history('open')).toHaveLength(1);
  expect(await store.incidents.history('over')).toEqual([]);
  await db.destroy();
  await store.close();
  remove();
});
