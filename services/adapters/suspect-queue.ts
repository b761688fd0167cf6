import { readSuspectCall, type SuspectCall } from '../facts.ts';
import type { Log } from '../log.ts';
import { type ConnectionOptions, consumeJobs, type JobConsumer, openJobQueue, type QueueNames } from './bullmq.ts';

const names: QueueNames = { queue: 'suspects', job: 'follow-up', one: 'a suspect call' };

/** The queue of calls on record that are to be followed up, over a `producer` connection. */
export interface SuspectQueue {
  /** May be repeated for the same account of a call; what it promises is in bullmq.ts. */
  put(suspect: SuspectCall): Promise<void>;
  close(): Promise<void>;
}

export function openSuspectQueue(redis: ConnectionOptions): SuspectQueue {
  const { put, close } = openJobQueue(redis, names);
  // BullMQ takes no second job with the id of one it still has, so each account of a call has its own.
  return { put: (suspect) => put(`${suspect.call}-revision-${suspect.revision}`, suspect), close };
}

/** Hands each queued call to `follow`, again and again until it resolves. `redis` is a `consumer` connection. */
export function consumeSuspects(
  redis: ConnectionOptions,
  follow: (suspect: SuspectCall) => Promise<void>,
  log: Log,
): JobConsumer {
  return consumeJobs(redis, names, readSuspectCall, follow, log);
}
