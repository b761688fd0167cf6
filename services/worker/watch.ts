import type { JobConsumer } from '../adapters/bullmq.ts';
import { openQueueLook } from '../adapters/bullmq-look.ts';
import type { RedisClient } from '../adapters/redis.ts';
import type { Store } from '../adapters/sql/store.ts';
import type { Config } from '../config.ts';
import { type Channel, channels } from '../core/alerting/delivery.ts';
import type { Metrics } from '../core/metrics.ts';
import type { Log } from '../log.ts';
import { readWatchPassword } from '../secrets.ts';
import { askedAtEase, depthReadings, openWatch, queueMetrics, up, upMetric } from '../watch.ts';
import type { Delivered } from './deliver.ts';

/** The queues whose jobs the worker does; a line each, in jobs.ts. */
const queues = ['calls', 'recordings', 'suspects', 'rounds', 'alerts', 'deliveries', 'retention'];

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
  clearline_deliveries_total: {
    kind: 'counter',
    help: 'Attempts to tell somebody of alerts: sent; again, and to be tried once more; failed for good; unconfirmed, without an answer.',
    labels: ['channel', 'result'],
    from: channels.flatMap((channel) =>
      ['sent', 'again', 'failed', 'unconfirmed'].map((result) => ({ channel, result })),
    ),
  },
  clearline_deliveries: {
    kind: 'gauge',
    help: 'Messages of alerts on record: queued, failed (dead letters) and unconfirmed.',
    labels: ['state'],
  },
} as const satisfies Metrics;

/** What the gauge shows; the rest is under way or done. */
const shownStates = ['queued', 'failed', 'unconfirmed'] as const;

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
      const counts = askedAtEase(() => countDeliveries(store));
      watch.show({
        async faults() {
          return [
            ...((await found()) ? [] : ['Redis is away: records wait at the interceptor.']),
            ...(sqlUp ? [] : ['The database does not answer: records wait in Redis.']),
          ];
        },
        async notes() {
          const undelivered = await counts();
          return undelivered && undelivered.failed + undelivered.unconfirmed > 0
            ? ['Alerts did not reach somebody, or may not have: clearline alerts failed']
            : [];
        },
        async gauges() {
          const now = await found();
          const deliveries = Object.entries((await counts()) ?? {}).map(([state, value]) => ({
            metric: 'clearline_deliveries' as const,
            labels: { state },
            value,
          }));
          return [up('redis', now !== null), up('sql', sqlUp), ...depthReadings(now ?? [], Date.now()), ...deliveries];
        },
      });
    },
    onDelivered(channel: Channel, result: Delivered) {
      watch.take({ metric: 'clearline_deliveries_total', labels: { channel, result }, value: 1 });
    },
    close() {
      clearInterval(timer);
      watch.close();
    },
  };
}

async function countDeliveries({ deliveries }: Store): Promise<Record<(typeof shownStates)[number], number>> {
  const [queued, failed, unconfirmed] = await Promise.all(shownStates.map((state) => deliveries.count(state)));
  return { queued: queued ?? 0, failed: failed ?? 0, unconfirmed: unconfirmed ?? 0 };
}
