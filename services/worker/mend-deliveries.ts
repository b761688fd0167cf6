import type { DeliveryQueue } from '../adapters/delivery-queue.ts';
import type { DeliveryStore } from '../core/alerting/delivery.ts';
import type { Log } from '../log.ts';

export interface MendParts {
  readonly deliveries: DeliveryStore;
  readonly queue: DeliveryQueue;
  readonly log: Log;
  /** UTC milliseconds. */
  readonly now?: () => number;
  readonly everyMs?: number;
}

/** So many are put at once; the others follow. */
const mostAtOnce = 500;

/**
 * Looks now and again for deliveries that nobody sees to: a worker died with them, Redis lost their jobs, or somebody asked for them once
 * more at the command line. Answers how to stop.
 */
export function mendDeliveries({ deliveries, queue, log, now = Date.now, everyMs = 5_000 }: MendParts): () => void {
  let looking = false;
  const look = async () => {
    const unconfirmed = await deliveries.markUnconfirmed(now());
    if (unconfirmed > 0) {
      log.error({ unconfirmed }, 'nobody knows whether alerts were delivered; see: clearline alerts failed');
    }
    // What is due only just has its own job, which comes now.
    for (const delivery of await deliveries.toDo(now() - everyMs, mostAtOnce)) await queue.put(delivery, now());
  };
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    look()
      // Without database or Redis nothing can be done, and others say so.
      .catch((err: unknown) => log.debug({ err }, 'deliveries that were left cannot be looked for'))
      .finally(() => {
        looking = false;
      });
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
