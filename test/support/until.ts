import { setTimeout as pause } from 'node:timers/promises';

/** On a machine that many tests share, what comes within a second may take many. Whoever waits longer loses nothing by it. */
const patienceMs = 30_000;

/** What a person would call at once, and still less than any deadline that Clearline may have waited for on the way. */
export const atOnceMs = 1_000;

/**
 * Waits until `condition` gives something other than false, null or undefined, and returns that. An exception counts as
 * "not yet". Fails after `ms` milliseconds with a sentence that says what it waited for and what it last saw.
 */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  ms = patienceMs,
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = performance.now() + ms;
  let last: unknown;
  for (;;) {
    try {
      const found = await condition();
      if (found !== false && found !== null && found !== undefined) {
        return found as Exclude<T, false | null | undefined>;
      }
      last = found;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`waited ${ms} ms until ${what}; last saw: ${String(last)}`, { cause: last });
    }
    await pause(Math.min(20, Math.max(1, ms / 100)));
  }
}
