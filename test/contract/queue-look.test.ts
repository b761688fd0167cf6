import { afterEach, beforeEach, expect, test } from 'vitest';
import { openQueueLook } from '../../services/adapters/bullmq-look.ts';
import { consumeCalls, openCallQueue } from '../../services/adapters/queues.ts';
import { connectRedis, type RedisClient } from '../../services/adapters/redis.ts';
import { type TemporaryConfig, temporaryConfig } from '../support/config.ts';
import { finishedCall } from '../support/finished-call.ts';
import { memoryLog } from '../support/log.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

/** What whoever watches sees of the queues, on a real Redis. */

let site: TemporaryConfig;
let server: TestRedis;
let redis: RedisClient;
beforeEach(async () => {
  site = temporaryConfig();
  server = await startRedis(site.config.paths.redisSocket);
  redis = connectRedis(site.config, 'producer', memoryLog());
  await until('Redis is connected', () => redis.status === 'ready');
});
afterEach(async () => {
  redis.disconnect();
  await server.stop();
  site.remove();
});

const none = { waiting: 0, active: 0, delayed: 0, failed: 0 };

test('empty queues, then calls that wait, then calls that are tried in vain', async () => {
  const look = openQueueLook(redis, ['calls', 'alerts']);
  expect(await look()).toEqual([
    { queue: 'calls', jobs: none, oldestAt: null },
    { queue: 'alerts', jobs: none, oldestAt: null },
  ]);
  const before = Date.now();
  const queue = openCallQueue(redis);
  for (let index = 0; index < 20; index += 1) await queue.put(finishedCall({ id: `17.${index}` }));
  const [waiting] = await look();
  expect(waiting).toMatchObject({ queue: 'calls', jobs: { ...none, waiting: 20 } });
  expect(waiting?.oldestAt).toBeGreaterThanOrEqual(before);
  expect(waiting?.oldestAt).toBeLessThanOrEqual(Date.now());

  const tried: string[] = [];
  const taking = connectRedis(site.config, 'consumer', memoryLog());
  const refuse = () => Promise.reject(new Error('no database'));
  const consumer = consumeCalls(taking, refuse, memoryLog());
  consumer.onTried((how) => tried.push(how));
  await until('all are put off', async () => (await look())[0]?.jobs.waiting === 0 && tried.length >= 20);
  const [delayed] = await look();
  expect((delayed?.jobs.delayed ?? 0) + (delayed?.jobs.active ?? 0)).toBe(20);
  expect(delayed?.oldestAt).toBeGreaterThanOrEqual(before);
  expect(new Set(tried)).toEqual(new Set(['failed']));
  await consumer.close();
  taking.disconnect();
});

test('without Redis there is no look, and with it again there is', async () => {
  const look = openQueueLook(redis, ['calls']);
  await look();
  await server.kill();
  await until('Redis is away', () => redis.status !== 'ready');
  await expect(look()).rejects.toThrow();
  await server.start();
  const back = await until('it is looked at again', look);
  expect(back).toEqual([{ queue: 'calls', jobs: none, oldestAt: null }]);
});
