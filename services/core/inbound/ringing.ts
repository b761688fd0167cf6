import type { CallEvent, Ending, PromptName, Sound } from '../call.ts';
import type { CallingNumber } from '../caller.ts';
import { nothingKeyed } from '../ghost-dial.ts';
import { causes, close, part } from './ending.ts';
import { onResidentKey, onRestOfNumber } from './keying.ts';
import type { Party, Stage } from './state.ts';
import { failsPrompt, isDeadline, type Step, type StepBuilder } from './step.ts';
import { isRecorded, startTalking } from './talking.ts';

/** From the ring to the moment the parties hear one another: the whispered warning stands between. */

/** A little beyond the ringing time given to Asterisk, which ends the ringing itself. */
const graceMs = 3_000;
const staffRingSeconds = 30;
/** Longer than the longest whisper. An unconfirmed warning is no warning: the call ends. */
const whisperMs = 60_000;
/** The resident's key, while the whisper plays, that sends the caller away or to staff. */
const refuseKey = '*';

export type Otherwise = (step: StepBuilder) => Step;

/** Rings a party's phone and lets the caller hear it ring. */
export function offerCall(step: StepBuilder, party: Party): Step {
  const { line, caller } = step.facts;
  const seconds = party === 'resident' ? line.ringSeconds : staffRingSeconds;
  step.enter({ name: 'ringing', party }, seconds * 1000 + graceMs).leg(party, 'ringing');
  // Whoever withholds the number withholds that of the network too.
  const number = caller.withheld ? null : (caller.presentation ?? caller.network);
  step.ask({ do: 'Ring', leg: party, showName: showName(step, party), showNumber: showNumber(number), seconds });
  if (step.call.legs.caller !== 'up') return step.ask({ do: 'Alert', leg: 'caller' }).done();
  step.stopComfort();
  return step.comfort({ prompt: party === 'staff' ? 'passing-to-staff' : 'please-wait' }, { tone: 'ring' }).done();
}

/** Offers the call to staff where there are any, and otherwise does what the caller names. */
export function offerToStaffOr(step: StepBuilder, otherwise: Otherwise): Step {
  return step.facts.staffed ? offerCall(step.answerCaller(), 'staff') : otherwise(step);
}

function showName(step: StepBuilder, party: Party): string {
  const { line, verdict, caller } = step.facts;
  if (party === 'staff') return `For ${line.resident}: ${verdict.standing} caller`;
  if (verdict.standing === 'trusted') return `Trusted: ${verdict.trustedName ?? 'contact'}`;
  if (verdict.trustedName !== null) return `Says ${verdict.trustedName}, unproven`;
  if (verdict.standing === 'blocked' || verdict.standing === 'suspect') return 'Beware: suspect caller';
  return caller.withheld ? 'Unknown caller, withheld' : 'Unknown caller';
}

function showNumber(number: CallingNumber | null): string | null {
  return number === null ? null : (number.e164 ?? number.written);
}

export function onRinging(
  step: StepBuilder,
  stage: Extract<Stage, { name: 'ringing' }>,
  event: CallEvent,
  otherwise: Otherwise,
): Step {
  const { party } = stage;
  if (event.type === 'Answered' && event.leg === party) {
    step.leg(party, 'up');
    return isWhispered(step, party) ? whisper(step, party) : startTalking(step, party);
  }
  if (event.type === 'HungUp' && event.leg === party) {
    return party === 'staff' ? otherwise(step) : giveUp(step, missed(event.cause));
  }
  if (isDeadline(event)) {
    step.hangUp(party, causes.noAnswer);
    return party === 'staff' ? otherwise(step) : giveUp(step, missed(causes.noAnswer));
  }
  return step.done();
}

export interface Missed {
  readonly ending: Ending;
  readonly words: PromptName;
}

/** What a phone that was not answered means, by Q.850 cause. */
function missed(cause: number): Missed {
  switch (cause) {
    case causes.busy:
      return { words: 'busy', ending: { outcome: 'busy', by: 'resident', cause } };
    case causes.rejected:
      return { words: 'refused', ending: { outcome: 'resident-refused', by: 'resident', cause } };
    case 18:
    case causes.noAnswer:
    case causes.normal:
      return { words: 'no-answer', ending: { outcome: 'no-answer', by: 'resident', cause: causes.noAnswer } };
    default:
      return { words: 'not-reachable', ending: { outcome: 'not-reachable', by: 'clearline', cause: causes.absent } };
  }
}

/** Tells the caller that nobody takes the call, and why, and ends it. */
export function giveUp(step: StepBuilder, { ending, words }: Missed): Step {
  const answered = step.call.legs.caller === 'up';
  return part(step, 'caller', answered ? { ...ending, cause: causes.normal } : ending, { prompt: words });
}

/** Whoever answers for a trusted caller simply talks; staff always hear whose call it is. */
function isWhispered(step: StepBuilder, party: Party): boolean {
  return party === 'staff' || step.facts.verdict.treatment !== 'connect';
}

function whisper(step: StepBuilder, party: Party): Step {
  const { verdict } = step.facts;
  const { nameRecording } = step.call;
  const named: Sound[] = nameRecording === null ? [] : [{ prompt: 'whisper-named' }, { recording: nameRecording }];
  step.enter({ name: 'whispering', party, warned: party === 'staff' }, whisperMs);
  if (party === 'staff') return step.play('staff', { prompt: 'whisper-staff' }, ...named).done();
  const opening: Sound = { prompt: verdict.wording === 'strong' ? 'whisper-strong' : 'whisper-unknown' };
  // The warning comes last: of several sounds Asterisk only tells whether the last could be played (22.10).
  return step.play('resident', opening, ...named, { prompt: 'whisper-warning' }).done();
}

/** What follows the warning: that the call is recorded, and the keys. */
function explain(step: StepBuilder): Step {
  const recorded: Sound[] = isRecorded(step, 'resident') ? [{ prompt: 'recording-notice' }] : [];
  return step
    .set({ stage: { name: 'whispering', party: 'resident', warned: true } })
    .play('resident', ...recorded, { prompt: 'whisper-keys' })
    .done();
}

export function onWhispering(
  step: StepBuilder,
  stage: Extract<Stage, { name: 'whispering' }>,
  event: CallEvent,
  otherwise: Otherwise,
): Step {
  const { party } = stage;
  if (event.type === 'PromptFinished' && event.playback === step.call.playing) {
    return stage.warned ? startTalking(step, party) : explain(step);
  }
  if (event.type === 'KeyPressed' && event.leg === 'resident' && party === 'resident') {
    return event.digit === refuseKey ? sendAway(step, otherwise) : onResidentKey(step, event);
  }
  if (event.type === 'Woke' && event.timer === 'keys') return onRestOfNumber(step);
  if (event.type === 'HungUp' && event.leg === party) {
    if (party === 'staff') return otherwise(step);
    return giveUp(step, { words: 'no-answer', ending: refusedByResident });
  }
  if (failsPrompt(step, event) || isDeadline(event)) {
    return close(step, { outcome: 'failed', by: 'clearline', cause: causes.normal });
  }
  return step.done();
}

const refusedByResident: Ending = { outcome: 'resident-refused', by: 'resident', cause: causes.rejected };

/** The resident pressed the key: they are done with it at once, and the caller goes to staff or away. */
function sendAway(step: StepBuilder, otherwise: Otherwise): Step {
  step.stopPlaying().hangUp('resident', causes.normal).set({ refusal: refusedByResident, keying: nothingKeyed });
  return offerToStaffOr(step, otherwise);
}
