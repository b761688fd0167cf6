import type { AlertStore, RaisedAlert } from '../core/ports.ts';
import type { Log } from '../log.ts';

/**
 * The job "save-alert": files an alert, and then plans who is told of it (`plan`). May be done any number of times for the
 * same one.
 */
export function saveAlert(
  alerts: AlertStore,
  plan: (alert: RaisedAlert) => Promise<void>,
  log: Log,
): (alert: RaisedAlert) => Promise<void> {
  return async (alert) => {
    await alerts.save(alert);
    await plan(alert);
    log.debug({ alert: alert.id, kind: alert.kind, line: alert.line }, 'alert saved');
  };
}
