import { Redis } from 'ioredis';
import { delayAri } from '../support/ari-delay.ts';
import { markers, tones } from '../support/audio.ts';
import { expectSilenceSince, guardedRecord, reach, ringsAt, suspectCall } from '../support/guarded.ts';
import { hearsMarker, said } from '../support/listen.ts';
import type { ReceivedCall } from '../support/phone/received-call.ts';
import { now } from '../support/phone/wire.ts';
import { type Scene, voiceWhenAsked } from '../support/scene.ts';
import { stories } from '../support/stories.ts';
import { until } from '../support/until.ts';

/**
 * The interceptor is killed under calls in every stage: each goes on where it was, is watched as before, and is on record once,
 * marked as taken over.
 */

const { story, storyAlone } = stories({
  prompts: 'tones',
  carrier: true,

  settings: { screening: { holdSeconds: 300, reminderSeconds: 8, nameSeconds: 5 } },
  expectedComplaints:
    /started again|took up the calls|interceptor ended|AstDB lacked the hold|a sign of life|ECONN|connection to Asterisk is lost|reading from web socket/,
});

const announce = { mode: 'announce' } as const;

/** Kills the interceptor once so many stories are where they want to be, and resolves when another answers calls. */
function killFor(count: number): (scene: Scene) => Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let waiting = 0;
  return (scene) => {
    waiting += 1;
    if (waiting === count) restart(scene).then(resolve, reject);
    return promise;
  };
}

async function restart({ site: { stack } }: Scene, meanwhile: () => unknown = () => {}): Promise<void> {
  const before = stack.service('interceptor')?.pid;
  if (!before) throw new Error('no interceptor runs');
  process.kill(before, 'SIGKILL');
  await meanwhile();
  await until(
    'another interceptor answers',
    () => ![before, null, undefined].includes(stack.service('interceptor')?.pid),
    30_000,
  );
}

/** Over whichever trunk. */
function ringsAnywhere(scene: Scene, after = 0): Promise<ReceivedCall> {
  return Promise.any([scene.site.police, scene.site.carrier].map((far) => ringsAt(far, scene, { after })));
}

const lasting = 8;
const withOthers = killFor(lasting);
/** These are told. */
const first = Promise.withResolvers<void>();
let told = 0;

const inLastingStage: typeof story = (title, line, tell) =>
  story(title, line, async (scene) => {
    try {
      await tell(scene);
    } finally {
      told += 1;
      if (told === lasting) first.resolve();
    }
  });

inLastingStage(
  'a caller and the resident talk on; 101 keyed after that cuts the caller, and the hold stands',
  announce,
  async (scene) => {
    const { call, rung } = await suspectCall(scene);
    await withOthers(scene);
    await scene.talk(call, rung);
    call.goesOnTalking = true;
    void call.media.play(tones(markers.caller, 1000), true);
    const keyed = await rung.dial('101', { way: 'rtp' });
    await call.untilEnded();
    const far = await ringsAt(scene.site.police, scene);
    await reach(rung, far);
    expectSilenceSince(scene, keyed, far);
    far.hangUp();
    await rung.untilEnded();
    const { record } = await scene.over(call);
    scene.expect(record).toMatchObject({
      reconstructed: true,
      ending: { outcome: 'ghost-dialled', by: 'resident' },
      holdSeconds: 1800,
      verdict: { treatment: 'announce' },
    });
    scene.expect(await guardedRecord(scene)).toMatchObject({ reconstructed: false, outOf: record.id, held: true });
  },
);

inLastingStage('a long call is reminded when it would have been, and leaves its hold', announce, async (scene) => {
  const { call, rung } = await suspectCall(scene);
  await withOthers(scene);
  await said(rung, 'reminder');
  call.hangUp();
  await said(rung, 'advice');
  rung.hangUp();
  const { record } = await scene.over(call, { resident: rung });
  scene
    .expect(record)
    .toMatchObject({ reconstructed: true, ending: { outcome: 'talked', by: 'caller' }, holdSeconds: 300 });
});

inLastingStage(
  'a telephone that rings is answered: the warning, and then the conversation',
  announce,
  async (scene) => {
    const call = await scene.call();
    const rung = await scene.resident.nextCall();
    await withOthers(scene);
    rung.answer();
    await said(rung, 'whisper-warning');
    await scene.talk(call, rung);
    scene.expect(scene.rangSince(call)).toBe(1);
    rung.hangUp();
    const { record } = await scene.over(call, { resident: rung });
    scene.expect(record).toMatchObject({ reconstructed: true, ending: { outcome: 'talked', by: 'resident' } });
  },
);

inLastingStage('a call to the police that is connected goes on', announce, async (scene) => {
  const call = await scene.resident.call({ to: '101' });
  const far = await ringsAnywhere(scene);
  await reach(call, far);
  await withOthers(scene);
  await hearsMarker(call, markers.police);
  far.hangUp();
  await call.untilEnded();
  scene
    .expect(await guardedRecord(scene))
    .toMatchObject({ reconstructed: true, ending: { outcome: 'connected', by: 'far' } });
});

inLastingStage('a call to the police that rings is connected, and looked at again', announce, async (scene) => {
  const call = await scene.resident.call({ to: '101' });
  const far = await ringsAnywhere(scene);
  await withOthers(scene);
  await reach(call, far);
  call.hangUp();
  await far.untilEnded();
  const record = await guardedRecord(scene);
  scene.expect(record).toMatchObject({ reconstructed: true, ending: { outcome: 'connected', by: 'resident' } });
  scene.expect(record.looks.length).toBeGreaterThan(1);
});

inLastingStage(
  'a resident who waits for the police goes on waiting, and has the same keys',
  announce,
  async (scene) => {
    const refuse = { do: 'refuse', status: 503 } as const;
    for (const trunk of [scene.site.police, scene.site.carrier]) trunk.onCallFrom.set(scene.line.number, refuse);
    const call = await scene.resident.call({ to: '101' });
    await said(call, 'key-call-back');
    await withOthers(scene);
    const after = now();
    for (const trunk of [scene.site.police, scene.site.carrier])
      trunk.onCallFrom.set(scene.line.number, { do: 'ring' });
    call.press('1');
    const far = await ringsAnywhere(scene, after);
    await reach(call, far);
    call.hangUp();
    await far.untilEnded();
    scene
      .expect(await guardedRecord(scene))
      .toMatchObject({ reconstructed: true, ending: { outcome: 'connected', by: 'resident' } });
  },
);

inLastingStage('an ordinary call goes on', announce, async (scene) => {
  const call = await scene.resident.call({ to: '01923555900' });
  const far = await ringsAnywhere(scene);
  await reach(call, far);
  await withOthers(scene);
  await hearsMarker(call, markers.police);
  call.hangUp();
  await far.untilEnded();
  const [{ record } = {}] = await scene.site.dialled(scene.line.id);
  scene
    .expect(record)
    .toMatchObject({ reconstructed: true, ending: { outcome: 'connected', by: 'resident' }, faults: [] });
});

inLastingStage(
  'a caller who hangs up while nobody watches: the resident is advised, and all is on record',
  announce,
  async (scene) => {
    const { call, rung } = await suspectCall(scene);
    const restarted = withOthers(scene);
    await until(
      'the interceptor is killed',
      () => scene.site.stack.output.some((line) => line.includes('interceptor ended')),
      30_000,
    );
    call.hangUp();
    await restarted;
    await said(rung, 'advice');
    rung.hangUp();
    const { record } = await scene.over(call, { resident: rung });
    scene
      .expect(record)
      .toMatchObject({ reconstructed: true, ending: { outcome: 'talked', by: 'caller' }, holdSeconds: 300 });
  },
);

/** A caller hears the announcement, another says a name, a third resident hears whose call it is, all at that moment. */
const begun = Promise.withResolvers<void>();
const inTheirMidst = killFor(3);

story('a name that is being said is taken, and the digit asked for', { mode: 'guarded' }, async (scene) => {
  await first.promise;
  const call = await scene.call();
  await said(call, 'say-your-name');
  begun.resolve();
  void call.media.play(voiceWhenAsked);
  await inTheirMidst(scene);
  call.press(await scene.hearDigit(call));
  const rung = await scene.answered();
  await scene.talk(call, rung);
  rung.hangUp();
  const { record } = await scene.over(call, { resident: rung });
  scene
    .expect(record)
    .toMatchObject({ reconstructed: true, recordings: [`${record.id}-name`], verdict: { treatment: 'challenge' } });
});

story('an announcement is heard to its end, and nobody is let in unwarned', announce, async (scene) => {
  await begun.promise;
  const call = await scene.call();
  await said(call, 'announcement');
  await inTheirMidst(scene);
  const rung = await scene.answered();
  await said(rung, 'whisper-warning');
  await scene.talk(call, rung);
  call.hangUp();
  await said(rung, 'advice');
  rung.hangUp();
  const { record } = await scene.over(call, { resident: rung });
  scene.expect(record).toMatchObject({ reconstructed: true, ending: { outcome: 'talked', by: 'caller' } });
});

story('a warning that is being said is heard to its end before the caller is', announce, async (scene) => {
  await first.promise;
  const call = await scene.call();
  void call.media.play(tones(markers.caller, 1000), true);
  const rung = await scene.resident.nextCall();
  await begun.promise;
  rung.answer();
  await said(rung, 'whisper-unknown');
  await inTheirMidst(scene);
  await hearsMarker(rung, markers.caller);
  const warned = await said(rung, 'whisper-warning');
  const [spoken] = rung.heard.marker(markers.caller);
  scene.expect(spoken?.from).toBeGreaterThan(warned.to);
  rung.hangUp();
  const { record } = await scene.over(call, { resident: rung });
  scene.expect(record).toMatchObject({ reconstructed: true, ending: { outcome: 'talked', by: 'resident' } });
});

storyAlone(
  'Redis has lost all of it: the conversation is watched again from what Asterisk knows',
  announce,
  async (scene) => {
    const { call, rung } = await suspectCall(scene);
    const { stack } = scene.site;
    const redis = new Redis(stack.config.paths.redisSocket);
    await redis.flushall();
    redis.disconnect();
    await restart(scene);
    await scene.talk(call, rung);
    call.goesOnTalking = true;
    void call.media.play(tones(markers.caller, 1000), true);
    const keyed = await rung.dial('101', { way: 'rtp' });
    await call.untilEnded();
    const far = await ringsAnywhere(scene);
    await reach(rung, far);
    expectSilenceSince(scene, keyed, far);
    far.hangUp();
    await rung.untilEnded();
    // The announcement and the warning were said before anything that is known.
    const { record } = await scene.site.recorded(call.id);
    scene.expect(record).toMatchObject({
      reconstructed: true,
      ending: { outcome: 'ghost-dialled', by: 'resident' },
      holdSeconds: 1800,
    });
    scene.expect(record.connectedAt).not.toBeNull();
  },
);

storyAlone(
  'the connection is lost while the caller hangs up: it is found out when it is back',
  announce,
  async (scene) => {
    const { stack } = scene.site;
    const ari = await delayAri(stack);
    try {
      const { call, rung } = await suspectCall(scene);
      const [leg] = await scene.site.channelsFrom(scene.stranger);
      ari.setDelay(60_000);
      call.hangUp();
      await until('Asterisk has the caller no more', async () => !(await stack.channels()).includes(leg ?? ''));
      ari.cut();
      ari.setDelay(0);
      await said(rung, 'advice');
      rung.hangUp();
      const { record } = await scene.over(call, { resident: rung });
      scene.expect(record).toMatchObject({ reconstructed: true, ending: { outcome: 'talked', by: 'caller' } });
    } finally {
      await ari.remove();
    }
  },
);
