/** When a message that was not taken is tried again. */

const defaultBackoff = { firstMs: 10_000, mostMs: 3_600_000 };

/**
 * Milliseconds until the next attempt, after so many: twice as long each time, up to an hour. `chance` (0 to 1) takes up to a quarter off,
 * so that what failed together does not come back together.
 */
export function nextTryMs(attempts: number, chance: number, { firstMs, mostMs } = defaultBackoff): number {
  const whole = Math.min(firstMs * 2 ** Math.min(attempts - 1, 30), mostMs);
  return Math.round(whole * (1 - chance / 4));
}
