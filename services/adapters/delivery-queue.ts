import { z } from 'zod';
import type { Delivery } from '../core/alerting/delivery.ts';
import type { Reading } from '../facts.ts';
import type { Log } from '../log.ts';
import {
  type ConnectionOptions,
  consumeJobs,
  type Handler,
  type JobConsumer,
  openJobQueue,
  type QueueNames,
} from './bullmq.ts';

/** What wakes a worker for a delivery. SQL knows what there is to do: a job that is lost is made anew from there. */

/** They mostly wait for others' servers, and one that hangs must not keep the rest. */
const names: QueueNames = { queue: 'deliveries', job: 'deliver', one: 'a delivery', atOnce: 12 };

export interface DeliveryJob {
  readonly delivery: string;
}

const deliveryJob = z.object({ delivery: z.string().min(1) });

export interface DeliveryQueue {
  /** What `put` promises is in bullmq.ts; the job comes when the delivery is due. `now`: UTC milliseconds. */
  put(delivery: Pick<Delivery, 'id' | 'due' | 'attempts'>, now: number): Promise<void>;
  close(): Promise<void>;
}

/** Over a `producer` connection. */
export function openDeliveryQueue(redis: ConnectionOptions): DeliveryQueue {
  const { put, close } = openJobQueue(redis, names);
  return {
    // BullMQ takes no second job with the id of one it still has, and each attempt is one of its own.
    put: ({ id, due, attempts }, now) => put(`${id}~${due}~${attempts}`, { delivery: id }, Math.max(0, due - now)),
    close,
  };
}

/** Hands each delivery that is due to `deliver`. `redis` is a `consumer` connection. */
export function consumeDeliveries(redis: ConnectionOptions, deliver: Handler<DeliveryJob>, log: Log): JobConsumer {
  return consumeJobs(redis, names, readDeliveryJob, deliver, log);
}

function readDeliveryJob(value: unknown): Reading<DeliveryJob> {
  const result = deliveryJob.safeParse(value);
  return result.success
    ? { value: result.data }
    : { value: null, fault: z.prettifyError(result.error).replaceAll('\n', ' ') };
}
