import { CommandError, exitCodes } from './world.ts';

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/**
 * Reads a point in time as people type it, in the machine's own zone: `today`, `yesterday`, `2h` or `7d` ago,
 * `2026-11-23`, `2026-11-23 10:00`. Answers in milliseconds since the epoch; throws CommandError for anything else.
 */
export function readWhen(option: string, written: string, now: number): number {
  const text = written.trim().toLowerCase();
  if (text === 'now') return now;
  if (text === 'today' || text === 'yesterday') {
    const day = new Date(now);
    day.setHours(0, 0, 0, 0);
    if (text === 'yesterday') day.setDate(day.getDate() - 1);
    return day.getTime();
  }
  const [, count, unit = ''] = /^(\d{1,6})\s*([smhdw])$/.exec(text) ?? [];
  if (count !== undefined) return now - Number(count) * (units[unit] ?? 0);
  const at = readDate(text);
  if (at !== null) return at;
  throw new CommandError(
    `${option}: found "${written}", expected a time such as today, yesterday, 2h, 7d, 2026-11-23 or "2026-11-23 10:00".`,
    exitCodes.notUnderstood,
  );
}

function readDate(text: string): number | null {
  const shape = /^(\d{4})-(\d\d)-(\d\d)(?:[ t](\d\d):(\d\d)(?::(\d\d))?)?(z)?$/.exec(text);
  if (shape === null) return null;
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, secs = 0] = shape
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const utc = new Date(Date.UTC(year, month - 1, day, hours, minutes, secs));
  // 31 April would otherwise become 1 May.
  const exists =
    utc.getUTCMonth() === month - 1 &&
    utc.getUTCDate() === day &&
    utc.getUTCHours() === hours &&
    utc.getUTCMinutes() === minutes;
  if (!exists) return null;
  return shape[7] ? utc.getTime() : new Date(year, month - 1, day, hours, minutes, secs).getTime();
}
