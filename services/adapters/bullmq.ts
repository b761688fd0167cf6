import { type ConnectionOptions, DelayedError, type JobsOptions, Queue, UnrecoverableError, Worker } from 'bullmq';
import { callIn, type Reading } from '../facts.ts';
import type { Log } from '../log.ts';

export type { ConnectionOptions } from 'bullmq';

/** Queues in Redis that lose nothing: what every one of Clearline's has in common. The sole import of bullmq. */

/** How long a put waits for Redis, in milliseconds, before its caller goes another way. */
const putDeadlineMs = 1000;

const jobOptions: JobsOptions = {
  // About a year of tries at the longest wait: a job outlasts any outage of the database.
  attempts: 1_000_000,
  backoff: { type: 'until-done' },
  // An hour at most: a job put twice is still known by then, and personal data do not linger in Redis.
  removeOnComplete: { count: 1000, age: 3600 },
  // Only what no worker can read fails for good. All of it is kept for whoever mends it, and counts as undone.
  removeOnFail: false,
};

/**
 * How many jobs of a queue may be undone, of some 20 kB each: 200 MB. Redis keeps everything in memory; what comes while the
 * database is away for long belongs on the disk.
 */
const mostUndone = 10_000;
/** How often a queue that is put to is counted, in milliseconds. */
const countEveryMs = 1000;
/** States of a job that is not done. */
export const undone = ['waiting', 'active', 'delayed', 'failed'] as const;
/** Nobody reads the stream of a queue's events, which BullMQ writes all the same. */
const streams = { events: { maxLen: 1000 } };

/** A second at first, then longer: an unlocked SQLite is free soon, a lost PostgreSQL is not helped by hammering. */
const backoffMs = (attempt: number) => Math.min(1000 * 2 ** (attempt - 1), 30_000);

/** The name of a queue in Redis, of what it carries ("call"), and of what is done with each ("save-call"). */
export interface QueueNames {
  readonly queue: string;
  readonly job: string;
  readonly one: string;
  /** How many of them a process has in hand at once; 4 when left out. */
  readonly atOnce?: number;
}

export interface JobQueue {
  /**
   * Resolves when Redis has the job, and rejects within a second when it cannot be shown that it has; it may be there all
   * the same, and putting it again under the same id does no harm. Rejects at once while an earlier put is still without an
   * answer, and while too many jobs are undone. `delayMs`: no sooner than in that time.
   */
  put(id: string, data: unknown, delayMs?: number): Promise<void>;
  /** Takes away jobs that wait and whose data answer to this; one that is being done is left. Rejects without Redis. */
  removeWhere(isOne: (data: unknown) => boolean): Promise<void>;
  close(): Promise<void>;
}

/** The end of a queue where jobs are put, over a `producer` connection. */
export function openJobQueue(redis: ConnectionOptions, names: QueueNames, most = mostUndone): JobQueue {
  const { current, close } = openQueue(redis, names.queue);
  const gate = openGate(names, most);
  return {
    async put(id, data, delay = 0) {
      const options = { jobId: jobIdOf(id, names.one), delay };
      await gate.pass(current(), (into) => into.add(names.job, data, options));
    },
    async removeWhere(isOne) {
      const waiting = await current().getJobs(['delayed', 'waiting']);
      for (const job of waiting) if (isOne(job?.data)) await job.remove();
    },
    close,
  };
}

/** A queue that survives whatever becomes of Redis: `current` is made when first asked for. */
export function openQueue(redis: ConnectionOptions, name: string) {
  let queue: Queue | null = null;
  return {
    current(): Queue {
      if (queue) return queue;
      const made = new Queue(name, { connection: redis, defaultJobOptions: jobOptions, streams });
      // The connection tells the log itself; without a listener an error here would end the process.
      made.on('error', () => {});
      // BullMQ tries its first handshake once. Were it not made anew, a Redis that fell over in that moment would leave a
      // queue that refuses for ever.
      made.waitUntilReady().catch(() => {
        if (queue === made) queue = null;
      });
      queue = made;
      return made;
    },
    async close(): Promise<void> {
      await queue?.close();
    },
  };
}

interface Gate {
  pass(queue: Queue, put: (into: Queue) => Promise<unknown>): Promise<void>;
}

/** Lets a put through to Redis, within its deadline, unless Redis is known to hang or to have enough. */
function openGate({ queue: name, one }: QueueNames, most: number): Gate {
  let unanswered = 0;
  let jobs = 0;
  let countedAt = Number.NEGATIVE_INFINITY;
  const count = (queue: Queue) => {
    if (performance.now() - countedAt < countEveryMs) return;
    countedAt = performance.now();
    // The next put finds the figure; one that cannot be had is as bad as the one before.
    queue.getJobCountByTypes(...undone).then(
      (counted) => {
        jobs = counted;
      },
      () => {},
    );
  };
  return {
    async pass(queue, put) {
      // Commands to a Redis that hangs pile up in memory, each with its job.
      if (unanswered > 0) throw new Error(`Redis has not answered for ${one} yet`);
      count(queue);
      if (jobs >= most) throw new Error(`the queue "${name}" has ${jobs} jobs undone already`);
      const work = put(queue);
      try {
        await within(putDeadlineMs, one, work);
      } catch (error) {
        unanswered += 1;
        const answered = () => {
          unanswered -= 1;
        };
        work.then(answered, answered);
        throw error;
      }
    },
  };
}

export type Tried = 'done' | 'failed' | 'unreadable';

export interface JobConsumer {
  /** Resolves when the first connection to Redis stands. */
  ready(): Promise<void>;
  /** Has it told of each job that was tried: `unreadable` ones are given up, failed ones tried again. */
  onTried(hear: (how: Tried) => void): void;
  /** Takes no further job, and resolves when those in hand are done with. */
  close(): Promise<void>;
}

/** A job that is not done yet: what it is to be handed again as, and when. It may be put off as often as it takes. */
export interface Later<T> {
  readonly value: T;
  readonly inMs: number;
}

/** Does a job; one that answers with another time for it is not done yet. */
export type Handler<T> = (value: T) => Promise<void> | Promise<Later<T> | null>;

/**
 * Hands each job to `handle`, again and again until it resolves. A job that a killed process had in hand comes back within
 * about fifteen seconds. `redis` is a `consumer` connection.
 */
export function consumeJobs<T>(
  redis: ConnectionOptions,
  names: QueueNames,
  read: (data: unknown) => Reading<T>,
  handle: Handler<T>,
  log: Log,
): JobConsumer {
  const worker = new Worker(
    names.queue,
    async (job, token) => {
      const { value, fault } = read(job.data);
      if (value === null) throw new UnrecoverableError(`not ${names.one}: ${fault}`);
      const later = await handle(value);
      if (!later) return;
      await job.updateData(later.value);
      await job.moveToDelayed(Date.now() + later.inMs, token);
      throw new DelayedError();
    },
    {
      connection: redis,
      concurrency: names.atOnce ?? 4,
      lockDuration: 10_000,
      stalledInterval: 5000,
      // A job must not fail for good because its process was killed while it had it, however often that happens.
      maxStalledCount: 1_000_000,
      runRetryDelay: 1000,
      settings: { backoffStrategy: backoffMs },
    },
  );
  worker.on('error', (err) => log.debug({ err, queue: names.queue }, 'the queue is disturbed'));
  logOutages(worker, names, log);
  return {
    async ready() {
      await worker.waitUntilReady();
    },
    onTried(hear) {
      worker.on('completed', () => hear('done'));
      worker.on('failed', (_, err) => hear(err instanceof UnrecoverableError ? 'unreadable' : 'failed'));
    },
    close: () => worker.close(),
  };
}

/** One line when the work begins to fail and one when it succeeds again, not one a job. */
function logOutages(worker: Worker, { queue, one }: QueueNames, log: Log): void {
  let failing = false;
  worker.on('failed', (job, err) => {
    if (err instanceof UnrecoverableError) {
      log.error(
        { err, call: callIn(job?.data), job: job?.id },
        `a job cannot be read; it is kept among the failed jobs of the queue "${queue}"`,
      );
      return;
    }
    const level = failing ? 'debug' : 'error';
    failing = true;
    log[level](
      { err, call: callIn(job?.data), job: job?.id, attempt: job?.attemptsMade },
      `cannot save ${one}; it stays queued and is tried again`,
    );
  });
  worker.on('completed', () => {
    if (failing) log.info(`${queue} are being saved again`);
    failing = false;
  });
}

/**
 * The id as BullMQ takes it: it refuses a colon and anything that looks like an integer. An id from Asterisk
 * (`1795358400.17`, `clearline-1795358400.17`) stays as it is, so that people find it in Redis.
 */
function jobIdOf(given: string, one: string): string {
  const id = encodeURIComponent(given.toWellFormed());
  return /^-?\d+$/.test(id) ? `${one.split(' ').at(-1)}-${id}` : id;
}

async function within<T>(ms: number, one: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Redis did not take ${one} within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
