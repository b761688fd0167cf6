/** What was measured, and what was promised of it. */

/** Milliseconds, one for each thing that was timed. */
export type Times = readonly number[];

export function quantile(times: Times, share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export function median(times: Times): number {
  return quantile(times, 0.5);
}

/** Prints one row of figures. */
export function tell(what: string, times: Times): void {
  const figure = (share: number) => quantile(times, share).toFixed(2);
  console.log(`${what.padEnd(72)} median ${figure(0.5)} ms   p99 ${figure(0.99)} ms   n=${times.length}`);
}

/** Prints a figure beside its promise. True when it is kept. */
export function promise(what: string, found: number, most: number, unit = ''): boolean {
  const kept = found <= most;
  console.log(`  ${what} ${found.toFixed(2)}${unit} (promised: at most ${most}${unit})${kept ? '' : '   MISSED'}`);
  return kept;
}

/** Starts `count` pieces of work `ms` apart and waits for all. */
export async function pace(count: number, ms: number, work: (index: number) => Promise<void>): Promise<void> {
  const started: Promise<void>[] = [];
  const begin = performance.now();
  for (let index = 0; index < count; index += 1) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, begin + index * ms - performance.now())));
    started.push(work(index));
  }
  await Promise.all(started);
}
