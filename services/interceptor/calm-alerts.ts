import type { AlertKind } from '../core/call.ts';
import type { AlertQueue } from '../core/ports.ts';

const minuteMs = 60_000;
/** Kinds that somebody raises by merely ringing, again and again if they like, and how often staff hear of one, in ms. */
const repeatable: ReadonlyMap<AlertKind, number> = new Map([
  ['call-while-held', minuteMs],
  ['returned-call', minuteMs],
  ['abroad-refused', 60 * minuteMs],
  ['too-many-calls', 60 * minuteMs],
]);

/**
 * The same queue, but at most one alert a minute, or an hour, of a kind that anybody can raise at will, for each line. Each still
 * stands in the record of its call.
 */
export function calmAlerts(alerts: AlertQueue): AlertQueue {
  const last = new Map<string, number>();
  return {
    put: async (alert) => {
      const key = `${alert.kind} ${alert.line}`;
      const before = last.get(key);
      const onceInMs = repeatable.get(alert.kind) ?? 0;
      if (before !== undefined && Math.abs(alert.at - before) < onceInMs) return;
      if (onceInMs > 0) last.set(key, alert.at);
      await alerts.put(alert);
    },
  };
}
