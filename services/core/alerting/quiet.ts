import type { QuietHours } from './delivery.ts';

/** Quiet hours by the clock on the wall, on days of 23 and 25 hours too. */

const minuteMs = 60_000;
const dayMinutes = 24 * 60;

/**
 * When somebody with these quiet hours may be told: `at` itself outside them, else the minute in which they end. Of an end that
 * the clock skips in spring, the first minute after. `at` and the answer are UTC milliseconds.
 */
export function endOfQuiet(at: number, { from, until }: QuietHours, timeZone: string): number {
  const wall = wallClock(timeZone);
  const begin = minuteOf(from);
  const end = minuteOf(until);
  const isQuiet = (time: number) => {
    const minute = wall(time);
    return begin <= end ? minute >= begin && minute < end : minute >= begin || minute < end;
  };
  if (!isQuiet(at)) return at;
  let time = at - (((at % minuteMs) + minuteMs) % minuteMs);
  // Where the clock is put back on the way, the end is not reached yet: once more.
  while (isQuiet(time)) time += ((end - wall(time) + dayMinutes) % dayMinutes) * minuteMs;
  // Where it is put forward, that was too far, by what was skipped.
  while (!isQuiet(time - minuteMs)) time -= minuteMs;
  return time;
}

/** `07:30` in minutes. */
function minuteOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number);
  return hours * 60 + minutes;
}

/** Tells minutes since midnight, as clocks in the zone show them. */
function wallClock(timeZone: string): (time: number) => number {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return (time) => minuteOf(format.format(time));
}
