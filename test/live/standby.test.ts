import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { markers, tones } from '../support/audio.ts';
import { type Fault, faultsOf } from '../support/faults.ts';
import { startInterceptor, type TestInterceptor } from '../support/interceptor.ts';
import { hearsMarker } from '../support/listen.ts';
import type { PhoneCall } from '../support/phone/call.ts';
import type { PlacedCall } from '../support/phone/placed-call.ts';
import type { ReceivedCall } from '../support/phone/received-call.ts';
import { now } from '../support/phone/wire.ts';
import type { Phone, Phones } from '../support/phones.ts';
import { makeShortPrompts } from '../support/short-prompts.ts';
import { lineUp, type Site, startSite } from '../support/site.ts';
import { until } from '../support/until.ts';

/**
 * Two interceptors on the same data: one has the calls, the other stands by, whatever becomes of the first, of Redis, or of both.
 * Each test begins with those that the one before left.
 */

const prompts = makeShortPrompts();
const faults = {} as { redis: Fault };
let site: Site;
let phones: Phones;
let residents: readonly [Phone, Phone];
let redis: Redis;
/** Whoever has the calls. */
let owner: TestInterceptor;
const started: TestInterceptor[] = [];

async function start(): Promise<TestInterceptor> {
  const one = await startInterceptor(site.stack);
  started.push(one);
  return one;
}

/** One that stands by already, or else a new one. */
async function standBy(): Promise<TestInterceptor> {
  const one = started.find((each) => each.alive && each !== owner) ?? (await start());
  await until('it stands by', () => one.said('"standing by"'));
  return one;
}

beforeAll(async () => {
  site = await startSite({
    lines: [1, 2].map((n) => ({ id: `room-${n}`, number: `+44192355511${n}`, mode: 'announce' as const })),
    settings: { sounds: { folder: prompts.folder }, stop: { drainSeconds: 60 }, screening: { holdSeconds: 0 } },
    carrier: true,
  });
  const { interceptorKilled, redisKilled } = faultsOf(site.stack);
  faults.redis = redisKilled;
  redis = new Redis({ path: site.stack.config.paths.redisSocket, retryStrategy: () => 50 });
  redis.on('error', () => {});
  phones = site.phones();
  [residents, owner] = await Promise.all([
    Promise.all([lineUp(phones, 'room-1'), lineUp(phones, 'room-2', '127.0.0.5')]),
    standBy(),
  ]);
  const killedAt = now();
  await interceptorKilled.begin();
  await owner.untilAnswering();
  console.log(`killed: another answers calls after ${Math.round(now() - killedAt)} ms`);
});
afterEach(async () => {
  await site.stack.asterisk.cli('channel request hangup all');
  await site.untilQuiet();
});
afterAll(async () => {
  for (const one of started) await one.end();
  phones?.close();
  redis?.disconnect();
  await faults.redis?.stop?.();
  await site?.stop();
  rmSync(prompts.folder, { recursive: true });
});

const call = (n: 1 | 2): Promise<PlacedCall> =>
  site.carrier.call({ to: `0192355511${n}`, from: { number: `0207946099${n}` } });

async function hearOneAnother(one: PhoneCall, other: PhoneCall): Promise<void> {
  void one.media.play(tones(markers.resident, 800), true);
  void other.media.play(tones(markers.caller, 800), true);
  await Promise.all([hearsMarker(one, markers.caller), hearsMarker(other, markers.resident)]);
  one.media.stop();
  other.media.stop();
}

async function converse(n: 1 | 2): Promise<{ readonly placed: PlacedCall; readonly rung: ReceivedCall }> {
  const placed = await call(n);
  const rung = await (residents[n - 1] as Phone).nextCall();
  rung.answer();
  await hearOneAnother(rung, placed);
  return { placed, rung };
}

/** A call is Clearline's from its beginning to its end, which its record shows, and there is one of it. */
async function answersCalls(): Promise<void> {
  const { placed, rung } = await converse(1);
  rung.hangUp();
  await placed.untilEnded();
  const { record } = await site.recorded(placed.id);
  expect(record).toMatchObject({ connectedAt: expect.any(Number), faults: [] });
  expect(record.reconstructed ?? false).toBe(false);
}

const holder = () => redis.get('clearline:owner');

test('whoever stood by answers after the owner was killed, and has the lease', async () => {
  await answersCalls();
  expect(await holder()).toMatch(/^\d+ \S+$/);
});

test('Redis is killed and starts again empty: the owner goes on, and has the lease back before whoever stands by', async () => {
  const next = await standBy();
  const before = await holder();
  await faults.redis.begin();
  const { placed, rung } = await converse(1);
  await rm(join(dirname(site.stack.config.paths.redisSocket), 'appendonlydir'), { recursive: true });
  await faults.redis.mend();
  await until('somebody has the lease', async () => (await holder()) !== null);
  expect(await holder()).toBe(before);
  await hearOneAnother(rung, placed);
  rung.hangUp();
  await placed.untilEnded();
  expect((await site.recorded(placed.id)).record).toMatchObject({ connectedAt: expect.any(Number), faults: [] });
  expect([owner.alive, next.alive]).toEqual([true, true]);
  expect(next.said('"answering calls"')).toBe(false);
});

test('an owner that hangs is replaced within seconds; when it wakes it goes, and does nothing to the calls', async () => {
  const [next, { placed, rung }] = await Promise.all([standBy(), converse(1)]);
  const hung = owner;
  const hungAt = now();
  hung.kill('SIGSTOP');
  await next.untilAnswering();
  console.log(`hung: another answers calls after ${Math.round(now() - hungAt)} ms`);
  owner = next;
  const token = Number((await holder())?.split(' ')[0]);
  const second = await call(2);
  const ringing = await residents[1].nextCall();
  hung.kill('SIGCONT');
  expect(await hung.exited).toBe('exit code 1');
  expect(hung.output()).toMatch(
    /another interceptor (took the application|has the lease)|stood still, and lost Asterisk/,
  );
  ringing.answer();
  await Promise.all([hearOneAnother(ringing, second), hearOneAnother(rung, placed)]);
  ringing.hangUp();
  await second.untilEnded();
  rung.hangUp();
  await placed.untilEnded();
  expect((await site.recorded(second.id)).record).toMatchObject({ connectedAt: expect.any(Number), faults: [] });
  expect(Number((await holder())?.split(' ')[0])).toBe(token);
  expect(owner.alive).toBe(true);
});

test('an owner that is asked to stop hands its conversation over to whoever stands by, at once', async () => {
  const [next, { placed, rung }] = await Promise.all([standBy(), converse(1)]);
  owner.kill('SIGTERM');
  expect(await owner.exited).toBe('exit code 0');
  await next.untilAnswering();
  owner = next;
  await Promise.all([hearOneAnother(rung, placed), answersCallsOn2()]);
  rung.hangUp();
  await placed.untilEnded();
});

async function answersCallsOn2(): Promise<void> {
  const { placed, rung } = await converse(2);
  rung.hangUp();
  await placed.untilEnded();
  expect((await site.recorded(placed.id)).record).toMatchObject({ connectedAt: expect.any(Number), faults: [] });
}

test('with nobody standing by, one that is asked to stop sees its calls through, and leaves new ones to the dialplan', async () => {
  const placed = await call(1);
  const rung = await residents[0].nextCall();
  owner.kill('SIGTERM');
  await until('it is stopping', () => owner.said('calls in hand may end first'));
  const late = await call(2);
  const ringing = await residents[1].nextCall();
  rung.answer();
  ringing.answer();
  await Promise.all([hearOneAnother(rung, placed), hearOneAnother(ringing, late)]);
  expect(owner.alive).toBe(true);
  rung.hangUp();
  expect(await owner.exited).toBe('exit code 0');
  expect((await site.recorded(placed.id)).record).toMatchObject({ connectedAt: expect.any(Number), faults: [] });
  await hearOneAnother(ringing, late);
  ringing.hangUp();
  await late.untilEnded();
  expect(await holder()).toBeNull();
});

test('asked twice, it stops at once; the conversation goes on, and is the next one’s', async () => {
  owner = await start();
  await owner.untilAnswering();
  const { placed, rung } = await converse(1);
  owner.kill('SIGTERM');
  await until('it is stopping', () => owner.said('calls in hand may end first'));
  // Within a second it counts as the same asking: npm passes on what the terminal has sent already.
  await until('it stops', () => {
    owner.kill('SIGINT');
    return !owner.alive;
  });
  expect(await owner.exited).toBe('exit code 0');
  await hearOneAnother(rung, placed);
  owner = await start();
  await owner.untilAnswering();
  await hearOneAnother(rung, placed);
  rung.hangUp();
  await placed.untilEnded();
});

test('with Redis gone, one that starts after a crash has the calls within seconds, whoever still speaks', async () => {
  const { placed, rung } = await converse(1);
  await faults.redis.begin();
  owner.kill('SIGKILL');
  await owner.exited;
  const killedAt = now();
  owner = await start();
  await owner.untilAnswering();
  console.log(`killed, with Redis gone: another answers calls after ${Math.round(now() - killedAt)} ms`);
  const second = await converse(2);
  await hearOneAnother(rung, placed);
  await faults.redis.mend();
  second.rung.hangUp();
  rung.hangUp();
  await Promise.all([placed.untilEnded(), second.placed.untilEnded()]);
  expect((await site.recorded(second.placed.id)).record).toMatchObject({ connectedAt: expect.any(Number), faults: [] });
  expect((await site.recorded(placed.id)).record).toMatchObject({
    reconstructed: true,
    connectedAt: expect.any(Number),
    ending: { outcome: 'talked', by: 'resident' },
  });
  await until('the lease is its own again', async () => (await holder()) !== null);
});
