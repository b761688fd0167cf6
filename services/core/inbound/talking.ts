import type { CallEvent, Ending } from '../call.ts';
import { assessLine } from '../clearance.ts';
import { causes, close, part } from './ending.ts';
import type { Party, Stage } from './state.ts';
import { endsPrompt, failsPrompt, isDeadline, type Step, type StepBuilder } from './step.ts';

/** The conversation, and what the resident hears and can do once the caller has gone. */

/** Ends the call and reports it as fraud; reaches the police from the advice. */
export const reportKey = '*';
const policeKey = '1';
const adviceMs = 30_000;
const adviceKeyMs = 10_000;
const policeRingSeconds = 60;
/** How soon a line that is not clear is looked at again. */
const inspectAgainMs = 1_000;
/** How often a resident who waits for a clear line is told so, lest they take the silence for a dead line and hang up. */
const tellAgainMs = 8_000;

/** Lets caller and party hear one another; a call nobody vouched for holds the line from here on. */
export function startTalking(step: StepBuilder, party: Party): Step {
  const guarded = isGuarded(step, party);
  step.answerCaller().stopComfort().enter({ name: 'talking', party }, null);
  if (step.facts.verdict.standing !== 'trusted' && party === 'resident') {
    step.ask({ do: 'Hold', seconds: step.call.rules.holdSeconds, vouched: false });
  }
  step.ask({ do: 'Connect', legs: ['caller', party], watchKeys: guarded });
  if (isRecorded(step, party)) step.ask({ do: 'RecordCall', recording: `${step.call.id}-call` });
  if (guarded) step.ask({ do: 'Wake', timer: 'reminder', afterMs: step.call.rules.reminderSeconds * 1000 });
  return step.done();
}

/** Warned calls keep their keys, reminders and advice; a trusted or paused one is left in peace. */
function isGuarded(step: StepBuilder, party: Party): boolean {
  return party === 'resident' && step.facts.verdict.treatment !== 'connect';
}

/** Only a call whose caller was told so at the announcement: with `warn` nothing is said to them. */
export function isRecorded(step: StepBuilder, party: Party): boolean {
  return isGuarded(step, party) && step.facts.line.recordCalls && step.facts.verdict.treatment !== 'warn';
}

export function onTalking(step: StepBuilder, stage: Extract<Stage, { name: 'talking' }>, event: CallEvent): Step {
  const { party } = stage;
  const ending = (by: Ending['by']): Ending => ({
    outcome: party === 'staff' ? 'handled-by-staff' : 'talked',
    by,
    cause: causes.normal,
  });
  const guarded = isGuarded(step, party);
  switch (event.type) {
    case 'HungUp':
      if (event.leg === 'caller')
        return guarded ? advise(step, ending('caller'), 'caller-gone') : close(step, ending('caller'));
      return event.leg === party ? close(step, ending(party)) : step.done();
    case 'KeyPressed':
      return guarded && event.leg === 'resident' && event.digit === reportKey ? report(step) : step.done();
    case 'Woke':
      if (event.timer !== 'reminder' || !guarded) return step.done();
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
    .ask({ do: 'Hold', seconds: step.call.rules.reportedHoldSeconds, vouched: false })
    .hangUp('caller', causes.normal);
  return advise(step, { outcome: 'reported', by: 'resident', cause: causes.normal }, 'reported');
}

function advise(step: StepBuilder, ending: Ending, opening: 'caller-gone' | 'reported'): Step {
  // A reminder that still plays would stand before the advice.
  step.stopPlaying().ask({ do: 'Unwake', timer: 'reminder' }).enter({ name: 'advising', ending, repeats: 0 }, adviceMs);
  return step.play('resident', { prompt: opening }, { prompt: 'advice' }).done();
}

/** The advice is played twice, with time after each for the key; a lost "finished" counts as played. */
export function onAdvising(step: StepBuilder, stage: Extract<Stage, { name: 'advising' }>, event: CallEvent): Step {
  const { ending, repeats } = stage;
  if (event.type === 'HungUp') return event.leg === 'resident' ? close(step, ending) : step.done();
  if (event.type === 'KeyPressed') {
    return event.leg === 'resident' && event.digit === policeKey ? clearLine(step, ending) : step.done();
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

function clearLine(step: StepBuilder, ending: Ending): Step {
  step.stopPlaying().hangUp('caller', causes.normal).enter({ name: 'clearing', ending, toldAt: null }, inspectAgainMs);
  return step.ask({ do: 'InspectLine' }).done();
}

/** The police are never called while any channel of the suspect call may exist; the resident is told, and needs press nothing. */
export function onClearing(step: StepBuilder, stage: Extract<Stage, { name: 'clearing' }>, event: CallEvent): Step {
  const { ending } = stage;
  if (event.type === 'HungUp') return event.leg === 'resident' ? close(step, ending) : step.done();
  if (isDeadline(event)) {
    return step
      .hangUp('caller', causes.normal)
      .ask({ do: 'InspectLine' }, { do: 'Wake', timer: 'deadline', afterMs: inspectAgainMs })
      .done();
  }
  if (event.type === 'PromptFinished') return step.finishPlaying(event).done();
  if (event.type !== 'LineInspected') return step.done();
  const assessment = assessLine(event.evidence);
  if (assessment.state === 'clear') return callPolice(step, ending);
  step.hangUp('caller', causes.normal);
  if (assessment.state === 'clearing') cut(step, assessment.suspects);
  if (stage.toldAt !== null && event.at - stage.toldAt < tellAgainMs) return step.done();
  return step
    .stopPlaying()
    .set({ stage: { ...stage, toldAt: event.at } })
    .play('resident', { prompt: 'line-not-clear' })
    .done();
}

/** Whoever else waits in the line, or is on hold, could come back in between; this caller's own leg is hung up as ever. */
function cut(step: StepBuilder, suspects: readonly string[]): void {
  // The caller's channel is named after the call.
  const channels = suspects.filter((channel) => channel !== step.call.id || !step.isLive('caller'));
  if (channels.length > 0) step.ask({ do: 'Cut', channels });
}

function callPolice(step: StepBuilder, ending: Ending): Step {
  step
    // Whatever still played when the police answer would keep Asterisk from connecting them.
    .stopPlaying()
    .enter({ name: 'calling-police', ending, connected: false }, (policeRingSeconds + 3) * 1000)
    .leg('police', 'ringing');
  const { number } = step.facts.line;
  step.ask({ do: 'Ring', leg: 'police', showName: '', showNumber: number, seconds: policeRingSeconds });
  return step.play('resident', { prompt: 'reaching-101' }, { tone: 'ring' }).done();
}

export function onCallingPolice(
  step: StepBuilder,
  stage: Extract<Stage, { name: 'calling-police' }>,
  event: CallEvent,
): Step {
  const { ending, connected } = stage;
  const cannotReach = () => part(step.stopPlaying(), 'resident', ending, { prompt: 'cannot-reach' });
  switch (event.type) {
    case 'Answered':
      if (event.leg !== 'police' || connected) return step.done();
      step
        .stopPlaying()
        .leg('police', 'up')
        .enter({ ...stage, connected: true }, null);
      return step.ask({ do: 'Connect', legs: ['resident', 'police'], watchKeys: false }).done();
    case 'HungUp':
      if (event.leg === 'resident') return close(step, ending);
      if (event.leg !== 'police') return step.done();
      return connected ? close(step, ending) : cannotReach();
    case 'EffectFailed':
      return event.effect === 'Connect' && connected ? cannotReach() : step.done();
    case 'Woke':
      return isDeadline(event) && !connected ? cannotReach() : step.done();
    default:
      return step.done();
  }
}
