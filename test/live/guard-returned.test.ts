import type { AlertKind } from '../../services/core/call.ts';
import { markers, tones } from '../support/audio.ts';
import { dialTone } from '../support/dial-tones.ts';
import { attack, expectSilenceSince, guardedRecord, reach, ringsAt, suspectCall } from '../support/guarded.ts';
import { hearsMarker, said } from '../support/listen.ts';
import type { CallOptions } from '../support/phone/phone.ts';
import { now } from '../support/phone/wire.ts';
import type { Scene } from '../support/scene.ts';
import { stories } from '../support/stories.ts';
import { atOnceMs, until } from '../support/until.ts';

/**
 * The offender rings back at once, as if he were the returned call; he plays a dial tone; he attacks two lines of one home. On
 * real Asterisk: the resident never hears him from the moment they dial, and whom they dialled rings on the other trunk.
 */

const { story, storyOfTwo } = stories({
  prompts: 'tones',
  carrier: true,
  settings: {
    screening: { holdSeconds: 300, reportedHoldSeconds: 1800 },
    numbers: { guarded: [{ number: '020 7946 0777', name: 'The bank' }], doNotOriginate: ['0808 157 0123'] },
  },
});

const anna = { number: '+447700900123', name: 'Anna' };
const anonymous = 'From: "Anonymous" <sip:anonymous@anonymous.invalid>;tag=anonymous';

/** A suspect call is over, and has left the line held. */
async function held(scene: Scene): Promise<void> {
  const { call, rung } = await suspectCall(scene);
  call.hangUp();
  await said(rung, 'caller-gone');
  rung.hangUp();
  await until('the line is held', () => scene.site.heldUntil(scene.line.id));
}

/** The alerts of a call, in SQL where staff read them. */
function raised(scene: Scene, call: string, kind: AlertKind) {
  const alert = { kind, line: scene.line.id, call };
  return until(`${kind} is raised`, async () => {
    const alerts = await scene.site.store.alerts.list({ line: scene.line.id, limit: 20 });
    return alerts.find((one) => one.kind === alert.kind && one.call === alert.call);
  });
}

const poses: Record<string, Partial<CallOptions>> = {
  'the same number': {},
  '101': { from: { name: 'Police', number: '101' } },
  '999': { from: { name: 'Police', number: '999' } },
  '159': { from: { number: '159' } },
  'the number of the site’s bank': { from: { name: 'Your bank', number: '02079460777' } },
  'that number, as its network writes it': {
    from: { number: '+442079460123' },
    headers: { 'P-Asserted-Identity': '<sip:+442079460777@carrier.example>' },
  },
  'a number that never calls': { from: { number: '08081570123' } },
};

for (const [pose, options] of Object.entries(poses)) {
  story(
    `after a suspect call he rings back with ${pose}: refused, and staff hear of it`,
    { mode: 'announce' },
    async (scene) => {
      await held(scene);
      const call = await scene.call(options);
      await said(call, 'refused');
      scene.expect(await call.untilEnded()).toMatchObject({ by: 'them' });
      scene.expect(scene.rangSince(call)).toBe(0);
      const { record } = await scene.over(call);
      scene.expect(record).toMatchObject({
        held: true,
        holdSeconds: 0,
        ending: { outcome: 'returned-call', by: 'clearline' },
        alerts: [{ alert: 'returned-call' }],
      });
      scene.expect(record.verdict?.reasons.map(({ kind }) => kind)).toContain('returned-call');
      await raised(scene, record.id, 'returned-call');
    },
  );
}

const others: Record<string, (scene: Scene) => Partial<CallOptions>> = {
  'another number': () => ({ from: { name: 'Detective Green', number: '+442079461999' } }),
  'no number': () => ({ from: { line: anonymous }, headers: { Privacy: 'id' } }),
};

for (const [pose, options] of Object.entries(others)) {
  story(`he rings back with ${pose}: screened one step more strictly`, { mode: 'announce' }, async (scene) => {
    await held(scene);
    const call = await scene.call(options(scene));
    // An announced caller would ring now; a challenged one has to say a name, and press a digit.
    await said(call, 'say-your-name');
    await said(call, 'press-to-continue');
    scene.expect(scene.rangSince(call)).toBe(0);
    call.hangUp();
    const { record } = await scene.over(call);
    scene.expect(record).toMatchObject({
      held: true,
      verdict: { treatment: 'challenge' },
      ending: { outcome: 'caller-gone' },
      alerts: [{ alert: 'call-while-held' }],
    });
    await raised(scene, record.id, 'call-while-held');
  });
}

story('he rings back with another number where strangers are challenged: now only a message', {}, async (scene) => {
  const first = await scene.call();
  await scene.passChallenge(first);
  const rung = await scene.answered();
  await attack(first, rung);
  first.hangUp();
  await said(rung, 'caller-gone');
  rung.hangUp();
  const call = await scene.call({ from: { number: '+442079461999' } });
  await said(call, 'leave-a-message');
  scene.expect(scene.rangSince(call)).toBe(0);
  call.hangUp();
  const { record } = await scene.over(call);
  scene.expect(record).toMatchObject({ held: true, verdict: { treatment: 'staff-or-message' } });
});

story('a trusted caller still rings, and the hold stays', { mode: 'announce', trusted: [anna] }, async (scene) => {
  await held(scene);
  const heldUntil = await scene.site.heldUntil(scene.line.id);
  const call = await scene.call({ from: anna });
  const rung = await until('the phone rings', () => scene.resident.received[1]);
  scene.expect(rung.shows.name).toBe('Trusted: Anna');
  rung.answer();
  await scene.talk(call, rung);
  rung.hangUp();
  await call.untilEnded();
  const { record } = await scene.over(call, { resident: rung });
  scene.expect(record).toMatchObject({ held: true, verdict: { treatment: 'connect' }, promptsPlayed: [], alerts: [] });
  scene.expect(await scene.site.heldUntil(scene.line.id)).toBe(heldUntil);
});

story(
  'he rings back, and so does a friend, while the resident speaks with the police: nobody comes between',
  { mode: 'announce', trusted: [anna] },
  async (scene) => {
    await held(scene);
    const guarded = await scene.resident.call({ to: '101' });
    const police = await ringsAt(scene.site.police, scene);
    // From the ringing on, and in the conversation.
    const early = await scene.call();
    scene.expect(await early.untilEnded()).toMatchObject({ how: 'refused', status: 486 });
    await reach(guarded, police);
    for (const from of [{ number: scene.stranger }, { number: '101' }, anna]) {
      const call = await scene.call({ from });
      scene.expect(await call.untilEnded()).toMatchObject({ how: 'refused', status: 486 });
      scene.expect(scene.rangSince(call)).toBe(0);
      const { record } = await scene.over(call);
      scene.expect(record.ending).toMatchObject({ outcome: 'engaged', cause: 17 });
    }
    await hearsMarker(guarded, markers.police);
    guarded.hangUp();
    await police.untilEnded();
    expectSilenceSince(scene, guarded.invitedAt, police);
    scene.expect(await guardedRecord(scene)).toMatchObject({
      held: true,
      trunk: 'police',
      ending: { outcome: 'connected', by: 'resident' },
      faults: [],
    });
  },
);

story(
  'he plays a dial tone: cut within a second and a half; the key of the advice then reaches the police',
  { mode: 'announce' },
  async (scene) => {
    const { call, rung } = await suspectCall(scene);
    const began = now();
    void call.media.play(dialTone({ ms: 10_000 }));
    const { at } = await call.untilEnded();
    scene.expect(at - began).toBeLessThan(1500);
    void call.media.play(tones(markers.caller, 1000), true);
    await said(rung, 'fake-dial-tone');
    await said(rung, 'advice');
    const pressed = now();
    rung.press('1');
    const police = await ringsAt(scene.site.police, scene);
    await reach(rung, police);
    police.hangUp();
    await rung.untilEnded();
    expectSilenceSince(scene, pressed, police);
    scene.expect(await guardedRecord(scene)).toMatchObject({ by: 'advice', held: true, trunk: 'police', faults: [] });
    const { record } = await scene.over(call);
    scene.expect(record).toMatchObject({
      ending: { outcome: 'fake-dial-tone', by: 'clearline' },
      alerts: [{ alert: 'fake-dial-tone' }],
      holdSeconds: 1800,
    });
    await raised(scene, record.id, 'fake-dial-tone');
  },
);

storyOfTwo(
  'he talks to two lines of one home, and both residents dial 101 at once: both are connected, neither waits',
  { mode: 'announce' },
  async (one, other) => {
    const scenes = [one, other];
    const attacks = await Promise.all(
      scenes.map(async (scene) => {
        const call = await scene.call({ from: { name: 'PC Brown', number: one.stranger } });
        const rung = await scene.answered();
        await attack(call, rung);
        return call;
      }),
    );
    const guarded = await Promise.all(scenes.map((scene) => scene.resident.call({ to: '101' })));
    const police = await Promise.all(scenes.map((scene) => ringsAt(scene.site.police, scene)));
    for (const [i, far] of police.entries())
      one.expect(far.invitedAt - (guarded[i]?.invitedAt ?? 0)).toBeLessThan(2 * atOnceMs);
    await Promise.all(police.map((far, i) => reach(guarded[i] as NonNullable<(typeof guarded)[0]>, far)));
    for (const call of attacks) one.expect(call.ended).toMatchObject({ by: 'them', how: 'bye' });
    for (const call of guarded) call.hangUp();
    await Promise.all(police.map((far) => far.untilEnded()));
    for (const [i, scene] of scenes.entries()) {
      expectSilenceSince(scene, guarded[i]?.invitedAt ?? 0, police[i]);
      scene.expect(await guardedRecord(scene)).toMatchObject({ held: true, trunk: 'police', faults: [] });
    }
  },
);
