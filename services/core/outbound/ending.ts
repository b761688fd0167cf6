import type { Ending, Leg, PromptName } from '../call.ts';
import { causes } from '../causes.ts';
import type { OutboundStep, Step } from './step.ts';

/** How an outgoing call comes to its end: last words to the resident, every leg hung up, the conclusion. */

const parts: readonly Leg[] = ['resident', 'far', 'staff'];
/** How long the hang-ups of a closing call may take to be confirmed before the record is written without them. */
const closingMs = 5_000;
const partingMs = 22_000;

/** Asterisk's causes for a leg that simply ended, or whose end says nothing (RFC 3398). */
const untoldCauses = new Set<number>([0, causes.normal, 127]);

export function isUntold(cause: number): boolean {
  return untoldCauses.has(cause);
}

/** Hangs up whoever is left and waits until all are gone; the record follows. */
export function close(step: OutboundStep, ending: Ending): Step {
  step.stopPlaying().enter({ name: 'closing', ending }, closingMs).unwake('inspect', 'words');
  for (const leg of parts) step.hangUp(leg, ending.cause);
  return concludeIfEmpty(step, ending);
}

/** How long the dialplan may take to end the resident's leg once the far end has gone. */
const leavingMs = 30_000;

/** The far end has gone: the dialplan ends the resident's leg in its own way. */
export function awaitTheEnd(step: OutboundStep, ending: Ending): Step {
  step.enter({ name: 'closing', ending }, leavingMs).unwake('inspect', 'words');
  return concludeIfEmpty(step, ending);
}

/** Writes the end once nobody is left. */
export function concludeIfEmpty(step: OutboundStep, ending: Ending): Step {
  if (parts.some((leg) => step.isLive(leg))) return step.done();
  return conclude(step, ending);
}

export function conclude(step: OutboundStep, ending: Ending): Step {
  step.set({ stage: { name: 'ended', ending } }).unwake('deadline');
  return step.ask({ do: 'Conclude', ending }).done();
}

/** Tells the resident why, then ends. */
export function part(step: OutboundStep, ending: Ending, words: PromptName): Step {
  step.stopPlaying().enter({ name: 'parting', ending }, partingMs).unwake('inspect', 'words');
  step.hangUp('staff', causes.normal);
  return step.say({ prompt: words }).done();
}

/**
 * How a call ends whose resident's leg ends, with this Q.850 cause, before anybody has answered: it may be the dialplan that
 * ended it, with the cause for which no trunk took the call.
 */
export function unansweredEnding({ call }: OutboundStep, cause: number): Ending {
  const refused = call.refusedWith ?? (call.stage.name === 'gone-on' && !isUntold(cause) ? cause : null);
  if (refused !== null) return { outcome: 'not-connected', by: 'far', cause: refused };
  return { outcome: 'given-up', by: 'resident', cause: causes.normal };
}
