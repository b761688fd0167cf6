import type { CallEvent } from '../call.ts';
import { causes } from '../causes.ts';
import { isDeadline } from '../step.ts';
import { close, unansweredEnding } from './ending.ts';
import { resumeChecking } from './look.ts';
import type { Stage } from './state.ts';
import { isSaid, type OutboundStep, type Step } from './step.ts';
import { pause } from './words.ts';

/** What the resident who waits chose instead: staff at once, or a call back later. */

const staffRingSeconds = 30;
/** A little beyond the ringing time given to Asterisk, which ends the ringing itself. */
const graceMs = 3_000;

export function ringStaff(step: OutboundStep): Step {
  const { line } = step.facts;
  step
    .stopPlaying()
    .enter({ name: 'ringing-staff' }, staffRingSeconds * 1000 + graceMs)
    .unwake('inspect', 'words');
  step.leg('staff', 'ringing').ask({
    do: 'Ring',
    leg: 'staff',
    showName: `For ${line.resident}: waits for ${step.facts.number.name ?? step.facts.number.number}`,
    showNumber: line.number,
    seconds: staffRingSeconds,
  });
  return step.say({ prompt: 'connecting-you' }, { tone: 'ring' }).done();
}

export function onRingingStaff(step: OutboundStep, event: CallEvent): Step {
  if (event.type === 'Answered' && event.leg === 'staff') {
    // Asterisk connects no channel on which something still plays.
    step.leg('staff', 'up').stopPlaying().enter({ name: 'with-staff' }, null);
    return step.ask({ do: 'Connect', legs: ['resident', 'staff'], watchKeys: false }).done();
  }
  if (event.type === 'HungUp' && event.leg === 'staff') return resumeChecking(step.stopPlaying()).done();
  if (!isDeadline(event)) return step.done();
  return resumeChecking(step.stopPlaying().hangUp('staff', causes.noAnswer)).done();
}

export function onWithStaff(step: OutboundStep, event: CallEvent): Step {
  if (event.type === 'HungUp' && event.leg === 'staff') {
    return close(step, { outcome: 'handled-by-staff', by: 'staff', cause: causes.normal });
  }
  const failed = event.type === 'EffectFailed' && event.effect === 'Connect';
  return failed ? resumeChecking(step.hangUp('staff', causes.normal)).done() : step.done();
}

/** Longer than the promise takes to say. */
const promiseMs = 15_000;
/** The queue that keeps the promise answers within a second: longer than that. */
const keptMs = 1_500;

export function promiseCallBack(step: OutboundStep): Step {
  step.stopPlaying().enter({ name: 'promising', keptAt: step.at + keptMs }, promiseMs);
  step.unwake('inspect', 'words');
  step.ask({ do: 'CallBackLater', number: step.facts.number });
  return step.say({ prompt: 'call-back-promised' }).done();
}

export function onPromising(step: OutboundStep, stage: Extract<Stage, { name: 'promising' }>, event: CallEvent): Step {
  const gone = !step.isLive('resident');
  if (event.type === 'EffectFailed' && event.effect === 'CallBackLater') {
    // They hung up because they were told to: somebody has to know.
    if (gone) return close(step.ask({ do: 'Raise', alert: 'call-back-failed' }), unansweredEnding(step, causes.normal));
    resumeChecking(step.stopPlaying()).say({ prompt: 'call-back-impossible' });
    return pause(step).done();
  }
  if (event.type === 'HungUp' && event.leg === 'resident') return step.enter(stage, keptMs).done();
  if (gone ? !isDeadline(event) : !isSaid(step, event)) return step.done();
  // A site's own recording may be shorter than the queue takes.
  const leftMs = stage.keptAt - step.at;
  if (!isDeadline(event) && leftMs > 0) return step.enter(stage, leftMs).done();
  return close(step, { outcome: 'called-back-later', by: 'clearline', cause: causes.normal });
}
