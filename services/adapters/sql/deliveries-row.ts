import type { Delivery, DeliveryState } from '../../core/alerting/delivery.ts';
import type { DeliveriesTable } from './schema.ts';
import { fromText } from './text.ts';

export function deliveryOf(row: DeliveriesTable): Delivery {
  return {
    id: fromText(row.id),
    alert: row.alert === null ? null : fromText(row.alert),
    recipient: fromText(row.recipient),
    // Only what a release of ours has written stands there; one that is newer may know of more.
    channel: row.channel as Delivery['channel'],
    state: row.state as DeliveryState,
    digest: row.digest === null ? null : fromText(row.digest),
    plannedAt: row.planned_at,
    due: row.due,
    attempts: row.attempts,
    sentAt: row.sent_at,
    fault: row.fault === null ? null : fromText(row.fault),
  };
}
