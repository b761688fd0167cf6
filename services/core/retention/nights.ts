/** When the nightly run is due. Times are UTC milliseconds since the epoch. */

export interface Night {
  /** `night-2026-11-23`: the day on which it begins, in the site's zone. */
  readonly id: string;
  readonly at: number;
}

/** The last night that had begun by `now`. `time` is `HH:MM` in the IANA zone `zone`. */
export function lastNight(now: number, time: string, zone: string): Night {
  const today = nightOf(dateIn(now, zone), time, zone);
  if (today.at <= now) return today;
  const date = new Date(`${dateIn(now, zone)}T12:00:00Z`);
  date.setUTCDate(date.getUTCDate() - 1);
  return nightOf(date.toISOString().slice(0, 10), time, zone);
}

function nightOf(date: string, time: string, zone: string): Night {
  const guess = Date.parse(`${date}T${time}:00Z`);
  // The zone's distance from UTC as it is about then; once more, in case a change of the clocks lies between.
  const once = guess - distance(guess, zone);
  return { id: `night-${date}`, at: guess - distance(once, zone) };
}

function dateIn(at: number, zone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeZone: zone }).format(at);
}

/** How far the zone's clocks are ahead of UTC, in milliseconds. */
function distance(at: number, zone: string): number {
  const told = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone: zone }).format(at);
  return Date.parse(`${told.replace(' ', 'T')}Z`) - Math.floor(at / 1000) * 1000;
}

/** A site on which nothing happens for so long is less likely than a clock that is wrong, in milliseconds. */
const longestQuiet = 31 * 86_400_000;

/**
 * Whether the clock may have jumped ahead: nothing is on record of the last month, neither a call nor a run. What such a clock
 * takes for past its period may be of yesterday, and could not be brought back.
 */
export function mayBeWrong(now: number, newestOnRecord: readonly number[]): boolean {
  return newestOnRecord.length > 0 && now - Math.max(...newestOnRecord) > longestQuiet;
}
