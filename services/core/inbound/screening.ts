import type { AlertKind, CallEvent, Effect, Ending, Sound } from '../call.ts';
import { isReturnedCall, type Verdict } from '../screen.ts';
import { causes, close, part } from './ending.ts';
import { giveUp, offerCall, offerToStaffOr } from './ringing.ts';
import type { LastKey, Stage } from './state.ts';
import { endsPrompt, isDeadline, type Step, type StepBuilder } from './step.ts';

/** From the caller's arrival to the moment a phone rings: the announcement, the name, the digit, or the refusal. */

type Arrived = Extract<CallEvent, { type: 'Arrived' }>;

/** Longer than any prompt or group of prompts takes: a lost "finished" moves the call on. */
const promptMs = 30_000;
const tries = 3;
/** A key pressed briefly is reported twice; the same digit again within this time is the same press. */
const bounceMs = 250;
/** A recording ends after this much silence. Some need a moment before they speak. */
const silenceSeconds = { name: 2, message: 5 };

/**
 * Acts on the verdict that screenCaller gave. A number nobody has is refused by cause alone (SIP 404); so is everybody, trusted
 * or not, while the resident is calling the police or another guarded number: nobody may come between.
 */
export function receive(step: StepBuilder, event: Arrived, verdict: Verdict | null): Step {
  step.leg('caller', 'ringing');
  if (event.line === null || verdict === null) {
    return close(step, { outcome: 'unknown-number', by: 'clearline', cause: causes.unallocated });
  }
  const digit = String(1 + Math.floor(event.random * 9));
  step.set({ facts: { line: event.line, caller: event.caller, verdict, staffed: event.staffed, digit } });
  step.ask({ do: 'Screen', verdict });
  treat(step, event, verdict);
  for (const alert of alertsOf(event, verdict)) step.ask({ do: 'Raise', alert });
  return step.done();
}

/** Whoever left the hold may be calling again. */
function alertsOf({ held }: Arrived, verdict: Verdict): AlertKind[] {
  if (!held || verdict.standing === 'trusted') return [];
  return [isReturnedCall(verdict) ? 'returned-call' : 'call-while-held'];
}

function treat(step: StepBuilder, { engaged }: Arrived, verdict: Verdict): Step {
  // Until they have spoken with the resident, a caller holds nothing. Said before anything is played to them: Asterisk
  // sets a variable on the channel's own thread, which a prompt keeps busy. But the phone that can ring at once comes first.
  const hold: Effect = { do: 'Hold', seconds: 0, vouched: verdict.standing === 'trusted' };
  if (engaged) return close(step.ask(hold), { outcome: 'engaged', by: 'clearline', cause: causes.busy });
  switch (verdict.treatment) {
    case 'connect':
    case 'warn':
      offerCall(step, 'resident');
      return step.ask(hold).done();
    case 'announce':
    case 'challenge':
      return announce(step.ask(hold));
    case 'staff-or-refuse':
    case 'staff-or-message':
      return offerToStaffOr(step.ask(hold).answerCaller(), refuseOrTakeMessage);
    case 'refuse':
      if (isReturnedCall(verdict)) step.set({ refusal: endedByClearline('returned-call') });
      return refuse(step.ask(hold).answerCaller());
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
  const { nameSeconds: maxSeconds } = step.call.rules;
  const recording = `${step.call.id}-name`;
  step.enter({ name: 'naming', since: event.at }, maxSeconds * 1000 + 4000);
  return step
    .ask({ do: 'Record', leg: 'caller', recording, maxSeconds, silenceSeconds: silenceForName(maxSeconds) })
    .done();
}

/** Shorter than the whole recording, so that one which was all silence can be told from a name. */
function silenceForName(maxSeconds: number): number {
  return Math.min(silenceSeconds.name, maxSeconds - 1);
}

/** Less sound than this is nobody speaking. */
const spokenMs = 300;

/**
 * Whether somebody spoke in a recording that silence ended: then it lasted longer than that silence. Asterisk's own
 * figures do not tell: of a recording that was all silence it keeps a second and counts that as talking.
 */
function isSpoken(since: number, event: CallEvent, silence: number): boolean {
  return event.at - since > silence * 1000 + spokenMs;
}

export function onNaming(step: StepBuilder, stage: Extract<Stage, { name: 'naming' }>, event: CallEvent): Step {
  if (event.type === 'RecordingFinished') {
    const silence = silenceForName(step.call.rules.nameSeconds);
    if (isSpoken(stage.since, event, silence)) step.set({ nameRecording: event.recording });
    return challenge(step, 'press-to-continue', firstTry);
  }
  const broken = event.type === 'EffectFailed' && event.effect === 'Record';
  return broken || isDeadline(event) ? challenge(step, 'press-to-continue', firstTry) : step.done();
}

interface Tries {
  readonly failures: number;
  readonly lastKey: LastKey | null;
}
const firstTry: Tries = { failures: 0, lastKey: null };

function challenge(
  step: StepBuilder,
  prompt: 'press-to-continue' | 'press-digit' | 'wrong-digit',
  { failures, lastKey }: Tries,
): Step {
  step.enter({ name: 'challenging', failures, asking: true, lastKey }, promptMs);
  return step.play('caller', { prompt }, { digit: step.facts.digit }).done();
}

type Challenging = Extract<Stage, { name: 'challenging' }>;

export function onChallenging(step: StepBuilder, stage: Challenging, event: CallEvent): Step {
  if (event.type === 'KeyPressed' && event.leg === 'caller') return judgeKey(step, stage, event);
  if (stage.asking && endsPrompt(step, event)) {
    const waitMs = step.call.rules.challengeSeconds * 1000;
    return step.enter({ ...stage, asking: false }, waitMs).done();
  }
  if (!stage.asking && isDeadline(event)) return failTry(step, stage, 'press-digit', stage.lastKey);
  return step.done();
}

function judgeKey(step: StepBuilder, stage: Challenging, event: Extract<CallEvent, { type: 'KeyPressed' }>): Step {
  const { digit, at } = event;
  if (digit === step.facts.digit) return offerCall(step.stopPlaying(), 'resident');
  if (stage.lastKey?.digit === digit && at - stage.lastKey.at < bounceMs) return step.done();
  return failTry(step.stopPlaying(), stage, 'wrong-digit', { digit, at });
}

function failTry(
  step: StepBuilder,
  stage: Challenging,
  prompt: 'press-digit' | 'wrong-digit',
  lastKey: LastKey | null,
): Step {
  const failures = stage.failures + 1;
  if (failures < tries) return challenge(step, prompt, { failures, lastKey });
  step.set({ refusal: endedByClearline('challenge-failed') });
  return offerToStaffOr(step, refuse);
}

function refuse(step: StepBuilder): Step {
  return giveUp(step, { ending: step.call.refusal ?? endedByClearline('refused'), words: 'refused' });
}

/** What follows when no staff take the call: a message where the verdict allows one. */
export function refuseOrTakeMessage(step: StepBuilder): Step {
  return step.facts.verdict.treatment === 'staff-or-message' ? takeMessage(step) : refuse(step);
}

function takeMessage(step: StepBuilder): Step {
  step.stopComfort().enter({ name: 'taking-message', since: null }, promptMs);
  return step.play('caller', { prompt: 'leave-a-message' }).done();
}

type TakingMessage = Extract<Stage, { name: 'taking-message' }>;

export function onTakingMessage(step: StepBuilder, stage: TakingMessage, event: CallEvent): Step {
  if (stage.since !== null) return onRecordingMessage(step, stage.since, event);
  if (!endsPrompt(step, event)) return step.done();
  const { messageSeconds: maxSeconds } = step.call.rules;
  step.enter({ name: 'taking-message', since: event.at }, maxSeconds * 1000 + 5000);
  const recording = `${step.call.id}-message`;
  return step
    .ask({ do: 'Record', leg: 'caller', recording, maxSeconds, silenceSeconds: silenceSeconds.message })
    .done();
}

/** How long the recording of a caller who hung up may take to be told of. */
const lastWordsMs = 1_000;

/** Most callers end their message by hanging up: what they said until then is their message. */
function onRecordingMessage(step: StepBuilder, since: number, event: CallEvent): Step {
  const left = step.call.legs.caller === 'gone';
  if (event.type === 'HungUp' && event.leg === 'caller') {
    return step.enter({ name: 'taking-message', since }, lastWordsMs).done();
  }
  if (event.type === 'RecordingFinished') {
    if (left) return close(step, event.seconds > 0 ? leftBy('caller') : callerGone);
    if (!isSpoken(since, event, silenceSeconds.message)) return refuse(step);
    return part(step, 'caller', leftBy('clearline'), { prompt: 'message-saved' });
  }
  const broken = event.type === 'EffectFailed' && event.effect === 'Record';
  if (broken || isDeadline(event)) return left ? close(step, callerGone) : refuse(step);
  return step.done();
}

const callerGone: Ending = { outcome: 'caller-gone', by: 'caller', cause: causes.normal };

function leftBy(by: Ending['by']): Ending {
  return { outcome: 'message-left', by, cause: causes.normal };
}

function endedByClearline(outcome: Ending['outcome']): Ending {
  return { outcome, by: 'clearline', cause: causes.normal };
}
