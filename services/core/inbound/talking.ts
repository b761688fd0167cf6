import type { CallEvent, Ending } from '../call.ts';
import { nothingKeyed } from '../ghost-dial.ts';
import { advise } from './advising.ts';
import { causes, close } from './ending.ts';
import { onResidentKey, onRestOfNumber, reportKey } from './keying.ts';
import type { Party, Stage } from './state.ts';
import type { Step, StepBuilder } from './step.ts';

/** The conversation: what a warned resident can do in it, and what ends it. */

/** Lets caller and party hear one another; a call nobody vouched for holds the line from here on. */
export function startTalking(step: StepBuilder, party: Party): Step {
  const watchKeys = isWatched(step, party);
  step.answerCaller().stopComfort().enter({ name: 'talking', party }, null);
  holdLine(step, party).ask({ do: 'Connect', legs: ['caller', party], watchKeys });
  if (isRecorded(step, party)) step.ask({ do: 'RecordCall', recording: `${step.call.id}-call` });
  return watchOver(step, party).done();
}

function holdLine(step: StepBuilder, party: Party): StepBuilder {
  const { holdSeconds: seconds } = step.call.rules;
  return isWatched(step, party) ? step.ask({ do: 'Hold', seconds, vouched: false }) : step;
}

function watchOver(step: StepBuilder, party: Party): StepBuilder {
  if (isWatched(step, party) && step.facts.line.toneWatch) step.ask({ do: 'Listen', leg: 'caller' });
  if (!isWarned(step, party)) return step;
  return step.ask({ do: 'Wake', timer: 'reminder', afterMs: step.call.rules.reminderSeconds * 1000 });
}

/**
 * A conversation that Asterisk has and nobody has kept anything of: whatever the arrival would have led to now, the two talk,
 * and are watched again. An unknown number has no line that could be watched.
 */
export function adoptTalk(step: StepBuilder, party: Party): Step {
  const { facts } = step.call;
  if (facts === null) return step.done();
  step.set({ comfort: null, refusal: null }).leg('caller', 'up').leg(party, 'up');
  step.ask({ do: 'Screen', verdict: facts.verdict }).enter({ name: 'talking', party }, null);
  return watchOver(holdLine(step, party), party).done();
}

/** A caller nobody vouches for, though screening rest: a safe number keyed beside him, or a dial tone of his, cuts him off. */
function isWatched(step: StepBuilder, party: Party): boolean {
  return party === 'resident' && step.facts.verdict.standing !== 'trusted';
}

/** Warned calls have their key to report, reminders and advice; a trusted or paused one is left in peace. */
function isWarned(step: StepBuilder, party: Party): boolean {
  return party === 'resident' && step.facts.verdict.treatment !== 'connect';
}

/** Only a call whose caller was told so at the announcement: with `warn` nothing is said to them. */
export function isRecorded(step: StepBuilder, party: Party): boolean {
  return isWarned(step, party) && step.facts.line.recordCalls && step.facts.verdict.treatment !== 'warn';
}

export function onTalking(step: StepBuilder, stage: Extract<Stage, { name: 'talking' }>, event: CallEvent): Step {
  const { party } = stage;
  const ending = (by: Ending['by']): Ending => ({
    outcome: party === 'staff' ? 'handled-by-staff' : 'talked',
    by,
    cause: causes.normal,
  });
  const warned = isWarned(step, party);
  const watched = isWatched(step, party);
  switch (event.type) {
    case 'HungUp':
      if (event.leg === 'caller')
        return warned ? advise(step, ending('caller'), 'caller-gone') : close(step, ending('caller'));
      return event.leg === party ? close(step, ending(party)) : step.done();
    case 'KeyPressed':
      if (!watched || event.leg !== 'resident') return step.done();
      return warned && event.digit === reportKey ? report(step) : onResidentKey(step, event);
    case 'DialToneHeard':
      return watched && event.leg === 'caller' ? cutDialTone(step) : step.done();
    case 'Woke':
      if (event.timer === 'keys') return onRestOfNumber(step);
      if (event.timer !== 'reminder' || !warned) return step.done();
      return step
        .stopPlaying()
        .play('resident', { prompt: 'reminder' })
        .ask({ do: 'Wake', timer: 'reminder', afterMs: step.call.rules.reminderSeconds * 1000 })
        .done();
    case 'PromptFinished':
      return step.finishPlaying(event).done();
    case 'EffectFailed':
      return event.effect === 'Connect'
        ? close(step, { outcome: 'failed', by: 'clearline', cause: causes.normal })
        : step.done();
    default:
      return step.done();
  }
}

/** The longer hold is set before the hang-up, so that the dialplan's own handler already sees it. */
function report(step: StepBuilder): Step {
  step
    .set({ keying: nothingKeyed })
    .ask({ do: 'Hold', seconds: step.call.rules.reportedHoldSeconds, vouched: false })
    .hangUp('caller', causes.normal)
    .ask({ do: 'Raise', alert: 'reported' });
  return advise(step, { outcome: 'reported', by: 'resident', cause: causes.normal }, 'reported');
}

/** The caller plays a dial tone, so that the resident should think the line new and dial to them. */
function cutDialTone(step: StepBuilder): Step {
  step
    .ask({ do: 'Hold', seconds: step.call.rules.reportedHoldSeconds, vouched: false })
    .ask({ do: 'Raise', alert: 'fake-dial-tone' })
    .hangUp('caller', causes.normal);
  return advise(step, { outcome: 'fake-dial-tone', by: 'clearline', cause: causes.normal }, 'fake-dial-tone');
}
