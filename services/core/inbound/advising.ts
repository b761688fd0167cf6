import type { CallEvent, Ending } from '../call.ts';
import { type GhostDial, type Keying, keyIn, mayGoOn, nothingKeyed } from '../ghost-dial.ts';
import { classifyDialled } from '../number.ts';
import { close, part } from './ending.ts';
import { dialOut, type KeyPressed, reportKey, restOfNumberMs } from './keying.ts';
import type { Stage } from './state.ts';
import { endsPrompt, failsPrompt, isDeadline, type Step, type StepBuilder } from './step.ts';

/** What the resident hears and can do once the caller has gone. */

type Advising = Extract<Stage, { name: 'advising' }>;

/** What the advice says to press for the police. */
export const policeKey = '1';
const policeNumber = '101';
const adviceMs = 30_000;
const adviceKeyMs = 10_000;
/** Key 1 alone is the police; but 111, 112 and 159 begin like it. */
const policeKeyMs = 1_500;
/** A key pressed briefly may be reported twice within this time. */
const bounceMs = 250;

export function advise(
  step: StepBuilder,
  ending: Ending,
  opening: 'caller-gone' | 'reported' | 'fake-dial-tone',
): Step {
  // A reminder that still plays would stand before the advice.
  step.stopPlaying().ask({ do: 'Unwake', timer: 'reminder' }).enter({ name: 'advising', ending, repeats: 0 }, adviceMs);
  return step.play('resident', { prompt: opening }, { prompt: 'advice' }).done();
}

/** The advice is played twice, with time after each for the key; a lost "finished" counts as played. */
export function onAdvising(step: StepBuilder, stage: Advising, event: CallEvent): Step {
  const { ending, repeats } = stage;
  if (event.type === 'HungUp') return event.leg === 'resident' ? close(step, ending) : step.done();
  if (event.type === 'KeyPressed') return event.leg === 'resident' ? onKey(step, stage, event) : step.done();
  if (event.type === 'Woke' && event.timer === 'keys') {
    const { pending } = step.call.keying;
    return pending === null ? step.done() : reach(step, ending, pending);
  }
  const speaking = step.call.playing !== null;
  if (speaking && failsPrompt(step, event)) return part(step, 'resident', ending, { prompt: 'goodbye' });
  if (speaking && endsPrompt(step, event)) {
    return step.enter({ name: 'advising', ending, repeats: repeats + 1 }, adviceKeyMs).done();
  }
  if (speaking || !isDeadline(event)) return step.done();
  if (repeats >= 2) return part(step, 'resident', ending, { prompt: 'goodbye' });
  return step.enter(stage, adviceMs).play('resident', { prompt: 'advice' }).done();
}

/** Whether a key reports the call that has ended. One that was begun before it is another's: the police are not kept waiting. */
export function isReport({ pending }: Keying, { outcome }: Ending, digit: string): boolean {
  return digit === reportKey && outcome !== 'reported' && pending === null;
}

/** As in the call: a longer hold, and staff hear of it. Who ended the call, ended it all the same. */
function report(step: StepBuilder, ending: Ending): Step {
  step
    .set({ keying: nothingKeyed })
    .ask({ do: 'Hold', seconds: step.call.rules.reportedHoldSeconds, vouched: false })
    .ask({ do: 'Raise', alert: 'reported' });
  return advise(step, { ...ending, outcome: 'reported' }, 'reported');
}

/** The key that the advice names, or a guarded or emergency number keyed in full: both are honoured. */
function onKey(step: StepBuilder, stage: Advising, event: KeyPressed): Step {
  if (isReport(step.call.keying, stage.ending, event.digit)) return report(step, stage.ending);
  const rules = step.call.rules.safeNumbers;
  const { keying, dial } = keyIn(step.call.keying, event, rules);
  step.set({ keying });
  if (dial !== null) return reach(step, stage.ending, dial);
  const pending = keying.pending ?? (event.digit === policeKey ? thePolice(step, event) : null);
  if (pending !== null) {
    step.set({ keying: { ...keying, pending } });
    const afterMs = event.at - pending.from < bounceMs ? policeKeyMs : restOfNumberMs;
    return listen(step, stage).ask({ do: 'Wake', timer: 'keys', afterMs }).done();
  }
  return mayGoOn(keying.keys, event.at, rules) ? listen(step, stage).done() : step.done();
}

/** Whoever dials is not talked to meanwhile, and has time. */
function listen(step: StepBuilder, stage: Advising): StepBuilder {
  return step.stopPlaying().enter(stage, adviceKeyMs);
}

function thePolice(step: StepBuilder, { at: from }: KeyPressed): GhostDial {
  return { ...classifyDialled(policeNumber, step.call.rules.safeNumbers), written: policeNumber, from };
}

function reach(step: StepBuilder, ending: Ending, dial: GhostDial): Step {
  dialOut(step, dial, 'advice');
  return close(step, ending);
}

/** The last words to the resident are no reason to miss the last 9 of a 999. */
export function onPartingKey(step: StepBuilder, ending: Ending, event: KeyPressed): Step {
  const { keying, dial } = keyIn(step.call.keying, event, step.call.rules.safeNumbers);
  step.set({ keying });
  if (dial !== null) return reach(step, ending, dial);
  if (keying.pending !== null) step.ask({ do: 'Wake', timer: 'keys', afterMs: restOfNumberMs });
  return step.done();
}

/** No more digits came: what there is, is the number. */
export function onRestAtParting(step: StepBuilder, ending: Ending): Step {
  const { pending } = step.call.keying;
  return pending === null ? step.done() : reach(step, ending, pending);
}
