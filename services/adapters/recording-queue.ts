import { type FinishedRecordings, readFinishedRecordings } from '../facts.ts';
import type { Log } from '../log.ts';
import { type ConnectionOptions, consumeJobs, type JobConsumer, openJobQueue, type QueueNames } from './bullmq.ts';

const names: QueueNames = { queue: 'recordings', job: 'note-recordings', one: 'the recordings of a call' };

/** Asterisk closes a file when its channel goes, which may be a moment after the call is on record; in milliseconds. */
const settledMs = 2000;

/** The queue of recordings whose digests are to go on record, over a `producer` connection. */
export interface RecordingQueue {
  /** May be repeated for the same call; what it promises is in bullmq.ts. */
  put(made: FinishedRecordings): Promise<void>;
  close(): Promise<void>;
}

export function openRecordingQueue(redis: ConnectionOptions): RecordingQueue {
  const { put, close } = openJobQueue(redis, names);
  return { put: (made) => put(made.call, made, settledMs), close };
}

/** Hands each call's recordings to `note`, again and again until it resolves. `redis` is a `consumer` connection. */
export function consumeRecordings(
  redis: ConnectionOptions,
  note: (made: FinishedRecordings) => Promise<void>,
  log: Log,
): JobConsumer {
  return consumeJobs(redis, names, readFinishedRecordings, note, log);
}
