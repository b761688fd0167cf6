import { type ConnectionOptions, openQueue, type QueueNames } from './bullmq.ts';

/** Jobs that come at certain times. */

export interface Schedule {
  /**
   * Has a job put whenever the time of day `HH:MM` comes in the zone, and takes back whatever was set before. Over a `consumer`
   * connection it waits for as long as Redis is away. Several processes may set the same.
   */
  daily(time: string, zone: string): Promise<void>;
  /** The same every so many milliseconds. */
  every(ms: number): Promise<void>;
  close(): Promise<void>;
}

export function openSchedule(redis: ConnectionOptions, { queue, job }: QueueNames): Schedule {
  const { current, close } = openQueue(redis, queue);
  return {
    async daily(time, zone) {
      const [hours, minutes] = time.split(':').map(Number);
      await current().upsertJobScheduler(
        job,
        { pattern: `0 ${minutes} ${hours} * * *`, tz: zone },
        { name: job, data: {} },
      );
    },
    async every(ms) {
      await current().upsertJobScheduler(job, { every: ms }, { name: job, data: {} });
    },
    close,
  };
}
