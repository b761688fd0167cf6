import type { Guard } from './state.ts';
import type { OutboundStep } from './step.ts';

/** Looks at the line: one at a time, each answered or given up. */

/** Both witnesses answer or give up within a second; an answer that has not come by then is lost. */
const lostMs = 2_000;
/** A clear line takes the witnesses a few milliseconds; whoever still waits after this is told why. */
export const silenceMs = 600;
/** A trunk that fails late leaves the others this long at least. */
const leastMs = 10_000;

export function newGuard(at: number, sentence: boolean): Guard {
  return {
    look: 'none',
    looks: 0,
    unclearSince: at,
    timedUntil: null,
    raised: false,
    sentence,
    told: false,
    failed: [],
    exhausted: false,
  };
}

/** Looks afresh. While an older look is under way its answer is awaited and thrown away first. */
export function look(step: OutboundStep): OutboundStep {
  if (step.guard.look !== 'none') return step.guarding({ look: 'stale' }).wake('inspect', lostMs);
  return step.guarding({ look: 'asked' }).ask({ do: 'InspectLine' }).wake('inspect', lostMs);
}

/** An answer nobody waits for any more. */
export function forgetLook(step: OutboundStep): OutboundStep {
  return step.call.guard === null ? step : step.guarding({ look: 'none' });
}

/** Back to looking at the line, for what is left of the resident's time. */
export function resumeChecking(step: OutboundStep): OutboundStep {
  const { waitSeconds } = step.call.rules;
  const left = waitSeconds * 1000 - (step.at - step.facts.at);
  step.enter({ name: 'checking' }, Math.max(left, leastMs));
  step.guarding({ looks: 0, sentence: false, exhausted: false, unclearSince: step.at, timedUntil: null });
  return look(step).wake('words', silenceMs);
}
