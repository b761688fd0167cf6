import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Life, live, lives } from './life.ts';
import { BrokenPromise, type PromiseName, promises, type Scene, scenes } from './names.ts';

/**
 * Thousands of lives of a home on a model of its exchange, with the interceptor and the core as they are: callers, keys, hang-ups,
 * slow and lost requests, silent witnesses, failing trunks, restarts. The same lives each time; CLEARLINE_MODEL_RUNS=100000 lives
 * that many others, and CLEARLINE_MODEL_SEED repeats them.
 */

const { CLEARLINE_MODEL_RUNS: asked, CLEARLINE_MODEL_SEED: seed } = process.env;
const numRuns = Number(asked ?? 3_000);
const chosen = asked === undefined ? { seed: 20261123 } : {};
const parameters = { numRuns, ...(seed === undefined ? chosen : { seed: Number(seed) }) };
/** How much of what happened is told of a life that broke a promise, in lines. */
const toldLines = 80;

const seen = new Set<Scene>();
const broken = new Map<PromiseName, string>();

beforeAll(
  async () => {
    const property = fc.asyncProperty(lives, async (life) => {
      for (const scene of (await live(life)).promises.scenes) seen.add(scene);
    });
    const { failed, counterexample, errorInstance, numRuns: runs, seed } = await fc.check(property, parameters);
    if (!failed) return;
    if (!(errorInstance instanceof BrokenPromise) || counterexample === null) throw errorInstance;
    const where = `life ${runs} of seed ${seed}: ${JSON.stringify(counterexample[0])}`;
    broken.set(errorInstance.promise, `${errorInstance.message}\n${where}\n${await tell(counterexample[0])}`);
  },
  60_000 + numRuns * 100,
);

/** What happened in a life, its last moments. */
async function tell(life: Life): Promise<string> {
  const trail: string[] = [];
  await live(life, trail).catch(() => {});
  return trail
    .slice(-toldLines)
    .map((line) => line.slice(0, 240))
    .join('\n');
}

describe('whatever happens', () => {
  for (const [name, sentence] of Object.entries(promises)) {
    test(sentence, () => {
      const how = broken.get(name as PromiseName);
      expect(how === undefined ? 'kept' : 'broken', how).toBe('kept');
    });
  }
});

test('the lives come to all that is promised something about', () => {
  expect([...seen].toSorted()).toEqual([...scenes].toSorted());
});
