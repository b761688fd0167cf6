import type { CallEvent, Leg } from './call.ts';
import { causes } from './causes.ts';
import { connectedEnding, onConnected } from './outbound/audit.ts';
import { begin, onWarning } from './outbound/begin.ts';
import { onChecking } from './outbound/checking.ts';
import { close, conclude, concludeIfEmpty, unansweredEnding } from './outbound/ending.ts';
import { onGoneOn } from './outbound/gone-on.ts';
import { forgetLook } from './outbound/look.ts';
import { onPromising, onRingingStaff, onWithStaff } from './outbound/staff.ts';
import type { OutboundCall, Stage } from './outbound/state.ts';
import { isSaid, OutboundStep, type Step } from './outbound/step.ts';
import { unkeptDigit } from './step.ts';

export { newOutboundCall, type OutboundCall, type OutboundRules } from './outbound/state.ts';

/**
 * One step of an outgoing call: what the event makes of the call, and what Clearline asks of the world. Pure; may be called
 * with any event in any stage, since events can cross: what does not fit the stage changes nothing.
 */
export function decideOutbound(call: OutboundCall, event: CallEvent): Step {
  const step = new OutboundStep(call, event.at);
  if (event.type === 'Answered' && isGivenUp(call, event.leg)) {
    return step.leg(event.leg, 'up').hangUp(event.leg, causes.normal).done();
  }
  const { stage } = call;
  if (stage.name === 'ended') return step.done();
  if (event.type === 'HungUp') {
    if (!step.isLive(event.leg)) return step.done();
    step.leg(event.leg, 'gone');
    if (event.leg === 'resident') return loseResident(step, stage, event);
  }
  if (event.type === 'LineInspected' && stage.name !== 'checking' && stage.name !== 'connected') {
    return forgetLook(step).done();
  }
  return decideByStage(step, stage, event);
}

/** Whoever picks up for a resident who has gone, or went another way, must not be left with a dead line. */
function isGivenUp({ legs, stage }: OutboundCall, leg: Leg): boolean {
  if (leg === 'staff') return stage.name !== 'ringing-staff' && stage.name !== 'with-staff';
  return leg === 'far' && legs.resident === 'gone';
}

/**
 * The event as it is kept. Keys pressed in a conversation may be a PIN: that one was pressed is on record, which one is not,
 * except those with which a resident who waits chooses.
 */
export function asKept(call: OutboundCall, event: CallEvent): CallEvent {
  if (event.type !== 'KeyPressed') return event;
  const chooses = event.leg === 'resident' && call.stage.name === 'checking' && call.guard?.told === true;
  return chooses ? event : { ...event, digit: unkeptDigit };
}

function decideByStage(step: OutboundStep, stage: Stage, event: CallEvent): Step {
  switch (stage.name) {
    case 'arriving':
      return event.type === 'Dialled' ? begin(step, event) : step.done();
    case 'warning':
      return onWarning(step, event);
    case 'checking':
      return onChecking(step, event);
    case 'gone-on':
      return onGoneOn(step, stage, event);
    case 'connected':
      return onConnected(step, stage, event);
    case 'ringing-staff':
      return onRingingStaff(step, event);
    case 'with-staff':
      return onWithStaff(step, event);
    case 'promising':
      return onPromising(step, stage, event);
    case 'parting':
      return isSaid(step, event) ? close(step, stage.ending) : step.done();
    case 'closing':
      return onClosing(step, stage, event);
    case 'ended':
      return step.done();
  }
}

/** The resident's end is the call's; what they had been told or had reached until then is how it ended. */
function loseResident(step: OutboundStep, stage: Stage, event: Extract<CallEvent, { type: 'HungUp' }>): Step {
  switch (stage.name) {
    case 'parting':
      return close(step, stage.ending);
    case 'closing':
      return concludeIfEmpty(step, stage.ending);
    case 'connected':
      return close(step, connectedEnding('resident'));
    case 'with-staff':
      return close(step, { outcome: 'handled-by-staff', by: 'resident', cause: causes.normal });
    case 'promising':
      return onPromising(step, stage, event);
    default:
      return close(step, unansweredEnding(step, event.cause));
  }
}

function onClosing(step: OutboundStep, stage: Extract<Stage, { name: 'closing' }>, event: CallEvent): Step {
  if (event.type === 'HungUp') return concludeIfEmpty(step, stage.ending);
  return event.type === 'Woke' && event.timer === 'deadline' ? conclude(step, stage.ending) : step.done();
}
