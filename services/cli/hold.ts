import type { KeptHolds } from '../adapters/ami-holds.ts';
import { formatNumber, readNumber } from '../core/number.ts';
import { gb } from '../core/packs/gb.ts';
import { duration } from '../core/tell.ts';

/** A line's hold, as AstDB has it. */
export interface Hold {
  /** Milliseconds left of the hold itself; 0 when there is none. */
  readonly leftMs: number;
  /** Who left it: a number as people write it, or null. */
  readonly caller: string | null;
}

/** Trunks that their far ends may still hold open, whichever line was called; the milliseconds left. */
export type TimedTrunks = readonly { readonly trunk: string; readonly leftMs: number }[];

const leftOf = (untilSeconds: number | undefined, now: number) => Math.max(0, (untilSeconds ?? 0) * 1000 - now);

/** `now` is ms since the epoch. */
export function holdOf(holds: KeptHolds, line: string, now: number): Hold {
  const { number, kind } = readNumber(holds.callers.get(line) ?? '', gb);
  return { leftMs: leftOf(holds.until.get(line), now), caller: kind === 'none' ? null : formatNumber(number, gb) };
}

/** `now` is ms since the epoch. */
export function timedTrunksOf({ timed }: KeptHolds, now: number): TimedTrunks {
  const trunks = [...timed].map(([trunk, until]) => ({ trunk, leftMs: leftOf(until, now) }));
  return trunks.filter(({ leftMs }) => leftMs > 0);
}

/** `4 min 12 s left, after a call from 07700 900123`. */
export function tellHold({ leftMs, caller }: Hold): string {
  const by = caller === null ? 'after a call that showed no number' : `after a call from ${caller}`;
  return `${duration(Math.ceil(leftMs / 1000))} left, ${by}`;
}

/** One entry a trunk: `the trunk gateway may be held open for another 4 min`. */
export function tellTimed(timedTrunks: TimedTrunks): string[] {
  return timedTrunks.map(
    ({ trunk, leftMs }) => `the trunk ${trunk} may be held open for another ${duration(Math.ceil(leftMs / 1000))}`,
  );
}
