import { atClock, dateFrom } from './clock.ts';
import { CommandError, exitCodes } from './world.ts';

/** Points in time that are still to come, as people type them. Times are UTC milliseconds since the epoch. */

export interface Ahead {
  readonly now: number;
  /** IANA name: what is typed is that zone's time. */
  readonly timeZone: string;
}

const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

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
  const dateOf = (word: string) => (/^\d/.test(word) ? word : dateFrom(now, word === 'tomorrow' ? 1 : 0, timeZone));
  const at = clock === undefined ? null : atClock(dateOf(day), clock.padStart(5, '0'), timeZone);
  if (at !== null) return at;
  throw notUnderstood(option, written, 'a time such as 15:30, tomorrow 09:00, "2026-11-23 15:30" or 2h');
}

function notUnderstood(option: string, found: string, expected: string): CommandError {
  return new CommandError(`${option}: found "${found}", expected ${expected}.`, exitCodes.notUnderstood);
}
