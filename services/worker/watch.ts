import type { JobConsumer } from '../adapters/bullmq.ts';
import { openQueueLook } from '../adapters/bullmq-look.ts';
import type { RedisClient } from '../adapters/redis.ts';
import type { Store } from '../adapters/sql/store.ts';
import type { Config } from '../config.ts';
import type { Metrics } from '../core/metrics.ts';
import type { Log } from '../log.ts';
import { readWatchPassword } from '../secrets.ts';
import { askedAtEase, depthReadings, openWatch, queueMetrics, up, upMetric } from '../watch.ts';

/** The queues whose jobs the worker does; a line each, in jobs.ts. */
const queues = ['calls', 'suspects', 'alerts'];

/** What the worker lets itself be measured by; docs/watching.md says what to make of each. */
export const workerMetrics = {
  ...upMetric,
  ...queueMetrics,
  clearline_jobs_total: {
    kind: 'counter',
    help: 'Jobs tried, by queue: done; failed, and to be tried again; unreadable, and put aside.',
    labels: ['queue', 'result'],
    from: queues.flatMap((queue) => ['done', 'failed', 'unreadable'].map((result) => ({ queue, result }))),
  },
} as const satisfies Metrics;

/** How often the database is asked whether it is there, in milliseconds. */
const askEveryMs = 5_000;

interface Parts {
  readonly store: Store;
  /** Of the kind `producer`: it fails at once while Redis is away. */
  readonly redis: RedisClient;
  /** By the name of their queue. */
  readonly consumers: Readonly<Record<string, JobConsumer>>;
}

/** The worker as it is seen from outside. To be opened first, so that one that waits for the database can be seen to. */
export function openWorkerWatch(config: Config, log: Log) {
  const { host, workerPort: port } = config.watch;
  const watch = openWatch({ host, port, password: readWatchPassword(config), metrics: workerMetrics, log });
  let timer: NodeJS.Timeout | undefined;
  return {
    waitForSql() {
      watch.show({
        faults: () => ['The database cannot be opened: records wait in Redis.'],
        gauges: () => [up('sql', false)],
      });
    },
    show({ store, redis, consumers }: Parts) {
      for (const [queue, consumer] of Object.entries(consumers)) {
        consumer.onTried((result) =>
          watch.take({ metric: 'clearline_jobs_total', labels: { queue, result }, value: 1 }),
        );
      }
      let sqlUp = true;
      const askSql = askedAtEase(() => store.lines.revision());
      timer = setInterval(async () => {
        sqlUp = (await askSql()) !== null;
      }, askEveryMs).unref();
      const look = openQueueLook(redis, Object.keys(consumers));
      const depths = askedAtEase(look);
      const found = async () => (redis.status === 'ready' ? depths() : null);
      watch.show({
        async faults() {
          return [
            ...((await found()) ? [] : ['Redis is away: records wait at the interceptor.']),
            ...(sqlUp ? [] : ['The database does not answer: records wait in Redis.']),
          ];
        },
        async gauges() {
          const now = await found();
          return [up('redis', now !== null), up('sql', sqlUp), ...depthReadings(now ?? [], Date.now())];
        },
      });
    },
    close() {
      clearInterval(timer);
      watch.close();
    },
  };
}
