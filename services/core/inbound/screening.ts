import type { CallEvent, Effect, Ending, Sound } from '../call.ts';
import type { Treatment, Verdict } from '../screen.ts';
import { offerCall, offerToStaffOr } from './ringing.ts';
import { causes, close, part, type Stage, type Step, type StepBuilder } from './state.ts';

/** From the caller's arrival to the moment a phone rings: the announcement, the name, the digit, or the refusal. */

type Arrived = Extract<CallEvent, { type: 'Arrived' }>;

/** Longer than any prompt or group of prompts takes: a lost "finished" moves the call on. */
const promptMs = 30_000;
const tries = 3;
/** A key pressed briefly is reported twice; the same digit again within this time is the same press. */
const bounceMs = 250;

/** Acts on the verdict that screenCaller gave; a number nobody has is refused by cause alone (SIP 404). */
export function receive(step: StepBuilder, event: Arrived, verdict: Verdict | null): Step {
  step.leg('caller', 'ringing');
  if (event.line === null || verdict === null) {
    return close(step, { outcome: 'unknown-number', by: 'clearline', cause: causes.unallocated });
  }
  const digit = String(1 + Math.floor(event.random * 9));
  step.set({ facts: { line: event.line, caller: event.caller, verdict, staffed: event.staffed, digit } });
  step.ask({ do: 'Screen', verdict });
  // Until they have spoken with the resident, a caller holds nothing. Said before anything is played to them: Asterisk
  // sets a variable on the channel's own thread, which a prompt keeps busy. But the phone that can ring at once comes first.
  const hold: Effect = { do: 'Hold', seconds: 0, vouched: verdict.standing === 'trusted' };
  if (verdict.treatment === 'connect' || verdict.treatment === 'warn') {
    offerCall(step, 'resident');
    return step.ask(hold).done();
  }
  return treatBeforeRinging(step.ask(hold), verdict.treatment);
}

function treatBeforeRinging(step: StepBuilder, treatment: Exclude<Treatment, 'connect' | 'warn'>): Step {
  switch (treatment) {
    case 'announce':
    case 'challenge':
      return announce(step);
    case 'staff-or-refuse':
    case 'staff-or-message':
      return offerToStaffOr(step.answerCaller(), refuseOrTakeMessage);
    case 'refuse':
      return refuse(step.answerCaller());
  }
}

function announce(step: StepBuilder): Step {
  const { line, verdict } = step.facts;
  step.answerCaller().enter({ name: 'announcing' }, promptMs);
  const sounds: Sound[] = [{ prompt: verdict.wording === 'strong' ? 'announcement-strong' : 'announcement' }];
  if (line.recordCalls) sounds.push({ prompt: 'recording-notice' });
  if (verdict.treatment === 'challenge') sounds.push({ prompt: 'say-your-name' });
  return step.play('caller', ...sounds).done();
}

export function onAnnouncing(step: StepBuilder, event: CallEvent): Step {
  if (!endsPrompt(step, event)) return step.done();
  if (step.facts.verdict.treatment !== 'challenge') return offerCall(step, 'resident');
  const { nameSeconds } = step.call.rules;
  const recording = `${step.call.id}-name`;
  step.enter({ name: 'naming' }, nameSeconds * 1000 + 4000);
  return step.ask({ do: 'Record', leg: 'caller', recording, maxSeconds: nameSeconds, silenceSeconds: 1 }).done();
}

/** Shorter than this and nobody spoke. */
const spokenSeconds = 0.3;

export function onNaming(step: StepBuilder, event: CallEvent): Step {
  switch (event.type) {
    case 'RecordingFinished':
      if (event.seconds >= spokenSeconds) step.set({ nameRecording: event.recording });
      return challenge(step, 'press-to-continue', 0, 0);
    case 'EffectFailed':
      return event.effect === 'Record' ? challenge(step, 'press-to-continue', 0, 0) : step.done();
    case 'Woke':
      return challenge(step, 'press-to-continue', 0, 0);
    default:
      return step.done();
  }
}

function challenge(
  step: StepBuilder,
  prompt: 'press-to-continue' | 'press-digit' | 'wrong-digit',
  failures: number,
  lastKeyAt: number,
): Step {
  step.enter({ name: 'challenging', failures, asking: true, lastKeyAt }, promptMs);
  return step.play('caller', { prompt }, { digit: step.facts.digit }).done();
}

type Challenging = Extract<Stage, { name: 'challenging' }>;

export function onChallenging(step: StepBuilder, stage: Challenging, event: CallEvent): Step {
  if (event.type === 'KeyPressed' && event.leg === 'caller') return judgeKey(step, stage, event);
  if (stage.asking && endsPrompt(step, event)) {
    const waitMs = step.call.rules.challengeSeconds * 1000;
    return step.enter({ ...stage, asking: false }, waitMs).done();
  }
  if (!stage.asking && event.type === 'Woke') return failTry(step, stage, 'press-digit', stage.lastKeyAt);
  return step.done();
}

function judgeKey(step: StepBuilder, stage: Challenging, event: Extract<CallEvent, { type: 'KeyPressed' }>): Step {
  if (event.digit === step.facts.digit) return offerCall(step.stopPlaying(), 'resident');
  if (event.at - stage.lastKeyAt < bounceMs) return step.done();
  return failTry(step.stopPlaying(), stage, 'wrong-digit', event.at);
}

function failTry(step: StepBuilder, stage: Challenging, prompt: 'press-digit' | 'wrong-digit', keyAt: number): Step {
  const failures = stage.failures + 1;
  if (failures < tries) return challenge(step, prompt, failures, keyAt);
  return offerToStaffOr(step, failChallenge);
}

function failChallenge(step: StepBuilder): Step {
  return part(step, 'caller', endedByClearline('challenge-failed'), { prompt: 'refused' });
}

function refuse(step: StepBuilder): Step {
  return part(step, 'caller', endedByClearline('refused'), { prompt: 'refused' });
}

/** What follows when no staff take the call: a message where the verdict allows one. */
export function refuseOrTakeMessage(step: StepBuilder): Step {
  return step.facts.verdict.treatment === 'staff-or-message' ? takeMessage(step) : refuse(step);
}

function takeMessage(step: StepBuilder): Step {
  step.stopComfort().enter({ name: 'taking-message', recording: false }, promptMs);
  return step.play('caller', { prompt: 'leave-a-message' }).done();
}

export function onTakingMessage(
  step: StepBuilder,
  stage: Extract<Stage, { name: 'taking-message' }>,
  event: CallEvent,
): Step {
  const { messageSeconds } = step.call.rules;
  if (!stage.recording) {
    if (!endsPrompt(step, event)) return step.done();
    step.enter({ name: 'taking-message', recording: true }, messageSeconds * 1000 + 5000);
    const recording = `${step.call.id}-message`;
    return step.ask({ do: 'Record', leg: 'caller', recording, maxSeconds: messageSeconds, silenceSeconds: 5 }).done();
  }
  switch (event.type) {
    case 'RecordingFinished':
      if (event.seconds < spokenSeconds) return refuse(step);
      return part(step, 'caller', endedByClearline('message-left'), { prompt: 'message-saved' });
    case 'EffectFailed':
      return event.effect === 'Record' ? refuse(step) : step.done();
    case 'Woke':
      return refuse(step);
    default:
      return step.done();
  }
}

/** The awaited prompt is over: heard to its end, refused by Asterisk, or its end was lost. */
export function endsPrompt(step: StepBuilder, event: CallEvent): boolean {
  if (event.type === 'PromptFinished') return event.playback === step.call.playing;
  if (event.type === 'EffectFailed') return event.effect === 'Play' && event.about === step.call.playing;
  return event.type === 'Woke' && event.timer === 'deadline';
}

function endedByClearline(outcome: Ending['outcome']): Ending {
  return { outcome, by: 'clearline', cause: causes.normal };
}
