import { Redis } from 'ioredis';
import { afterEach, describe, expect, test } from 'vitest';
import { readHolders, readOwner, redisLease } from '../../services/adapters/lease.ts';
import { connectRedis } from '../../services/adapters/redis.ts';
import type { Lease } from '../../services/core/ports.ts';
import { temporaryConfig } from '../support/config.ts';
import { fakeLeases } from '../support/fake-lease.ts';
import { memoryLog } from '../support/log.ts';
import { startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

/** Whose the calls are: at most one's at a time, and each owner's token greater than the last. */

interface Leases {
  open(owner: string): Promise<Lease>;
  /** Lets so many milliseconds pass. */
  pass(ms: number): Promise<void>;
  lose(): Promise<void>;
  goAway(): Promise<void>;
}

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function realLeases(): Promise<Leases> {
  const { config, remove } = temporaryConfig();
  closing.push(remove);
  const redis = await startRedis();
  closing.push(() => redis.stop());
  const paths = { ...config.paths, redisSocket: redis.socket };
  const hand = new Redis({ path: redis.socket });
  closing.push(() => hand.disconnect());
  return {
    async open(owner) {
      const connection = connectRedis({ redis: {}, paths }, 'producer', memoryLog());
      closing.push(() => connection.disconnect());
      await until('Redis is there', () => connection.status === 'ready');
      return redisLease(connection, owner);
    },
    async pass(ms) {
      for (const key of ['clearline:owner', 'clearline:standby']) {
        const left = await hand.pttl(key);
        if (left > ms) await hand.pexpire(key, left - ms);
        else if (left >= 0) await hand.del(key);
      }
    },
    lose: async () => void (await hand.flushall()),
    goAway: async () => redis.freeze(),
  };
}

async function madeUpLeases(): Promise<Leases> {
  let at = 0;
  const leases = fakeLeases(() => at);
  return {
    open: async (owner) => leases.open(owner),
    async pass(ms) {
      at += ms;
    },
    lose: async () => leases.lose(),
    goAway: async () => leases.setAway(true),
  };
}

test('whoever looks on reads from Redis who has the calls and who stands by', async () => {
  const redis = await startRedis();
  closing.push(() => redis.stop());
  const hand = new Redis({ path: redis.socket });
  closing.push(() => hand.disconnect());
  const [a, b] = [redisLease(hand, 'a'), redisLease(hand, 'b b')];
  expect(await readHolders(hand)).toEqual({ owner: null, standby: null });
  await a.standBy();
  await a.take(null);
  expect(await readHolders(hand), 'an owner has stood by just before').toEqual({ owner: 'a', standby: null });
  await b.standBy();
  expect(await readHolders(hand)).toEqual({ owner: 'a', standby: 'b b' });
  expect(await readOwner(hand)).toBe('a');
  await a.release('1');
  expect(await readHolders(hand)).toEqual({ owner: null, standby: 'b b' });
  await redis.freeze();
  expect(await readOwner(hand)).toBeNull();
});

describe.each([
  ['the fake', madeUpLeases],
  ['Redis', realLeases],
])('a lease, by %s', (_, start) => {
  const two = async () => {
    const leases = await start();
    return { leases, a: await leases.open('a'), b: await leases.open('b b') };
  };
  const ours = (token: string, awaited = false) => ({ state: 'ours', token, awaited });

  test('is one owner’s at a time, who is told when somebody stands by', async () => {
    const { leases, a, b } = await two();
    expect(await a.standBy()).toEqual({ state: 'free' });
    expect(await a.take(null)).toEqual(ours('1'));
    expect(await b.take(null)).toEqual({ state: 'other', owner: 'a' });
    expect(await a.renew('1')).toEqual(ours('1'));
    expect(await b.standBy()).toEqual({ state: 'other', owner: 'a' });
    expect(await a.renew('1')).toEqual(ours('1', true));
    await leases.pass(1_000);
    expect(await a.renew('1'), 'whoever stood by is gone').toEqual(ours('1'));
    expect(await b.renew('1')).toEqual({ state: 'other', owner: 'a' });
  });

  test('runs out after three seconds, and the next owner’s token is greater', async () => {
    const { leases, a, b } = await two();
    await a.take(null);
    await b.standBy();
    await leases.pass(1_500);
    expect(await b.take(null)).toMatchObject({ state: 'other' });
    await leases.pass(1_500);
    expect(await b.take(null)).toEqual(ours('2'));
    expect(await a.renew('1')).toEqual({ state: 'other', owner: 'b b' });
    await leases.pass(3_000);
    // The second owner is gone too, but the first was not the last.
    expect(await a.renew('1')).toEqual({ state: 'free' });
    expect(await a.take(null)).toEqual(ours('3'));
    expect(await a.renew('1')).toEqual({ state: 'free' });
  });

  test('is renewed by its owner after it ran out, if nobody took it', async () => {
    const { leases, a, b } = await two();
    await a.take(null);
    await leases.pass(4_000);
    expect(await a.renew('1')).toEqual(ours('1'));
    expect(await b.take(null)).toEqual({ state: 'other', owner: 'a' });
  });

  test('is taken from one who is known to be dead, and from nobody else', async () => {
    const { a, b } = await two();
    await a.take(null);
    expect(await b.take('c')).toEqual({ state: 'other', owner: 'a' });
    expect(await b.take('a')).toEqual(ours('2'));
    expect(await a.renew('1')).toEqual({ state: 'other', owner: 'b b' });
  });

  test('is given up for the next', async () => {
    const { a, b } = await two();
    await a.take(null);
    await b.release('1');
    expect(await b.take(null)).toMatchObject({ state: 'other' });
    await a.release('1');
    expect(await b.take(null)).toEqual(ours('2'));
  });

  test('is whose comes first when Redis starts again empty', async () => {
    const { leases, a, b } = await two();
    await a.take(null);
    await a.release('1');
    await a.take(null);
    await leases.lose();
    expect(await a.renew('2')).toEqual(ours('2'));
    expect(await b.take(null)).toMatchObject({ state: 'other' });
    await leases.lose();
    expect(await b.take(null)).toEqual(ours('1'));
    expect(await a.renew('2')).toEqual({ state: 'other', owner: 'b b' });
  });

  test('is unknown while nobody answers', async () => {
    const { leases, a } = await two();
    await a.take(null);
    await leases.goAway();
    const away = { state: 'away' };
    expect(await Promise.all([a.standBy(), a.take(null), a.renew('1')])).toEqual([away, away, away]);
    await expect(a.release('1')).resolves.toBeUndefined();
  });
});
