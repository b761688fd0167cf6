import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tally, tellByOutcome, tellSimilarCalls, trendOf } from '../../../services/core/incident/counts.ts';
import { beginOfPeriod, periodsBetween } from '../../../services/core/incident/periods.ts';
import type { IncidentCount } from '../../../services/core/stores.ts';
import { monday } from '../../support/finished-call.ts';
import { bulletin } from '../../support/incidents.ts';

const counts: readonly IncidentCount[] = bulletin.map(([area, count, outcome], place) => {
  return { area, outcome, count, first: monday + place };
});

describe('the bulletin', () => {
  test('is ten calls, not eleven', () => {
    expect(tally(counts).all).toEqual({
      area: null,
      of: {
        'not-answered': 0,
        realised: 9,
        'details-disclosed': 0,
        agreed: 0,
        'courier-attended': 0,
        'handed-over': 0,
        'money-withdrawn': 1,
      },
      unknown: 0,
      total: 10,
    });
  });

  test('names the areas in the order in which they were rung', () => {
    const similar = counts.filter(({ area }) => area !== 'Watford' && area !== 'Bushey');
    expect(tellSimilarCalls(similar)).toBe('Similar calls: Rickmansworth (2), Oxhey (1), north Watford (5)');
    expect(tellSimilarCalls([...similar].reverse())).toBe(tellSimilarCalls(similar));
  });

  test('is told by how far each went, the furthest first', () => {
    expect(tellByOutcome(counts)).toEqual([
      'Money withdrawn: Watford (1)',
      'Answered; realised it was false, no details passed: Rickmansworth (2), Oxhey (1), north Watford (5), Bushey (1)',
    ]);
  });

  test('has nine of ten who realised', () => {
    expect(trendOf(counts)).toEqual({ targeted: 10, notAnswered: 0, realised: 9, further: 1, unknown: 0, share: 0.9 });
  });
});

test('an area with several outcomes is one area, and one without a name is told as such', () => {
  const mixed: IncidentCount[] = [
    { area: 'Oxhey', outcome: 'realised', count: 2, first: 5 },
    { area: null, outcome: null, count: 1, first: 3 },
    { area: 'Oxhey', outcome: null, count: 1, first: 2 },
  ];
  expect(tellSimilarCalls(mixed)).toBe('Similar calls: Oxhey (3), no area given (1)');
  expect(trendOf(mixed)).toEqual({ targeted: 4, notAnswered: 0, realised: 2, further: 0, unknown: 2, share: 0.5 });
});

test('nothing is told in words, and has no share', () => {
  expect(tellSimilarCalls([])).toBe('Similar calls: none');
  expect(tellByOutcome([])).toEqual([]);
  expect(trendOf([]).share).toBeNull();
});

describe('periods', () => {
  const zone = 'Europe/London';
  const hours = (period: { since: number; until: number }) => (period.until - period.since) / 3_600_000;

  test('days of the clocks’ change have 23 and 25 hours', () => {
    const spring = periodsBetween({ since: Date.UTC(2026, 2, 28), until: Date.UTC(2026, 2, 30) }, 'day', zone);
    expect(spring.map((day) => [day.name, hours(day)])).toEqual([
      ['2026-03-28', 24],
      ['2026-03-29', 23],
      ['2026-03-30', 24],
    ]);
    const autumn = periodsBetween({ since: Date.UTC(2026, 9, 24, 23), until: Date.UTC(2026, 9, 25, 12) }, 'day', zone);
    expect(autumn.map((day) => [day.name, hours(day)])).toEqual([['2026-10-25', 25]]);
  });

  test('weeks begin on Mondays, months on their first, by the site’s clock', () => {
    const between = { since: Date.UTC(2026, 10, 20), until: Date.UTC(2026, 11, 1) };
    expect(periodsBetween(between, 'week', zone).map(({ name }) => name)).toEqual([
      '2026-11-16 to 2026-11-22',
      '2026-11-23 to 2026-11-29',
      '2026-11-30 to 2026-12-06',
    ]);
    expect(periodsBetween(between, 'month', zone).map(({ name }) => name)).toEqual(['2026-11']);
    // The same moment is December already on the other side of the world.
    expect(periodsBetween(between, 'month', 'Pacific/Auckland').map(({ name }) => name)).toEqual([
      '2026-11',
      '2026-12',
    ]);
  });

  test('no time is no period, and there are no more than asked for', () => {
    expect(periodsBetween({ since: monday, until: monday }, 'day', zone)).toEqual([]);
    expect(periodsBetween({ since: 0, until: monday }, 'day', zone, 3).map(({ name }) => name)).toEqual([
      '2026-11-21',
      '2026-11-22',
      '2026-11-23',
    ]);
  });

  test('every moment is in one period, and they touch', () => {
    const zones = fc.constantFrom('Europe/London', 'America/St_Johns', 'Asia/Kolkata', 'Pacific/Auckland', 'UTC');
    const units = fc.constantFrom('day', 'week', 'month');
    const times = fc.integer({ min: Date.UTC(2020), max: Date.UTC(2040) });
    fc.assert(
      fc.property(zones, units, times, (place, unit, at) => {
        const periods = periodsBetween({ since: at, until: at + 40 * 86_400_000 }, unit, place);
        expect(periods[0]?.since).toBe(beginOfPeriod(at, unit, place));
        expect(periods.filter(({ since, until }) => since <= at && at < until)).toHaveLength(1);
        for (const [index, { until }] of periods.slice(0, -1).entries()) expect(periods[index + 1]?.since).toBe(until);
      }),
      { numRuns: 60 },
    );
  });
});
