import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore, type Store } from '../../../services/adapters/sql/store.ts';
import { openZip } from '../../../services/adapters/zip-read.ts';
import { type Config, readConfig } from '../../../services/config.ts';
import { callingNumber, finishedCall, storedLine } from '../../support/finished-call.ts';
import { openedIncident } from '../../support/incidents.ts';
import { type Desk, desk } from './world.ts';

/** clearline person, on a real database. */

let office: Desk;
let store: Store;
let config: Config;

beforeEach(async () => {
  const open = (of: Parameters<typeof openStore>[0]) => openStore(of);
  office = desk([], { openStore: open, env: { USER: 'anna' } });
  config = readConfig({ CLEARLINE_CONFIG: join(office.folder, 'clearline.yaml') });
  store = await openStore(config);
  await store.lines.upsert([storedLine({ trusted: [] })]);
  mkdirSync(config.paths.recordings, { recursive: true });
  writeFileSync(join(config.paths.recordings, '17.1-name.wav'), 'this is PC Jones');
  const presentation = callingNumber('07700900123', '+447700900123');
  const caller = { ...finishedCall().record.caller, presentation };
  await store.calls.save(finishedCall({ id: '17.1', recordings: ['17.1-name'], caller }));
  await store.calls.save(finishedCall({ id: '17.2' }));
});
afterEach(async () => {
  await store.close();
  office.remove();
});

const accesses = async () => (await store.accessLog.list({ limit: 9 })).map(({ what, item }) => [what, item]);

test('exports a resident’s data with the recordings, each in the access log', async () => {
  const file = join(office.folder, 'elsie.zip');
  const done = await office.run('person', 'export', 'room-12', '--out', file);
  expect(done.out).toMatch(
    /^2 calls, 0 incidents, 0 alerts and 1 recording written to .*elsie\.zip\.\nLook through it/,
  );
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const zip = await openZip(file, { index: 'data.json', namesIn: () => [] });
  expect(zip.entries.map(({ name }) => name)).toEqual(['data.json', 'recordings/17.1-name.wav']);
  expect(zip.faults).toEqual([]);
  await zip.close();
  expect((await accesses()).sort()).toEqual([
    ['person-export', '17.1-name'],
    ['person-export', expect.stringMatching(/^person-[0-9a-f]{16}$/)],
  ]);
});

test('exports what there is of a caller, however the number is typed, without the resident', async () => {
  const file = join(office.folder, 'caller.json');
  expect((await office.run('person', 'export', '+44 (0)7700 900-123', '--out', file)).code).toBe(0);
  const text = readFileSync(file, 'utf8');
  expect(JSON.parse(text).calls).toMatchObject([{ record: { id: '17.1' } }]);
  expect(text).not.toMatch(/Elsie|room-12/);
  const [first] = await accesses();
  await office.run('person', 'export', '07700900123');
  expect((await accesses())[0]).toEqual(first);
});

test('erases only with --yes, and leaves a report that tells of nobody', async () => {
  const plan = await office.run('person', 'erase', '07700900123', '--reason', 'wish of the caller');
  expect(plan.out).toBe(
    'Nothing is erased yet; with --yes these would go: 1 call, 1 recording, 0 incidents (only what is counted stays), ' +
      '0 alerts, 0 entries of trusted or expected callers.',
  );
  expect(await accesses()).toEqual([]);
  const done = await office.run('person', 'erase', '07700900123', '--reason', 'wish of the caller', '--yes');
  expect(done.out).toMatch(/^Erased: 1 call, 1 recording, /);
  expect(done.out).toMatch(/On record, without the name or number: erasure-[0-9a-f-]+, of person-[0-9a-f]{16}$/);
  expect((await store.calls.list({ limit: 9 })).map(({ id }) => id)).toEqual(['17.2']);
  expect(JSON.stringify(await store.people.erasures(9))).not.toMatch(/900123/);
});

test('says what stays, and why', async () => {
  await store.incidents.open(openedIncident({ calls: ['17.1'] }));
  const plan = await office.run('person', 'erase', 'room-12', '--reason', 'moved away');
  expect(plan.out.split('\n').slice(1)).toEqual([
    '1 call stays: in an incident that goes on or is another person’s.',
    '1 incident stays: open: close it first (clearline incidents).',
    'The line room-12 stays as long as it is protected, with its number, lists and name: clearline lines remove room-12',
  ]);
});

test('a line that several people had is not one person’s; it is found when it is no line any more', async () => {
  await store.calls.save(finishedCall({ id: '17.3', resident: 'Tom Field' }));
  const both = await office.run('person', 'export', 'room-12');
  expect(both).toMatchObject({
    code: 1,
    err: 'room-12 was several people’s: Elsie Brown, Tom Field. Say whose data is meant: --resident NAME',
  });
  await store.lines.remove('room-12');
  const one = await office.run('person', 'export', 'room-12', '--resident', 'Tom Field');
  expect(JSON.parse(one.out).calls.map((call: { record: { id: string } }) => call.record.id)).toEqual(['17.3']);
});

test.each([
  [
    ['export', 'nobody'],
    1,
    'nobody is no line, there are no calls of one that was, and it is no telephone number. The lines: clearline lines list',
  ],
  [['export', 'room-12', '--out', 'x.txt'], 2, '--out: found "x.txt", expected a name that ends in .zip or .json'],
  [['export', 'room-12', '--resident', 'Ann'], 1, '--resident: found "Ann", expected one of: Elsie Brown'],
  [
    ['erase', 'room-12', '--reason', 'Mrs Brown asked'],
    2,
    '--reason: it stays on record, so say it without the person’s name or number.',
  ],
])('%j is refused in words', async (args, code, err) => {
  expect(await office.run('person', ...args)).toMatchObject({ code, err });
  expect(await accesses()).toEqual([]);
});
