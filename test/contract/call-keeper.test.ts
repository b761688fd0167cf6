import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openKeptCalls } from '../../services/adapters/kept-calls.ts';
import { connectRedis } from '../../services/adapters/redis.ts';
import type { CallKeeper, KeptEntry } from '../../services/core/ports.ts';
import { temporaryConfig } from '../support/config.ts';
import { fakeKeeper } from '../support/fake-keeper.ts';
import { memoryLog } from '../support/log.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

/** Where running calls are kept: the fake of the flow tests, and Redis. */

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

const hangUp = (at: number): KeptEntry => ({ at, event: { type: 'HungUp', leg: 'caller', cause: 16, at } });
const dialled: KeptEntry = { at: 3, dialled: { channel: '9.1', name: 'PJSIP/trunk-net-0000000a', status: 'ringing' } };
const wake: KeptEntry = { at: 2, effect: { do: 'Wake', timer: 'deadline', afterMs: 30_000 } };

function connect() {
  const paths = { ...config.paths, redisSocket: redis.socket };
  const connection = connectRedis({ redis: {}, paths }, 'producer', memoryLog());
  closing.push(() => connection.disconnect());
  return connection;
}

interface OpenOptions {
  readonly token?: () => string | null;
  readonly running?: ReadonlyMap<string, readonly KeptEntry[]>;
}

/** A keeper that has loaded what there was, and may therefore write. */
async function open({ token = () => '1', running = new Map() }: OpenOptions = {}) {
  const log = memoryLog();
  const keeper = openKeptCalls({ redis: connect(), token, source: () => running, log });
  closing.push(() => keeper.close());
  await until('what there was is loaded', () => keeper.load());
  return { keeper, log };
}

/** What another process finds. */
async function found(): Promise<Record<string, readonly KeptEntry[]>> {
  const keeper = openKeptCalls({ redis: connect(), token: () => null, source: () => [], log: memoryLog() });
  return Object.fromEntries(await until('it answers', () => keeper.load()));
}

async function untilFound(expected: Record<string, readonly KeptEntry[]>): Promise<void> {
  await until('it is kept', async () => {
    expect(await found()).toEqual(expected);
    return true;
  });
}

const backends: readonly {
  name: string;
  open: () => Promise<{ keeper: CallKeeper; other: () => Promise<CallKeeper> }>;
}[] = [
  {
    name: 'fake',
    open: async () => {
      const keeper = fakeKeeper();
      return { keeper, other: async () => keeper };
    },
  },
  {
    name: 'Redis',
    open: async () => {
      const { keeper } = await open();
      return { keeper, other: async () => (await open()).keeper };
    },
  },
];

describe.each(backends)('a keeper of calls: $name', ({ open: start }) => {
  test('gives another process what was kept of each call, in its order, and nothing of those that are over', async () => {
    const { keeper, other } = await start();
    keeper.keep('1.1', [hangUp(1), wake]);
    keeper.keep('1.2', [hangUp(5)]);
    keeper.keep('1.1', [dialled]);
    keeper.keep('1.3', [hangUp(6)]);
    keeper.drop('1.2');
    const reader = await other();
    await until('both are kept', async () => {
      expect(Object.fromEntries((await reader.load()) ?? [])).toEqual({
        '1.1': [hangUp(1), wake, dialled],
        '1.3': [hangUp(6)],
      });
      return true;
    });
  });

  test('has nothing at first', async () => {
    const { keeper } = await start();
    expect([...((await keeper.load()) ?? [1])]).toEqual([]);
  });
});

test('writes nothing where a later owner has the calls, and all of it once it is the owner again', async () => {
  const admin = new Redis(redis.socket);
  closing.push(() => admin.disconnect());
  const running = new Map([['1.1', [hangUp(1), wake]]]);
  const { keeper, log } = await open({ running });
  await admin.set('clearline:owner', '2 another');
  keeper.keep('1.1', [wake]);
  keeper.drop('1.0');
  await until('it is refused', () => log.lines.some(({ level }) => level === 'warn'));
  expect(await found()).toEqual({});
  await admin.set('clearline:owner', '1 this one');
  await untilFound({ '1.1': [hangUp(1), wake] });
});

test('writes nothing without a token', async () => {
  let token: string | null = null;
  const { keeper } = await open({ token: () => token, running: new Map([['1.1', [hangUp(1)]]]) });
  keeper.keep('1.1', [hangUp(1)]);
  await keeper.close();
  expect(await found()).toEqual({});
  token = '3';
  keeper.keep('1.1', [wake]);
  await untilFound({ '1.1': [hangUp(1)] });
});

test('what was there before is loaded before anything is written anew', async () => {
  const first = await open();
  first.keeper.keep('1.1', [hangUp(1)]);
  await untilFound({ '1.1': [hangUp(1)] });
  const running = new Map([['2.1', [hangUp(2)]]]);
  const second = openKeptCalls({ redis: connect(), token: () => '2', source: () => running, log: memoryLog() });
  closing.push(() => second.close());
  second.keep('2.1', [hangUp(2)]);
  const loaded = await until('it is loaded', () => second.load());
  expect([...loaded]).toEqual([['1.1', [hangUp(1)]]]);
  await untilFound({ '1.1': [hangUp(1)], '2.1': [hangUp(2)] });
});

test('while Redis is away nothing waits for it; when it is back, all that runs is written anew, and what ended is gone', async () => {
  const running = new Map([['1.1', [hangUp(1)] as KeptEntry[]]]);
  const { keeper } = await open({ running });
  keeper.keep('1.1', [hangUp(1)]);
  keeper.keep('1.2', [hangUp(2)]);
  await untilFound({ '1.1': [hangUp(1)], '1.2': [hangUp(2)] });
  await redis.kill();
  expect(await keeper.load()).toBeNull();
  running.set('1.3', [hangUp(3), wake]);
  keeper.keep('1.3', [hangUp(3)]);
  keeper.drop('1.2');
  keeper.keep('1.3', [wake]);
  await redis.start();
  await untilFound({ '1.1': [hangUp(1)], '1.3': [hangUp(3), wake] });
});

test('a Redis that stands still holds up nobody, and gets all of it in the end', async () => {
  const entries = Array.from({ length: 6_000 }, (_, index) => hangUp(index));
  const running = new Map([['1.1', entries]]);
  const { keeper } = await open({ running });
  redis.freeze();
  for (const entry of entries) keeper.keep('1.1', [entry]);
  const load = keeper.load();
  expect(await load).toBeNull();
  redis.thaw();
  await untilFound({ '1.1': entries });
});

test('nothing lingers: what is kept is gone after a day; what cannot be read is said to be nothing', async () => {
  const admin = new Redis(redis.socket);
  closing.push(() => admin.disconnect());
  const { keeper } = await open();
  keeper.keep('1.1', [hangUp(1)]);
  await untilFound({ '1.1': [hangUp(1)] });
  for (const key of ['clearline:calls', 'clearline:call:1.1']) {
    const left = await admin.ttl(key);
    expect(left).toBeGreaterThan(86_000);
    expect(left).toBeLessThanOrEqual(86_400);
  }
  await admin.rpush('clearline:call:1.1', '{"at":');
  expect(await found()).toEqual({ '1.1': [] });
});

test.each<[string, (admin: Redis) => Promise<unknown>]>([
  ['is emptied', (admin) => admin.flushall()],
  ['goes back to an older dump', (admin) => admin.ltrim('clearline:call:1.1', 0, 0)],
  ['is told something else', (admin) => admin.rpush('clearline:call:1.1', '[]')],
  ['loses the list of calls', (admin) => admin.set('clearline:calls', 'no set')],
])('where Redis %s while a call runs, no journal with a hole is kept of it', async (_, harm) => {
  const admin = new Redis(redis.socket);
  closing.push(() => admin.disconnect());
  const all = [hangUp(1)];
  const { keeper } = await open({ running: new Map([['1.1', all]]) });
  keeper.keep('1.1', [hangUp(1)]);
  await untilFound({ '1.1': [hangUp(1)] });
  all.push(wake);
  keeper.keep('1.1', [wake]);
  await untilFound({ '1.1': [hangUp(1), wake] });
  await harm(admin);
  all.push(hangUp(3));
  keeper.keep('1.1', [hangUp(3)]);
  await until('all of it is kept', async () => {
    const now = await found();
    const { '1.1': kept = [] } = now;
    expect([[], all]).toContainEqual(kept);
    return kept.length > 0;
  });
});

test('goes on with what was kept of a call that is taken up', async () => {
  const first = await open();
  first.keeper.keep('1.1', [hangUp(1)]);
  await untilFound({ '1.1': [hangUp(1)] });
  const { keeper } = await open();
  keeper.keep('1.1', [wake]);
  await untilFound({ '1.1': [hangUp(1), wake] });
});

test('reads what is kept of the other calls where something else stands in the place of one', async () => {
  const admin = new Redis(redis.socket);
  closing.push(() => admin.disconnect());
  const { keeper } = await open();
  keeper.keep('1.1', [hangUp(1)]);
  await untilFound({ '1.1': [hangUp(1)] });
  await admin.sadd('clearline:calls', '1.2');
  await admin.set('clearline:call:1.2', 'no list');
  expect(await found()).toEqual({ '1.1': [hangUp(1)], '1.2': [] });
});
