import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FaultKind, faultKinds } from './plan.ts';
import { runChaos } from './run.ts';
import { printVerdicts } from './table.ts';

/**
 * Kills, stops and takes away every part of a whole site under a steady load of calls, and holds what the phones saw against
 * the promises. Exits with 1 when one was not kept.
 *
 *     npm run chaos                                          four minutes, a seed of its own
 *     CHAOS_SEED=7 CHAOS_MINUTES=10 CHAOS_RATE=5 npm run chaos
 *     CHAOS_FAULTS='redis killed,ARI cut' npm run chaos      these faults alone
 */

const { CHAOS_SEED, CHAOS_MINUTES = '4', CHAOS_RATE = '3', CHAOS_HOMES = '8', CHAOS_FAULTS } = process.env;
const seed = Number(CHAOS_SEED ?? Math.floor(Math.random() * 1_000_000));
const chosen = CHAOS_FAULTS?.split(',').map((each) => each.trim());
const unknown = chosen?.filter((each) => !faultKinds.some((kind) => kind === each)) ?? [];
if (unknown.length > 0) {
  console.error(`No such fault: ${unknown.join(', ')}. There are: ${faultKinds.join(', ')}`);
  process.exit(2);
}

console.log(`seed ${seed}, ${CHAOS_MINUTES} minutes, ${CHAOS_RATE} calls a second and ${CHAOS_HOMES} homes`);
const { verdicts, faults, output } = await runChaos({
  seed,
  seconds: Number(CHAOS_MINUTES) * 60,
  rate: Number(CHAOS_RATE),
  homes: Number(CHAOS_HOMES),
  ...(chosen && { faults: chosen as FaultKind[] }),
  say: (message) => console.log(message),
});
const log = join(tmpdir(), `clearline-chaos-${seed}.log`);
writeFileSync(log, output.join('\n'));
console.log(`\nfaults: ${faults.map(([kind, times]) => `${kind} ${times}`).join(', ')}\nlogs: ${log}\n`);
process.exitCode = printVerdicts(verdicts) ? 0 : 1;
console.log(`\nseed ${seed}`);
