import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { localHeader, maxEntries, maxZipBytes, partsOf, type ZipEntry } from './zip-layout.ts';

/** Writes a ZIP file entry by entry, each read once and none held in memory. */

/** An entry as it was written. `sha256` is in hexadecimal. */
export interface WrittenEntry extends ZipEntry {
  readonly sha256: string;
}

export interface ZipWriter {
  /** Adds an entry. `name` is ASCII, and is not checked: it is ours. Rejects where the file would be too large for a ZIP. */
  add(name: string, content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<WrittenEntry>;
  /** Ends the file and syncs it to the disk; answers its size and SHA-256. */
  finish(): Promise<{ readonly size: number; readonly sha256: string }>;
  /** Closes the file, finished or not. */
  close(): Promise<void>;
}

/** Begins a file that nobody but its owner can read. Rejects where there is one already. */
export async function createZip(file: string): Promise<ZipWriter> {
  const handle = await open(file, 'wx+', 0o600);
  const entries: ZipEntry[] = [];
  let offset = 0;
  return {
    async add(name, content) {
      const entry = await putEntry(handle, offset, name, content);
      offset += localHeader(entry).length + entry.size;
      entries.push(entry);
      if (offset > maxZipBytes || entries.length > maxEntries)
        throw new Error(`${file} would be too large for a ZIP file`);
      return entry;
    },
    async finish() {
      for (const part of partsOf(entries).slice(entries.length)) await handle.write(part.bytes, 0, null, part.offset);
      await handle.sync();
      const { size } = await handle.stat();
      if (size > maxZipBytes) throw new Error(`${file} would be too large for a ZIP file`);
      const hash = createHash('sha256');
      for await (const chunk of readRange(handle, 0, size)) hash.update(chunk);
      return { size, sha256: hash.digest('hex') };
    },
    close: () => handle.close(),
  };
}

/** The entry's bytes first, then the header before them, which says what they are. */
async function putEntry(
  handle: FileHandle,
  offset: number,
  name: string,
  content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<WrittenEntry> {
  const begin = offset + localHeader({ name, size: 0, crc32: 0 }).length;
  const hash = createHash('sha256');
  let [size, crc] = [0, 0];
  for await (const chunk of content) {
    hash.update(chunk);
    crc = crc32(chunk, crc);
    await handle.write(chunk, 0, chunk.length, begin + size);
    size += chunk.length;
    if (begin + size > maxZipBytes) throw new Error(`${name} is too large for a ZIP file`);
  }
  const entry = { name, size, crc32: crc, sha256: hash.digest('hex') };
  await handle.write(localHeader(entry), 0, null, offset);
  return entry;
}

const chunkBytes = 256 * 1024;

/** The bytes from `begin` to before `end`, as far as the file has them; each chunk is one's own to keep. */
export async function* readRange(handle: FileHandle, begin: number, end: number): AsyncIterable<Buffer> {
  for (let at = begin; at < end; ) {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(Math.min(chunkBytes, end - at)), { position: at });
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}
