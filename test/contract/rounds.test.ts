import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JobConsumer } from '../../services/adapters/bullmq.ts';
import { connectRedis, type RedisClient } from '../../services/adapters/redis.ts';
import { startRounds } from '../../services/worker/rounds.ts';
import { temporaryConfig } from '../support/config.ts';
import { memoryLog } from '../support/log.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

/** The rounds are all that finds what people entered, so whatever becomes of Redis they go on, one after the other. */

const everyMs = 100;
const site = temporaryConfig();
const log = memoryLog();
let redis: TestRedis;
let consumer: RedisClient;
let jobs: JobConsumer;

beforeEach(async () => {
  redis = await startRedis();
  consumer = connectRedis({ redis: {}, paths: { ...site.config.paths, redisSocket: redis.socket } }, 'consumer', log);
});
afterEach(async () => {
  await jobs.close();
  consumer.disconnect();
  await redis.stop();
  site.remove();
});

test('they are made again after Redis lost everything', async () => {
  let made = 0;
  const round = async () => {
    made += 1;
  };
  jobs = startRounds({ consumer, log, everyMs }, [round]);
  await until('rounds are made', () => made > 2);
  await redis.kill();
  rmSync(join(dirname(redis.socket), 'appendonlydir'), { recursive: true });
  await redis.start();
  made = 0;
  await until('rounds are made again', () => made > 2, 15_000);
});

test('a slow one is waited for by the next', async () => {
  let [now, most] = [0, 0];
  const going = Promise.withResolvers<void>();
  let made = 0;
  const round = async () => {
    now += 1;
    most = Math.max(most, now);
    if (made === 0) await going.promise;
    now -= 1;
    made += 1;
  };
  jobs = startRounds({ consumer, log, everyMs }, [round]);
  await until('the first is under way', () => now === 1);
  // BullMQ files what waits for a time under that time in ms, times 4096.
  const due = () => consumer.zcount('bull:rounds:delayed', 0, Date.now() * 4096);
  await until('the next is due', async () => (await due()) > 0).finally(going.resolve);
  await until('the next is made', () => made > 2);
  expect(most).toBe(1);
});
