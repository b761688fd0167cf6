import type { JobConsumer } from '../adapters/bullmq.ts';
import { openSchedule } from '../adapters/bullmq-schedule.ts';
import { onEachReady, type RedisClient } from '../adapters/redis.ts';
import { consumeRounds, roundsQueue } from '../adapters/rounds-queue.ts';
import type { Log } from '../log.ts';

/**
 * What people change in the database, on the command line or in the console, without telling the worker: it looks for itself, so
 * that nobody who makes an entry needs Redis, and nothing is lost while Redis is away.
 */

/** How often it looks, in milliseconds. */
const usualMs = 5_000;

/** One thing to look for. May be done any number of times, and by several workers. */
export type Round = () => Promise<void>;

interface Parts {
  /** Of the kind `consumer`. */
  readonly consumer: RedisClient;
  readonly log: Log;
  /** Tests look more often. */
  readonly everyMs?: number;
}

/** Begins to make the rounds. */
export function startRounds({ consumer, log, everyMs = usualMs }: Parts, rounds: readonly Round[]): JobConsumer {
  const jobs = consumeRounds(consumer, makeRounds(rounds, log), log);
  const begin = async () => {
    await jobs.ready();
    await openSchedule(consumer, roundsQueue).every(everyMs);
  };
  onEachReady(consumer, () => {
    begin().catch((err: unknown) =>
      log.error({ err }, 'the rounds could not be set: what staff enter raises no alert'),
    );
  });
  return jobs;
}

/** The job "make-rounds". What fails is not tried again: the next round does it. */
export function makeRounds(rounds: readonly Round[], log: Log): () => Promise<void> {
  return async () => {
    for (const round of rounds) {
      await round().catch((err: unknown) => log.warn({ err }, 'a round failed; the next one does it'));
    }
  };
}
