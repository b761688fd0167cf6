import { describe } from 'vitest';
import { markers } from '../support/audio.ts';
import { expectSilenceSince, guardedRecord, reach, ringsAt, suspectCall } from '../support/guarded.ts';
import { heardNames, hearsMarker, said } from '../support/listen.ts';
import type { PlacedCall } from '../support/phone/placed-call.ts';
import { now } from '../support/phone/wire.ts';
import type { Scene } from '../support/scene.ts';
import { stories } from '../support/stories.ts';
import { atOnceMs, until } from '../support/until.ts';

/**
 * The line is clear, but the trunk may be held open by the far end of the last call, as an analogue one can. The resident who
 * dials 101 is taken over another trunk, or waits with words, and has keys to choose with.
 */

const clearingSeconds = 8;
const anna = { number: '+447700900123', name: 'Anna' };
const announce = { mode: 'announce', trusted: [anna] } as const;

describe('the suspect came over a timed trunk, and there is another', () => {
  const { story } = stories({
    prompts: 'tones',
    carrier: true,
    net: { clearing: 'timed', clearingSeconds },
    settings: { outgoing: { ordinaryWhileHeld: 'connect' } },
  });

  story('101 rings over the other at once', announce, async (scene) => {
    const { call } = await suspectCall(scene);
    const guarded = await scene.resident.call({ to: '101' });
    const police = await ringsAt(scene.site.police, scene);
    scene.expect(police.invitedAt - guarded.invitedAt).toBeLessThan(2 * atOnceMs);
    scene.expect(call.ended).toMatchObject({ by: 'them', how: 'bye' });
    await reach(guarded, police);
    guarded.hangUp();
    await police.untilEnded();
    expectSilenceSince(scene, guarded.invitedAt, police);
    const record = await guardedRecord(scene);
    scene.expect(record).toMatchObject({ trunk: 'police', attempts: [{ trunk: 'police' }], faults: [] });
    scene.expect(record.promptsPlayed).toEqual([]);
    scene.expect(record.looks.at(-1)?.evidence.timedTrunks).toMatchObject([{ trunk: 'net' }]);
  });

  story(
    'a trusted caller’s number may be forged: 101 takes the other trunk after that, too, and then the first again',
    announce,
    async (scene) => {
      const call = await scene.call({ from: anna });
      const rung = await scene.answered();
      await scene.talk(call, rung);
      call.hangUp();
      await rung.untilEnded();
      const since = now();
      const guarded = await scene.resident.call({ to: '101' });
      await reach(guarded, await ringsAt(scene.site.police, scene));
      guarded.hangUp();
      const heldOpen = () => scene.site.stack.asterisk.cli('database get clearline-timed net');
      // The stories beside this one have their callers over the same trunk.
      const isClear = async () => Number(/Value: (\d+)/.exec(await heldOpen())?.[1]) * 1000 < Date.now();
      await until('the trunk is clear', isClear, 30_000);
      scene.expect(now() - since).toBeGreaterThan(clearingSeconds * 1000 - 1000);
      const later = await scene.resident.call({ to: '101' });
      await reach(later, await ringsAt(scene.site.carrier, scene));
      later.hangUp();
      scene.expect(await guardedRecord(scene, 2)).toMatchObject({ held: false, trunk: 'net', faults: [] });
    },
  );

  story('999 rings over the other first: its far end cannot hold it open', announce, async (scene) => {
    const emergency = await scene.resident.call({ to: '999' });
    await reach(emergency, await ringsAt(scene.site.police, scene));
    emergency.hangUp();
  });

  story(
    'an ordinary number needs no clearing: by the site’s policy it rings at once, over the first trunk',
    announce,
    async (scene) => {
      const { call, rung } = await suspectCall(scene);
      call.hangUp();
      rung.hangUp();
      const ordinary = await scene.resident.call({ to: '02079461234' });
      const far = await ringsAt(scene.site.carrier, scene);
      scene.expect(far.invitedAt - ordinary.invitedAt).toBeLessThan(2 * atOnceMs);
      await reach(ordinary, far);
      far.hangUp();
      await ordinary.untilEnded();
      scene.expect(heardNames(ordinary)).toEqual([]);
      scene
        .expect((await scene.site.dialled(scene.line.id))[0]?.record)
        .toMatchObject({ held: true, trunk: 'net', looks: [] });
    },
  );
});

describe('the suspect came over the only trunk, a timed one', () => {
  const { story } = stories({
    prompts: 'tones',
    carrier: true,
    staff: true,
    net: { clearing: 'timed', clearingSeconds },
    police: false,
    settings: {
      // Shorter than the clearing, so that it is the trunk that keeps the resident waiting.
      screening: { holdSeconds: 2 },
      outgoing: { callBackTries: 2, callBackEverySeconds: 5 },
    },
  });

  const words = ['line-not-clear', 'under-a-minute', 'key-call-back', 'key-staff'];

  /** The resident dials 101 in a suspect call, and has heard how things stand and which keys there are. */
  async function waiting(scene: Scene): Promise<{ suspect: PlacedCall; guarded: PlacedCall }> {
    const { call: suspect } = await suspectCall(scene);
    const guarded = await scene.resident.call({ to: '101' });
    await said(guarded, 'key-staff');
    scene.expect(suspect.ended).toMatchObject({ by: 'them', how: 'bye' });
    return { suspect, guarded };
  }

  /** The resident is called back, picks up, and is connected. */
  async function calledBack(scene: Scene, rings: number, ms: number): Promise<void> {
    const back = await until('the phone rings again', () => scene.resident.received[rings], ms);
    scene.expect(back.shows).toEqual({ name: 'Call back: Police', number: '101' });
    back.answer();
    await said(back, 'call-back');
    const far = await ringsAt(scene.site.carrier, scene);
    await reach(back, far);
    far.hangUp();
    await back.untilEnded();
    expectSilenceSince(scene, back.invitedAt, far);
    scene.expect(await guardedRecord(scene, 2)).toMatchObject({
      by: 'call-back',
      trunk: 'net',
      ending: { outcome: 'connected', by: 'far' },
      faults: [],
    });
  }

  story(
    'the resident hears why, and how long; and is connected when the time is up, with no key pressed',
    announce,
    async (scene) => {
      const { suspect, guarded } = await waiting(scene);
      scene.expect(heardNames(guarded)).toEqual(words);
      const far = await ringsAt(scene.site.carrier, scene);
      const waited = far.invitedAt - (suspect.ended?.at ?? 0);
      scene.expect(waited).toBeGreaterThan(clearingSeconds * 1000 - 100);
      scene.expect(waited).toBeLessThan(clearingSeconds * 1000 + 15_000);
      await reach(guarded, far);
      guarded.hangUp();
      await far.untilEnded();
      expectSilenceSince(scene, guarded.invitedAt, far);
      const record = await guardedRecord(scene);
      scene.expect(record).toMatchObject({ trunk: 'net', keys: [], ending: { outcome: 'connected' }, faults: [] });
      const held = record.looks.filter(({ assessment }) => assessment.state === 'held');
      scene
        .expect(held[0]?.assessment.reasons)
        .toEqual([scene.expect.stringMatching(/trunk net open for [789] s more/)]);
    },
  );

  story('key 0 reaches staff at once', announce, async (scene) => {
    const { guarded } = await waiting(scene);
    guarded.press('0');
    const staff = await scene.staffRung();
    scene.expect(staff.shows.name).toContain('waits for Police');
    await said(guarded, 'connecting-you');
    staff.answer();
    await reach(guarded, staff);
    scene.expect(guarded.heard.marker(markers.caller)).toEqual([]);
    staff.hangUp();
    await guarded.untilEnded();
    expectSilenceSince(scene, guarded.invitedAt);
    scene.expect(await guardedRecord(scene)).toMatchObject({
      ending: { outcome: 'handled-by-staff', by: 'staff' },
      keys: [{ leg: 'resident', digit: '0' }],
      attempts: [],
      faults: [],
    });
  });

  story(
    'staff who do not take it leave the resident waiting as before; key 1 has nothing to offer yet',
    announce,
    async (scene) => {
      const { guarded } = await waiting(scene);
      guarded.press('1');
      guarded.press('0');
      const staff = await scene.staffRung();
      staff.refuse(486);
      const far = await ringsAt(scene.site.carrier, scene);
      await reach(guarded, far);
      guarded.hangUp();
      await far.untilEnded();
      expectSilenceSince(scene, guarded.invitedAt, far);
      scene
        .expect(await guardedRecord(scene))
        .toMatchObject({ attempts: [{ trunk: 'net' }], trunk: 'net', faults: [] });
    },
  );

  story(
    'key 2: the phone is hung up, rings when the line is clear, says what it is, and 101 is connected',
    announce,
    async (scene) => {
      const { guarded } = await waiting(scene);
      guarded.press('2');
      await said(guarded, 'call-back-promised');
      scene.expect(await guarded.untilEnded()).toMatchObject({ by: 'them', how: 'bye' });
      scene.expect((await scene.site.dialled(scene.line.id))[0]?.record).toMatchObject({
        ending: { outcome: 'called-back-later', by: 'clearline' },
        attempts: [],
        faults: [],
      });
      await calledBack(scene, 1, 40_000);
    },
  );

  story(
    'a call back that nobody takes is tried again, and then staff hear of it',
    { ...announce, ringSeconds: 3 },
    async (scene) => {
      const { guarded } = await waiting(scene);
      guarded.press('2');
      await guarded.untilEnded();
      const [, first] = await until(
        'the phone rings',
        () => scene.resident.received.length > 1 && scene.resident.received,
        40_000,
      );
      scene.expect(await first?.untilEnded()).toMatchObject({ by: 'them', how: 'cancel' });
      const again = await until('the phone rings again', () => scene.resident.received[2], 20_000);
      again.refuse(486);
      const { record } = (await scene.site.dialled(scene.line.id))[0] ?? {};
      const alert = { kind: 'call-back-failed', line: scene.line.id, call: record?.id };
      await until('staff hear of it', async () => {
        const alerts = await scene.site.store.alerts.list({ line: scene.line.id, limit: 10 });
        return alerts.find(({ kind }) => kind === alert.kind);
      });
      const [raised] = (await scene.site.store.alerts.list({ line: scene.line.id, limit: 10 })).filter(
        ({ kind }) => kind === alert.kind,
      );
      scene.expect(raised).toMatchObject(alert);
      scene.expect(scene.site.carrier.received.filter(({ shows }) => shows.number === scene.line.number)).toEqual([]);
    },
  );

  story('who has reached the number meanwhile is not called back', announce, async (scene) => {
    const { guarded } = await waiting(scene);
    guarded.press('2');
    const { at: promised } = await guarded.untilEnded();
    const again = await scene.resident.call({ to: '101' });
    const far = await ringsAt(scene.site.carrier, scene);
    await reach(again, far);
    again.hangUp();
    await far.untilEnded();
    await until('the call back would be due', () => now() > promised + 17_000, 20_000);
    scene.expect(scene.resident.received).toHaveLength(1);
  });

  story('he calls again while the resident waits: refused, and heard by nobody', announce, async (scene) => {
    const { guarded } = await waiting(scene);
    const returned = await scene.call({ from: anna });
    scene.expect(await returned.untilEnded()).toMatchObject({ how: 'refused', status: 486 });
    const far = await ringsAt(scene.site.carrier, scene);
    await reach(guarded, far);
    await hearsMarker(guarded, markers.police);
    far.hangUp();
    await guarded.untilEnded();
    expectSilenceSince(scene, guarded.invitedAt, far);
    scene
      .expect(await guardedRecord(scene))
      .toMatchObject({ trunk: 'net', ending: { outcome: 'connected' }, faults: [] });
  });
});
