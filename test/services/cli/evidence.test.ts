import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore } from '../../../services/adapters/sql/store.ts';
import { type EvidenceDesk, evidenceDesk, reportedIncident } from '../../support/evidence.ts';
import { desk as typing } from './world.ts';

let desk: EvidenceDesk;
beforeEach(async () => {
  desk = await evidenceDesk();
});
afterEach(() => desk.close());

/** Types a command at the site; with another `config`, on a computer that knows nothing of it. */
async function run(args: readonly string[], config = desk.site.file) {
  const typist = typing([], { openStore, env: { CLEARLINE_CONFIG: config, USER: 'anna' } });
  try {
    return await typist.run(...args);
  } finally {
    typist.remove();
  }
}

const { id } = reportedIncident();
const pack = () => desk.path('pack.zip');
const make = (...more: string[]) => run(['evidence', id, '--out', pack(), ...more]);
const verify = (...more: string[]) => run(['evidence', 'verify', pack(), ...more]);
const elsewhere = () => desk.path('no-such-config.yaml');

test('a pack is made, and is what the site’s key and database say', async () => {
  const made = await make();
  expect(made).toMatchObject({ code: 0, err: '' });
  expect(made.out).toContain(`Written: ${pack()}`);
  expect(made.out).toContain('On record: made by anna');
  const checked = await verify();
  expect(checked.code).toBe(0);
  for (const words of [
    'Nothing was changed.',
    'Checked: ',
    `Pack of ${id}, made 2026-11-23T10:00:00.000Z by anna at Cedar House, Rickmansworth, with Clearline `,
    'The victim agreed.',
    'That is the key of this site.',
    'Compared with the database: 2 links',
  ]) {
    expect(checked.out).toContain(words);
  }
});

test('another computer, without configuration or database, checks it too and makes nothing', async () => {
  await make();
  const { out: key } = await run(['evidence', 'key']);
  const checked = await run(['evidence', 'verify', pack(), '--key', key.toUpperCase()], elsewhere());
  expect(checked.code).toBe(0);
  expect(checked.out).toContain('That is the key you named.');
  expect(checked.out).toContain('Not compared with a database: there is no configuration here.');
  expect((await run(['evidence', 'verify', pack()], elsewhere())).out).toContain('ask the site for its fingerprint');
  const other = desk.path('other.yaml');
  writeFileSync(other, 'data: nothing-here');
  expect((await run(['evidence', 'verify', pack()], other)).out).toContain(
    'Not compared with a database: there is none here.',
  );
  expect(existsSync(desk.path('nothing-here'))).toBe(false);
  writeFileSync(other, 'data: [');
  expect((await run(['evidence', 'verify', pack()], other)).code).toBe(0);
});

test('a changed pack is told by the place, with exit code 1', async () => {
  await make();
  const bytes = readFileSync(pack());
  bytes[bytes.indexOf('Elsie Brown')] = 0x58;
  writeFileSync(pack(), bytes);
  const checked = await verify();
  expect(checked.code).toBe(1);
  expect(checked.out).toContain('incident.json was changed');
});

test('a pack of another key than the one named, or whose custody is gone, is not what it should be', async () => {
  await make();
  const other = await verify('--key', 'ab'.repeat(32));
  expect([other.code, other.out]).toEqual([1, expect.stringContaining('it is not this site’s')]);
  const database = new DatabaseSync(desk.site.config.paths.database);
  database.exec('delete from evidence_packs');
  database.close();
  const gone = await verify();
  expect([gone.code, gone.out]).toEqual([1, expect.stringContaining('The database has no pack with this digest')]);
});

test('what cannot be done is said in a sentence', async () => {
  expect(await run(['evidence', 'incident-none', '--out', pack()])).toMatchObject({
    code: 1,
    err: expect.stringContaining('No incident incident-none is on record'),
  });
  expect(await verify()).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^Cannot read .*: there is no such file or folder$/),
  });
  expect(await verify('--key', 'abc')).toMatchObject({
    code: 2,
    err: expect.stringContaining('64 hexadecimal digits'),
  });
  await make();
  expect(await make()).toMatchObject({ code: 2, err: expect.stringContaining('There is a file') });
  expect(await run(['evidence', id, '--out', desk.path('no/folder.zip')])).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^The pack is not made \(.*folder\.zip\): there is no such file or folder\.$/),
  });
});

test('without the victim’s consent a pack needs a reason, which is on record', async () => {
  await desk.close();
  const { victim } = reportedIncident();
  desk = await evidenceDesk({ incident: reportedIncident({ victim: { ...victim, consent: null } }) });
  expect(await make()).toMatchObject({ code: 1, err: expect.stringContaining('--without-consent-because') });
  const made = await make('--without-consent-because', 'she is in hospital', '--by', 'ben');
  expect(made.out).toContain('On record: made by ben, without consent: she is in hospital');
  expect((await verify()).out).toContain('The victim had not agreed. Made nevertheless: she is in hospital');
});

test('the chain of the database is told to be whole, or where it is not', async () => {
  const whole = await run(['evidence', 'verify']);
  expect([whole.code, whole.out]).toEqual([
    0,
    expect.stringContaining('Nothing on record was changed: 2 links, 2 calls.'),
  ]);
  const database = new DatabaseSync(desk.site.config.paths.database);
  database.exec("update call_facts set journal = replace(journal, 'Answered', 'Unswered')");
  database.close();
  const changed = await run(['evidence', 'verify']);
  expect(changed.code).toBe(1);
  expect(changed.out).toContain('What is on record was changed: 1 fault in 2 links, 2 calls.');
  expect(changed.out).toMatch(
    /The journal of call \S+ is not the one of link 1\.\n {2}expected [0-9a-f]{64}\n {2}found {4}[0-9a-f]{64}/,
  );
});
