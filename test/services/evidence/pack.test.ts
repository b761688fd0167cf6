import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { unzipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readCallFile } from '../../../services/core/evidence/call-file.ts';
import { nothingKnown } from '../../../services/core/incident/incident.ts';
import { makePack, PackRefused } from '../../../services/evidence/make-pack.ts';
import { type Manifest, readManifest } from '../../../services/evidence/manifest.ts';
import { ensureSiteKey, siteFingerprint } from '../../../services/evidence/site-key.ts';
import { verifyPack } from '../../../services/evidence/verify-pack.ts';
import { type EvidenceDesk, evidenceDesk, nasty, reportedIncident, suspectId } from '../../support/evidence.ts';
import { monday } from '../../support/finished-call.ts';

let desk: EvidenceDesk;
beforeEach(async () => {
  desk = await evidenceDesk();
});
afterEach(() => desk.close());

/** Read by a library that shares nothing with what wrote it. */
const unpack = (name = 'pack.zip') => unzipSync(readFileSync(desk.path(name)));
const textIn = (files: Record<string, Uint8Array>, name: string) => Buffer.from(files[name] ?? []).toString();
const manifestIn = (files: Record<string, Uint8Array>) => readManifest(textIn(files, 'manifest.json')) as Manifest;
const recording = () => join(desk.site.config.paths.recordings, `${suspectId}-call.wav`);

/** Changes the database behind Clearline's back. */
function tamper(change: string): void {
  const database = new DatabaseSync(desk.site.config.paths.database);
  database.exec(change);
  database.close();
}

describe('a pack', () => {
  test('holds report, incident, calls, recording and a signed list of them, and is whole', async () => {
    const made = await desk.pack();
    const files = unpack();
    expect(Object.keys(files)).toEqual([
      'incident.json',
      `calls/${suspectId}.json`,
      'calls/1795358400.31.json',
      `recordings/${suspectId}-call.wav`,
      'report.pdf',
      'READ-ME.txt',
      'manifest.json',
      'manifest.sig',
    ]);
    const check = await verifyPack(desk.path('pack.zip'));
    expect(check).toMatchObject({ faults: [], sha256: made.sha256, size: made.size });
    const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
    for (const { name, sha256 } of check.manifest?.files ?? []) expect(digest(files[name] ?? Buffer.of())).toBe(sha256);
    expect(JSON.parse(textIn(files, 'incident.json'))).toEqual(reportedIncident());
    expect(Buffer.from(files[`recordings/${suspectId}-call.wav`] ?? [])).toEqual(readFileSync(recording()));
    expect(statSync(desk.path('pack.zip')).mode & 0o777).toBe(0o600);
  });

  test('holds each call as it is stored, and its link of the chain', async () => {
    await desk.pack();
    const files = unpack();
    const file = readCallFile(textIn(files, `calls/${suspectId}.json`));
    if (typeof file === 'string') throw new Error(file);
    const stored = await desk.store.calls.find(suspectId);
    expect(file.record).toEqual(stored?.record);
    expect(file.journal.map(({ entry }) => entry)).toEqual(stored?.journal);
    expect(JSON.stringify(file.record)).toContain(JSON.stringify(nasty.callId));
    const { chain } = manifestIn(files);
    expect(chain.head).toEqual(await desk.store.chain.head());
    expect(chain.links).toEqual(await desk.store.chain.linksOf([suspectId, '1795358400.31']));
  });

  test('is the same to the byte when it is made again of the same', async () => {
    // What was made before stands in it, and would differ.
    const packs = { ...desk.store.packs, of: async () => [] };
    const parts = { ...desk.parts, store: { ...desk.store, packs } };
    const request = { incident: reportedIncident().id, by: 'anna', at: monday, withoutConsentBecause: null };
    const one = await makePack(parts, { ...request, file: desk.path('one.zip') });
    const two = await makePack(parts, { ...request, file: desk.path('two.zip') });
    expect(two).toEqual(one);
    expect(readFileSync(desk.path('two.zip'))).toEqual(readFileSync(desk.path('one.zip')));
  });

  test('puts its custody, and who took which recording, on record', async () => {
    const made = await desk.pack();
    const { missing, alarms, ...custody } = made;
    expect([missing, alarms]).toEqual([0, []]);
    expect(await desk.store.packs.of(made.incident)).toEqual([custody]);
    const noted = await desk.store.accessLog.list({ what: 'evidence-pack', limit: 10 });
    expect(noted.map(({ item, by, at }) => [item, by, at]).sort()).toEqual([
      [`${suspectId}-call`, 'anna', monday + 86_400_000],
      [made.incident, 'anna', monday + 86_400_000],
    ]);
  });

  test('tells of packs made before', async () => {
    const first = await desk.pack();
    await desk.pack({ file: desk.path('second.zip'), at: monday + 90_000_000, by: 'ben' });
    expect(pdfText('second.zip').replace(/\s/g, '')).toContain(first.sha256);
  });

  test('is refused without consent, unless somebody says why, and then says so', async () => {
    await desk.close();
    const { victim } = reportedIncident();
    desk = await evidenceDesk({ incident: reportedIncident({ victim: { ...victim, consent: false } }) });
    await expect(desk.pack()).rejects.toThrow(PackRefused);
    await expect(desk.pack({ withoutConsentBecause: ' ' })).rejects.toThrow('say why it has to be done without');
    expect([existsSync(desk.path('pack.zip')), await desk.store.packs.of(reportedIncident().id)]).toEqual([false, []]);
    await desk.pack({ withoutConsentBecause: 'she is in hospital' });
    expect(manifestIn(unpack()).consent).toEqual({ agreed: false, withoutConsentBecause: 'she is in hospital' });
    expect(await desk.store.packs.of(reportedIncident().id)).toMatchObject([
      { withoutConsentBecause: 'she is in hospital' },
    ]);
    expect(pdfText()).toContain('she is in hospital');
  });

  test('replaces no file, and leaves none half made', async () => {
    writeFileSync(desk.path('pack.zip'), 'mine');
    await expect(desk.pack()).rejects.toThrow('already');
    expect(readFileSync(desk.path('pack.zip'), 'utf8')).toBe('mine');
    await expect(desk.pack({ file: desk.path('no/such/folder.zip') })).rejects.toThrow('ENOENT');
    await expect(desk.pack({ incident: 'incident-none', file: desk.path('x.zip') })).rejects.toThrow('No incident');
    expect(readdirSync(desk.site.config.paths.data).filter((name) => name.endsWith('.half'))).toEqual([]);
  });

  test('says which recordings and calls are not in it, and why', async () => {
    rmSync(recording());
    await desk.close();
    desk = await evidenceDesk({ incident: reportedIncident({ calls: [suspectId, 'never'] }) });
    rmSync(recording());
    expect(await desk.pack()).toMatchObject({ missing: 2 });
    expect(manifestIn(unpack()).missing).toEqual([
      { name: 'calls/never.json', why: 'The call is not on record.' },
      { name: `recordings/${suspectId}-call.wav`, why: expect.stringContaining('no such file') },
    ]);
    expect((await verifyPack(desk.path('pack.zip'))).faults).toEqual([]);
  });

  test('names a call and a recording that were changed before it was made, in report and manifest', async () => {
    await desk.store.recordings.note({
      name: `${suspectId}-call`,
      call: suspectId,
      bytes: 1,
      sha256: 'ab'.repeat(32),
      seenAt: monday,
    });
    tamper("update call_facts set record = replace(record, 'Elsie', 'Elsje')");
    const { alarms } = await desk.pack();
    expect(alarms).toEqual([
      expect.stringContaining(`The record of call ${suspectId} is not the one of link 1.`),
      expect.stringContaining('The record of call 1795358400.31 is not the one of link 2.'),
      expect.stringContaining(`The recording ${suspectId}-call is not what it was after its call`),
    ]);
    expect(pdfText().replace(/\s+/g, ' ')).toContain('is not the one of link 1.');
    expect((await verifyPack(desk.path('pack.zip'))).faults).toEqual([
      expect.stringContaining(`calls/${suspectId}.json: its record did not fit link 1 of the chain`),
      expect.stringContaining('calls/1795358400.31.json: its record did not fit link 2 of the chain'),
    ]);
  });

  test('is made even where what is on record is no JSON any more', async () => {
    tamper("update call_facts set journal = 'gone'");
    const { alarms } = await desk.pack();
    expect(alarms).toEqual([expect.stringContaining(`The journal of call ${suspectId}`)]);
    expect(textIn(unpack(), `calls/${suspectId}.json`)).toContain('"format": "unreadable"');
  });
});

/** What a person finds in the report. */
function pdfText(name = 'pack.zip'): string {
  const file = desk.path(`${name}.pdf`);
  writeFileSync(file, unpack(name)['report.pdf'] ?? '');
  return execFileSync('pdftotext', ['-layout', file, '-']).toString();
}

describe('the report', () => {
  test('has the facts, and what a stranger sent in a form that can do no harm', async () => {
    await desk.pack();
    const text = pdfText().replace(/\s+/g, ' ');
    for (const fact of [
      reportedIncident().id,
      'Elsie Brown',
      'card or cash agreed',
      '01923555001, that is +441923555001',
      '+447700900123',
      '<sip:02079460000@192.0.2.9>;reason=unconditional',
      '16 (ITU-T Q.850: normal call clearing)',
      'The number shown is not the one the network gave.',
      '41/12345/26',
      'Detective Sergeant Mark Jones',
      'a man in a grey coat',
      'the announcement that this line is protected',
      'The resident presses *.',
      'nobody else (0.4 ms)',
      'ARI and AMI both see nobody else on the line.',
      'the victim agrees that the police and partners are told',
      '2026-11-23 10:00:20.000 UTC (23 Nov 2026, 10:00:20 GMT)',
      'PC J\\u{202e} ones\\u{202c} \\u{0} <b>\\u{d800} \\u{96fb}\\u{8a71} \\u{1f600}',
      '<script>alert(1)</script> \\u{202e}\\u{0}\\u{d800}',
      'characters in all: see calls/',
      'link 2,',
      'Page 1 of ',
    ]) {
      expect(text).toContain(fact);
    }
    expect(text).not.toContain('\u202e');
  });

  test('says in words what nobody has put on record', async () => {
    await desk.close();
    desk = await evidenceDesk({
      incident: reportedIncident({ ...nothingKnown, line: null, resident: null, area: null }),
    });
    await desk.pack({ withoutConsentBecause: 'a test' });
    const text = pdfText();
    for (const words of ['not known', 'has not been asked', 'Nothing is on record yet.']) expect(text).toContain(words);
  });
});

test('the key of a site is made once, is its owner’s alone, and is refused when it is something else', async () => {
  const { config } = desk.site;
  const file = desk.path('evidence-key.pem');
  expect(ensureSiteKey(config).public.fingerprint).toBe(siteFingerprint(config));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  writeFileSync(file, 'not a key');
  expect(() => ensureSiteKey(config)).toThrow('not a private key in PEM');
  rmSync(file);
  expect(siteFingerprint(config)).toBeNull();
});
