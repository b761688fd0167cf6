import type { AlertQueue, RaisedAlert } from '../core/ports.ts';
import { readRaisedAlert } from '../facts.ts';
import type { Log } from '../log.ts';
import { type ConnectionOptions, consumeJobs, type JobConsumer, openJobQueue, type QueueNames } from './bullmq.ts';

const names: QueueNames = { queue: 'alerts', job: 'save-alert', one: 'an alert' };

export interface ClosableAlertQueue extends AlertQueue {
  close(): Promise<void>;
}

/** The queue of alerts, over a `producer` connection; what `put` promises is in bullmq.ts. */
export function openAlertQueue(redis: ConnectionOptions): ClosableAlertQueue {
  const { put, close } = openJobQueue(redis, names);
  return { put: (alert) => put(alert.id, alert), close };
}

/** Hands each queued alert to `save`, again and again until it resolves. `redis` is a `consumer` connection. */
export function consumeAlerts(
  redis: ConnectionOptions,
  save: (alert: RaisedAlert) => Promise<void>,
  log: Log,
): JobConsumer {
  return consumeJobs(redis, names, readRaisedAlert, save, log);
}
