import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FactQueue } from '../core/ports.ts';
import { readFinishedCall } from '../facts.ts';
import type { Log } from '../log.ts';
import { openSegments, type Segments } from './spool-segments.ts';

/** Refuses facts beyond this, in bytes: some 25,000 calls. Whoever put them still has them. */
const defaultLimitBytes = 512 * 1024 * 1024;

/** How often the queue is tried while the spool holds something, in milliseconds. */
const defaultRetryMs = 1000;

export interface SpoolOptions {
  /** Where the journal lies; made when missing. One process at a time. */
  readonly folder: string;
  /** Where facts should go. Its `put` must reject, not hang, while it is away. */
  readonly queue: FactQueue;
  readonly log: Log;
  readonly limitBytes?: number;
  readonly retryMs?: number;
}

export interface SpooledQueue extends FactQueue {
  /** Bytes that wait on the disk for the queue to come back. */
  waiting(): number;
  /** Stops draining and resolves when the put in hand is settled. What is left waits for the next start. */
  close(): Promise<void>;
}

/**
 * A queue that outlives its queue: what cannot be put goes to a journal on the disk, and from there, in order, into the
 * queue once that is back, also after a restart. `put` resolves when the queue or the disk has the call, and rejects only
 * when neither takes it. A crash while draining puts some calls twice, which the queue's job id and the upsert forgive.
 */
export async function openSpooledQueue(options: SpoolOptions): Promise<SpooledQueue> {
  const { folder, queue, log, limitBytes = defaultLimitBytes, retryMs = defaultRetryMs } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const segments = await openSegments(folder, limitBytes);
  const drainer = startDrainer({ folder, queue, log, retryMs, segments });

  return {
    async put(call) {
      try {
        await queue.put(call);
        drainer.nudge();
        return;
      } catch (err) {
        if (segments.bytes() === 0) log.warn({ err }, 'the queue is away: call facts go to the spool');
      }
      try {
        await segments.append(JSON.stringify(call));
      } catch (err) {
        log.error(
          { err, call: call.record.id },
          'A CALL FACT HAS NOWHERE TO GO: neither the queue nor the spool takes it',
        );
        throw err;
      }
      drainer.later();
    },
    waiting: () => segments.bytes(),
    async close() {
      await drainer.stop();
      await segments.close();
    },
  };
}

interface Drainer {
  /** The queue has just taken something: try now. */
  nudge(): void;
  /** Something was spooled: try after a while. */
  later(): void;
  stop(): Promise<void>;
}

function startDrainer(given: Omit<Required<SpoolOptions>, 'limitBytes'> & { readonly segments: Segments }): Drainer {
  const { segments, log, retryMs } = given;
  let stopping = false;
  let running: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;
  const progress = { segment: '', lines: 0 };

  const nudge = () => {
    if (stopping || running || segments.bytes() === 0) return;
    clearTimeout(timer);
    timer = undefined;
    running = drain(given, progress, () => stopping)
      .catch((err: unknown) => log.debug({ err }, 'the spool cannot be emptied yet'))
      .finally(() => {
        running = null;
        if (segments.bytes() > 0) later();
      });
  };
  const later = () => {
    if (!stopping) timer ??= setTimeout(nudgeFromTimer, retryMs);
  };
  const nudgeFromTimer = () => {
    timer = undefined;
    nudge();
  };

  nudge();
  return {
    nudge,
    later,
    async stop() {
      stopping = true;
      clearTimeout(timer);
      await running;
    },
  };
}

/**
 * Puts every spooled call into the queue, oldest first, and removes a segment when all of it is there. `progress` keeps
 * the place between tries, so that a queue that comes and goes is not handed the same calls over and over.
 */
async function drain(
  { folder, queue, log, segments }: { folder: string; queue: FactQueue; log: Log; segments: Segments },
  progress: { segment: string; lines: number },
  stopping: () => boolean,
): Promise<void> {
  let calls = 0;
  for (let segment = await segments.oldest(); segment !== null; segment = await segments.oldest()) {
    if (progress.segment !== segment) Object.assign(progress, { segment, lines: 0 });
    const lines = (await readFile(join(folder, segment), 'utf8')).split('\n');
    for (; progress.lines < lines.length; progress.lines += 1) {
      if (stopping()) return;
      const line = lines[progress.lines] ?? '';
      if (line === '') continue;
      const call = parse(line);
      if (call) await queue.put(call);
      else await setAside(folder, line, log);
      calls += 1;
    }
    await segments.remove(segment);
  }
  if (calls > 0) log.info({ calls }, 'the spool is empty again');
}

function parse(line: string) {
  try {
    return readFinishedCall(JSON.parse(line)).value;
  } catch {
    return null;
  }
}

/** A line that a crash or a full disk cut short. Its put never resolved; it is kept for a person to look at. */
async function setAside(folder: string, line: string, log: Log): Promise<void> {
  const file = join(folder, 'unreadable.txt');
  await appendFile(file, `${line}\n`, { mode: 0o600, flush: true });
  log.error({ file, bytes: Buffer.byteLength(line) }, 'a line of the spool cannot be read; it is set aside');
}
