import type { Log } from '../log.ts';
import {
  type ConnectionOptions,
  consumeJobs,
  type JobConsumer,
  type Later,
  openJobQueue,
  type QueueNames,
} from './bullmq.ts';

export const retentionQueue: QueueNames = {
  queue: 'retention',
  job: 'enforce-retention',
  one: 'what retention removed',
};

/** Where runs are asked for beside those of the nights, over a `consumer` connection. */
export function openRetentionQueue(redis: ConnectionOptions) {
  const { put, close } = openJobQueue(redis, retentionQueue);
  return { put: (id: string) => put(id, {}), close };
}

/** Has `enforce` done, again and again until it says that nothing is left. `redis` is a `consumer` connection. */
export function consumeRetention(
  redis: ConnectionOptions,
  enforce: () => Promise<Later<object> | null>,
  log: Log,
): JobConsumer {
  return consumeJobs(redis, retentionQueue, () => ({ value: {} }), enforce, log);
}
