import type { CallStore } from '../core/ports.ts';
import type { FinishedCall, InboundRecord } from '../core/record.ts';
import type { SuspectCall } from '../facts.ts';
import type { Log } from '../log.ts';

/** A call to a line, as it is on record. */
export interface InboundCall extends FinishedCall {
  readonly record: InboundRecord;
}

/** One thing to do about a call that nobody vouched for. May be done any number of times for the same call. */
export type SuspectStep = (call: InboundCall) => Promise<void>;

/** Whether a call is one to follow up: to a line, and from somebody untrusted or with something amiss. */
export function isSuspect(call: FinishedCall): call is InboundCall {
  const { record } = call;
  return record.direction === 'inbound' && (record.verdict?.standing !== 'trusted' || record.alerts.length > 0);
}

/**
 * The job "follow-up": takes a saved call through every step, in order. May be done any number of times for the same call; a
 * step that fails has it done again from the first.
 */
export function followUp(
  calls: CallStore,
  steps: readonly SuspectStep[],
  log: Log,
): (suspect: SuspectCall) => Promise<void> {
  return async ({ call: id }) => {
    const call = await calls.find(id);
    // Its time may be over: what retention has removed is followed up no more.
    if (call === null || !isSuspect(call)) return log.debug({ call: id }, 'nothing to follow up');
    for (const step of steps) await step(call);
    log.debug({ call: id }, 'call followed up');
  };
}
