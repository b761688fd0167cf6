import type { CallStore } from '../core/ports.ts';
import type { FinishedCall } from '../core/record.ts';
import type { SuspectCall } from '../facts.ts';
import type { Log } from '../log.ts';
import { isSuspect } from './suspects.ts';

/** Where calls go that are to be followed up. */
export interface Suspects {
  put(suspect: SuspectCall): Promise<void>;
}

/**
 * The job "save-call": files a finished call, and hands a suspect one on to be followed up. May be done any number of times for
 * the same call.
 */
export function saveCall(calls: CallStore, suspects: Suspects, log: Log): (call: FinishedCall) => Promise<void> {
  return async (call) => {
    await calls.save(call);
    if (isSuspect(call)) await suspects.put({ call: call.record.id, revision: call.revision ?? 0 });
    log.debug({ call: call.record.id, outcome: call.record.ending.outcome }, 'call saved');
  };
}
