import { formatTime } from './table.ts';

/** Days and times as clocks in a zone show them. `timeZone` is an IANA name; moments are UTC milliseconds since the epoch. */

const dayMs = 86_400_000;

/** The date in the zone, so many days from now: `2026-11-23`. */
export function dateFrom(now: number, days: number, timeZone: string): string {
  const noon = Date.parse(`${formatTime(now, timeZone).slice(0, 10)}T12:00:00Z`);
  return new Date(noon + days * dayMs).toISOString().slice(0, 10);
}

/** The moment when clocks in the zone show `15:30` or `15:30:12`. Null where there is no such day or time, or the clocks leave it out. */
export function atClock(date: string, clock: string, timeZone: string): number | null {
  const whole = clock.length === 5 ? `${clock}:00` : clock;
  const guess = Date.parse(`${date}T${whole}Z`);
  if (Number.isNaN(guess)) return null;
  // The zone's distance from UTC as it is about then; once more, in case a change of the clocks lies between.
  const once = guess - distance(guess, timeZone);
  const at = guess - distance(once, timeZone);
  return formatTime(at, timeZone) === `${date} ${whole}` ? at : null;
}

function distance(at: number, timeZone: string): number {
  return Date.parse(`${formatTime(at, timeZone).replace(' ', 'T')}Z`) - Math.floor(at / 1000) * 1000;
}
