import type { CallEvent, Effect } from '../call.ts';
import { type GhostDial, keyIn, nothingKeyed } from '../ghost-dial.ts';
import { causes, close } from './ending.ts';
import type { Step, StepBuilder } from './step.ts';

/** A number that the resident keys while the suspect caller is still there: the caller is cut, and the number is called. */

export type KeyPressed = Extract<CallEvent, { type: 'KeyPressed' }>;

/** Reports the call as fraud: ends it, or after it has ended. */
export const reportKey = '*';

/** How long the rest of a number may take that the keys may be the inside of: old hands pause between groups. */
export const restOfNumberMs = 3_000;

/** A key of the resident's, in a call whose caller nobody vouches for. */
export function onResidentKey(step: StepBuilder, event: KeyPressed): Step {
  const { keying, dial } = keyIn(step.call.keying, event, step.call.rules.safeNumbers);
  step.set({ keying });
  if (dial !== null) return ghostDial(step, dial);
  if (keying.pending !== null) step.ask({ do: 'Wake', timer: 'keys', afterMs: restOfNumberMs });
  return step.done();
}

/** No more digits came: what there is, is the number. */
export function onRestOfNumber(step: StepBuilder): Step {
  const { pending } = step.call.keying;
  return pending === null ? step.done() : ghostDial(step, pending);
}

function ghostDial(step: StepBuilder, dial: GhostDial): Step {
  const { reportedHoldSeconds: seconds } = step.call.rules;
  dialOut(step, dial, 'ghost-dial', { do: 'Hold', seconds, vouched: false });
  step.ask({ do: 'Raise', alert: 'ghost-dial' });
  return close(step, { outcome: 'ghost-dialled', by: 'resident', cause: causes.normal });
}

/**
 * The resident's leg leaves for an outgoing call; the caller is cut, and `hold` set before that and before the outgoing call,
 * which cuts whom it finds. An emergency call waits for nothing, not even for the cut. What plays to the resident is stopped
 * first of all: Asterisk sends no channel on while something plays on it.
 */
export function dialOut(
  step: StepBuilder,
  { written: number, class: kind }: GhostDial,
  by: 'ghost-dial' | 'advice',
  ...hold: readonly Effect[]
): void {
  const out: Effect = { do: 'DialOut', leg: 'resident', number, by };
  step.stopPlaying().ask(...hold);
  if (kind === 'emergency') step.ask(out);
  step.hangUp('caller', causes.normal);
  if (kind !== 'emergency') step.ask(out);
  step.leg('resident', 'gone').set({ handedOn: true, keying: nothingKeyed });
}
