import { atClock, dateFrom } from './clock.ts';
import { CommandError, exitCodes, type Session } from './world.ts';

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/**
 * Reads a point in time as people type it, in the zone that times are shown in: `today`, `yesterday`, `2h` or `7d` ago,
 * `2026-11-23`, `2026-11-23 10:00`. Answers in milliseconds since the epoch; throws CommandError for anything else.
 */
export function readWhen(session: Session, option: string, written: string): number {
  const now = session.world.now();
  const text = written.trim().toLowerCase();
  if (text === 'now') return now;
  const [, count, unit = ''] = /^(\d{1,6})\s*([smhdw])$/.exec(text) ?? [];
  if (count !== undefined) return now - Number(count) * (units[unit] ?? 0);
  const at = readDate(text, now, session);
  if (at !== null) return at;
  throw new CommandError(
    `${option}: found "${written}", expected a time such as today, yesterday, 2h, 7d, 2026-11-23 or "2026-11-23 10:00".`,
    exitCodes.notUnderstood,
  );
}

function readDate(text: string, now: number, session: Session): number | null {
  const shape = /^(today|yesterday|\d{4}-\d\d-\d\d)(?:[ t](\d\d:\d\d(?::\d\d)?))?(z)?$/.exec(text);
  if (shape === null) return null;
  const [, day = '', clock, utc] = shape;
  const zone = utc === undefined ? session.zone() : 'UTC';
  const date = /^\d/.test(day) ? day : dateFrom(now, day === 'yesterday' ? -1 : 0, zone);
  if (clock !== undefined) return atClock(date, clock, zone);
  // Where the clocks change at midnight, a day may begin at one.
  return atClock(date, '00:00', zone) ?? atClock(date, '01:00', zone);
}
