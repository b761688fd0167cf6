import type { DeliveryQueue } from '../adapters/delivery-queue.ts';
import type { DeliveryStore, Recipient } from '../core/alerting/delivery.ts';
import { planDeliveries } from '../core/alerting/plan.ts';
import type { LineStore, RaisedAlert } from '../core/ports.ts';

export interface PlanParts {
  readonly deliveries: DeliveryStore;
  readonly lines: Pick<LineStore, 'all'>;
  readonly queue: DeliveryQueue;
  readonly recipients: readonly Recipient[];
  readonly timeZone: string;
  /** UTC milliseconds. */
  readonly now?: () => number;
}

/** Plans who is told of an alert on record, and wakes whoever sends it. May be done any number of times. */
export function planAlert(parts: PlanParts): (alert: RaisedAlert) => Promise<void> {
  const { deliveries, lines, queue, recipients, timeZone, now = Date.now } = parts;
  return async (alert) => {
    if (recipients.length === 0) return;
    const area = (await lines.all()).find(({ id }) => id === alert.line)?.area ?? null;
    const at = now();
    const toSend = await deliveries.plan(alert.id, at, (recent) =>
      planDeliveries(alert, recipients, { now: at, timeZone, area, recent }),
    );
    for (const delivery of toSend) await queue.put(delivery, at);
  };
}
