import { heardNames, said } from '../support/listen.ts';
import { type Scene, voice, voiceWhenAsked } from '../support/scene.ts';
import { stories } from '../support/stories.ts';

/** Calls that screening stops are offered to staff, who hear whose call it is; and what follows when they cannot take it. */

const { story, storyAlone } = stories({
  prompts: 'tones',
  staff: true,
  settings: { screening: { challengeSeconds: 3, messageSeconds: 10 } },
});

const forged = { name: 'Police', number: '999' };

story('a forged number on a guarded line goes to staff, who hear whose call it is, and talk', {}, async (scene) => {
  const call = await scene.call({ from: forged });
  await said(call, 'passing-to-staff');
  const staff = await scene.staffRung();
  scene.expect(staff.shows).toEqual({ name: `For Resident of ${scene.line.id}: suspect caller`, number: '999' });
  staff.answer();
  await scene.talk(call, staff, 'staff');
  scene.expect(heardNames(staff)).toEqual(['whisper-staff']);
  scene.expect(heardNames(call)).toEqual(['passing-to-staff']);
  staff.hangUp();
  scene.expect(await call.untilEnded()).toMatchObject({ by: 'them', how: 'bye', cause: 16 });
  const { record } = await scene.over(call, { staff });
  scene.expect(record).toMatchObject({
    ending: { outcome: 'handled-by-staff', by: 'staff', cause: 16 },
    verdict: { standing: 'suspect', treatment: 'staff-or-refuse' },
    holdSeconds: 0,
  });
  scene.expect(scene.rangSince(call)).toBe(0);
});

story('a stranger on a trusted-only line goes to staff, and hangs up', { mode: 'trusted-only' }, async (scene) => {
  const call = await scene.call();
  const staff = await scene.staffRung();
  staff.answer();
  await scene.talk(call, staff, 'staff');
  call.hangUp();
  await staff.untilEnded();
  const { record } = await scene.over(call, { staff });
  scene.expect(record).toMatchObject({
    ending: { outcome: 'handled-by-staff', by: 'caller', cause: 16 },
    verdict: { standing: 'unvouched', treatment: 'staff-or-message' },
    holdSeconds: 0,
  });
});

story('a caller who fails the challenge goes to staff, who hear the name', {}, async (scene) => {
  const call = await scene.call();
  await said(call, 'say-your-name');
  void call.media.play(voiceWhenAsked);
  const digit = await scene.hearDigit(call);
  const wrong = digit === '1' ? '2' : '1';
  call.press(wrong);
  const first = await said(call, 'wrong-digit');
  call.press(wrong);
  await said(call, 'wrong-digit', { after: first.to });
  call.press(wrong);
  const staff = await scene.staffRung();
  scene.expect(staff.shows.name).toContain('unvouched caller');
  staff.answer();
  await scene.talk(call, staff, 'staff');
  scene.expect(heardNames(staff)).toEqual(['whisper-staff', 'whisper-named']);
  scene.expect(staff.heard.find(voice)).toMatchObject({ complete: true });
  staff.hangUp();
  const { record } = await scene.over(call, { staff });
  scene.expect(record.ending).toMatchObject({ outcome: 'handled-by-staff', by: 'staff' });
  scene.expect(scene.rangSince(call)).toBe(0);
});

story('star during the whisper passes the caller to staff', { mode: 'announce' }, async (scene) => {
  const call = await scene.call();
  const rung = await scene.answered();
  await said(rung, 'whisper-warning');
  rung.press('*');
  await rung.untilEnded();
  const staff = await scene.staffRung();
  staff.answer();
  await scene.talk(call, staff, 'staff');
  call.hangUp();
  const { record } = await scene.over(call, { resident: rung, staff });
  scene.expect(heardNames(call)).toEqual(['announcement', 'please-wait', 'passing-to-staff']);
  scene.expect(record).toMatchObject({
    ending: { outcome: 'handled-by-staff', by: 'caller' },
    keys: [{ leg: 'resident', digit: '*' }],
    holdSeconds: 0,
  });
});

for (const status of [486, 603, 480]) {
  story(`staff refuse with ${status}: a forged number is refused in words`, {}, async (scene) => {
    const call = await scene.call({ from: forged });
    (await scene.staffRung()).refuse(status);
    scene.expect(await call.untilEnded()).toMatchObject({ by: 'them', how: 'bye', cause: 16 });
    const { record } = await scene.over(call);
    scene.expect(heardNames(call).at(-1)).toBe('refused');
    scene.expect(record.ending).toEqual({ outcome: 'refused', by: 'clearline', cause: 16 });
  });
}

story('staff are busy: a stranger on a trusted-only line leaves a message', { mode: 'trusted-only' }, async (scene) => {
  const call = await scene.call();
  (await scene.staffRung()).refuse(486);
  await leaveMessage(scene, call);
});

story('staff hang up during their whisper: the stranger leaves a message', { mode: 'trusted-only' }, async (scene) => {
  const call = await scene.call();
  const staff = await scene.staffRung();
  staff.answer();
  await said(staff, 'whisper-staff');
  staff.hangUp();
  await leaveMessage(scene, call);
});

async function leaveMessage(scene: Scene, call: Awaited<ReturnType<Scene['call']>>): Promise<void> {
  await said(call, 'leave-a-message');
  await call.media.play(voiceWhenAsked);
  await said(call, 'message-saved');
  await call.untilEnded();
  const { record, played } = await scene.over(call);
  scene.expect(played('caller')).toEqual(['passing-to-staff', 'leave-a-message', 'message-saved']);
  scene.expect(record.ending).toEqual({ outcome: 'message-left', by: 'clearline', cause: 16 });
  scene.expect(record.recordings).toEqual([`${record.id}-message`]);
}

story('the caller hangs up while the staff’s phone rings', { mode: 'trusted-only' }, async (scene) => {
  const call = await scene.call();
  const staff = await scene.staffRung();
  // By then Asterisk knows that this caller leaves no hold: it is told once the phone rings.
  await said(call, 'passing-to-staff');
  call.hangUp();
  scene.expect(await staff.untilEnded()).toMatchObject({ by: 'them', how: 'cancel' });
  const { record } = await scene.over(call);
  scene.expect(record).toMatchObject({ ending: { outcome: 'caller-gone', by: 'caller' }, connectedAt: null });
});

story('the caller hangs up during the staff’s whisper: staff are told', { mode: 'trusted-only' }, async (scene) => {
  const call = await scene.call();
  const staff = await scene.staffRung();
  staff.answer();
  await said(staff, 'whisper-staff');
  call.hangUp();
  await said(staff, 'caller-gone');
  await staff.untilEnded();
  const { record } = await scene.over(call, { staff });
  scene.expect(record).toMatchObject({ ending: { outcome: 'caller-gone', by: 'caller' }, connectedAt: null });
});

story('a trusted caller never meets staff', { trusted: [{ number: '+447700900123', name: 'Anna' }] }, async (scene) => {
  const call = await scene.call({ from: { number: '+447700900123' } });
  const rung = await scene.answered();
  await scene.talk(call, rung);
  call.hangUp();
  const { record } = await scene.over(call, { resident: rung });
  scene.expect(record.ending).toEqual({ outcome: 'talked', by: 'caller', cause: 16 });
});

storyAlone('staff are away, their phone is off: a forged number is refused in words', {}, async (scene) => {
  await scene.staffPhone.unregister();
  const call = await scene.call({ from: forged });
  scene.expect(await call.untilEnded()).toMatchObject({ by: 'them', how: 'bye', cause: 16 });
  const { record } = await scene.over(call);
  scene.expect(heardNames(call).at(-1)).toBe('refused');
  scene.expect(record.ending).toEqual({ outcome: 'refused', by: 'clearline', cause: 16 });
});
