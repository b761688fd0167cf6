import type { Log } from '../log.ts';
import { type ConnectionOptions, consumeJobs, type JobConsumer, type QueueNames } from './bullmq.ts';

/** One after the other: a slow database is not helped by a second round beside the first. */
export const roundsQueue: QueueNames = {
  queue: 'rounds',
  job: 'make-rounds',
  one: 'what the rounds found',
  atOnce: 1,
};

/** Has `make` done whenever a round is due. `redis` is a `consumer` connection. */
export function consumeRounds(redis: ConnectionOptions, make: () => Promise<void>, log: Log): JobConsumer {
  return consumeJobs(redis, roundsQueue, () => ({ value: {} }), make, log);
}
