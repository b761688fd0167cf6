import type { JobConsumer } from '../adapters/bullmq.ts';
import { openSchedule } from '../adapters/bullmq-schedule.ts';
import { onEachReady, type RedisClient } from '../adapters/redis.ts';
import { consumeRetention, openRetentionQueue, retentionQueue } from '../adapters/retention-queue.ts';
import type { Store } from '../adapters/sql/store.ts';
import type { Config } from '../config.ts';
import type { RecordingFolder } from '../core/recordings.ts';
import type { Log } from '../log.ts';
import { periodsOf } from '../settings/retention.ts';
import { enforceRetention, missedNight } from './enforce-retention.ts';

interface Parts {
  readonly config: Config;
  readonly store: Store;
  readonly consumer: RedisClient;
  readonly log: Log;
}

/** Begins to enforce the periods each night, and makes up for the last one where nobody was there. */
export function startRetention({ config, store, consumer, log }: Parts, recordings: RecordingFolder): JobConsumer {
  const nightly = { at: config.retention.at, zone: config.site.timeZone };
  const parts = {
    store: store.retention,
    calls: store.calls,
    recordings,
    periods: periodsOf(config.retention),
    now: Date.now,
  };
  const jobs = consumeRetention(consumer, enforceRetention(parts, nightly, log), log);
  // Both over the connection that is back when they are asked: the producer's may take a moment longer.
  const schedule = openSchedule(consumer, retentionQueue);
  const queue = openRetentionQueue(consumer);
  const begin = async () => {
    await jobs.ready();
    await schedule.daily(nightly.at, nightly.zone);
    const missed = await missedNight(parts, nightly);
    if (missed !== null) await queue.put(missed);
  };
  onEachReady(consumer, () => {
    begin().catch((err: unknown) =>
      log.error({ err }, 'the nightly removal of what is past its period could not be set'),
    );
  });
  return jobs;
}
