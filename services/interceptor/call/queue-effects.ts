import type { AlertKind } from '../../core/call.ts';
import type { CallBack } from '../../core/ports.ts';
import type { RunnerOptions } from '../runner-options.ts';

/** The effects that end in a queue. No call waits for them, and none fails with them. */

/** Staff are to hear of it. The alert stands in the call's record as well, should the queue not take it. */
export function raise(
  call: string,
  line: string,
  kind: AlertKind,
  at: number,
  { alerts, log }: Pick<RunnerOptions, 'alerts' | 'log'>,
): void {
  const alert = { id: `${call}-${kind}`, kind, at, line, call };
  alerts.put(alert).catch((err: unknown) => log.error({ err, call, alert }, 'an alert cannot be queued'));
}

/** `onFailure` is told, within a second, when nobody can be shown to keep the promise. */
export function promiseCallBack(
  callBack: CallBack,
  { callBacks }: Pick<RunnerOptions, 'callBacks'>,
  onFailure: (why: string) => void,
): void {
  callBacks.promise(callBack).catch((err: unknown) => onFailure(err instanceof Error ? err.message : String(err)));
}
