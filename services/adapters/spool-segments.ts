import { randomBytes } from 'node:crypto';
import { type FileHandle, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** A segment is closed at this size, in bytes, so that each can be read at one go. */
const segmentBytes = 16 * 1024 * 1024;

const segmentName = /^\d{12}(-[0-9a-f]{8})?\.jsonl$/;
const numbered = /^(\d{12})/;

/**
 * The spool's files: numbered segments of one JSON text a line, appended to, never rewritten, removed whole.
 *
 * One process has them at a time, but the one before may be asleep, and wake. So whoever opens the spool gives every file that lies
 * there a name of its own before it reads it; and what is written counts only if the file still has its name afterwards. A line
 * is thus in the file before that is read, or written once more elsewhere, or both.
 */
export interface Segments {
  /** Resolves when the line is on the disk. Rejects, with nothing acknowledged, when it is not, or when the spool is full. */
  append(line: string): Promise<void>;
  /** The oldest segment's file name; null when there is none. Nothing will be appended to it any more. */
  oldest(): Promise<string | null>;
  remove(segment: string): Promise<void>;
  /** Keeps a segment for a person to look at, under the name that it resolves with. Needs no room on the disk. */
  setAside(segment: string): Promise<string>;
  /** What lies in all segments, and what is about to. */
  bytes(): number;
  close(): Promise<void>;
}

interface Waiting {
  readonly text: string;
  readonly settle: (error?: unknown) => void;
}

export async function openSegments(folder: string, limitBytes: number): Promise<Segments> {
  const sizes = new Map<string, number>();
  const names = (await readdir(folder)).sort();
  for (const name of names.filter((each) => segmentName.test(each))) {
    const taken = `${name.slice(0, 12)}-${randomBytes(4).toString('hex')}.jsonl`;
    await rename(join(folder, name), join(folder, taken));
    sizes.set(taken, (await stat(join(folder, taken))).size);
  }
  let last = Math.max(0, ...names.map((name) => Number.parseInt(numbered.exec(name)?.[1] ?? '0', 10)));
  let total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  let current: { readonly name: string; readonly file: FileHandle } | null = null;
  let waiting: Waiting[] = [];
  let turn: Promise<unknown> = Promise.resolve();

  /** One thing at a time: a segment is never closed while a line is being written to it. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work);
    turn = result.catch(() => {});
    return result;
  };

  const seal = async () => {
    const sealed = current;
    current = null;
    await sealed?.file.close();
  };

  const writable = async () => {
    if (current && (sizes.get(current.name) ?? 0) >= segmentBytes) await seal();
    current ??= await begin();
    return current;
  };

  const begin = async (): Promise<{ readonly name: string; readonly file: FileHandle }> => {
    last += 1;
    const name = `${String(last).padStart(12, '0')}.jsonl`;
    // Never an existing file: a line that a crash cut short must stay the last of its segment.
    const file = await open(join(folder, name), 'ax', 0o600).catch(unlessThere);
    if (file === null) return begin();
    sizes.set(name, 0);
    await syncFolder(folder);
    return { name, file };
  };

  /** False when the file was deleted, or is another process's by now: what was written may never be read. */
  const write = async (text: Buffer): Promise<boolean> => {
    const { name, file } = await writable();
    await file.appendFile(text);
    await file.datasync();
    const [ours, there] = await Promise.all([file.stat(), stat(join(folder, name)).catch(() => null)]);
    if (there?.ino !== ours.ino) {
      await seal();
      total -= sizes.get(name) ?? 0;
      sizes.delete(name);
      return false;
    }
    sizes.set(name, (sizes.get(name) ?? 0) + text.length);
    return true;
  };

  /** Whatever has gathered meanwhile is written and synced together: one sync serves many calls that end at once. */
  const writeWaiting = async () => {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    try {
      const text = Buffer.from(batch.map((each) => each.text).join(''));
      while (!(await write(text)));
      for (const each of batch) each.settle();
    } catch (error) {
      await takeBack()
        .catch(seal)
        .catch(() => {});
      for (const each of batch) each.settle(error);
    }
  };

  /** A full disk takes part of a batch. Nobody was told that it is there, so it must not be found there later. */
  const takeBack = async () => {
    await current?.file.truncate(sizes.get(current.name) ?? 0);
  };

  const forget = (segment: string) => {
    total -= sizes.get(segment) ?? 0;
    sizes.delete(segment);
  };

  return {
    append(line) {
      const text = `${line}\n`;
      const size = Buffer.byteLength(text);
      if (total + size > limitBytes) {
        return Promise.reject(new Error(`the spool ${folder} is full: ${total} of ${limitBytes} bytes`));
      }
      total += size;
      return new Promise((resolve, reject) => {
        const settle = (error?: unknown) => {
          if (error === undefined) return resolve();
          total -= size;
          reject(error);
        };
        waiting.push({ text, settle });
        void inTurn(writeWaiting);
      });
    },
    oldest: () =>
      inTurn(async () => {
        const [name] = sizes.keys();
        if (name === undefined) return null;
        if (current?.name === name) await seal();
        return name;
      }),
    remove: (segment) =>
      inTurn(async () => {
        await unlink(join(folder, segment)).catch(unlessGone);
        forget(segment);
        await syncFolder(folder);
      }),
    setAside: (segment) =>
      inTurn(async () => {
        const kept = join(folder, `${segment}.unreadable`);
        await rename(join(folder, segment), kept).catch(unlessGone);
        forget(segment);
        await syncFolder(folder);
        return kept;
      }),
    bytes: () => total,
    close: () => inTurn(seal),
  };
}

function unlessGone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

function unlessThere(error: NodeJS.ErrnoException): null {
  if (error.code !== 'EEXIST') throw error;
  return null;
}

/** A file's name is on the disk only once its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
