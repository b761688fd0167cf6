import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { consumeCallBacks, openCallBackQueue } from '../../services/adapters/call-back-queue.ts';
import { connectRedis } from '../../services/adapters/redis.ts';
import type { CallBack } from '../../services/core/ports.ts';
import { temporaryConfig } from '../support/config.ts';
import { memoryLog } from '../support/log.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

/** Promised call backs, on a real Redis. */

const { config, remove } = temporaryConfig();
let redis: TestRedis;
const closing: (() => unknown)[] = [];

beforeEach(async () => {
  redis = await startRedis();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await redis.stop();
});
afterAll(remove);

const callBack: CallBack = {
  id: '1795358400.7',
  line: 'room-12',
  number: { class: 'guarded', number: '+443001232040', prefix: null, name: 'Report Fraud' },
  promisedAt: 1_795_358_400_000,
  tries: 0,
};

function open() {
  const log = memoryLog();
  const paths = { ...config.paths, redisSocket: redis.socket };
  const [producer, consumer] = (['producer', 'consumer'] as const).map((role) => {
    const connection = connectRedis({ redis: {}, paths }, role, log);
    closing.push(() => connection.disconnect());
    return connection;
  });
  if (!producer || !consumer) throw new Error('there are no connections');
  const queue = openCallBackQueue(producer, log);
  closing.push(() => queue.close());
  const consume = (make: Parameters<typeof consumeCallBacks>[1]) => {
    const reader = consumeCallBacks(consumer, make, log);
    closing.push(() => reader.close());
    return reader;
  };
  return { queue, producer, consume };
}

/** What waits, by the time it is due: the clock of BullMQ is ours. */
async function promised(queue: ReturnType<typeof open>['queue'], delayMs: number): Promise<void> {
  const real = Date.now;
  vi.spyOn(Date, 'now').mockImplementation(() => real() - delayMs);
  await until('Redis takes it', () =>
    queue.promise(callBack).then(
      () => true,
      () => false,
    ),
  );
  vi.restoreAllMocks();
}

test('is handed over when it is due, not before, and again as its maker says', async () => {
  const { queue, consume } = open();
  const made: { readonly tries: number; readonly at: number }[] = [];
  await promised(queue, 14_500);
  const begun = Date.now();
  consume(async (one) => {
    made.push({ tries: one.tries, at: Date.now() - begun });
    expect({ ...one, tries: 0 }).toEqual(callBack);
    return one.tries < 2 ? { value: { ...one, tries: one.tries + 1 }, inMs: 300 } : null;
  });
  await until('it was made three times', () => made.length === 3);
  expect(made.map(({ tries }) => tries)).toEqual([0, 1, 2]);
  expect(made[0]?.at).toBeGreaterThan(200);
  expect((made[1]?.at ?? 0) - (made[0]?.at ?? 0)).toBeGreaterThan(250);
});

test('waits through the end of whoever was to make it, and of Redis', async () => {
  const first = open();
  await promised(first.queue, 13_000);
  for (const close of closing.splice(0).reverse()) await close();
  await redis.kill();
  await redis.start();
  const made: CallBack[] = [];
  open().consume(async (one) => {
    made.push(one);
    return null;
  });
  await until('it is made', () => made.length === 1, 10_000);
  expect(made).toEqual([callBack]);
});

test('is off when the resident has reached the number: that one, on that line', async () => {
  const { queue, consume } = open();
  const made: string[] = [];
  await promised(queue, 14_000);
  const other = { ...callBack, id: '1795358400.8', line: 'room-13' };
  const real = Date.now;
  vi.spyOn(Date, 'now').mockImplementation(() => real() - 14_000);
  await queue.promise(other);
  vi.restoreAllMocks();
  queue.drop('room-12', '+443001232040');
  consume(async ({ id }) => {
    made.push(id);
    return null;
  });
  await until('the other is made', () => made.length > 0);
  expect(made).toEqual([other.id]);
});

test('cannot be promised within a second while Redis is away', async () => {
  const { queue } = open();
  await promised(queue, 0);
  await redis.kill();
  const begun = performance.now();
  await expect(queue.promise({ ...callBack, id: 'x.1' })).rejects.toThrow();
  expect(performance.now() - begun).toBeLessThan(5_000);
});
