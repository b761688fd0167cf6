import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { consumeCalls, openCallQueue } from '../../services/adapters/queues.ts';
import { connectRedis } from '../../services/adapters/redis.ts';
import { openSpool } from '../../services/adapters/spool.ts';
import type { FactQueue } from '../../services/core/ports.ts';
import type { FinishedCall } from '../../services/core/record.ts';
import { temporaryConfig } from '../support/config.ts';
import { fakeFactQueue } from '../support/fake-stores.ts';
import { finishedCall, finishedOutgoing } from '../support/finished-call.ts';
import { memoryLog } from '../support/log.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

interface OpenQueue {
  readonly queue: FactQueue;
  /** Hands over whatever was put, as the worker would get it. */
  arrivals(): Promise<readonly FinishedCall[]>;
  goAway(): Promise<void>;
  close(): Promise<void>;
}

interface Backend {
  readonly name: string;
  /** What `put` does while the queue is away. */
  readonly whileAway: 'rejects' | 'resolves';
  open(redis: TestRedis): Promise<OpenQueue>;
}

const { config, remove } = temporaryConfig();

function bullmq(redis: TestRedis): OpenQueue {
  const log = memoryLog();
  const paths = { ...config.paths, redisSocket: redis.socket };
  const producer = connectRedis({ redis: {}, paths }, 'producer', log);
  const consumer = connectRedis({ redis: {}, paths }, 'consumer', log);
  const queue = openCallQueue(producer);
  const got: FinishedCall[] = [];
  let reader: ReturnType<typeof consumeCalls> | undefined;
  return {
    queue,
    arrivals: async () => {
      reader ??= consumeCalls(consumer, async (call) => void got.push(call), log);
      return got;
    },
    goAway: () => redis.kill(),
    close: async () => {
      await reader?.close();
      await queue.close();
      producer.disconnect();
      consumer.disconnect();
    },
  };
}

const backends: readonly Backend[] = [
  {
    name: 'fake',
    whileAway: 'rejects',
    open: async () => {
      const queue = fakeFactQueue();
      return {
        queue,
        arrivals: async () => queue.calls,
        goAway: async () => {
          queue.away = true;
        },
        close: async () => {},
      };
    },
  },
  { name: 'BullMQ on Redis', whileAway: 'rejects', open: async (redis) => bullmq(redis) },
  {
    name: 'BullMQ with a spool',
    whileAway: 'resolves',
    open: async (redis) => {
      const inner = bullmq(redis);
      const folder = mkdtempSync(join(tmpdir(), 'clearline-spool-'));
      const queues = { calls: inner.queue, alerts: { put: async () => {} } };
      const spool = await openSpool({ folder, queues, log: memoryLog(), retryMs: 20, limitBytes: 2 ** 29 });
      return {
        ...inner,
        queue: spool.calls,
        close: async () => {
          await spool.close();
          await inner.close();
          rmSync(folder, { recursive: true });
        },
      };
    },
  },
];

afterAll(remove);

describe.each(backends)('FactQueue: $name', (backend) => {
  let redis: TestRedis;
  let open: OpenQueue;
  beforeEach(async () => {
    redis = await startRedis();
    open = await backend.open(redis);
  });
  afterEach(async () => {
    await open.close();
    await redis.stop();
  });

  const arrived = (count: number) =>
    until(`${count} calls arrive`, async () => {
      const calls = await open.arrivals();
      return calls.length >= count && calls;
    });

  test('a call arrives whole, and every put of it is answered', async () => {
    const { caller } = finishedCall().record;
    const call = finishedCall({ caller: { ...caller, name: 'PC\0 \ud800 "Jones" 👮🏽' } });
    await open.queue.put(call);
    expect(await arrived(1)).toEqual([call]);
  });

  test('a call from a line arrives whole beside a call to it', async () => {
    await open.queue.put(finishedCall());
    await open.queue.put(finishedOutgoing());
    expect(await arrived(2)).toEqual([finishedCall(), finishedOutgoing()]);
  });

  test('a call put twice arrives once, a different one beside it', async () => {
    await open.queue.put(finishedCall());
    await open.queue.put(finishedCall());
    await open.queue.put(finishedCall({ id: 'clearline-1795358400.18' }));
    expect((await arrived(2)).map((call) => call.record.id)).toEqual(['1795358400.17', 'clearline-1795358400.18']);
  });

  test('a later account of a call arrives beside the first one, each once', async () => {
    const [first, later, pieced] = [
      finishedCall(),
      { ...finishedCall(), revision: 1 },
      { ...finishedCall(), revision: -1 },
    ];
    for (const account of [first, later, pieced, later, first, pieced]) await open.queue.put(account);
    expect((await arrived(3)).map(({ revision = 0 }) => revision).toSorted((a, b) => a - b)).toEqual([-1, 0, 1]);
  });

  test.each(['1795358400', 'a:b', 'a:b:c', 'ä/\0 %', '-5', '\ud800'])('a call may be called %j', async (id) => {
    await open.queue.put(finishedCall({ id }));
    expect((await arrived(1)).map((call) => call.record.id)).toEqual([id]);
  });

  test('many puts at once all arrive', async () => {
    const ids = Array.from({ length: 100 }, (_, index) => `1795358400.${index}`);
    await Promise.all(ids.map((id) => open.queue.put(finishedCall({ id }))));
    expect((await arrived(100)).map((call) => call.record.id).sort()).toEqual(ids.sort());
  });

  test(`put ${backend.whileAway} within two seconds while the queue is away`, async () => {
    await open.queue.put(finishedCall({ id: 'before' }));
    await open.goAway();
    const started = performance.now();
    const put = open.queue.put(finishedCall());
    if (backend.whileAway === 'resolves') await expect(put).resolves.toBeUndefined();
    else await expect(put).rejects.toThrow();
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('BullMQ on Redis', () => {
  let redis: TestRedis;
  beforeEach(async () => {
    redis = await startRedis();
  });
  afterEach(() => redis.stop());

  test('put neither hangs on a Redis that was never there, nor on one that stopped answering', async () => {
    const log = memoryLog();
    const nowhere = connectRedis(config, 'producer', log);
    const early = openCallQueue(nowhere);
    await expect(early.put(finishedCall())).rejects.toThrow();
    nowhere.disconnect();
    expect(log.lines).toEqual([{ level: 'warn', message: 'Redis is away; trying again until it answers' }]);

    const open = bullmq(redis);
    await open.queue.put(finishedCall({ id: 'before' }));
    redis.freeze();
    await expect(open.queue.put(finishedCall())).rejects.toThrow('Redis did not take a call within 1000 ms');
    // Others do not wait for it as well, nor pile up behind it.
    const started = performance.now();
    await expect(open.queue.put(finishedCall({ id: 'behind' }))).rejects.toThrow('Redis has not answered');
    expect(performance.now() - started).toBeLessThan(1000);
    redis.thaw();
    await until('it takes calls again', () =>
      open.queue.put(finishedCall({ id: 'behind' })).then(
        () => true,
        () => false,
      ),
    );
    await open.close();
  });

  test('a queue opened before its Redis serves once that has come', async () => {
    await redis.kill();
    const open = bullmq(redis);
    await expect(open.queue.put(finishedCall())).rejects.toThrow();
    await redis.start();
    await until('a put succeeds', async () => {
      await open.queue.put(finishedCall());
      return true;
    });
    expect((await until('it arrives', async () => (await open.arrivals()).length > 0 && open.arrivals()))[0]).toEqual(
      finishedCall(),
    );
    await open.close();
  });

  test('a call whose saving fails is tried again until it succeeds', async () => {
    const log = memoryLog();
    const paths = { ...config.paths, redisSocket: redis.socket };
    const producer = connectRedis({ redis: {}, paths }, 'producer', log);
    const consumer = connectRedis({ redis: {}, paths }, 'consumer', log);
    const queue = openCallQueue(producer);
    let tries = 0;
    const saved: string[] = [];
    const reader = consumeCalls(
      consumer,
      async (call) => {
        tries += 1;
        if (tries < 3) throw new Error('database is locked');
        saved.push(call.record.id);
      },
      log,
    );
    await reader.ready();
    await queue.put(finishedCall({ id: 'stubborn' }));
    await until('the call is saved', () => saved.length > 0, 10_000);
    expect({ tries, saved }).toEqual({ tries: 3, saved: ['stubborn'] });
    await until('the log says so', () => log.lines.some((line) => line.message === 'calls are being saved again'));
    expect(log.lines.filter((line) => line.level === 'error')).toHaveLength(1);
    await reader.close();
    await queue.close();
    producer.disconnect();
    consumer.disconnect();
  });
});
