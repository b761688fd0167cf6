import { CommandError, exitCodes } from './world.ts';

/** Points in time that are still to come, as people type them. Times are UTC milliseconds since the epoch. */

export interface Ahead {
  readonly now: number;
  /** IANA name: what is typed is that zone's time. */
  readonly timeZone: string;
}

const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const dayMs = 86_400_000;

/** Reads how long something lasts: `45m`, `2h`, `1d`. Throws CommandError for anything else. */
export function readSpan(option: string, written: string): number {
  const [, count, unit = ''] = /^(\d{1,4})\s*([mhd])$/.exec(written.trim().toLowerCase()) ?? [];
  if (count !== undefined && Number(count) > 0) return Number(count) * (units[unit] ?? 0);
  throw notUnderstood(option, written, 'a time such as 45m, 2h or 1d');
}

/** Reads a point in time: `now`, `15:30` today, `tomorrow 09:00`, `2026-11-23 15:30`, or `2h` from now. */
export function readAhead(option: string, written: string, { now, timeZone }: Ahead): number {
  const text = written.trim().toLowerCase();
  if (text === 'now') return now;
  if (/^\d+\s*[mhd]$/.test(text)) return now + readSpan(option, text);
  const [, day = 'today', clock] = /^(?:(today|tomorrow|\d{4}-\d\d-\d\d)[ t]+)?(\d{1,2}:\d\d)$/.exec(text) ?? [];
  const at = clock === undefined ? null : atClock(dateOf(day, now, timeZone), clock.padStart(5, '0'), timeZone);
  if (at !== null) return at;
  throw notUnderstood(option, written, 'a time such as 15:30, tomorrow 09:00, "2026-11-23 15:30" or 2h');
}

function notUnderstood(option: string, found: string, expected: string): CommandError {
  return new CommandError(`${option}: found "${found}", expected ${expected}.`, exitCodes.notUnderstood);
}

function dateOf(day: string, now: number, timeZone: string): string {
  const today = told(now, timeZone).slice(0, 10);
  if (day === 'today') return today;
  return day === 'tomorrow' ? new Date(Date.parse(`${today}T12:00:00Z`) + dayMs).toISOString().slice(0, 10) : day;
}

/** Null where there is no such day or time, or the clocks leave it out. */
function atClock(date: string, clock: string, timeZone: string): number | null {
  const guess = Date.parse(`${date}T${clock}:00Z`);
  if (Number.isNaN(guess)) return null;
  // The zone's distance from UTC as it is about then; once more, in case a change of the clocks lies between.
  const once = guess - distance(guess, timeZone);
  const at = guess - distance(once, timeZone);
  return told(at, timeZone) === `${date} ${clock}:00` ? at : null;
}

function distance(at: number, timeZone: string): number {
  return Date.parse(`${told(at, timeZone).replace(' ', 'T')}Z`) - Math.floor(at / 1000) * 1000;
}

/** `2026-11-23 15:30:00`, as clocks in the zone show it: Swedish writes dates as ISO 8601 does. */
function told(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone }).format(at);
}
