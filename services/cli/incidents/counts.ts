import {
  type AreaTally,
  type Tally,
  tally,
  tellArea,
  tellByOutcome,
  tellSimilarCalls,
  trendsOf,
} from '../../core/incident/counts.ts';
import { incidentOutcomes } from '../../core/incident/incident.ts';
import { beginOfPeriod, type PeriodUnit, periodsBetween } from '../../core/incident/periods.ts';
import { incidentOutcomeHeads } from '../../core/incident/words.ts';
import type { IncidentStore, Period } from '../../core/stores.ts';
import { count, formatTable, formatTime } from '../table.ts';
import { readWhen } from '../when.ts';
import { CommandError, exitCodes, type Session } from '../world.ts';

export interface CountsOptions {
  readonly since?: string;
  readonly until?: string;
  readonly by?: PeriodUnit;
  readonly without?: readonly string[];
  readonly json?: boolean;
}

const defaultSince: Record<PeriodUnit | 'none', string> = { none: '30d', day: '30d', week: '12w', month: '365d' };

/** clearline incidents counts: how many were targeted, where, how far it went, and whether it gets better. */
export async function showCounts(session: Session, options: CountsOptions): Promise<void> {
  const { out } = session.world;
  const { by, without = [] } = options;
  const { period, zone, counts, trend } = await session.withStore(async ({ incidents }) => {
    const site = session.zone();
    const between = periodOf(session, options, site);
    return {
      period: between,
      zone: site,
      counts: await incidents.counts(between, without),
      trend: by === undefined ? [] : await readTrend(incidents, between, by, site, without),
    };
  });
  const sums = tally(counts);
  if (options.json === true) {
    const sentence = tellSimilarCalls(counts);
    return out(JSON.stringify({ ...period, sentence, byOutcome: tellByOutcome(counts), ...sums, trend }, null, 2));
  }
  const times = `from ${formatTime(period.since, zone)} to ${formatTime(period.until, zone)}`;
  if (sums.all.total === 0) return out(`No incident is on record ${times}.`);
  out(
    [
      `${count(sums.all.total, 'incident')} ${times}`,
      tellSimilarCalls(counts),
      ...tellByOutcome(counts).map((line) => `  ${line}`),
      '',
      areaTable(sums),
      ...(trend.length > 0 ? ['', trendTable(trend)] : []),
    ].join('\n'),
  );
}

function periodOf(session: Session, { since, until, by }: CountsOptions, zone: string): Period {
  const end = readWhen(session, '--until', until ?? 'now');
  const begin = readWhen(session, '--since', since ?? defaultSince[by ?? 'none']);
  // A first week that is cut off would look better than it was.
  const from = by !== undefined && since === undefined ? beginOfPeriod(begin, by, zone) : begin;
  if (from < end) return { since: from, until: end };
  throw new CommandError('--until: found a time before --since, expected one after it.', exitCodes.notUnderstood);
}

/** Each whole day, week or month, cut off at the ends of what was asked for. */
async function readTrend(
  incidents: IncidentStore,
  between: Period,
  by: PeriodUnit,
  zone: string,
  without: readonly string[],
) {
  const periods = periodsBetween(between, by, zone).map(({ name, since, until }) => {
    return { name, since: Math.max(since, between.since), until: Math.min(until, between.until) };
  });
  return trendsOf(periods, await incidents.outcomes(between, without));
}

function areaTable({ areas, all }: Tally): string {
  // A step that nobody came to needs no column.
  const steps = incidentOutcomes.filter((step) => all.of[step] > 0);
  const row = (name: string, { of, unknown, total }: AreaTally) => [
    name,
    String(total),
    ...steps.map((step) => String(of[step])),
    ...(all.unknown > 0 ? [String(unknown)] : []),
  ];
  const heads = [
    'AREA',
    'ALL',
    ...steps.map((step) => incidentOutcomeHeads[step]),
    ...(all.unknown > 0 ? ['UNKNOWN'] : []),
  ];
  return formatTable(heads, [...areas.map((area) => row(tellArea(area.area), area)), row('all', all)]);
}

function trendTable(trend: Awaited<ReturnType<typeof readTrend>>): string {
  const rows = trend.map(({ name, targeted, notAnswered, realised, further, unknown, share }) => [
    name,
    ...[targeted, notAnswered, realised, further, unknown].map(String),
    share === null ? '' : `${Math.round(share * 100)} % (${realised} of ${targeted})`,
  ]);
  return formatTable(
    ['PERIOD', 'TARGETED', 'NOT ANSWERED', 'REALISED', 'WENT FURTHER', 'UNKNOWN', 'REALISED ÷ TARGETED'],
    rows,
  );
}
