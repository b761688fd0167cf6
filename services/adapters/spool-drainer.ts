import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../log.ts';
import type { Memory } from './spool-memory.ts';
import type { Segments } from './spool-segments.ts';

export interface Drained<T> {
  readonly folder: string;
  readonly segments: Segments;
  readonly memory: Memory<T>;
  readonly log: Log;
  /** How often the queue is tried while something waits, in milliseconds. */
  readonly retryMs: number;
  /** Null when a line is none of ours. */
  readonly read: (line: string) => T | null;
  /** Hands a fact to the queue; rejects while that is away. */
  readonly put: (fact: T) => Promise<void>;
  /** Told after each try. */
  readonly onTried: () => void;
}

export interface Drainer {
  /** The queue has just taken something: try now. */
  nudge(): void;
  /** Something waits: try after a while. */
  later(): void;
  stop(): Promise<void>;
}

/** Takes what waits to the queue as soon as that is back: what is on the disk first, then what is in memory. */
export function startDrainer<T>(given: Drained<T>): Drainer {
  const { segments, memory, log, retryMs, onTried } = given;
  let stopping = false;
  let running: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;
  const progress = { segment: '', lines: 0, unreadable: 0 };
  const waits = () => segments.bytes() > 0 || memory.size > 0;

  const nudge = () => {
    if (stopping || running || !waits()) return;
    clearTimeout(timer);
    timer = undefined;
    running = tryOnce(given, progress, () => stopping)
      .catch((err: unknown) => log.debug({ err }, 'the spool cannot be emptied yet'))
      .finally(() => {
        running = null;
        onTried();
        if (waits()) later();
      });
  };
  const later = () => {
    if (stopping) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      nudge();
    }, retryMs);
  };

  nudge();
  return {
    nudge,
    later,
    async stop() {
      stopping = true;
      clearTimeout(timer);
      await running;
      await saveMemory(given).catch((err: unknown) => log.debug({ err }, 'the disk takes nothing'));
    },
  };
}

type Progress = { segment: string; lines: number; unreadable: number };

/** Rejects when something is left. */
async function tryOnce<T>(given: Drained<T>, progress: Progress, stopping: () => boolean): Promise<void> {
  try {
    await emptyDisk(given, progress, stopping);
    if (!stopping()) await given.memory.handOver(({ fact }) => given.put(fact));
  } catch (err) {
    await saveMemory(given);
    throw err;
  }
}

/** Moves what is in memory to the disk, as far as that has room again. */
function saveMemory<T>({ memory, segments }: Drained<T>): Promise<void> {
  return memory.handOver(({ line }) => segments.append(line));
}

/**
 * Puts every spooled fact into the queue, oldest first, and removes a segment when all of it is there. `progress` keeps the
 * place between tries, so that a queue that comes and goes is not handed the same facts over and over.
 */
async function emptyDisk<T>(
  { folder, segments, put, read, log }: Drained<T>,
  progress: Progress,
  stopping: () => boolean,
): Promise<void> {
  let facts = 0;
  for (let segment = await segments.oldest(); segment !== null; segment = await segments.oldest()) {
    if (progress.segment !== segment) Object.assign(progress, { segment, lines: 0, unreadable: 0 });
    const lines = await linesOf(join(folder, segment), log);
    for (; progress.lines < lines.length; progress.lines += 1) {
      if (stopping()) return;
      const line = lines[progress.lines] ?? '';
      if (line === '') continue;
      const fact = read(line);
      if (fact === null) progress.unreadable += 1;
      else await put(fact);
      facts += 1;
    }
    await leave(segment, progress.unreadable, segments, log);
  }
  if (facts > 0) log.info({ facts }, 'the spool is empty again');
}

/** A line that a crash cut short was never acknowledged; its segment is kept all the same, for a person to look at. */
async function leave(segment: string, unreadable: number, segments: Segments, log: Log): Promise<void> {
  if (unreadable === 0) return segments.remove(segment);
  const file = await segments.setAside(segment);
  log.error({ file, lines: unreadable }, 'lines of the spool cannot be read; the file is set aside');
}

/** Somebody who deletes a segment must not stop those behind it. */
async function linesOf(file: string, log: Log): Promise<readonly string[]> {
  try {
    return (await readFile(file, 'utf8')).split('\n');
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== 'ENOENT') {
      log.error({ err }, 'a file of the spool cannot be read; trying again');
      throw err;
    }
    log.error({ err }, 'A FILE OF THE SPOOL IS GONE, and with it the call facts that waited there');
    return [];
  }
}
