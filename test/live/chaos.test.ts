import { expect, test } from 'vitest';
import { runChaos } from '../chaos/run.ts';

/**
 * The short form of `npm run chaos`: about half a minute of calls, and each part killed once. CHAOS_SEED repeats another draw.
 */

const seed = Number(process.env.CHAOS_SEED ?? 5);

test(`interceptor, worker, Redis, Asterisk and their connections die under calls of seed ${seed}: nothing is dropped, nothing lost`, async () => {
  const said: string[] = [];
  const { verdicts, faults } = await runChaos({
    seed,
    seconds: 30,
    rate: 2,
    homes: 4,
    faults: ['interceptor killed', 'worker killed', 'redis killed', 'ARI cut', 'SQL locked', 'asterisk killed'],
    say: (message) => said.push(message),
  });
  const broken = verdicts.flatMap(({ what, figure, faults: why }) => why.map((each) => `${what} (${figure}): ${each}`));
  expect(broken, said.join('\n')).toEqual([]);
  // Each was at its work: the figures are of something.
  expect(faults.filter(([, times]) => times > 0).length).toBeGreaterThanOrEqual(3);
}, 300_000);
