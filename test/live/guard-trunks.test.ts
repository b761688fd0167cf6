import { describe } from 'vitest';
import { markers, tones } from '../support/audio.ts';
import { expectSilenceSince, guardedRecord, noticedMs, reach, ringsAt, suspectCall } from '../support/guarded.ts';
import { heardNames, hearsMarker, said } from '../support/listen.ts';
import type { OnCall } from '../support/phone/phone.ts';
import type { Scene } from '../support/scene.ts';
import { stories } from '../support/stories.ts';
import { atOnceMs, until } from '../support/until.ts';

/** Which trunk takes a resident's call, and what becomes of it where none does; ordinary and premium numbers beside 101. */

const announce = { mode: 'announce' } as const;
const ordinaryNumber = '02079461234';
const premiumNumber = '09012345678';

const trunkFails = (status: number): OnCall => ({ do: 'refuse', status });

/** A suspect call has ended: the line is held, its telephone free. */
async function heldLine(scene: Scene): Promise<void> {
  const { call, rung } = await suspectCall(scene);
  call.hangUp();
  rung.hangUp();
  await scene.site.untilLineQuiet(scene.line.id);
}

/** The record of the only call that this line has made. */
async function onlyRecord({ site, line }: Scene) {
  const [call] = await site.dialled(line.id);
  await site.untilLineQuiet(line.id);
  return call?.record;
}

/** A number that is not guarded rings over the first trunk, without a word to the resident, who hears what comes before the answer. */
async function ringsWithEarlySound(scene: Scene, to: string): Promise<void> {
  const call = await scene.resident.call({ to });
  const far = await ringsAt(scene.site.carrier, scene);
  scene.expect(far.invitedAt - call.invitedAt).toBeLessThan(2 * atOnceMs);
  far.speakEarly();
  void far.media.play(tones(markers.police, 1000), true);
  await hearsMarker(call, markers.police);
  scene.expect(call.answeredAt).toBeNull();
  await reach(call, far);
  far.hangUp();
  await call.untilEnded();
  scene.expect(await onlyRecord(scene)).toMatchObject({
    trunk: 'net',
    looks: [],
    promptsPlayed: [],
    ending: { outcome: 'connected', by: 'far' },
    faults: [],
  });
}

/** The resident hears why their call is not made, and it is not. */
async function refusedWith(scene: Scene, to: string, words: 'held-refused' | 'premium-refused'): Promise<void> {
  const call = await scene.resident.call({ to });
  await said(call, words);
  await call.untilEnded();
  scene.expect(heardNames(call)).toEqual([words]);
  scene
    .expect(await onlyRecord(scene))
    .toMatchObject({ ending: { outcome: 'not-allowed', by: 'clearline' }, attempts: [] });
  scene.expect(scene.site.carrier.received.filter(({ shows }) => shows.number === scene.line.number)).toEqual([]);
}

describe('two trunks', () => {
  const { story } = stories({ prompts: 'tones', carrier: true, settings: { screening: { holdSeconds: 300 } } });

  /** What the far ends do when this line calls. */
  const arrange = ({ site, line }: Scene, { net, police }: { net?: OnCall; police?: OnCall }) => {
    if (net) site.carrier.onCallFrom.set(line.number, net);
    if (police) site.police.onCallFrom.set(line.number, police);
  };

  /** A trunk that says nothing is given ten seconds. */
  const failures: Record<string, { readonly net: OnCall; readonly withinMs: number }> = {
    'answers 503': { net: trunkFails(503), withinMs: 5_000 },
    'answers 404': { net: trunkFails(404), withinMs: 5_000 },
    'is silent': { net: { do: 'ignore' }, withinMs: 25_000 },
  };
  for (const [how, { net, withinMs }] of Object.entries(failures)) {
    story(`the first ${how}: 101 goes over the second, after another look at the line`, announce, async (scene) => {
      arrange(scene, { net });
      const guarded = await scene.resident.call({ to: '101' });
      const police = await ringsAt(scene.site.police, scene);
      scene.expect(police.invitedAt - guarded.invitedAt).toBeLessThan(withinMs);
      await reach(guarded, police);
      police.hangUp();
      await guarded.untilEnded();
      const record = await guardedRecord(scene);
      scene.expect(record).toMatchObject({ trunk: 'police', ending: { outcome: 'connected' }, faults: [] });
      scene.expect(record.attempts.map(({ trunk }) => trunk)).toEqual(['net', 'police']);
      const [first = 0, second = 0] = record.attempts.map(({ at }) => at);
      scene.expect(record.looks.filter(({ at }) => at > first && at <= second)).not.toEqual([]);
    });
  }

  story(
    'he rings over the first and the second fails: 101 goes over his own trunk, once he is cut',
    announce,
    async (scene) => {
      arrange(scene, { police: trunkFails(503) });
      const { call } = await suspectCall(scene);
      const guarded = await scene.resident.call({ to: '101' });
      const far = await ringsAt(scene.site.carrier, scene);
      scene.expect(call.ended?.at).toBeLessThan(far.invitedAt + noticedMs);
      await reach(guarded, far);
      guarded.hangUp();
      await far.untilEnded();
      expectSilenceSince(scene, guarded.invitedAt, far);
      const record = await guardedRecord(scene);
      scene.expect(record.attempts.map(({ trunk }) => trunk)).toEqual(['police', 'net']);
      scene.expect(record).toMatchObject({ trunk: 'net', held: true, faults: [] });
    },
  );

  story('all fail: words, and connected by itself when one works again', announce, async (scene) => {
    arrange(scene, { net: trunkFails(503), police: trunkFails(503) });
    const guarded = await scene.resident.call({ to: '101' });
    await said(guarded, 'key-call-back');
    scene.expect(heardNames(guarded)).toEqual(['cannot-reach', 'key-other-trunk', 'key-call-back']);
    arrange(scene, { police: { do: 'ring' } });
    const police = await until('101 rings', () =>
      scene.site.police.received.find(({ shows, ended }) => shows.number === scene.line.number && ended === null),
    );
    await reach(guarded, police);
    guarded.hangUp();
    await police.untilEnded();
    const record = await guardedRecord(scene);
    scene.expect(record.attempts.map(({ trunk }) => trunk)).toEqual(['net', 'police', 'net', 'police']);
    scene.expect(record).toMatchObject({ trunk: 'police', keys: [], ending: { outcome: 'connected' }, faults: [] });
  });

  story(
    'all fail in a suspect call: key 1 tries them again at once, and the offender hears nothing of it',
    announce,
    async (scene) => {
      arrange(scene, { net: trunkFails(503), police: trunkFails(500) });
      const { call } = await suspectCall(scene);
      const guarded = await scene.resident.call({ to: '101' });
      await said(guarded, 'key-other-trunk');
      scene.expect(call.ended).toMatchObject({ by: 'them', how: 'bye' });
      arrange(scene, { net: { do: 'ring' } });
      await said(guarded, 'key-call-back');
      guarded.press('1');
      const far = await until('101 rings', () =>
        scene.site.carrier.received.find(({ shows, ended }) => shows.number === scene.line.number && ended === null),
      );
      await reach(guarded, far);
      guarded.hangUp();
      await far.untilEnded();
      expectSilenceSince(scene, guarded.invitedAt, far);
      const record = await guardedRecord(scene);
      scene.expect(record.attempts.map(({ trunk }) => trunk)).toEqual(['police', 'net', 'police', 'net']);
      scene.expect(record).toMatchObject({ trunk: 'net', keys: [{ digit: '1' }], faults: [] });
    },
  );

  story('an ordinary number rings at once, with what its exchange says before the answer', announce, (scene) =>
    ringsWithEarlySound(scene, ordinaryNumber),
  );

  story('so does a premium number where the site has them', announce, (scene) =>
    ringsWithEarlySound(scene, premiumNumber),
  );

  story('an ordinary number on a held line: a warning first, then it rings', announce, async (scene) => {
    await heldLine(scene);
    const call = await scene.resident.call({ to: ordinaryNumber });
    const { to } = await said(call, 'held-warning');
    const far = await ringsAt(scene.site.carrier, scene);
    scene.expect(far.invitedAt).toBeGreaterThan(to - 100);
    await reach(call, far);
    call.hangUp();
    await far.untilEnded();
    scene.expect(await onlyRecord(scene)).toMatchObject({ held: true, trunk: 'net', ending: { outcome: 'connected' } });
  });

  story('a premium number on a held line is refused in words', announce, async (scene) => {
    await heldLine(scene);
    await refusedWith(scene, premiumNumber, 'held-refused');
  });
});

describe('the first of two trunks is not there', () => {
  const { story } = stories({ prompts: 'tones' });

  story('101 goes over the second', announce, async (scene) => {
    const guarded = await scene.resident.call({ to: '101' });
    const police = await ringsAt(scene.site.police, scene);
    await reach(guarded, police);
    guarded.hangUp();
    await police.untilEnded();
    scene
      .expect(await guardedRecord(scene))
      .toMatchObject({ trunk: 'police', ending: { outcome: 'connected' }, faults: [] });
  });
});

describe('one trunk, and a strict site', () => {
  const { story } = stories({
    prompts: 'tones',
    carrier: true,
    police: false,
    settings: { outgoing: { premium: 'refuse', ordinaryWhileHeld: 'refuse' } },
  });

  story('101 in a suspect call that came over it: rings over it as soon as he is cut', announce, async (scene) => {
    const { call } = await suspectCall(scene);
    const guarded = await scene.resident.call({ to: '101' });
    const far = await ringsAt(scene.site.carrier, scene);
    scene.expect(far.invitedAt - guarded.invitedAt).toBeLessThan(2 * atOnceMs);
    scene.expect(call.ended?.at).toBeLessThan(far.invitedAt + noticedMs);
    await reach(guarded, far);
    guarded.hangUp();
    await far.untilEnded();
    expectSilenceSince(scene, guarded.invitedAt, far);
    scene.expect(await guardedRecord(scene)).toMatchObject({ trunk: 'net', held: true, promptsPlayed: [], faults: [] });
  });

  story('a premium number is refused in words', announce, (scene) =>
    refusedWith(scene, premiumNumber, 'premium-refused'),
  );

  story('an ordinary number rings', announce, (scene) => ringsWithEarlySound(scene, ordinaryNumber));

  story('an ordinary number on a held line is refused in words', announce, async (scene) => {
    await heldLine(scene);
    await refusedWith(scene, ordinaryNumber, 'held-refused');
  });
});
