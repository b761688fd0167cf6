import type { CallEvent, Ending, Route } from '../call.ts';
import { causes } from '../causes.ts';
import { isDeadline } from '../step.ts';
import { connect } from './audit.ts';
import { close, conclude, isUntold, part } from './ending.ts';
import { resumeChecking } from './look.ts';
import { putThrough } from './put-through.ts';
import type { Stage } from './state.ts';
import type { OutboundStep, Step } from './step.ts';

/** The dialplan has the resident's leg: what it tells of its dialling, until somebody answers or the resident comes back. */

type GoneOn = Extract<Stage, { name: 'gone-on' }>;

/** How soon a hand-over that nothing was heard of is asked for again. */
const askAgainMs = 1_000;
const mostAsked = 5;

export function onGoneOn(step: OutboundStep, stage: GoneOn, event: CallEvent): Step {
  switch (event.type) {
    case 'Dialling':
      return hear(step.set({ refusedWith: null }).leg('far', 'ringing'), stage).done();
    case 'Ringing':
      return event.leg === 'far' ? hear(step.leg('far', 'ringing'), stage).done() : step.done();
    case 'Answered':
      return event.leg === 'far' ? connect(step.unwake('inspect'), stage.route.kind === 'over') : step.done();
    case 'HungUp':
      // The next trunk, or the resident's own end, comes from the dialplan.
      return event.leg === 'far' ? refused(hear(step, stage), event.cause).done() : step.done();
    case 'CameBack':
      return onCameBack(step, stage, event.status, event.cause);
    case 'EffectFailed':
      // It may have been done all the same, and only the answer be late: then something is heard of it.
      return event.effect === 'PutThrough' && !stage.heard ? step.wake('inspect', askAgainMs).done() : step.done();
    case 'Woke':
      if (isDeadline(event)) return conclude(step.unwake('inspect'), lostEnding(step));
      return event.timer === 'inspect' && !stage.heard ? onNotTaken(step, stage) : step.done();
    default:
      return step.done();
  }
}

function hear(step: OutboundStep, stage: GoneOn): OutboundStep {
  if (stage.heard) return step;
  return step.set({ stage: { ...stage, heard: true } }).unwake('inspect');
}

function refused(step: OutboundStep, cause: number): OutboundStep {
  return isUntold(cause) ? step : step.set({ refusedWith: cause });
}

function onCameBack(step: OutboundStep, stage: GoneOn, status: string, cause: number): Step {
  const { route, asked } = stage;
  // It never left: no trunk has refused it, and what was seen of the line is no longer news.
  if (status === '') return route.kind === 'over' ? resumeChecking(step).done() : onNotTaken(step, stage);
  step.set({ refusedWith: cause || causes.unspecified });
  if (step.isLive('far')) step.leg('far', 'gone');
  if (route.kind === 'over') return status === 'BUSY' ? onBusy(step) : leaveTrunk(step, route.trunk);
  // These contexts give nobody back. Should it happen all the same, nobody is left in silence, 999 least of all.
  return route.kind === 'emergency' || (route.kind === 'dialplan' && asked < mostAsked)
    ? askAgain(step, route, asked)
    : giveUp(step);
}

function onBusy(step: OutboundStep): Step {
  const ending = { outcome: 'not-connected', by: 'far', cause: causes.busy } as const;
  return step.call.legs.resident === 'up' ? part(step, ending, 'busy') : close(step, ending);
}

/** The next trunk, after a look of its own. */
function leaveTrunk(step: OutboundStep, trunk: string): Step {
  return resumeChecking(step.guarding({ failed: [...step.guard.failed, trunk] })).done();
}

/** Asterisk refused to hand the leg over, or nothing was heard of it. */
function onNotTaken(step: OutboundStep, { route, asked }: GoneOn): Step {
  if (route.kind === 'over') return leaveTrunk(step, route.trunk);
  return route.kind === 'emergency' || asked < mostAsked ? askAgain(step, route, asked) : giveUp(step);
}

/**
 * Asterisk hands over no leg that is on its way already: asking once too often is harmless. An emergency call is asked for until
 * it is heard of. Of the others nothing need be heard for minutes, while the dialplan waits for the hold to end: they are asked
 * for again only when Asterisk refuses.
 */
function askAgain(step: OutboundStep, route: Route, asked: number): Step {
  putThrough(step, route, asked + 1);
  return route.kind === 'emergency' ? step.wake('inspect', askAgainMs).done() : step.done();
}

function giveUp(step: OutboundStep): Step {
  return part(step, { outcome: 'not-connected', by: 'clearline', cause: causes.normal }, 'cannot-reach');
}

function lostEnding({ call }: OutboundStep): Ending {
  return { outcome: 'not-connected', by: 'clearline', cause: call.refusedWith ?? causes.unspecified };
}
