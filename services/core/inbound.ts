import type { CallEvent, Effect, Ending, Leg } from './call.ts';
import { isReport, onAdvising, onPartingKey, onRestAtParting, policeKey } from './inbound/advising.ts';
import { causes, close, conclude, concludeIfEmpty, part } from './inbound/ending.ts';
import { reportKey } from './inbound/keying.ts';
import { forgetHalfKeyed, relive } from './inbound/replay.ts';
import { onRinging, onWhispering } from './inbound/ringing.ts';
import {
  onAnnouncing,
  onChallenging,
  onNaming,
  onTakingMessage,
  receive,
  refuseOrTakeMessage,
} from './inbound/screening.ts';
import type { InboundCall, Stage } from './inbound/state.ts';
import { endsPrompt, type Step, StepBuilder } from './inbound/step.ts';
import { adoptTalk, onTalking } from './inbound/talking.ts';
import { screenCaller, type Verdict } from './screen.ts';
import { unkeptDigit } from './step.ts';

export { type InboundCall, type InboundRules, newInboundCall } from './inbound/state.ts';
export type { Step } from './inbound/step.ts';

/**
 * One step of an inbound call: what the event makes of the call, and what Clearline asks of the world. Pure; may be
 * called with any event in any stage, since events can cross: what does not fit the stage changes nothing.
 */
export function decideInbound(call: InboundCall, event: CallEvent): Step {
  const step = new StepBuilder(call);
  if (event.type === 'Answered' && isGivenUp(call, event.leg)) {
    return step.leg(event.leg, 'up').hangUp(event.leg, causes.normal).done();
  }
  if (event.type === 'TakenOver' && event.talking !== undefined) return adoptTalk(step, event.talking);
  if (call.stage.name === 'ended') return step.done();
  if (event.type === 'HungUp') {
    if (!step.isLive(event.leg)) return step.done();
    step.leg(event.leg, 'gone');
    if (event.leg === 'caller' && isBeforeTalk(call.stage)) return loseCaller(step, call.stage, event.cause);
  }
  return decideByStage(step, call.stage, event);
}

/** Lives one kept event again; `effects` is what it led to then. What it leads to now is not to be done. */
export function reliveInbound(call: InboundCall, event: CallEvent, effects: readonly Effect[]): Step {
  return relive(call, event, effects, decideInbound);
}

export { forgetHalfKeyed };

/**
 * A phone whose ringing was not confirmed, as when the connection to Asterisk was lost meanwhile, may ring all the same;
 * whoever picks it up must not be left with a dead line.
 */
function isGivenUp(call: InboundCall, leg: Leg): boolean {
  return isRungHere(call, leg) && (call.legs[leg] === 'gone' || call.stage.name === 'ended');
}

/** A phone that this call rings; a resident who has left for an outgoing call is that call's. */
function isRungHere({ handedOn }: InboundCall, leg: Leg): boolean {
  return leg === 'staff' || (leg === 'resident' && !handedOn);
}

/**
 * The event as it is kept. Keys pressed in a conversation may be a PIN that a fraudster asks for, and whoever types one types
 * on when the caller has gone: that one was pressed is on record, which one is not, except those by which the resident chooses.
 */
export function asKept(call: InboundCall, event: CallEvent): CallEvent {
  return event.type === 'KeyPressed' && isPrivate(call, event) ? { ...event, digit: unkeptDigit } : event;
}

function isPrivate(
  { stage, keying }: InboundCall,
  { leg, digit }: Extract<CallEvent, { type: 'KeyPressed' }>,
): boolean {
  switch (stage.name) {
    case 'talking':
      return leg !== 'resident' || digit !== reportKey;
    case 'advising':
      return !isReport(keying, stage.ending, digit) && (digit !== policeKey || keying.keys.length > 0);
    case 'parting':
    case 'closing':
    case 'ended':
      return true;
    default:
      return false;
  }
}

function decideByStage(step: StepBuilder, stage: Stage, event: CallEvent): Step {
  switch (stage.name) {
    case 'arriving':
      if (event.type !== 'Arrived') return step.done();
      return receive(step, event, screen(step, event));
    case 'announcing':
      return onAnnouncing(step, event);
    case 'naming':
      return onNaming(step, stage, event);
    case 'challenging':
      return onChallenging(step, stage, event);
    case 'ringing':
      return onRinging(step, stage, event, refuseOrTakeMessage);
    case 'whispering':
      return onWhispering(step, stage, event, refuseOrTakeMessage);
    case 'talking':
      return onTalking(step, stage, event);
    case 'taking-message':
      return onTakingMessage(step, stage, event);
    case 'advising':
      return onAdvising(step, stage, event);
    case 'parting':
      return onParting(step, stage, event);
    case 'closing':
      return onClosing(step, stage, event);
    case 'ended':
      return step.done();
  }
}

function screen({ call }: StepBuilder, arrived: Extract<CallEvent, { type: 'Arrived' }>): Verdict | null {
  const { caller, line, at, held, calledBefore } = arrived;
  return line && screenCaller(caller, line, { at, held, calledBefore, safeNumbers: call.rules.safeNumbers });
}

/** While these last, a caller who hangs up ends the call. */
function isBeforeTalk(stage: Stage): boolean {
  switch (stage.name) {
    case 'announcing':
    case 'naming':
    case 'challenging':
    case 'ringing':
    case 'whispering':
      return true;
    case 'taking-message':
      return stage.since === null;
    default:
      return false;
  }
}

/** Asterisk's causes for a BYE and for a CANCEL, which carry none: both are normal clearing (RFC 3398). */
const untoldCauses = new Set([0, 127]);

/** Whoever has already picked up for this caller is told, rather than left with a dead line. */
function loseCaller(step: StepBuilder, stage: Stage, cause: number): Step {
  const ending: Ending = {
    outcome: 'caller-gone',
    by: 'caller',
    cause: untoldCauses.has(cause) ? causes.normal : cause,
  };
  if (stage.name !== 'whispering') return close(step, ending);
  return part(step.stopPlaying(), stage.party, ending, { prompt: 'caller-gone' });
}

function onParting(step: StepBuilder, stage: Extract<Stage, { name: 'parting' }>, event: CallEvent): Step {
  const { to, ending } = stage;
  if (event.type === 'HungUp' && event.leg === to) return close(step, ending);
  if (to === 'resident') {
    if (event.type === 'KeyPressed' && event.leg === to) return onPartingKey(step, ending, event);
    if (event.type === 'Woke' && event.timer === 'keys') return onRestAtParting(step, ending);
    // The rest of a number is waited for beyond the words.
    if (event.type === 'PromptFinished' && step.call.keying.pending !== null) return step.finishPlaying(event).done();
  }
  return endsPrompt(step, event) ? close(step, ending) : step.done();
}

function onClosing(step: StepBuilder, stage: Extract<Stage, { name: 'closing' }>, event: CallEvent): Step {
  switch (event.type) {
    case 'HungUp':
      return concludeIfEmpty(step, stage.ending);
    case 'Answered':
      if (!isRungHere(step.call, event.leg)) return step.done();
      return step.leg(event.leg, 'up').hangUp(event.leg, causes.normal).done();
    case 'Woke':
      return event.timer === 'deadline' ? conclude(step, stage.ending) : step.done();
    default:
      return step.done();
  }
}
