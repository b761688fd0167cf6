import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Tests mostly wait, for speech in real time and for deadlines, so there is work for more of them than there are cores;
 * but each may start an Asterisk, a Redis or a database of its own, and they must not crowd each other out.
 */
const maxWorkers = Math.min(8, Math.ceil(1.5 * availableParallelism()));

/** Live tests that last for more than half a minute. Begun first: the run must not end with one of them alone. */
const longest = ['chaos', 'fallback', 'standby', 'demo', 'inbound-whisper', 'load', 'worker', 'alerts', 'retention'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = longest.findIndex((name) => moduleId.endsWith(`/live/${name}.test.ts`));
      return place < 0 ? longest.length : place;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

/** What Node compiled of the services is kept, so that the many processes that live tests start begin in half the time. */
const env = { NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url)) };

const globalSetup = ['test/support/postgres-of-run.ts'];

/** `npx vitest run test/core` runs one folder. Live tests come last. */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'fast',
          globalSetup,
          env,
          include: ['test/**/*.test.ts'],
          exclude: ['test/live/**', 'test/bench/**'],
          // More than until() waits, so that a failure says what it waited for.
          testTimeout: 60_000,
          // A contract suite's beforeAll may make a PostgreSQL cluster, which takes seconds on a busy machine.
          hookTimeout: 60_000,
          maxWorkers,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'live',
          globalSetup,
          env,
          include: ['test/live/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
