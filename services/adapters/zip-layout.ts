/**
 * The one way in which an evidence pack is laid out as a ZIP file: entries stored as they are, without compression, in a given
 * order, with one fixed time and nothing that ZIP leaves to choice. The same entries always give the same bytes, so that
 * every byte of a file can be compared with what it has to be. Fields are those of APPNOTE 6.3.10, little-endian.
 */

/** A file in the ZIP, without its bytes. */
export interface ZipEntry {
  /** With `/` between folders, in ASCII. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly crc32: number;
}

/** Bytes that a fixed-size part takes before its name. */
export const sizes = { local: 30, directory: 46, end: 22 } as const;
/** Four bytes hold every size and offset; whatever needs more needs another format. */
export const maxZipBytes = 0xffff_ffff;
/** Far more than any incident has calls and recordings, and fewer than the format bears. */
export const maxEntries = 10_000;

export const signatures = { local: 0x04034b50, directory: 0x02014b50, end: 0x06054b50 } as const;
/** 2.0, for folders. */
const version = 20;
/** Made on Unix, so that the mode below is understood. */
const madeBy = (3 << 8) | version;
/** Names are UTF-8. */
const flags = 0x0800;
/** 1 January 1980, 00:00: the earliest there is, and no claim about anything. */
const [time, date] = [0, 0x0021];
/** A plain file, readable by everybody and written by nobody. */
const mode = (0o100444 << 16) >>> 0;

/** What stands before an entry's bytes. */
export function localHeader({ name, size, crc32 }: ZipEntry): Buffer {
  const text = Buffer.from(name);
  const header = Buffer.alloc(sizes.local);
  header.writeUInt32LE(signatures.local, 0);
  header.writeUInt16LE(version, 4);
  writeCommon(header.subarray(6), text, { name, size, crc32 });
  return Buffer.concat([header, text]);
}

/** An entry's line in the directory at the end; `offset` is where its local header begins. */
function directoryHeader(entry: ZipEntry, offset: number): Buffer {
  const text = Buffer.from(entry.name);
  const header = Buffer.alloc(sizes.directory);
  header.writeUInt32LE(signatures.directory, 0);
  header.writeUInt16LE(madeBy, 4);
  header.writeUInt16LE(version, 6);
  writeCommon(header.subarray(8), text, entry);
  header.writeUInt32LE(mode, 38);
  header.writeUInt32LE(offset, 42);
  return Buffer.concat([header, text]);
}

/** Flags, method, time, CRC, sizes and the length of the name: alike in both headers. Method 0 is "stored". */
function writeCommon(header: Buffer, name: Buffer, { size, crc32 }: ZipEntry): void {
  header.writeUInt16LE(flags, 0);
  header.writeUInt16LE(time, 4);
  header.writeUInt16LE(date, 6);
  header.writeUInt32LE(crc32, 8);
  header.writeUInt32LE(size, 12);
  header.writeUInt32LE(size, 16);
  header.writeUInt16LE(name.length, 20);
}

/** The last record of the file. */
function endRecord(count: number, directoryBytes: number, directoryOffset: number): Buffer {
  const end = Buffer.alloc(sizes.end);
  end.writeUInt32LE(signatures.end, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(directoryBytes, 12);
  end.writeUInt32LE(directoryOffset, 16);
  return end;
}

/** Bytes of a file that come out of the entries alone, each with the place it has and what it is. */
export interface Part {
  readonly offset: number;
  readonly bytes: Buffer;
  /** `local header of report.pdf`. */
  readonly what: string;
}

/** Everything but the entries' own bytes, in the order of the file; the last part ends where the file ends. */
export function partsOf(entries: readonly ZipEntry[]): readonly Part[] {
  const locals: Part[] = [];
  let offset = 0;
  for (const entry of entries) {
    const bytes = localHeader(entry);
    locals.push({ offset, bytes, what: `local header of ${entry.name}` });
    offset += bytes.length + entry.size;
  }
  const begin = offset;
  const directory = entries.map((entry, index) => {
    const bytes = directoryHeader(entry, locals[index]?.offset ?? 0);
    const part: Part = { offset, bytes, what: `directory line of ${entry.name}` };
    offset += bytes.length;
    return part;
  });
  const end: Part = { offset, bytes: endRecord(entries.length, offset - begin, begin), what: 'end record' };
  return [...locals, ...directory, end];
}
