import { type ConnectionOptions, openQueue, undone } from './bullmq.ts';

/** How the queues stand, for whoever watches. */

/** How many jobs of a queue stand how, and since when the oldest of them waits. */
export interface QueueDepth {
  readonly queue: string;
  /** `delayed`: tried in vain, or to be done at a later time. `failed`: for good, because nobody can read them. */
  readonly jobs: Readonly<Record<(typeof undone)[number], number>>;
  /** In ms since the epoch, of the jobs that are next; null when there are none. */
  readonly oldestAt: number | null;
}

/** So many jobs of a state are looked at for the oldest. */
const sampled = 5;

type OpenQueue = ReturnType<ReturnType<typeof openQueue>['current']>;

/** A Redis connection, as far as a job's own fields are read over it: BullMQ would read the data with them. */
interface JobReader {
  hget(key: string, field: string): Promise<string | null>;
}

/** Looks at queues of these names, over a `producer` connection: rejects, or does not answer, without Redis. */
export function openQueueLook(
  redis: ConnectionOptions & JobReader,
  queues: readonly string[],
): () => Promise<readonly QueueDepth[]> {
  const opened = queues.map((name) => ({ name, ...openQueue(redis, name) }));
  return () =>
    Promise.all(
      opened.map(async ({ name, current }) => {
        const queue = current();
        const { waiting = 0, active = 0, delayed = 0, failed = 0 } = await queue.getJobCounts(...undone);
        const times = await timesOfNext(queue, redis);
        return {
          queue: name,
          jobs: { waiting, active, delayed, failed },
          oldestAt: times.length === 0 ? null : Math.min(...times),
        };
      }),
    );
}

/** When the jobs that are next were put, in ms since the epoch. Their data, of some 20 kB each, stay in Redis. */
async function timesOfNext(queue: OpenQueue, redis: JobReader): Promise<readonly number[]> {
  const states = ['waiting', 'active', 'delayed'] as const;
  const ids = await Promise.all(states.map((state) => queue.getRanges([state], 0, sampled - 1, true)));
  const times = await Promise.all(ids.flat().map((id) => redis.hget(queue.toKey(id), 'timestamp')));
  // One that was done meanwhile has none.
  return times.flatMap((time) => (time === null ? [] : [Number(time)]));
}
