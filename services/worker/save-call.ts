import type { CallStore } from '../core/ports.ts';
import type { FinishedCall } from '../core/record.ts';
import type { Log } from '../log.ts';

/** The job "save-call": files a finished call. May be done any number of times for the same call. */
export function saveCall(calls: CallStore, log: Log): (call: FinishedCall) => Promise<void> {
  return async (call) => {
    await calls.save(call);
    log.debug({ call: call.record.id, outcome: call.record.ending.outcome }, 'call saved');
  };
}
