import type { CallEvent } from '../call.ts';
import { causes } from '../causes.ts';
import { type Assessment, assessDeparture, type LineEvidence, permittedTrunks } from '../clearance.ts';
import { failsPrompt, isDeadline } from '../step.ts';
import { connect } from './audit.ts';
import { part } from './ending.ts';
import { forgetLook, look, newGuard, silenceMs } from './look.ts';
import { putThrough } from './put-through.ts';
import { promiseCallBack, ringStaff } from './staff.ts';
import type { OutboundStep, Step } from './step.ts';
import { hasOtherTrunk, keys, pause, tellHowThingsStand } from './words.ts';

/**
 * A guarded number leaves only upon a look that found the line clear: each hand-over to a trunk below answers such a look,
 * and a look in flight when something changed counts for nothing.
 */

/** Longer than the longest sentence takes: a lost "finished" moves the call on. */
const sentenceMs = 15_000;
/** A line that is not clear for longer than this is for staff to know. */
const alertMs = 5_000;
/** Pause between two rounds over all trunks. */
const roundMs = 15_000;

/** Nothing is said and nothing answered at first: on a clear line the resident hears the far end's own ringing. */
export function startChecking(step: OutboundStep): Step {
  const { by, at } = step.facts;
  const sentence = {
    phone: null,
    'ghost-dial': 'ghost-dialled',
    advice: 'reaching-101',
    'call-back': 'call-back',
  } as const;
  const prompt = sentence[by];
  step.set({ guard: newGuard(at, prompt !== null) }).ask({ do: 'CutOthers' });
  look(step).enter({ name: 'checking' }, step.call.rules.waitSeconds * 1000);
  if (prompt === null) return step.wake('words', silenceMs).done();
  return step.say({ prompt }).wake('words', sentenceMs).done();
}

export function onChecking(step: OutboundStep, event: CallEvent): Step {
  switch (event.type) {
    case 'LineInspected':
      return onLook(step, event.evidence);
    case 'TakenOver':
      // Whoever looked is gone, and with them what they would have seen.
      return look(forgetLook(step)).done();
    case 'CameBack':
      // From a hand-over that seemed lost: what was seen before it counts no more.
      return look(step.isLive('far') ? step.leg('far', 'gone') : step).done();
    case 'Dialling':
      // From one, too: it is the call's own leg, and nobody who stands between the resident and the police.
      return step.leg('far', 'ringing').done();
    case 'Answered':
      return event.leg === 'far' ? connect(step.stopPlaying().unwake('words'), true) : step.done();
    case 'Woke':
      return onWoke(step, event);
    case 'PromptFinished':
      return event.playback === step.call.playing ? spoken(step.set({ playing: null })) : step.done();
    case 'KeyPressed':
      return event.leg === 'resident' && step.guard.told ? onKey(step, event.digit) : step.done();
    case 'EffectFailed':
      if (failsPrompt(step, event)) return spoken(step.set({ playing: null }));
      return event.effect === 'InspectLine' ? onUnknown(step) : step.done();
    default:
      return step.done();
  }
}

function onWoke(step: OutboundStep, event: CallEvent): Step {
  if (event.type !== 'Woke') return step.done();
  // The dialplan's own books decide from here: it waits while a caller's leg lives or the hold lasts, then connects.
  if (isDeadline(event)) return putThrough(step, { kind: 'dialplan' });
  if (event.timer === 'words')
    return step.guard.sentence ? spoken(step.stopPlaying()) : tellHowThingsStand(step).done();
  if (event.timer !== 'inspect') return step.done();
  if (step.guard.look !== 'none') return onUnknown(step);
  if (!step.guard.exhausted) return look(step).done();
  // A round cuts short what is being said, and the keys come last.
  return (step.call.playing === null ? beginRound(step) : step.wake('inspect', slowMs)).done();
}

function onLook(step: OutboundStep, evidence: LineEvidence): Step {
  const { look: asked } = step.guard;
  if (asked === 'none') return step.done();
  forgetLook(step);
  if (asked === 'stale') return look(step).done();
  const assessment = assessDeparture(evidence, step.facts.trunks);
  return assessment.state === 'clear' ? onClear(step, evidence) : onUnclear(step, evidence, assessment);
}

function onClear(step: OutboundStep, evidence: LineEvidence): Step {
  const { trunks, suspectTrunks } = step.facts;
  step.guarding({ unclearSince: null, timedUntil: null, looks: 0 });
  if (step.isLive('far')) return step.wake('inspect', slowMs).done();
  // Looked at again once the sentence is over.
  if (step.guard.sentence) return step.unwake('inspect').done();
  const trunk = permittedTrunks(trunks, suspectTrunks, evidence.timedTrunks).find(
    (one) => !step.guard.failed.includes(one),
  );
  return trunk === undefined ? exhaust(step) : putThrough(step, { kind: 'over', trunk });
}

/** The line is clear, and no trunk takes the call. */
function exhaust(step: OutboundStep): Step {
  if (step.facts.by === 'call-back') {
    step.ask({ do: 'Raise', alert: 'call-back-failed' });
    const cause = step.call.refusedWith ?? causes.normal;
    return part(step, { outcome: 'not-connected', by: 'far', cause }, 'call-back-cannot');
  }
  step.guarding({ exhausted: true }).wake('inspect', roundMs);
  return tellHowThingsStand(step).done();
}

function beginRound(step: OutboundStep): OutboundStep {
  return look(step.guarding({ exhausted: false, failed: [], looks: 0 }));
}

function onUnclear(
  step: OutboundStep,
  evidence: LineEvidence,
  assessment: Exclude<Assessment, { state: 'clear' }>,
): Step {
  const { looks } = step.guard;
  raiseIfLong(step);
  if (assessment.state === 'clearing') {
    step.ask({ do: 'Cut', channels: assessment.suspects }).wake('inspect', pace(looks));
    return step.guarding({ timedUntil: null }).done();
  }
  // Nobody is on the line: it is the trunks that hold the call.
  const timed = assessDeparture(evidence, []).state === 'clear';
  step.guarding({ timedUntil: timed ? step.at + assessment.waitMs : null });
  return step.wake('inspect', Math.min(assessment.waitMs, slowMs)).done();
}

/** No witness answered in time, or nobody could be asked. */
function onUnknown(step: OutboundStep): Step {
  if (step.guard.look === 'none') return step.done();
  raiseIfLong(forgetLook(step));
  return step.wake('inspect', slowMs).done();
}

const slowMs = 1_000;

/** A channel that was cut is gone within milliseconds, or has to be cut again. */
function pace(looks: number): number {
  if (looks < 3) return 30 * 2 ** looks;
  return looks < 12 ? 250 : slowMs;
}

function raiseIfLong(step: OutboundStep): void {
  const { unclearSince, raised, looks } = step.guard;
  const since = unclearSince ?? step.at;
  const long = !raised && step.at - since >= alertMs;
  step.guarding({ unclearSince: since, looks: looks + 1, raised: raised || long });
  if (long) step.ask({ do: 'Raise', alert: 'line-not-clear' });
}

/** What was being said is over, or its end was lost. */
function spoken(step: OutboundStep): Step {
  const { sentence, unclearSince, looks, look: asked } = step.guard;
  if (!sentence) return pause(step).done();
  step.guarding({ sentence: false });
  if (unclearSince !== null && looks > 0) return tellHowThingsStand(step).done();
  if (asked === 'none') look(step);
  return step.wake('words', silenceMs).done();
}

function onKey(step: OutboundStep, digit: string): Step {
  if (digit === keys.otherTrunk && hasOtherTrunk(step)) {
    return beginRound(step.stopPlaying()).wake('words', silenceMs).done();
  }
  if (digit === keys.callBack) return promiseCallBack(step);
  // Staff whose telephone still rings from the last try cannot be rung again yet.
  if (digit === keys.staff && step.facts.staffed && !step.isLive('staff')) return ringStaff(step);
  return step.done();
}
