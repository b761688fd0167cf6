import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { maxEntries, maxZipBytes, type Part, partsOf, signatures, sizes, type ZipEntry } from './zip-layout.ts';
import { readRange } from './zip-write.ts';

/**
 * Reads a ZIP file that `writeZip` wrote, and trusts none of it: every byte that is not an entry's own is compared with what
 * the entries say it has to be. Nothing is ever unpacked, and nothing in it can make it grow.
 */

/** An entry, and where its bytes begin. */
export interface FoundEntry extends ZipEntry {
  readonly begin: number;
}

/** A byte of the ZIP's own structure that is not what it has to be, in a sentence with its offset. */
export interface ZipFault {
  readonly offset: number;
  readonly why: string;
}

export interface OpenZip {
  readonly entries: readonly FoundEntry[];
  readonly faults: readonly ZipFault[];
  readonly size: number;
  read(entry: FoundEntry): AsyncIterable<Buffer>;
  close(): Promise<void>;
}

/** How the entries' names are known beside the ZIP's own two copies of them: from the bytes of the entry `index`. */
export interface NameWitness {
  readonly index: string;
  readonly namesIn: (bytes: Buffer) => readonly string[];
}

/** Rejects only where the file cannot be read. Where the structure is broken, the entries are those that can be told apart. */
export async function openZip(file: string, witness: NameWitness): Promise<OpenZip> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const { entries, faults } = await readStructure({ handle, size }, witness);
    const read = (entry: FoundEntry) => readRange(handle, entry.begin, entry.begin + entry.size);
    return { entries, faults, size, read, close: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

interface ZipFile {
  readonly handle: FileHandle;
  readonly size: number;
}

interface Structure {
  readonly entries: readonly FoundEntry[];
  readonly faults: readonly ZipFault[];
}

async function readStructure(file: ZipFile, witness: NameWitness): Promise<Structure> {
  if (file.size > maxZipBytes) {
    return { entries: [], faults: [{ offset: maxZipBytes, why: 'This is not an evidence pack: none is that large.' }] };
  }
  const walked = await walk(file);
  const listed = await readDirectory(file);
  if (walked.stopped === null) return compare(file, await agree(file, walked.entries, listed, witness));
  // The local headers do not lead to the end: one of them is broken, and the directory says what it has to be.
  if (listed !== null) return compare(file, listed);
  // Nor does the directory begin as one: its own first bytes are the broken ones, if all the rest has the right length.
  if (lengthOf(walked.entries) === file.size) return compare(file, walked.entries);
  return { entries: walked.entries, faults: [walked.stopped] };
}

/**
 * Where the local headers and the directory differ in a name or a CRC, takes the one that the bytes themselves, or the
 * witness, bear out: so the other one is found to be changed.
 */
async function agree(
  file: ZipFile,
  walked: readonly FoundEntry[],
  listed: readonly FoundEntry[] | null,
  { index, namesIn }: NameWitness,
): Promise<FoundEntry[]> {
  let known: Set<string> | null = null;
  const entries: FoundEntry[] = [];
  for (const [at, entry] of walked.entries()) {
    const other = listed?.[at] ?? entry;
    let { name, crc32: crc } = entry;
    if (name !== other.name) {
      const [witnessed] = [...walked, ...(listed ?? [])].filter((each) => each.name === index);
      known ??= new Set([index, ...(witnessed ? namesIn(await bytesAt(file, witnessed.begin, witnessed.size)) : [])]);
      if (known.has(other.name) && !known.has(name)) name = other.name;
    }
    if (crc !== other.crc32 && (await crcOf(file, entry)) === other.crc32) crc = other.crc32;
    entries.push({ ...entry, name, crc32: crc });
  }
  return entries;
}

async function crcOf({ handle }: ZipFile, { begin, size }: FoundEntry): Promise<number> {
  let crc = 0;
  for await (const chunk of readRange(handle, begin, begin + size)) crc = crc32(chunk, crc);
  return crc;
}

interface Walk {
  readonly entries: readonly FoundEntry[];
  /** Why it did not come to the directory; null where it did. */
  readonly stopped: ZipFault | null;
}

/** From local header to local header, by the sizes they give. */
async function walk(file: ZipFile): Promise<Walk> {
  const entries: FoundEntry[] = [];
  for (let offset = 0; ; ) {
    const header = await bytesAt(file, offset, sizes.local);
    const signature = header.length < 4 ? null : header.readUInt32LE(0);
    if (signature === signatures.directory && entries.length > 0) return { entries, stopped: null };
    if (signature !== signatures.local || header.length < sizes.local) {
      return { entries, stopped: { offset, why: notHere(file, offset, entries.at(-1)) } };
    }
    if (entries.length === maxEntries)
      return { entries, stopped: { offset, why: 'No evidence pack has so many files.' } };
    const name = (await bytesAt(file, offset + sizes.local, header.readUInt16LE(26))).toString();
    const begin = offset + sizes.local + header.readUInt16LE(26);
    const entry = { name, size: header.readUInt32LE(22), crc32: header.readUInt32LE(14), begin };
    const end = begin + entry.size;
    if (end > file.size) {
      const why = `${shown(name)} should end at byte ${end}, but the file has only ${file.size}: it was cut off, or its size changed.`;
      return { entries, stopped: { offset, why } };
    }
    entries.push(entry);
    offset = end;
  }
}

function notHere({ size }: ZipFile, offset: number, last: FoundEntry | undefined): string {
  if (last === undefined) return 'This is not an evidence pack: it does not begin as a ZIP file does.';
  if (offset >= size) return `The file is cut off at byte ${size}: its directory is missing.`;
  return `What follows ${shown(last.name)}, at byte ${offset}, is neither another file nor the directory.`;
}

/** Far more than the names of any pack take. */
const maxDirectoryBytes = 16 * 1024 * 1024;

/** The entries by the directory at the end; null where that cannot be read either. */
async function readDirectory(file: ZipFile): Promise<FoundEntry[] | null> {
  const end = await bytesAt(file, file.size - sizes.end, sizes.end);
  if (end.length < sizes.end || end.readUInt32LE(0) !== signatures.end) return null;
  const [count, length, begin] = [end.readUInt16LE(10), end.readUInt32LE(12), end.readUInt32LE(16)];
  if (begin + length !== file.size - sizes.end || length > maxDirectoryBytes) return null;
  const directory = await bytesAt(file, begin, length);
  const entries: FoundEntry[] = [];
  let [at, offset] = [0, 0];
  while (at + sizes.directory <= directory.length && directory.readUInt32LE(at) === signatures.directory) {
    const nameEnd = at + sizes.directory + directory.readUInt16LE(at + 28);
    const name = directory.subarray(at + sizes.directory, nameEnd).toString();
    const size = directory.readUInt32LE(at + 24);
    const first = offset + sizes.local + Buffer.byteLength(name);
    entries.push({ name, size, crc32: directory.readUInt32LE(at + 16), begin: first });
    offset = first + size;
    at = nameEnd;
  }
  return at === directory.length && entries.length === count && offset === begin ? entries : null;
}

/** Compares the file with the only one that these entries can be laid out as. */
async function compare(file: ZipFile, entries: readonly FoundEntry[]): Promise<Structure> {
  const faults: ZipFault[] = [];
  const parts = partsOf(entries);
  for (const part of parts) {
    const found = await bytesAt(file, part.offset, part.bytes.length);
    const fault = differenceIn(part, found, file.size);
    if (fault) faults.push(fault);
  }
  const end = lengthOf(entries);
  if (file.size > end) {
    faults.push({ offset: end, why: `${file.size - end} bytes were added after the end, from byte ${end} on.` });
  }
  return { entries, faults };
}

/** Bytes of the whole file that these entries make. */
function lengthOf(entries: readonly ZipEntry[]): number {
  const last = partsOf(entries).at(-1);
  return (last?.offset ?? 0) + (last?.bytes.length ?? 0);
}

function differenceIn(part: Part, found: Buffer, size: number): ZipFault | null {
  const at = part.bytes.findIndex((byte, index) => byte !== found[index]);
  if (at === -1) return null;
  const offset = part.offset + at;
  if (offset >= size) return { offset, why: `The file is cut off at byte ${size}, in the ${shown(part.what)}.` };
  const hex = (byte: number | undefined) => (byte ?? 0).toString(16).padStart(2, '0');
  const values = `expected ${hex(part.bytes[at])}, found ${hex(found[at])}`;
  return { offset, why: `Byte ${offset}, in the ${shown(part.what)}, was changed: ${values}.` };
}

async function bytesAt({ handle, size }: ZipFile, offset: number, length: number): Promise<Buffer> {
  const from = Math.max(0, offset);
  const chunks: Buffer[] = [];
  for await (const chunk of readRange(handle, from, Math.min(size, offset + length))) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A name out of the file may hold anything at all. */
function shown(name: string): string {
  return name.replace(/[^\x20-\x7e]/g, (found) => `\\u{${found.codePointAt(0)?.toString(16)}}`).slice(0, 200);
}
