import { createHash } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { partsOf, type ZipEntry } from '../../../services/adapters/zip-layout.ts';
import { createZip } from '../../../services/adapters/zip-write.ts';
import { type Manifest, readManifest, writeManifest } from '../../../services/evidence/manifest.ts';
import { ensureSiteKey } from '../../../services/evidence/site-key.ts';
import { compareWithSite } from '../../../services/evidence/verify-links.ts';
import { verifyPack } from '../../../services/evidence/verify-pack.ts';
import { temporaryConfig } from '../../support/config.ts';
import { type EvidenceDesk, evidenceDesk, suspectId } from '../../support/evidence.ts';

/** Whatever is changed in a pack is found, and its place named. */

let desk: EvidenceDesk;
let bytes: Buffer;
let entries: (ZipEntry & { begin: number })[];
beforeAll(async () => {
  desk = await evidenceDesk({ seconds: 0.01 });
  await desk.pack({ file: desk.path('whole.zip') });
  // The same with a small report, signed as it is: thousands of times is it compared below.
  bytes = readFileSync(desk.path('whole.zip'));
  entries = entriesOf(bytes);
  await repack(shortenReport, { sign: true, file: desk.path('pack.zip') });
  bytes = readFileSync(desk.path('pack.zip'));
  entries = entriesOf(bytes);
  expect(await faultsOf('pack.zip')).toEqual([]);
});
afterAll(() => desk.close());

/** As the pack's own layout has them; that it is a ZIP for others too is in pack.test.ts. */
function entriesOf(zip: Buffer): (ZipEntry & { begin: number })[] {
  const found: (ZipEntry & { begin: number })[] = [];
  for (let at = 0; zip.readUInt32LE(at) === 0x04034b50; ) {
    const begin = at + 30 + zip.readUInt16LE(at + 26);
    const name = zip.subarray(at + 30, begin).toString();
    const size = zip.readUInt32LE(at + 22);
    found.push({ name, size, crc32: zip.readUInt32LE(at + 14), begin });
    at = begin + size;
  }
  return found;
}

const faultsOf = async (name: string) => (await verifyPack(desk.path(name))).faults;

/** What `verify` says of the pack with these bits of one byte turned. */
async function flip(offset: number, bits: number): Promise<readonly string[]> {
  const file = desk.path('flipped.zip');
  const handle = openSync(file, 'r+');
  const put = (byte: number) => writeSync(handle, Uint8Array.of(byte), 0, 1, offset);
  const right = bytes[offset] ?? 0;
  put(right ^ bits);
  try {
    return (await verifyPack(file)).faults;
  } finally {
    put(right);
    closeSync(handle);
  }
}

/** `npm run fuzz` changes every byte; otherwise a share of those that are alike, at places that differ from part to part. */
const all = process.env.CLEARLINE_FUZZ_COUNT !== undefined;
const patienceMs = all ? 1_800_000 : 60_000;

test(
  'a byte of the ZIP’s own structure that is changed is named with its offset',
  async () => {
    copyFileSync(desk.path('pack.zip'), desk.path('flipped.zip'));
    const parts = partsOf(entries);
    expect(parts.at(-1)?.what).toBe('end record');
    const kinds = new Set<string>();
    for (const [index, { offset, bytes: part, what }] of parts.entries()) {
      // Whole are the first header, the first entry of the directory and the end; the others are made as these are.
      const [kind = ''] = what.split(' ');
      const whole = all || !kinds.has(kind);
      kinds.add(kind);
      for (let at = offset + (whole ? 0 : index % 11); at < offset + part.length; at += whole ? 1 : 11) {
        const faults = await flip(at, bitsOf(at));
        expect(faults.join('\n'), `byte ${at}, in the ${what}`).toContain(`Byte ${at}, in the `);
      }
    }
  },
  patienceMs,
);

test(
  'a changed byte of a file in the pack is named by the file, and in a call by the entry of its journal',
  async () => {
    copyFileSync(desk.path('pack.zip'), desk.path('flipped.zip'));
    for (const { name, begin, size } of entries) {
      // A prime’s distance: with the ends.
      const step = all ? 1 : size > 2000 ? 211 : size > 200 ? 31 : 5;
      for (let at = begin; at < begin + size; at += step) await expectNamed(at, name);
      await expectNamed(begin + size - 1, name);
    }
  },
  patienceMs,
);

/** Now one bit, now the case of a letter, now all of them. */
function bitsOf(offset: number): number {
  return [0x01, 0x20, 0xff, 0x80][offset % 4] ?? 0xff;
}

async function expectNamed(at: number, name: string): Promise<void> {
  const faults = await flip(at, bitsOf(at));
  expect(faults[0], `byte ${at} of ${name}`).toMatch(new RegExp(`^${name.replaceAll('.', '\\.')} was changed`));
  expect(faults).toHaveLength(1);
}

test('a changed entry of a call’s journal is named by its number', async () => {
  copyFileSync(desk.path('pack.zip'), desk.path('flipped.zip'));
  const faults = await flip(bytes.indexOf('"Answered"') + 3, 0x01);
  expect(faults[0]).toMatch(
    new RegExp(`^calls/${suspectId}\\.json was changed in journal entry 7 of 17: expected SHA-256 `),
  );
});

describe('a file that is', () => {
  test.each([
    ['empty', () => Buffer.of(), 'does not begin as a ZIP file does'],
    ['no ZIP', () => Buffer.from('This is a letter. '.repeat(50)), 'does not begin as a ZIP file does'],
    ['all zeros', () => Buffer.alloc(100_000), 'does not begin as a ZIP file does'],
    ['one byte short', () => bytes.subarray(0, -1), `The file is cut off at byte`],
    ['cut in its directory', () => bytes.subarray(0, -100), 'The file is cut off at byte'],
    ['cut in a file', () => bytes.subarray(0, 5000), 'but the file has only 5000'],
    ['cut in a header', () => bytes.subarray(0, 20), 'does not begin'],
    ['followed by something', () => Buffer.concat([bytes, Buffer.from('more')]), '4 bytes were added after the end'],
    ['preceded by something', () => Buffer.concat([Buffer.from('#!'), bytes]), 'does not begin as a ZIP file does'],
    ['followed by itself', () => Buffer.concat([bytes, bytes]), 'bytes were added after the end'],
  ])('%s is told so', async (_, content, words) => {
    writeFileSync(desk.path('other.zip'), content());
    expect((await faultsOf('other.zip')).join('\n')).toContain(words);
  });

  test('another program’s ZIP of the same files is none of ours, byte for byte', async () => {
    const files = Object.fromEntries(
      entries.map(({ name, begin, size }) => [name, bytes.subarray(begin, begin + size)]),
    );
    for (const level of [0, 9] as const) {
      writeFileSync(desk.path('other.zip'), zipSync(files, { level }));
      expect((await faultsOf('other.zip')).length).toBeGreaterThan(0);
    }
  });

  test('a small ZIP that would unpack to much more is not unpacked', async () => {
    const bomb = zipSync({ 'manifest.json': new Uint8Array(20_000_000) }, { level: 6 });
    writeFileSync(desk.path('other.zip'), bomb);
    expect(bomb.length).toBeLessThan(100_000);
    expect((await faultsOf('other.zip')).length).toBeGreaterThan(0);
  });

  test('a file with more headers than a ZIP may have is given up', async () => {
    const header = Buffer.alloc(31);
    header.writeUInt32LE(0x04034b50, 0);
    header.writeUInt16LE(1, 26);
    writeFileSync(desk.path('other.zip'), Buffer.concat(Array.from({ length: 10_001 }, () => header)));
    expect(await faultsOf('other.zip')).toContain('No evidence pack has so many files.');
  });

  test('a folder, or nothing, cannot be read', async () => {
    await expect(faultsOf('no-such.zip')).rejects.toThrow('ENOENT');
    await expect(verifyPack(desk.site.config.paths.data)).rejects.toThrow('EISDIR');
  });
});

function shortenReport(files: Map<string, Buffer>): void {
  const report = files.get('report.pdf')?.subarray(0, 500) ?? Buffer.of();
  files.set('report.pdf', report);
  const manifest = manifestIn(files);
  const digest = { size: report.length, sha256: createHash('sha256').update(report).digest('hex') };
  const listed = manifest.files.map((each) => (each.name === 'report.pdf' ? { ...each, ...digest } : each));
  files.set('manifest.json', Buffer.from(writeManifest({ ...manifest, files: listed })));
}

function manifestIn(files: Map<string, Buffer>): Manifest {
  const manifest = readManifest(`${files.get('manifest.json')}`);
  if ('wrong' in manifest) throw new Error(manifest.wrong);
  return manifest;
}

let repacked = 0;
/** A pack laid out as ours is, with these files, signed or not. */
async function repack(
  change: (files: Map<string, Buffer>) => void,
  { key = desk.parts.key, sign = false, file = '' } = {},
): Promise<readonly string[]> {
  const files = new Map(
    entries.map(({ name, begin, size }) => [name, Buffer.from(bytes.subarray(begin, begin + size))]),
  );
  change(files);
  const manifest = files.get('manifest.json');
  if (manifest && sign) files.set('manifest.sig', Buffer.from(`${key.sign(manifest).toString('hex')}\n`));
  file ||= desk.path(`repacked-${repacked}.zip`);
  repacked += 1;
  const zip = await createZip(file);
  for (const [name, content] of files) await zip.add(name, [content]);
  await zip.finish();
  await zip.close();
  return (await verifyPack(file)).faults;
}

describe('a forger who lays the ZIP out right', () => {
  test.each<[string, (files: Map<string, Buffer>) => void, string]>([
    ['changes a file', (files) => files.set('incident.json', Buffer.from('{}')), 'incident.json was changed'],
    ['takes a file away', (files) => files.delete('incident.json'), 'incident.json is missing'],
    ['adds a file', (files) => files.set('more.txt', Buffer.of(1)), 'more.txt was added'],
    ['adds one with a path', (files) => files.set('../../etc/cron.d/x', Buffer.of(1)), '../../etc/cron.d/x was added'],
    ['adds one with control characters', (files) => files.set('a\u001b[2J', Buffer.of(1)), 'a\\u{1b}[2J was added'],
    ['takes the signature away', (files) => files.delete('manifest.sig'), 'There is no manifest.sig'],
    ['takes the list away', (files) => files.delete('manifest.json'), 'There is no manifest.json'],
    ['writes another list', (files) => files.set('manifest.json', Buffer.from('[]')), 'manifest.json was changed'],
    [
      'writes the signature in capitals',
      (files) => files.set('manifest.sig', Buffer.from(`${files.get('manifest.sig')}`.toUpperCase())),
      'manifest.sig was changed',
    ],
    [
      'changes the list and keeps its form',
      (files) => files.set('manifest.json', Buffer.from(`${files.get('manifest.json')}`.replace('anna', 'ann3'))),
      'manifest.json or manifest.sig was changed: the signature does not fit',
    ],
  ])('who %s is found', async (_, change, words) => {
    expect((await repack(change)).join('\n')).toContain(words);
  });

  test('who puts the files in another order is found', async () => {
    const faults = await repack((files) => {
      const first = files.get('incident.json') ?? Buffer.of();
      files.delete('incident.json');
      files.set('incident.json', first);
    });
    expect(faults).toEqual(['The files are not in the order of the signed list.']);
  });

  test('who signs with a key of his own is known by its fingerprint', async () => {
    const other = temporaryConfig();
    const key = ensureSiteKey(other.config);
    const faults = await repack(
      (files) => {
        const named = {
          algorithm: 'Ed25519',
          publicKey: key.public.text,
          fingerprint: key.public.fingerprint,
        } as const;
        files.set('manifest.json', Buffer.from(writeManifest({ ...manifestIn(files), key: named })));
      },
      { key, sign: true },
    );
    other.remove();
    expect(faults).toEqual([]);
    expect(key.public.fingerprint).not.toBe(desk.parts.key.public.fingerprint);
  });
});

test('the site’s database bears its own pack out, and not one whose custody or chain is another', async () => {
  const check = await verifyPack(desk.path('whole.zip'));
  if (check.manifest === null) throw new Error('no manifest');
  const pack = { sha256: check.sha256, manifest: check.manifest };
  expect((await compareWithSite(pack, desk.store)).faults).toEqual([]);
  const other = await evidenceDesk();
  const { faults } = await compareWithSite(pack, other.store);
  await other.close();
  expect(faults).toEqual([
    expect.stringContaining('The database has no pack with this digest'),
    expect.stringContaining(`Link 1 (call ${suspectId}) of the pack is not the one in the database`),
    expect.stringContaining('Link 2 (call 1795358400.31) of the pack is not the one in the database'),
    expect.stringContaining('The chain in the database is not the one that this pack was made from'),
  ]);
});

test('a pack that was cut and appended to stays a file of the same length, and is found all the same', async () => {
  const file = desk.path('cut.zip');
  copyFileSync(desk.path('pack.zip'), file);
  truncateSync(file, bytes.length - 30);
  appendFileSync(file, Buffer.alloc(30));
  expect((await faultsOf('cut.zip')).length).toBeGreaterThan(0);
});
