import { consumeCalls } from '../adapters/queues.ts';
import { connectRedis } from '../adapters/redis.ts';
import { ConfigError, readConfig } from '../config.ts';
import { createLog } from '../log.ts';
import { openStoreWhenThere } from './open-store.ts';
import { saveCall } from './save-call.ts';

/**
 * Takes finished calls from the queue and files them in SQL. Tells its parent `{ ready: true }` when both stand. SIGTERM,
 * SIGINT or the parent's death end it once the calls in hand are saved; a call it had no time for is another worker's.
 */

/** How long the calls in hand may take at the end, in milliseconds. */
const stopDeadlineMs = 8000;

async function main(): Promise<void> {
  const config = readConfig();
  const log = createLog(config, 'worker');
  const stop = stopSignal();

  const store = await openStoreWhenThere(config, log, stop);
  if (!store) return;
  const redis = connectRedis(config, 'consumer', log);
  const consumer = consumeCalls(redis, saveCall(store.calls, log), log);
  consumer.ready().then(
    () => {
      log.info('saving finished calls');
      if (process.connected) process.send?.({ ready: true });
    },
    (err: unknown) => log.debug({ err }, 'stopped before Redis was there'),
  );

  await aborted(stop);
  setTimeout(() => {
    log.error('the calls in hand could not be saved in time; they stay queued');
    process.exit(1);
  }, stopDeadlineMs).unref();
  await consumer.close();
  redis.disconnect();
  await store.close();
  log.info('stopped');
}

function stopSignal(): AbortSignal {
  const controller = new AbortController();
  const stop = () => controller.abort();
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  // Whoever started us is gone, so nobody would ever stop us.
  process.once('disconnect', stop);
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
