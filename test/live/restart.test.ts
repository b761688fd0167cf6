import { markers, tones } from '../support/audio.ts';
import { expectSilenceSince, guardedRecord, reach, ringsAt, suspectCall } from '../support/guarded.ts';
import { hearsMarker, said } from '../support/listen.ts';
import type { ReceivedCall } from '../support/phone/received-call.ts';
import { now } from '../support/phone/wire.ts';
import type { Scene } from '../support/scene.ts';
import { stories } from '../support/stories.ts';
import { until } from '../support/until.ts';

/**
 * The interceptor is killed under calls in every stage: each goes on where it was, is watched as before, and is on record once,
 * marked as taken over.
 */

const { story } = stories({
  prompts: 'tones',
  carrier: true,

  settings: { screening: { holdSeconds: 300, reminderSeconds: 8, nameSeconds: 5 } },
  expectedComplaints: /started again|took up the calls|interceptor ended|AstDB lacked the hold|a sign of life|ECONN/,
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

const withOthers = killFor(8);

story(
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

story('a long call is reminded when it would have been, and leaves its hold', announce, async (scene) => {
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

story('a telephone that rings is answered: the warning, and then the conversation', announce, async (scene) => {
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
});

story('a call to the police that is connected goes on', announce, async (scene) => {
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

story('a call to the police that rings is connected, and looked at again', announce, async (scene) => {
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

story('a resident who waits for the police goes on waiting, and has the same keys', announce, async (scene) => {
  const refuse = { do: 'refuse', status: 503 } as const;
  for (const trunk of [scene.site.police, scene.site.carrier]) trunk.onCallFrom.set(scene.line.number, refuse);
  const call = await scene.resident.call({ to: '101' });
  await said(call, 'key-call-back');
  await withOthers(scene);
  const after = now();
  for (const trunk of [scene.site.police, scene.site.carrier]) trunk.onCallFrom.set(scene.line.number, { do: 'ring' });
  call.press('1');
  const far = await ringsAnywhere(scene, after);
  await reach(call, far);
  call.hangUp();
  await far.untilEnded();
  scene
    .expect(await guardedRecord(scene))
    .toMatchObject({ reconstructed: true, ending: { outcome: 'connected', by: 'resident' } });
});

story('an ordinary call goes on', announce, async (scene) => {
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

story(
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
