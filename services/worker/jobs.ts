import { consumeAlerts } from '../adapters/alert-queue.ts';
import type { JobConsumer } from '../adapters/bullmq.ts';
import { consumeCalls } from '../adapters/queues.ts';
import type { RedisClient } from '../adapters/redis.ts';
import type { Store } from '../adapters/sql/store.ts';
import { consumeSuspects, openSuspectQueue } from '../adapters/suspect-queue.ts';
import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import { saveAlert } from './save-alert.ts';
import { saveCall } from './save-call.ts';
import { followUp, type SuspectStep } from './suspects.ts';

export interface JobParts {
  readonly config: Config;
  readonly store: Store;
  /** Of the kind `consumer`. */
  readonly consumer: RedisClient;
  /** Of the kind `producer`: it fails at once while Redis is away. */
  readonly producer: RedisClient;
  readonly log: Log;
}

/** Begins to do every job there is, by the name of its queue. */
export function startJobs({ store, consumer, producer, log }: JobParts): Record<string, JobConsumer> {
  const suspects = openSuspectQueue(producer);
  // One line a step, in the order in which they are done.
  const steps: readonly SuspectStep[] = [];
  return {
    calls: consumeCalls(consumer, saveCall(store.calls, suspects, log), log),
    suspects: consumeSuspects(consumer, followUp(store.calls, steps, log), log),
    alerts: consumeAlerts(consumer, saveAlert(store.alerts, log), log),
  };
}
