import { readFileSync } from 'node:fs';

/** Resident memory of a process in MB. */
export function memoryOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kilobytes === undefined) throw new Error(`process ${pid} has no memory: it is gone`);
  return Number(kilobytes) / 1024;
}

/**
 * How much fuzz, and which. The seed repeats a run as far as the messages go; their timing is the machine's.
 *
 *     CLEARLINE_FUZZ_COUNT=20000 CLEARLINE_FUZZ_SEED=7 npm run fuzz
 */
export function chosen(shortCount: number) {
  const { CLEARLINE_FUZZ_COUNT: count, CLEARLINE_FUZZ_SEED: seed } = process.env;
  return {
    count: Number(count ?? shortCount),
    seed: Number(seed ?? 4475),
    /** The long form prints its figures. */
    talkative: count !== undefined,
  };
}
