import type { Sound } from '../call.ts';
import type { OutboundStep } from './step.ts';

/** What a resident who waits is told, and which keys they then have. */

/** The resident's keys while they wait, said in this order. */
export const keys = { otherTrunk: '1', callBack: '2', staff: '0' } as const;

/** Longer than all the words together take: a lost "finished" moves the call on. */
const wordsMs = 40_000;
/** A silence longer than this is taken for a dead line. */
const pauseMs = 8_000;

export function tellHowThingsStand(step: OutboundStep): OutboundStep {
  const { exhausted } = step.guard;
  const standing: readonly Sound[] = exhausted
    ? [{ prompt: 'cannot-reach' }]
    : [{ prompt: 'line-not-clear' }, ...timeLeft(leftMs(step))];
  return step
    .guarding({ told: true, sentence: false })
    .say(...standing, ...keysThereAre(step))
    .wake('words', wordsMs);
}

export function pause(step: OutboundStep): OutboundStep {
  return step.wake('words', pauseMs);
}

function leftMs({ call: { rules }, guard, facts, at }: OutboundStep): number {
  return guard.timedUntil === null ? rules.waitSeconds * 1000 - (at - facts.at) : guard.timedUntil - at;
}

/** Never less than it may take: seconds are rounded up to minutes. */
function timeLeft(ms: number): readonly Sound[] {
  const minutes = Math.ceil(ms / 60_000);
  if (minutes > 9) return [{ prompt: 'several-minutes' }];
  if (minutes > 1) return [{ prompt: 'wait-up-to' }, { digit: String(minutes) }, { prompt: 'minutes' }];
  return [{ prompt: ms > 45_000 ? 'one-minute' : 'under-a-minute' }];
}

/** A trunk that did not take the call and may be tried again at once. */
export function hasOtherTrunk({ guard }: OutboundStep): boolean {
  return guard.exhausted && guard.failed.length > 0;
}

function keysThereAre(step: OutboundStep): readonly Sound[] {
  const sounds: Sound[] = [];
  if (hasOtherTrunk(step)) sounds.push({ prompt: 'key-other-trunk' });
  sounds.push({ prompt: 'key-call-back' });
  if (step.facts.staffed) sounds.push({ prompt: 'key-staff' });
  return sounds;
}
