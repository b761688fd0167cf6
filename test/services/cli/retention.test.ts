import { existsSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStore, type Store } from '../../../services/adapters/sql/store.ts';
import { readConfig } from '../../../services/config.ts';
import { finishedCall, monday } from '../../support/finished-call.ts';
import { openedIncident } from '../../support/incidents.ts';
import { type Desk, desk } from './world.ts';

/** clearline retention, recordings and access-log, on a real database. */

const day = 86_400_000;
let office: Desk;
let store: Store;
let recordings: string;

beforeEach(async () => {
  const open = (config: Parameters<typeof openStore>[0]) => openStore(config);
  office = desk([], { openStore: open, env: { USER: 'anna' } });
  const config = readConfig({ CLEARLINE_CONFIG: join(office.folder, 'clearline.yaml') });
  recordings = config.paths.recordings;
  mkdirSync(recordings, { recursive: true });
  store = await openStore(config);
});
afterEach(async () => {
  await store.close();
  office.remove();
});

const call = (id: string, daysAgo: number) => {
  const at = monday - daysAgo * day;
  return store.calls.save(finishedCall({ id, arrivedAt: at, endedAt: at + 9000 }));
};
const record = (name: string, text = 'hello') => {
  const path = join(recordings, `${name}.wav`);
  writeFileSync(path, text);
  utimesSync(path, monday / 1000, monday / 1000);
  return path;
};

describe('clearline retention', () => {
  test('shows the periods, what would go, and what the last runs removed', async () => {
    await call('17.1', 401);
    await call('17.2', 401);
    await store.incidents.open(openedIncident({ calls: ['17.2'] }));
    const before = await office.run('retention');
    expect(before.out).toContain('Removed each night at 03:30 (Europe/London):');
    expect(before.out).toMatch(/records of calls +400 days +1 +1 +0\n/);
    expect(before.out).toContain('There was no run yet.');

    const dry = await office.run('retention', 'run', '--dry-run');
    expect(dry.out).toMatch(/^Nothing is removed; this would go now:/);
    expect(dry.out).toMatch(/records of calls +1 +1 +0\n/);
    expect(await store.calls.find('17.1')).not.toBeNull();

    const done = await office.run('retention', 'run');
    expect(done.code).toBe(0);
    expect(done.out).toContain('2026-11-23 10:00:00, by anna (asked-');
    expect(done.out).toContain('  records of calls: 1 removed (of 2025-10-18 to 2025-10-18), 1 kept for an incident');
    expect(await store.calls.find('17.1')).toBeNull();
    expect((await office.run('retention')).out).toContain('by anna (asked-');
    expect(JSON.parse((await office.run('retention', '--json')).out).runs).toHaveLength(1);
  });

  test('says when a run is going on elsewhere, and that nothing was past its period', async () => {
    const done = await office.run('retention', 'run', '--by', 'ben');
    expect(done.out).toMatch(/by ben \(asked-.*\)\n {2}nothing was past its period$/);
  });

  test('holds an incident and releases it, with who and why on record', async () => {
    await store.incidents.open(openedIncident({ id: 'incident-1' }));
    const held = await office.run('retention', 'hold', 'incident-1', '--reason', 'Herts Police, 41/1234/26');
    expect(held.out).toBe(
      'incident-1, its calls and their recordings are kept until the hold is released.\nOn record: anna: Herts Police, 41/1234/26',
    );
    const found = await store.incidents.find('incident-1');
    expect(found?.legalHold).toEqual({ since: monday, by: 'anna', why: 'Herts Police, 41/1234/26' });
    expect((await office.run('retention', 'release', 'incident-1', '--reason', 'case closed')).code).toBe(0);
    expect((await store.incidents.find('incident-1'))?.legalHold).toBeNull();
    expect(await store.incidents.history('incident-1')).toHaveLength(3);
  });

  test.each([
    [
      ['hold', 'incident-9', '--reason', 'x'],
      1,
      'No incident incident-9 is on record, nor one with a call of that id. Their ids: clearline incidents',
    ],
    [['release', 'incident-1', '--reason', 'x'], 1, 'There is no legal hold on incident-1.'],
    [['hold', 'incident-1', '--reason', ' '], 2, '--reason: say why it must be kept.'],
  ])('%j is refused in words', async (args, code, words) => {
    await store.incidents.open(openedIncident({ id: 'incident-1' }));
    expect(await office.run('retention', ...args)).toMatchObject({ code, err: words });
  });
});

describe('clearline recordings', () => {
  test('lists what there is without a trace, and copies it with one', async () => {
    record('17.1-name', 'x'.repeat(32_000));
    const list = await office.run('recordings', 'list', '17.1');
    expect(list.out).toMatch(/name +the name said +2\.0 s +2026-11-23 10:00:00 +not noted/);
    expect(await store.accessLog.list({ limit: 9 })).toEqual([]);

    const to = join(office.folder, 'copy.wav');
    const copied = await office.run('recordings', 'copy', '17.1', 'name', '--to', to, '--reason', 'the resident asked');
    expect(copied).toMatchObject({ code: 0, out: `Copied to ${to}. On record: anna: the resident asked` });
    expect(readFileSync(to, 'utf8')).toHaveLength(32_000);
    expect(statSync(to).mode & 0o777).toBe(0o600);
    const log = await office.run('access-log', '--what', 'recording');
    expect(log.out).toMatch(/2026-11-23 10:00:00 +anna +heard a recording +17\.1-name +the resident asked/);
    expect((await office.run('access-log', '--by', 'ben')).out).toBe('No access on record fits.');
  });

  test('no log, no recording', async () => {
    record('17.1-name');
    const broken = {
      ...store,
      accessLog: { ...store.accessLog, note: async () => Promise.reject(new Error('database is locked')) },
      close: async () => {},
    };
    const other = desk([], { openStore: async () => broken });
    mkdirSync(join(other.folder, 'data/asterisk/spool/recording'), { recursive: true });
    writeFileSync(join(other.folder, 'data/asterisk/spool/recording/17.1-name.wav'), 'hello');
    const to = join(other.folder, 'copy.wav');
    const copied = await other.run('recordings', 'copy', '17.1', 'name', '--to', to, '--reason', 'x');
    expect(copied).toMatchObject({
      code: 1,
      err: '17.1-name is not opened, since the access log cannot be written: database is locked',
    });
    expect(existsSync(to)).toBe(false);
    other.remove();
  });

  test('never writes over a file, and names what there is', async () => {
    record('17.1-name');
    const to = office.file('there.wav', 'precious');
    const copied = await office.run('recordings', 'copy', '17.1', 'name', '--to', to, '--reason', 'x');
    expect(copied.code).toBe(2);
    expect(readFileSync(to, 'utf8')).toBe('precious');
    const missing = await office.run('recordings', 'copy', '17.1', 'call', '--to', to, '--reason', 'x');
    expect(missing.err).toBe('Call 17.1 has no recording call. Those there are: name');
    expect((await office.run('recordings', 'list', '../17.1')).out).toContain('Nothing is recorded');
  });
});
