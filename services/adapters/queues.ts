import type { FactQueue } from '../core/ports.ts';
import type { FinishedCall } from '../core/record.ts';
import { readFinishedCall } from '../facts.ts';
import type { Log } from '../log.ts';
import { type ConnectionOptions, consumeJobs, type JobConsumer, openJobQueue, type QueueNames } from './bullmq.ts';

const names: QueueNames = { queue: 'calls', job: 'save-call', one: 'a call' };

export interface CallQueue extends FactQueue {
  close(): Promise<void>;
}

/** The queue of finished calls, over a `producer` connection; what `put` promises is in bullmq.ts. */
export function openCallQueue(redis: ConnectionOptions): CallQueue {
  const { put, close } = openJobQueue(redis, names);
  return { put: (call) => put(jobOf(call), call), close };
}

/** BullMQ takes no second job with the id of one it still has, done or not, so each account of a call has its own. */
function jobOf({ record, revision = 0 }: FinishedCall): string {
  return revision === 0 ? record.id : `${record.id}-revision-${revision}`;
}

/** Hands each queued call to `save`, again and again until it resolves. `redis` is a `consumer` connection. */
export function consumeCalls(
  redis: ConnectionOptions,
  save: (call: FinishedCall) => Promise<void>,
  log: Log,
): JobConsumer {
  return consumeJobs(redis, names, readFinishedCall, save, log);
}
