import type { Verdict } from './checks.ts';

/** How many sentences of one kind are printed: what is beyond looks like what is printed. */
const most = 40;

/** Prints the verdicts, a line each, and below them what speaks against any. True when nothing does. */
export function printVerdicts(verdicts: readonly Verdict[]): boolean {
  const width = Math.max(...verdicts.map(({ what }) => what.length));
  for (const { what, figure, faults } of verdicts)
    console.log(`${faults.length === 0 ? 'kept  ' : 'BROKEN'}  ${what.padEnd(width)}  ${figure}`);
  for (const { what, faults } of verdicts.filter((verdict) => verdict.faults.length > 0)) {
    console.log(`\n${what}:`);
    for (const fault of faults.slice(0, most)) console.log(`  ${fault.slice(0, 300)}`);
    if (faults.length > most) console.log(`  … and ${faults.length - most} more`);
  }
  return verdicts.every(({ faults }) => faults.length === 0);
}
