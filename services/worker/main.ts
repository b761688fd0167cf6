import { connectRedis } from '../adapters/redis.ts';
import { ConfigError, readConfig } from '../config.ts';
import { createLog } from '../log.ts';
import { openStoreWhenThere } from '../open-store.ts';
import { keepPulse, onOrphaned, tellReady } from '../parent.ts';
import { startJobs } from './jobs.ts';
import { openWorkerWatch } from './watch.ts';

/**
 * Takes finished calls and alerts from their queues and files them in SQL. Tells its parent that it is ready when all
 * stand, and that it lives. SIGTERM, SIGINT or the parent's death end it once what is in hand is saved; the rest is another worker's.
 */

/** How long what is in hand may take at the end, in milliseconds. */
const stopDeadlineMs = 8000;

async function main(): Promise<void> {
  const config = readConfig();
  const stop = stopSignal();
  const log = createLog(config, 'worker');
  keepPulse();

  const watch = openWorkerWatch(config, log);
  watch.waitForSql();
  const store = await openStoreWhenThere(config, log, stop);
  if (!store) return;
  const redis = connectRedis(config, 'consumer', log);
  const looking = connectRedis(config, 'producer', log);
  const { onDelivered } = watch;
  const jobs = startJobs({ config, store, consumer: redis, producer: looking, onDelivered, log });
  const consumers = Object.values(jobs);
  watch.show({ store, redis: looking, consumers: jobs });
  Promise.all(consumers.map((consumer) => consumer.ready())).then(
    () => {
      log.info('saving finished calls and alerts');
      tellReady();
    },
    (err: unknown) => log.debug({ err }, 'stopped before Redis was there'),
  );

  await aborted(stop);
  setTimeout(() => {
    log.error('what was in hand could not be saved in time; it stays queued');
    process.exit(1);
  }, stopDeadlineMs).unref();
  await Promise.all(consumers.map((consumer) => consumer.close()));
  watch.close();
  for (const connection of [redis, looking]) connection.disconnect();
  await store.close();
  log.info('stopped');
}

function stopSignal(): AbortSignal {
  const controller = new AbortController();
  const stop = () => controller.abort();
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  onOrphaned(stop);
  return controller.signal;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

main().then(
  // An open channel to the parent would keep the process alive.
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof ConfigError ? error.message : error);
    process.exit(error instanceof ConfigError ? 2 : 1);
  },
);
