import type { AlertKind, CallEvent, PromptName } from '../call.ts';
import { causes } from '../causes.ts';
import { startChecking } from './checking.ts';
import { part } from './ending.ts';
import { putThrough, watch } from './put-through.ts';
import { isSaid, type OutboundStep, type Step } from './step.ts';
import { tollFault } from './toll.ts';

/** What a number's class, the site's policy and the hold on the line make of a call that was just dialled. */

type Dialled = Extract<CallEvent, { type: 'Dialled' }>;

/** Longer than the warning takes: a lost "finished" moves the call on. */
const warningMs = 30_000;
/** The dialplan dials within milliseconds of telling about an emergency call. */
const soonMs = 150;
/** How long a hand-over may take until something is heard of it. */
const heardMs = 1_000;

export function begin(step: OutboundStep, event: Dialled): Step {
  const { type: _, ...facts } = event;
  step.set({ facts }).leg('resident', facts.answered ? 'up' : 'ringing');
  switch (facts.number.class) {
    case 'emergency':
      return startEmergency(step);
    case 'guarded':
      return startChecking(step);
    case 'premium':
      if (step.call.rules.premium === 'refuse') return refuse(step, 'premium-refused');
      if (facts.held) return refuse(step, 'held-refused');
      return startWithinLimits(step, () => putThrough(step, { kind: 'any' }));
    case 'ordinary':
      return startWithinLimits(step, () => startOrdinary(step));
  }
}

function startWithinLimits(step: OutboundStep, start: () => Step): Step {
  const fault = tollFault(step.call);
  return fault === null ? start() : refuse(step, fault, fault);
}

/** Nothing is asked, said or waited for. */
function startEmergency(step: OutboundStep): Step {
  const { by, answered, number } = step.facts;
  const route = { kind: 'emergency' } as const;
  if (by !== 'phone' || answered) {
    watch(step.ask({ do: 'PutThrough', number, route }, { do: 'CutOthers' }), route, 1);
    return step.wake('inspect', heardMs).done();
  }
  watch(step.ask({ do: 'CutOthers' }), route, 0);
  // The dialplan dials already, unless the number was written in a way it does not know: then nothing is heard of it.
  return step.wake('inspect', soonMs).done();
}

function startOrdinary(step: OutboundStep): Step {
  const policy = step.facts.held ? step.call.rules.ordinaryWhileHeld : 'connect';
  switch (policy) {
    case 'connect':
      return putThrough(step, { kind: 'any' });
    case 'refuse':
      return refuse(step, 'held-refused');
    case 'warn':
      return step.enter({ name: 'warning' }, warningMs).say({ prompt: 'held-warning' }).done();
  }
}

function refuse(step: OutboundStep, words: PromptName, alert?: AlertKind): Step {
  if (alert !== undefined) step.ask({ do: 'Raise', alert });
  return part(step, { outcome: 'not-allowed', by: 'clearline', cause: causes.rejected }, words);
}

/** Whether or not the warning could be said: it is their call. */
export function onWarning(step: OutboundStep, event: CallEvent): Step {
  return isSaid(step, event) ? putThrough(step, { kind: 'any' }) : step.done();
}
