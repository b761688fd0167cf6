import type { AlertKind } from '../core/call.ts';
import type { AlertQueue } from '../core/ports.ts';

/** Kinds that a stranger raises by merely ringing, again and again if they like, and how often staff hear of one, in ms. */
const repeatable: ReadonlySet<AlertKind> = new Set(['call-while-held', 'returned-call']);
const onceInMs = 60_000;

/**
 * The same queue, but at most one alert a minute of a kind that callers can raise at will, for each line. Each still stands in
 * the record of its call.
 */
export function calmAlerts(alerts: AlertQueue): AlertQueue {
  const last = new Map<string, number>();
  return {
    put: async (alert) => {
      const key = `${alert.kind} ${alert.line}`;
      const before = last.get(key);
      if (repeatable.has(alert.kind) && before !== undefined && Math.abs(alert.at - before) < onceInMs) return;
      if (repeatable.has(alert.kind)) last.set(key, alert.at);
      await alerts.put(alert);
    },
  };
}
