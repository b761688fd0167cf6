import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type FoundEntry, type OpenZip, openZip } from '../adapters/zip-read.ts';
import { findChange } from '../core/evidence/call-file.ts';
import { type Manifest, manifestName, mostManifestBytes, readManifest, signatureName } from './manifest.ts';
import { isSigned } from './site-key.ts';
import { checkLinks } from './verify-links.ts';

/** Checks an evidence pack by itself: no database, no configuration, and nothing in it is believed before it is compared. */

export interface PackCheck {
  /** Each names a place and what is wrong there. Empty: not a byte was changed since the pack was signed. */
  readonly faults: readonly string[];
  /** What the pack says of itself; null where that cannot be read, or is not what was signed. */
  readonly manifest: Manifest | null;
  /** Of the whole file. */
  readonly sha256: string;
  readonly size: number;
}

/** Rejects only where the file cannot be read at all. */
export async function verifyPack(file: string): Promise<PackCheck> {
  const zip = await openZip(file, { index: manifestName, namesIn });
  try {
    const whole = {
      sha256: await digestOf(zip.read({ name: '', crc32: 0, begin: 0, size: zip.size })),
      size: zip.size,
    };
    const structure = zip.faults.map(({ why }) => why);
    if (zip.entries.length === 0) return { ...whole, faults: structure, manifest: null };
    const entries: Entry[] = [];
    for (const entry of zip.entries) entries.push(await measure(zip, entry));
    const signed = await readSigned(zip, entries);
    const faults = [...structure, ...signed.faults, ...repeatedNames(entries)];
    if (signed.manifest === null) {
      return { ...whole, faults: [...faults, ...(await changedEntries(zip, entries))], manifest: null };
    }
    faults.push(...(await compareFiles(zip, entries, signed.manifest)));
    if (faults.length === 0) faults.push(...(await checkLinks(signed.manifest, (name) => textOf(zip, entries, name))));
    return { ...whole, faults, manifest: signed.manifest };
  } finally {
    await zip.close();
  }
}

type Entry = FoundEntry & { readonly sha256: string; readonly isWhole: boolean };

async function measure(zip: OpenZip, entry: FoundEntry): Promise<Entry> {
  const hash = createHash('sha256');
  let crc = 0;
  for await (const chunk of zip.read(entry)) {
    hash.update(chunk);
    crc = crc32(chunk, crc);
  }
  return { ...entry, sha256: hash.digest('hex'), isWhole: crc === entry.crc32 };
}

/** The manifest, where the key it names has signed it. */
async function readSigned(
  zip: OpenZip,
  entries: readonly Entry[],
): Promise<{ readonly manifest: Manifest | null; readonly faults: readonly string[] }> {
  const [made, signature] = [manifestName, signatureName].map((name) => entries.find((each) => each.name === name));
  if (!made || !signature) {
    const name = made ? signatureName : manifestName;
    return {
      manifest: null,
      faults: [`There is no ${name}: this is no evidence pack, or it was taken out or renamed.`],
    };
  }
  const text = await read(zip, made);
  const manifest = readManifest(text.toString());
  if ('wrong' in manifest) return { manifest: null, faults: [`${manifestName} was changed: ${manifest.wrong}.`] };
  const hex = /^([0-9a-f]{128})\n$/.exec((await read(zip, signature)).toString('latin1'))?.[1];
  if (hex === undefined) return { manifest: null, faults: [`${signatureName} was changed: it holds no signature.`] };
  const { publicKey, fingerprint } = manifest.key;
  if (isSigned(text, Buffer.from(hex, 'hex'), { text: publicKey, fingerprint })) return { manifest, faults: [] };
  const which = !made.isWhole
    ? manifestName
    : !signature.isWhole
      ? signatureName
      : `${manifestName} or ${signatureName}`;
  return { manifest: null, faults: [`${which} was changed: the signature does not fit.`] };
}

async function compareFiles(zip: OpenZip, entries: readonly Entry[], { files }: Manifest): Promise<string[]> {
  const faults: string[] = [];
  const listed = [...files.map(({ name }) => name), manifestName, signatureName];
  for (const { name, size, sha256 } of files) {
    const entry = entries.find((each) => each.name === name);
    if (!entry) faults.push(`${name} is missing: the signed list has it.`);
    else if (entry.sha256 !== sha256 || entry.size !== size) faults.push(await describeChange(zip, entry, sha256));
  }
  const added = entries.filter(({ name }) => !listed.includes(name)).map(({ name }) => shown(name));
  faults.push(...added.map((name) => `${name} was added: the signed list does not have it.`));
  if (faults.length === 0 && entries.some(({ name }, index) => name !== listed[index])) {
    faults.push('The files are not in the order of the signed list.');
  }
  return faults;
}

/** Without a list to compare with, their own checksums still tell. */
async function changedEntries(zip: OpenZip, entries: readonly Entry[]): Promise<string[]> {
  const own = [manifestName, signatureName];
  const changed = entries.filter(({ name, isWhole }) => !isWhole && !own.includes(name));
  return Promise.all(changed.map((entry) => describeChange(zip, entry, null)));
}

async function describeChange(zip: OpenZip, entry: Entry, expected: string | null): Promise<string> {
  const { name, begin, size, sha256 } = entry;
  const digests = expected === null ? '' : `: expected SHA-256 ${expected}, found ${sha256}`;
  const isCall = name.startsWith('calls/') && size <= mostManifestBytes;
  const where = isCall
    ? findChange((await read(zip, entry)).toString(), digest)
    : `somewhere in its bytes, ${begin} to ${begin + size - 1} of the pack`;
  return `${shown(name)} was changed ${where}${digests}.`;
}

function repeatedNames(entries: readonly Entry[]): string[] {
  const names = entries.map(({ name }) => name);
  const repeated = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  return [...repeated].map((name) => `${shown(name)} is there more than once.`);
}

async function textOf(zip: OpenZip, entries: readonly Entry[], name: string): Promise<string | null> {
  const entry = entries.find((each) => each.name === name);
  return entry && entry.size <= mostManifestBytes ? (await read(zip, entry)).toString() : null;
}

/** Whole, up to what any manifest has; the rest is not worth reading. */
async function read(zip: OpenZip, entry: FoundEntry): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of zip.read({ ...entry, size: Math.min(entry.size, mostManifestBytes) })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function digestOf(chunks: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function namesIn(bytes: Buffer): readonly string[] {
  const made = readManifest(bytes.subarray(0, mostManifestBytes).toString());
  return 'wrong' in made ? [] : [...made.files.map(({ name }) => name), signatureName];
}

/** A name out of a file may hold anything at all. */
function shown(name: string): string {
  return name.replace(/[^\x20-\x7e]/g, (found) => `\\u{${found.codePointAt(0)?.toString(16)}}`).slice(0, 200);
}
