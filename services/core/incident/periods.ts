import type { Period } from '../stores.ts';

/** Days, weeks and months as a site's clock knows them: a day of the clocks' change has 23 or 25 hours. */

export const periodUnits = ['day', 'week', 'month'] as const;
export type PeriodUnit = (typeof periodUnits)[number];

export interface NamedPeriod extends Period {
  /** "2026-11-23", "2026-11-23 to 2026-11-29", "2026-11". */
  readonly name: string;
}

/** A date in some calendar, as milliseconds at midnight UTC: whole days can be added to it. */
type CalendarDay = number;

const dayMs = 86_400_000;

/**
 * Every whole period, oldest first, that has a part between `since` and `until` (UTC milliseconds, the latter not included).
 * Weeks begin on Mondays. `zone` is an IANA name. At most `most`, the newest.
 */
export function periodsBetween({ since, until }: Period, unit: PeriodUnit, zone: string, most = 400): NamedPeriod[] {
  const periods: NamedPeriod[] = [];
  let last = beginOf(calendarDay(until - 1, zone), unit);
  while (until > since && periods.length < most) {
    const next = nextOf(last, unit);
    const period = { since: instantOf(last, zone), until: instantOf(next, zone) };
    if (period.until <= since) break;
    periods.unshift({ ...period, name: nameOf(last, next, unit) });
    last = beginOf(last - dayMs, unit);
  }
  return periods;
}

/** Midnight of the day, or of the first day of the week or month, that a moment belongs to, as UTC milliseconds. */
export function beginOfPeriod(at: number, unit: PeriodUnit, zone: string): number {
  return instantOf(beginOf(calendarDay(at, zone), unit), zone);
}

function calendarDay(at: number, zone: string): CalendarDay {
  const { year, month, day } = wallClock(at, zone);
  return Date.UTC(year, month - 1, day);
}

function beginOf(day: CalendarDay, unit: PeriodUnit): CalendarDay {
  if (unit === 'day') return day;
  const date = new Date(day);
  if (unit === 'month') return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
  return day - ((date.getUTCDay() + 6) % 7) * dayMs;
}

function nextOf(begin: CalendarDay, unit: PeriodUnit): CalendarDay {
  const date = new Date(begin);
  if (unit === 'month') return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
  return begin + (unit === 'week' ? 7 : 1) * dayMs;
}

function nameOf(begin: CalendarDay, next: CalendarDay, unit: PeriodUnit): string {
  const date = (day: CalendarDay) => new Date(day).toISOString().slice(0, 10);
  if (unit === 'month') return date(begin).slice(0, 7);
  return unit === 'day' ? date(begin) : `${date(begin)} to ${date(next - dayMs)}`;
}

/** When midnight of that day was, or the first moment after it where the clocks leapt over it. */
function instantOf(day: CalendarDay, zone: string): number {
  const offset = (at: number) => {
    const { year, month, day: date, hour, minute, second } = wallClock(at, zone);
    return Date.UTC(year, month - 1, date, hour, minute, second) - Math.floor(at / 1000) * 1000;
  };
  // The offset of a guess that is hours off may be that of another season; that of the second guess is right.
  const guess = day - offset(day);
  return day - offset(guess);
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function wallClock(at: number, zone: string) {
  let clock = clocks.get(zone);
  if (clock === undefined) {
    const numeric = {
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    } as const;
    clock = new Intl.DateTimeFormat('en-GB', { ...numeric, timeZone: zone, hourCycle: 'h23', calendar: 'gregory' });
    clocks.set(zone, clock);
  }
  const parts = new Map(clock.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  return {
    year: part('year'),
    month: part('month'),
    day: part('day'),
    hour: part('hour'),
    minute: part('minute'),
    second: part('second'),
  };
}
