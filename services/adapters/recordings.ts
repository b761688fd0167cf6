import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordingFacts, RecordingFolder, RecordingShelf } from '../core/recordings.ts';
import { readRecordingName } from '../core/retention/periods.ts';
import type { AccessLog } from '../core/stores.ts';

/**
 * The folder in which Asterisk puts recordings. Only plain files with names that Clearline gives are ever touched, and none
 * through a link: whoever can write there must not make Clearline read or delete anything elsewhere.
 */

const ending = '.wav';

/** For whoever wants to hear something: `log` first, then the file. */
export function openRecordingShelf(folder: string, log: Pick<AccessLog, 'note'>): RecordingShelf {
  const { look } = openRecordingFolder(folder);
  return {
    async of(call) {
      const names = ['name', 'message', 'call'].map((suffix) => `${call}-${suffix}`);
      return (await Promise.all(names.map(look))).filter((found) => found !== null);
    },
    async hear(name, { at, by, why, what }) {
      await log.note({ at, by, what, item: name, why });
      const file = await openPlain(folder, name);
      if (file === null) return null;
      return { bytes: file.bytes, content: file.handle.createReadStream() };
    },
  };
}

/** For what the machine does by itself. */
export function openRecordingFolder(folder: string): RecordingFolder {
  return {
    names: () => names(folder),
    look: (name) => look(folder, name),
    digest: (name) => digest(folder, name),
    remove: (name) => remove(folder, name),
  };
}

async function names(folder: string): Promise<readonly string[]> {
  const found = await readdir(folder).catch(absent(`the recordings in ${folder} cannot be read`));
  return (found ?? [])
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length))
    .filter((name) => readRecordingName(name) !== null)
    .sort((a, b) => (a < b ? -1 : 1));
}

async function look(folder: string, name: string): Promise<RecordingFacts | null> {
  const known = readRecordingName(name);
  if (known === null) return null;
  const found = await lstat(pathOf(folder, name)).catch(absent(`the recording ${name} cannot be looked at`));
  return found?.isFile() ? { ...known, bytes: found.size, at: Math.round(found.mtimeMs) } : null;
}

async function digest(folder: string, name: string): Promise<{ bytes: number; sha256: string } | null> {
  const file = await openPlain(folder, name);
  if (file === null) return null;
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const part of file.handle.createReadStream()) {
    hash.update(part);
    bytes += part.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

async function remove(folder: string, name: string): Promise<string | null> {
  if (readRecordingName(name) === null) return 'it has no name that Clearline gives';
  const path = pathOf(folder, name);
  try {
    const found = await lstat(path).catch(absent('it cannot be looked at'));
    if (found === null) return null;
    if (!found.isFile()) return 'it is not a plain file';
    await unlink(path).catch(absent('it cannot be deleted'));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function openPlain(folder: string, name: string): Promise<{ handle: FileHandle; bytes: number } | null> {
  if (readRecordingName(name) === null) return null;
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(pathOf(folder, name), flags).catch(absent(`the recording ${name} cannot be opened`));
  if (handle === null) return null;
  const stats = await handle.stat();
  if (stats.isFile()) return { handle, bytes: stats.size };
  await handle.close();
  return null;
}

function pathOf(folder: string, name: string): string {
  return join(folder, `${name}${ending}`);
}

/** Nothing where there is nothing, or a link in its place; else a sentence. */
function absent(what: string): (error: unknown) => null {
  return (error) => {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ELOOP') return null;
    throw new Error(`${what}: ${code ?? message}`, { cause: error });
  };
}
