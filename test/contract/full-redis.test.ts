import { afterEach, beforeEach, expect, test } from 'vitest';
import { openAlertQueue } from '../../services/adapters/alert-queue.ts';
import { consumeCalls, openCallQueue } from '../../services/adapters/queues.ts';
import { connectRedis, type RedisClient, type RedisRole } from '../../services/adapters/redis.ts';
import { openSpool } from '../../services/adapters/spool.ts';
import { temporaryConfig } from '../support/config.ts';
import { finishedCall } from '../support/finished-call.ts';
import { memoryLog } from '../support/log.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

/** A Redis whose memory is full refuses what is new and keeps what it has; the spool takes it meanwhile. */

const log = memoryLog();
let site: ReturnType<typeof temporaryConfig>;
let redis: TestRedis;
let closing: (() => unknown)[];

beforeEach(async () => {
  site = temporaryConfig();
  redis = await startRedis();
  closing = [];
});
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  await redis.stop();
  site.remove();
});

function connect(role: RedisRole): RedisClient {
  const client = connectRedis({ redis: {}, paths: { ...site.config.paths, redisSocket: redis.socket } }, role, log);
  closing.push(() => client.disconnect());
  return client;
}

test('every record put before, while and after Redis is full arrives, once', async () => {
  const producer = connect('producer');
  const queues = { calls: openCallQueue(producer), alerts: openAlertQueue(producer) };
  closing.push(() => Promise.all([queues.calls.close(), queues.alerts.close()]));
  const spool = await openSpool({ folder: site.config.paths.spool, queues, log, retryMs: 10, limitBytes: 2 ** 29 });
  closing.push(() => spool.close());
  const ids = Array.from({ length: 30 }, (_, index) => `1795358400.${index}`);
  const put = (from: number, to: number) =>
    Promise.all(ids.slice(from, to).map((id) => spool.calls.put(finishedCall({ id }))));

  await put(0, 10);
  await producer.config('SET', 'maxmemory', '1');
  await put(10, 20);
  expect(spool.fullness().bytes).toBeGreaterThan(0);
  expect((await producer.config('GET', 'maxmemory-policy')) as string[]).toContain('noeviction');
  await producer.config('SET', 'maxmemory', '0');
  await until('the spool has drained', () => spool.fullness().bytes === 0);
  await put(20, 30);

  const arrived: string[] = [];
  const consumer = consumeCalls(connect('consumer'), async ({ record }) => void arrived.push(record.id), log);
  closing.push(() => consumer.close());
  await until('all have arrived', () => arrived.length >= ids.length);
  expect(arrived.toSorted()).toEqual(ids.toSorted());
});
