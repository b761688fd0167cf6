import { Redis } from 'ioredis';
import { delayAri } from '../support/ari-delay.ts';
import { amiRefused, type Fault, redisHung } from '../support/faults.ts';
import { expectSilenceSince, guardedRecord, noticedMs, reach, ringsAt, suspectCall } from '../support/guarded.ts';
import { said } from '../support/listen.ts';
import { now } from '../support/phone/wire.ts';
import type { Scene } from '../support/scene.ts';
import { stories } from '../support/stories.ts';
import { atOnceMs, until } from '../support/until.ts';

/**
 * What proves a line clear is away: a guarded call waits, with words, and leaves as soon as it is back. What keeps records is
 * away: calls go through all the same. One story at a time, since a fault is everybody's.
 */

const { story, storyOfTwo } = stories({
  prompts: 'tones',
  carrier: true,
  settings: { outgoing: { callBackTries: 2, callBackEverySeconds: 5 } },
  atOnce: 1,
  expectedComplaints:
    /AMI is lost|Redis is away|started again|call back|neither|alert|ECONN|record|"calls":1,"msg":"took up the calls of an earlier/,
});

const announce = { mode: 'announce' } as const;

/** Tells a part of the story while something is away. */
async function without<T>(fault: Fault, tell: () => Promise<T>): Promise<T> {
  await fault.begin();
  try {
    return await tell();
  } finally {
    await fault.mend();
  }
}

/** No trunk was asked to call for this line. */
function expectNoCall({ site, line, expect }: Scene): void {
  const received = [...site.carrier.received, ...site.police.received];
  expect(received.filter(({ shows }) => shows.number === line.number)).toEqual([]);
}

/** Nothing of a call is kept for longer than until its record is safe. */
async function untilNothingIsKept({ site: { stack } }: Scene): Promise<void> {
  const redis = new Redis(stack.config.paths.redisSocket);
  try {
    await until('nothing is kept of any call', async () => (await redis.keys('clearline:call*')).length === 0);
  } finally {
    redis.disconnect();
  }
}

/** 999 leaves at once, and is answered. */
async function reachEmergency(scene: Scene): Promise<void> {
  const call = await scene.resident.call({ to: '999' });
  const far = await ringsAt(scene.site.carrier, scene);
  scene.expect(far.invitedAt - call.invitedAt).toBeLessThan(atOnceMs);
  await reach(call, far);
  call.hangUp();
  await far.untilEnded();
}

storyOfTwo(
  'AMI is refused: 101 waits with words, 999 does not, and 101 leaves as soon as AMI is back',
  announce,
  async (scene, other) => {
    const { call } = await suspectCall(scene);
    const ami = amiRefused(scene.site.stack);
    const guarded = await without(ami, async () => {
      const dialled = await scene.resident.call({ to: '101' });
      await said(dialled, 'line-not-clear');
      await said(dialled, 'key-call-back');
      scene.expect(call.ended).toMatchObject({ by: 'them', how: 'bye' });
      await reachEmergency(other);
      scene.expect(await ami.isAway()).toBe(true);
      expectNoCall(scene);
      return dialled;
    });
    const police = await ringsAt(scene.site.police, scene);
    await reach(guarded, police);
    guarded.hangUp();
    await police.untilEnded();
    expectSilenceSince(scene, guarded.invitedAt, police);
    const record = await guardedRecord(scene);
    scene.expect(record).toMatchObject({ trunk: 'police', keys: [], ending: { outcome: 'connected' }, faults: [] });
    const reasons = record.looks.flatMap(({ assessment }) => assessment.reasons);
    scene.expect(reasons).toContain('AMI did not answer within a second');
  },
);

story(
  'ARI answers late: that is no answer; the resident hears words, and 101 leaves when it is in time again',
  announce,
  async (scene) => {
    const { stack } = scene.site;
    const ari = await delayAri(stack);
    try {
      const interceptor = stack.service('interceptor')?.pid;
      const { call } = await suspectCall(scene);
      ari.setDelay(1_300);
      const guarded = await scene.resident.call({ to: '101' });
      await said(guarded, 'line-not-clear');
      await said(guarded, 'key-call-back');
      const cutAt = call.ended?.at ?? 0;
      scene.expect(call.ended).toMatchObject({ by: 'them', how: 'bye' });
      await until('the line has been looked at a few times', () => now() > cutAt + 6_000, 10_000);
      expectNoCall(scene);
      ari.setDelay(0);
      const police = await ringsAt(scene.site.police, scene);
      await reach(guarded, police);
      guarded.hangUp();
      await police.untilEnded();
      // Clearline heard of the dialling only then.
      expectSilenceSince(scene, cutAt, police);
      const record = await guardedRecord(scene);
      scene.expect(record).toMatchObject({ trunk: 'police', ending: { outcome: 'connected' } });
      const reasons = record.looks.flatMap(({ assessment }) => assessment.reasons);
      scene.expect(reasons).toContain('ARI did not answer within a second');
      scene.expect(stack.service('interceptor')?.pid).toBe(interceptor);
    } finally {
      ari.setDelay(0);
      await ari.remove();
    }
  },
);

storyOfTwo(
  'Redis hangs: 101 and 999 go through at once, and both are on record when it is back',
  announce,
  async (scene, other) => {
    const redis = redisHung(scene.site.stack);
    const { call } = await suspectCall(scene);
    const police = await without(redis, async () => {
      const guarded = await scene.resident.call({ to: '101' });
      const far = await ringsAt(scene.site.police, scene);
      scene.expect(far.invitedAt - guarded.invitedAt).toBeLessThan(atOnceMs);
      scene.expect(call.ended?.at).toBeLessThan(far.invitedAt + noticedMs);
      await reach(guarded, far);
      guarded.hangUp();
      await far.untilEnded();
      expectSilenceSince(scene, guarded.invitedAt, far);
      await reachEmergency(other);
      scene.expect(await redis.isAway()).toBe(true);
      scene.expect(await scene.site.store.calls.list({ line: scene.line.id, limit: 1 })).toEqual([]);
      return far;
    });
    scene.expect(police.ended).toMatchObject({ by: 'them' });
    scene
      .expect(await guardedRecord(scene))
      .toMatchObject({ trunk: 'police', ending: { outcome: 'connected' }, faults: [] });
    const [emergency] = await other.site.dialled(other.line.id);
    scene.expect(emergency?.record).toMatchObject({ number: { class: 'emergency' }, ending: { outcome: 'connected' } });
    await scene.over(call);
  },
);

story(
  'Redis hangs: a call back cannot be promised; the resident hears so, and goes on waiting',
  announce,
  async (scene) => {
    const { stack } = scene.site;
    const guarded = await without(amiRefused(stack), async () => {
      const dialled = await scene.resident.call({ to: '101' });
      await said(dialled, 'key-call-back');
      await without(redisHung(stack), async () => {
        dialled.press('2');
        await said(dialled, 'call-back-impossible');
      });
      scene.expect(dialled.ended).toBeNull();
      return dialled;
    });
    const far = await ringsAt(scene.site.carrier, scene);
    await reach(guarded, far);
    guarded.hangUp();
    await far.untilEnded();
    const record = await guardedRecord(scene);
    scene.expect(record).toMatchObject({ keys: [{ digit: '2' }], trunk: 'net', ending: { outcome: 'connected' } });
  },
);

story(
  'a call back outlives the interceptor and Redis: the phone rings again, and 101 is connected',
  announce,
  async (scene) => {
    const { stack } = scene.site;
    const { killed, promised } = await without(amiRefused(stack), async () => {
      const guarded = await scene.resident.call({ to: '101' });
      await said(guarded, 'key-call-back');
      guarded.press('2');
      await said(guarded, 'call-back-promised');
      scene.expect(await guarded.untilEnded()).toMatchObject({ by: 'them', how: 'bye' });
      const promised = await scene.site.dialled(scene.line.id);
      const killed = [stack.service('interceptor')?.pid, stack.redis?.pid];
      stack.service('interceptor')?.kill('SIGKILL');
      stack.redis?.kill('SIGKILL');
      return { killed, promised };
    });
    await until(
      'both are others',
      () => {
        const pids = [stack.service('interceptor')?.pid, stack.redis?.pid];
        return pids.every((pid, i) => pid && pid !== killed[i]);
      },
      20_000,
    );
    const back = await until('the phone rings', () => scene.resident.received[0], 40_000);
    scene.expect(back.shows).toEqual({ name: 'Call back: Police', number: '101' });
    back.answer();
    await said(back, 'call-back');
    const far = await ringsAt(scene.site.carrier, scene);
    await reach(back, far);
    back.hangUp();
    await far.untilEnded();
    scene.expect(await guardedRecord(scene, 2)).toMatchObject({
      by: 'call-back',
      trunk: 'net',
      ending: { outcome: 'connected', by: 'resident' },
      faults: [],
    });
    // That the first call was over may not have been kept any more. It is taken up then, and its record neither doubled nor changed.
    scene.expect((await scene.site.dialled(scene.line.id, 2)).slice(1)).toEqual(promised);
    scene.expect(scene.resident.received).toEqual([back]);
    await untilNothingIsKept(scene);
  },
);
