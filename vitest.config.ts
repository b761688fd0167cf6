import { defineConfig } from 'vitest/config';

/**
 * `npx vitest run test/core` runs one folder. Live tests come last and one file at a time: each starts an Asterisk, a Redis
 * or worker processes of its own, and on two cores their timings would disturb each other's.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: ['test/live/**', 'test/bench/**'],
          testTimeout: 20_000,
          // A contract suite's beforeAll may make a PostgreSQL cluster, which takes seconds on a busy machine.
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'live',
          include: ['test/live/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: true, maxWorkers: 2,
          // Audio and SIP in real time on a shared machine: one stall there must not fail a merge. A second try is marked as such.
          retry: process.env.CI ? 1 : 0,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
