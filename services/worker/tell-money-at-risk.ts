import type { AlertQueue } from '../core/ports.ts';
import type { IncidentStore } from '../core/stores.ts';
import type { Round } from './rounds.ts';

/** So many incidents a round. */
const atOnce = 100;

/**
 * The round that alerts staff of incidents in which money is at risk, once each. The mark comes after the alert is queued: whoever
 * dies in between queues it again under the same id, which is one alert.
 */
export function tellMoneyAtRisk(incidents: Pick<IncidentStore, 'untold' | 'markTold'>, alerts: AlertQueue): Round {
  return async () => {
    for (const { incident, at } of await incidents.untold(atOnce)) {
      const { id, line, area, calls } = incident;
      const about = { line: line ?? '', call: calls.at(-1) ?? null, incident: id, ...(area !== null && { area }) };
      await alerts.put({ id: `money-at-risk-${id}`, kind: 'money-at-risk', at, ...about });
      await incidents.markTold(id);
    }
  };
}
