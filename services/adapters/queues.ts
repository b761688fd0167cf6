import { type ConnectionOptions, type JobsOptions, Queue, UnrecoverableError, Worker } from 'bullmq';
import type { FactQueue } from '../core/ports.ts';
import type { FinishedCall } from '../core/record.ts';
import { readFinishedCall } from '../facts.ts';
import type { Log } from '../log.ts';

const queueName = 'calls';

/** How long a put waits for Redis, in milliseconds, before its caller goes another way. */
const putDeadlineMs = 1000;

const jobOptions: JobsOptions = {
  // About a year of tries at the longest wait: a call outlasts any outage of the database.
  attempts: 1_000_000,
  backoff: { type: 'until-saved' },
  // An hour at most: a call put twice is still known by then, and personal data do not linger in Redis.
  removeOnComplete: { count: 1000, age: 3600 },
  // Only what no worker can read fails for good. Kept for whoever mends it.
  removeOnFail: { count: 10_000 },
};

/** A second at first, then longer: an unlocked SQLite is free soon, a lost PostgreSQL is not helped by hammering. */
const backoffMs = (attempt: number) => Math.min(1000 * 2 ** (attempt - 1), 30_000);

export interface CallQueue extends FactQueue {
  close(): Promise<void>;
}

/**
 * The queue of finished calls, over a `producer` connection. `put` resolves when Redis has the call, and rejects within a
 * second when it cannot be shown that it has; the call may be there all the same, and putting it again does no harm.
 */
export function openCallQueue(redis: ConnectionOptions): CallQueue {
  let queue: Queue | null = null;
  const current = () => {
    if (queue) return queue;
    const made = new Queue(queueName, { connection: redis, defaultJobOptions: jobOptions });
    // The connection tells the log itself; without a listener an error here would end the process.
    made.on('error', () => {});
    // BullMQ tries its first handshake once. Were it not made anew, a Redis that fell over in that moment would leave a
    // queue that refuses for ever.
    made.waitUntilReady().catch(() => {
      if (queue === made) queue = null;
    });
    queue = made;
    return made;
  };
  return {
    async put(call) {
      await within(putDeadlineMs, current().add('save-call', call, { jobId: jobIdOf(call.record.id) }));
    },
    async close() {
      await queue?.close();
    },
  };
}

export interface CallConsumer {
  /** Resolves when the first connection to Redis stands. */
  ready(): Promise<void>;
  /** Takes no further call, and resolves when those in hand are done with. */
  close(): Promise<void>;
}

/**
 * Hands each queued call to `save`, again and again until it resolves. A call that a killed worker had in hand comes back
 * within about fifteen seconds. `redis` is a `consumer` connection.
 */
export function consumeCalls(
  redis: ConnectionOptions,
  save: (call: FinishedCall) => Promise<void>,
  log: Log,
): CallConsumer {
  const worker = new Worker(
    queueName,
    async (job) => {
      const { call, fault } = readFinishedCall(job.data);
      if (!call) throw new UnrecoverableError(`not a finished call: ${fault}`);
      await save(call);
    },
    {
      connection: redis,
      concurrency: 4,
      lockDuration: 10_000,
      stalledInterval: 5000,
      // A call must not fail for good because its worker was killed while it had it, however often that happens.
      maxStalledCount: 1_000_000,
      runRetryDelay: 1000,
      settings: { backoffStrategy: backoffMs },
    },
  );
  worker.on('error', (err) => log.debug({ err }, 'the queue of calls is disturbed'));
  logOutages(worker, log);
  return {
    async ready() {
      await worker.waitUntilReady();
    },
    close: () => worker.close(),
  };
}

/** One line when saving begins to fail and one when it works again, not one a call. */
function logOutages(worker: Worker, log: Log): void {
  let failing = false;
  worker.on('failed', (job, err) => {
    if (err instanceof UnrecoverableError) {
      log.error(
        { err, job: job?.id },
        'a queued call cannot be read; it is kept among the failed jobs of the queue "calls"',
      );
      return;
    }
    const level = failing ? 'debug' : 'error';
    failing = true;
    log[level](
      { err, call: job?.id, attempt: job?.attemptsMade },
      'cannot save a call; it stays queued and is tried again',
    );
  });
  worker.on('completed', () => {
    if (failing) log.info('calls are being saved again');
    failing = false;
  });
}

/**
 * The call's id as BullMQ takes it: it refuses a colon and anything that looks like an integer. An id from Asterisk
 * (`1795358400.17`, `clearline-1795358400.17`) stays as it is, so that people find it in Redis.
 */
function jobIdOf(callId: string): string {
  const id = encodeURIComponent(callId.toWellFormed());
  return /^-?\d+$/.test(id) ? `call-${id}` : id;
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Redis did not take the call within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
