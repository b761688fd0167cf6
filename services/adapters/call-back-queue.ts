import { z } from 'zod';
import type { CallBack, CallBackQueue } from '../core/ports.ts';
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

const names: QueueNames = { queue: 'call-backs', job: 'call-back', one: 'a call back' };

/** The resident has just hung up, and the line may be clear in a moment, in milliseconds. */
const firstMs = 15_000;

export interface ClosableCallBackQueue extends CallBackQueue {
  /** The resident reached the number in another way: calls back to it that still wait are off. */
  drop(line: string, number: string): void;
  close(): Promise<void>;
}

/** Where call backs are promised, over a `producer` connection; what `promise` keeps is in bullmq.ts. */
export function openCallBackQueue(redis: ConnectionOptions, log: Log): ClosableCallBackQueue {
  const { put, removeWhere, close } = openJobQueue(redis, names);
  return {
    promise: (callBack) => put(callBack.id, callBack, firstMs),
    drop(line, number) {
      const isIt = (data: unknown) => {
        const { value } = readCallBack(data);
        return value?.line === line && value.number.number === number;
      };
      removeWhere(isIt).catch((err: unknown) => log.debug({ err, line }, 'call backs that are off may still be made'));
    },
    close,
  };
}

/** Hands over each call back when it is due, and again when `make` says so. `redis` is a `consumer` connection. */
export function consumeCallBacks(redis: ConnectionOptions, make: Handler<CallBack>, log: Log): JobConsumer {
  return consumeJobs(redis, names, readCallBack, make, log);
}

const callBack = z.object({
  id: z.string().min(1),
  line: z.string().min(1),
  number: z.object({
    class: z.enum(['emergency', 'guarded', 'premium', 'ordinary']),
    number: z.string().min(1),
    prefix: z.enum(['141', '1470', '18001']).nullable(),
    name: z.string().optional(),
  }),
  promisedAt: z.number(),
  tries: z.int().min(0),
});

function readCallBack(data: unknown): Reading<CallBack> {
  const result = callBack.safeParse(data);
  if (!result.success) return { value: null, fault: z.prettifyError(result.error).replaceAll('\n', ' ') };
  const { name, ...number } = result.data.number;
  return { value: { ...result.data, number: name === undefined ? number : { ...number, name } } };
}
