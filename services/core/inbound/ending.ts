import type { Ending, Leg, Sound } from '../call.ts';
import { causes } from '../causes.ts';
import type { Step, StepBuilder } from './step.ts';

/** How a call comes to its end: last words to one leg, every leg hung up, the conclusion. */

const parts: readonly Leg[] = ['caller', 'resident', 'staff'];
/** How long the hang-ups of a closing call may take to be confirmed before the record is written without them. */
const closingMs = 5_000;

export { causes };

/** Hangs up whoever is left and waits until all are gone; the record follows. */
export function close(step: StepBuilder, ending: Ending): Step {
  step.stopComfort().enter({ name: 'closing', ending }, closingMs).ask({ do: 'Unwake', timer: 'reminder' });
  for (const leg of parts) step.hangUp(leg, ending.cause);
  return concludeIfEmpty(step, ending);
}

/** Writes the end once nobody is left. */
export function concludeIfEmpty(step: StepBuilder, ending: Ending): Step {
  if (parts.some((leg) => step.isLive(leg))) return step.done();
  return conclude(step, ending);
}

export function conclude(step: StepBuilder, ending: Ending): Step {
  step.set({ stage: { name: 'ended', ending } });
  return step.ask({ do: 'Unwake', timer: 'deadline' }, { do: 'Conclude', ending }).done();
}

const partingMs = 22_000;

/**
 * Says why to a leg, then ends. A caller whose leg was never answered is not answered for that: the cause tells their
 * network, which has its own words.
 */
export function part(step: StepBuilder, to: Leg, ending: Ending, ...sounds: readonly Sound[]): Step {
  if (step.call.legs[to] !== 'up') return close(step, ending);
  step.stopComfort().enter({ name: 'parting', ending, to }, partingMs);
  for (const leg of parts) if (leg !== to) step.hangUp(leg, causes.normal);
  return step.play(to, ...sounds).done();
}
