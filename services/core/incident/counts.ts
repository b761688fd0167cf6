import type { IncidentCount, IncidentMoment, Period } from '../stores.ts';
import { type IncidentOutcome, incidentOutcomes, stepOf } from './incident.ts';
import { incidentOutcomeWords, outcomeUnknown } from './words.ts';

/** Incidents counted as the police count them: by area and by how far each went. An incident of several calls is one. */

export interface AreaTally {
  /** Null: no area is on record. */
  readonly area: string | null;
  readonly of: Readonly<Record<IncidentOutcome, number>>;
  readonly unknown: number;
  readonly total: number;
}

export interface Tally {
  /** In the order in which the areas were first rung: that is the way they went. */
  readonly areas: readonly AreaTally[];
  readonly all: AreaTally;
}

export function tally(counts: readonly IncidentCount[]): Tally {
  const byArea = Map.groupBy(inOrder(counts), ({ area }) => area);
  return { areas: [...byArea].map(([area, its]) => sumOf(area, its)), all: sumOf(null, counts) };
}

function inOrder(counts: readonly IncidentCount[]): IncidentCount[] {
  const first = new Map<string | null, number>();
  for (const { area, first: at } of counts) first.set(area, Math.min(at, first.get(area) ?? at));
  const begun = ({ area }: IncidentCount) => first.get(area) ?? 0;
  return counts.toSorted((a, b) => begun(a) - begun(b) || (tellArea(a.area) < tellArea(b.area) ? -1 : 1));
}

function sumOf(area: string | null, counts: readonly IncidentCount[]): AreaTally {
  const sum = (fits: (outcome: IncidentOutcome | null) => boolean) =>
    counts.reduce((all, { outcome, count }) => (fits(outcome) ? all + count : all), 0);
  const of = Object.fromEntries(incidentOutcomes.map((step) => [step, sum((outcome) => outcome === step)]));
  return {
    area,
    of: of as Record<IncidentOutcome, number>,
    unknown: sum((outcome) => outcome === null),
    total: sum(() => true),
  };
}

/** "Rickmansworth (2), Oxhey (1), north Watford (5)"; empty where there is none. */
function tellAreas(counts: readonly IncidentCount[]): string {
  return tally(counts)
    .areas.map(({ area, total }) => `${tellArea(area)} (${total})`)
    .join(', ');
}

/** "Similar calls: Rickmansworth (2), Oxhey (1), north Watford (5)", for a bulletin. */
export function tellSimilarCalls(counts: readonly IncidentCount[]): string {
  return counts.length === 0 ? 'Similar calls: none' : `Similar calls: ${tellAreas(counts)}`;
}

/** A sentence for each step of the ladder, the furthest first: "Money withdrawn: Watford (1)". */
export function tellByOutcome(counts: readonly IncidentCount[]): string[] {
  const steps = [...incidentOutcomes].reverse();
  return [...steps, null].flatMap((step) => {
    const its = counts.filter(({ outcome }) => outcome === step);
    if (its.length === 0) return [];
    const words = step === null ? outcomeUnknown : incidentOutcomeWords[step];
    return [`${words.charAt(0).toUpperCase()}${words.slice(1)}: ${tellAreas(its)}`];
  });
}

export function tellArea(area: string | null): string {
  return area ?? 'no area given';
}

/** How a time went: of those that were targeted, how many realised what it was. */
export interface Trend {
  readonly targeted: number;
  readonly notAnswered: number;
  readonly realised: number;
  /** Details disclosed, or more. */
  readonly further: number;
  readonly unknown: number;
  /** `realised` ÷ `targeted`; null where nobody was. */
  readonly share: number | null;
}

export function trendOf(counts: readonly IncidentCount[]): Trend {
  const { of, unknown, total: targeted } = tally(counts).all;
  const beyond = incidentOutcomes.filter((step) => stepOf(step) > stepOf('realised'));
  return {
    targeted,
    notAnswered: of['not-answered'],
    realised: of.realised,
    further: beyond.reduce((sum, step) => sum + of[step], 0),
    unknown,
    share: targeted === 0 ? null : of.realised / targeted,
  };
}

/** How each of several times went. */
export function trendsOf<P extends Period>(periods: readonly P[], incidents: readonly IncidentMoment[]): (P & Trend)[] {
  return periods.map((period) => {
    const its = incidents.filter(({ at }) => at >= period.since && at < period.until);
    return { ...period, ...trendOf(its.map(({ at, area, outcome }) => ({ area, outcome, count: 1, first: at }))) };
  });
}
