/** How unlikely a burst of calls is, in figures that a person can check with a table of the Poisson distribution. */

/** The chance that at least `least` calls come where `usual` come on average. */
export function chanceOfAtLeast(least: number, usual: number): number {
  if (least <= 0) return 1;
  // From the first term of the tail upwards: 1 minus the rest would lose all digits of a small chance.
  let term = Math.exp(-usual);
  for (let count = 1; count <= least; count += 1) term *= usual / count;
  let sum = 0;
  for (let count = least; term > sum * 1e-12; count += 1) {
    sum += term;
    term *= usual / (count + 1);
  }
  return Math.min(1, sum);
}

/** `80,000` for a chance of 1 in 80,012: two digits are what a person needs. */
export function oneIn(chance: number): string {
  if (chance <= 1e-12) return 'a million million';
  return Number((1 / chance).toPrecision(2)).toLocaleString('en-GB');
}

/** The average number of calls in a stretch of time, of those seen in `hours`; one call more than was seen, since none seen is not never. */
export function usualCalls(seen: { readonly calls: number; readonly hours: number }, minutes: number): number {
  return ((seen.calls + 1) / Math.max(seen.hours, 1)) * (minutes / 60);
}
