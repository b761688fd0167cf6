import type { Store } from '../adapters/sql/store.ts';
import { tally, tellByOutcome, tellSimilarCalls, trendOf } from '../core/incident/counts.ts';
import { beginOfPeriod, type PeriodUnit, periodsBetween } from '../core/incident/periods.ts';

/** The counts that the police ask for, of the last days, weeks or months. */

const back: Readonly<Record<PeriodUnit, number>> = { day: 30, week: 12 * 7, month: 365 };

/** From the beginning of the first whole period until now. */
export async function figuresOf({ incidents }: Pick<Store, 'incidents'>, by: PeriodUnit, now: number, zone: string) {
  const since = beginOfPeriod(now - back[by] * 86_400_000, by, zone);
  const counts = await incidents.counts({ since, until: now });
  const trend = await Promise.all(
    periodsBetween({ since, until: now }, by, zone).map(async ({ name, ...period }) => ({
      name,
      ...period,
      ...trendOf(await incidents.counts(period)),
    })),
  );
  return {
    since,
    until: now,
    sentence: tellSimilarCalls(counts),
    byOutcome: tellByOutcome(counts),
    ...tally(counts),
    trend,
  };
}
