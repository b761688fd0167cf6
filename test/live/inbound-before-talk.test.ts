import { expect, test } from 'vitest';
import { askedDigit, heardNames, said } from '../support/listen.ts';
import type { PlacedCall } from '../support/phone/placed-call.ts';
import { type Scene, voice, voiceWhenAsked } from '../support/scene.ts';
import { stories } from '../support/stories.ts';
import { until } from '../support/until.ts';

/**
 * Before the two can speak: the name and the digit, right, wrong or not at all; and whoever leaves, at whatever moment: the
 * other is told, and the record says who it was.
 */

const screening = { nameSeconds: 2, challengeSeconds: 3, messageSeconds: 10 };
const { story, digitsAsked } = stories({ prompts: 'tones', settings: { screening } });

const anna = { number: '+447700900123', name: 'Anna' };
const trusting = { trusted: [anna] };

story('a digit pressed by SIP INFO counts', {}, async (scene) => {
  const call = await scene.call();
  const digit = await scene.hearDigit(call);
  call.press(digit, 'info');
  const rung = await scene.answered();
  await scene.talk(call, rung);
  // Who says nothing has no name to be played.
  scene.expect(heardNames(rung)).toEqual(['whisper-unknown', 'whisper-warning', 'whisper-keys']);
  rung.hangUp();
  const { record } = await scene.over(call, { resident: rung });
  scene
    .expect(record)
    .toMatchObject({ ending: { outcome: 'talked', by: 'resident' }, keys: [{ leg: 'caller', digit }] });
});

story('a wrong key and a silence are forgiven', {}, async (scene) => {
  const call = await scene.call();
  const digit = await scene.hearDigit(call);
  const wrong = digit === '5' ? '6' : '5';
  call.press(wrong);
  const { to } = await said(call, 'wrong-digit');
  scene.expect(await askedDigit(call, to)).toBe(digit);
  const again = await said(call, 'press-digit', { after: to });
  scene.expect(await askedDigit(call, again.from)).toBe(digit);
  call.press(digit);
  const rung = await scene.answered();
  await scene.talk(call, rung);
  call.hangUp();
  rung.hangUp();
  const { record } = await scene.over(call, { resident: rung });
  scene.expect(record.keys.map(({ digit: key }) => key)).toEqual([wrong, digit]);
  scene.expect(record.ending.outcome).toBe('talked');
});

story('three wrong keys end the call in words', {}, async (scene) => {
  const call = await scene.call();
  const digit = await scene.hearDigit(call);
  const wrong = digit === '1' ? '2' : '1';
  let after = 0;
  for (const _ of ['first', 'second']) {
    call.press(wrong);
    after = (await said(call, 'wrong-digit', { after })).to;
    await askedDigit(call, after);
  }
  call.press(wrong);
  await said(call, 'refused');
  scene.expect(await call.untilEnded()).toMatchObject({ by: 'them', cause: 16 });
  const { record } = await scene.over(call);
  scene.expect(record.keys.map(({ digit: key }) => key)).toEqual([wrong, wrong, wrong]);
  scene.expect(record).toMatchObject({ ending: { outcome: 'challenge-failed', by: 'clearline' }, holdSeconds: 0 });
  scene.expect(scene.rangSince(call)).toBe(0);
});

story('three silences end the call in words', {}, async (scene) => {
  const call = await scene.call();
  await scene.hearDigit(call);
  await said(call, 'refused');
  await call.untilEnded();
  const { record, played } = await scene.over(call);
  const asked = played('caller').slice(-4);
  scene.expect(asked).toEqual(['press-to-continue', 'press-digit', 'press-digit', 'refused']);
  scene.expect(record).toMatchObject({ ending: { outcome: 'challenge-failed', by: 'clearline' }, keys: [] });
  scene.expect(scene.rangSince(call)).toBe(0);
});

story('the name is heard by the resident, after who is calling and before the warning', {}, async (scene) => {
  const call = await scene.call();
  await scene.passChallenge(call);
  const rung = await scene.answered();
  const warning = await said(rung, 'whisper-warning');
  const opening = await said(rung, 'whisper-named');
  await scene.talk(call, rung);
  const name = rung.heard.find(voice, opening.to);
  scene.expect(name).toMatchObject({ complete: true });
  scene.expect(name?.from).toBeGreaterThan(opening.to - 50);
  scene.expect(name?.to).toBeLessThan(warning.from + 50);
  rung.hangUp();
  scene.expect(await call.untilEnded()).toMatchObject({ by: 'them', how: 'bye', cause: 16 });
  const { record } = await scene.over(call, { resident: rung });
  scene.expect(record.ending).toEqual({ outcome: 'talked', by: 'resident', cause: 16 });
});

const gone = { outcome: 'caller-gone', by: 'caller' };

/** What the caller waits for before they hang up, on a guarded line. */
const moments: Record<string, (scene: Scene, call: PlacedCall) => Promise<unknown>> = {
  'during the announcement': (_, call) => said(call, 'announcement'),
  'when asked for a name': (_, call) => said(call, 'say-your-name'),
  'while saying the name': async (_, call) => {
    const { to } = await said(call, 'say-your-name');
    void call.media.play(voiceWhenAsked);
    await until('half of the name is said', () => call.heard.samples.length > 0 && performance.now() > to + 1000);
  },
  'when asked for a digit': (_, call) => said(call, 'press-to-continue'),
  'instead of pressing the digit': async (_, call) => {
    await said(call, 'press-to-continue');
    await said(call, 'press-digit');
  },
};
for (const [when, untilThen] of Object.entries(moments)) {
  story(`the caller hangs up ${when}`, {}, async (scene) => {
    const call = await scene.call();
    await untilThen(scene, call);
    call.hangUp();
    const { record } = await scene.over(call);
    scene.expect(record).toMatchObject({ ending: gone, connectedAt: null, holdSeconds: 0 });
    scene.expect(scene.rangSince(call)).toBe(0);
  });
}

story('the caller cancels while the phone rings', trusting, async (scene) => {
  const call = await scene.call({ from: anna });
  const rung = await scene.resident.nextCall();
  await call.untilRinging();
  call.cancel();
  scene.expect(await call.untilEnded()).toMatchObject({ by: 'us', how: 'cancel', status: 487 });
  scene.expect(await rung.untilEnded()).toMatchObject({ by: 'them', how: 'cancel' });
  const { record } = await scene.over(call, { resident: rung });
  scene.expect(record).toMatchObject({ ending: gone, answeredAt: null, holdSeconds: 0 });
});

story('the caller cancels at the moment the phone is picked up', trusting, async (scene) => {
  const call = await scene.call({ from: anna });
  const rung = await scene.resident.nextCall();
  await call.untilRinging();
  rung.answer();
  call.cancel();
  await Promise.all([call.untilEnded(), rung.untilEnded()]);
  const { record } = await scene.over(call, { resident: rung });
  scene.expect(['caller-gone', 'talked']).toContain(record.ending.outcome);
  scene.expect(record.ending.by).toBe('caller');
});

story('an announced caller hangs up while the phone rings', { mode: 'announce' }, async (scene) => {
  const call = await scene.call();
  const rung = await scene.resident.nextCall();
  await said(call, 'please-wait');
  call.hangUp();
  scene.expect(await rung.untilEnded()).toMatchObject({ by: 'them', how: 'cancel' });
  const { record } = await scene.over(call, { resident: rung });
  scene.expect(record).toMatchObject({ ending: gone, connectedAt: null, holdSeconds: 0 });
});

story('the caller hangs up during the whisper: the resident is told', { mode: 'announce' }, async (scene) => {
  const call = await scene.call();
  const rung = await scene.answered();
  await said(rung, 'whisper-warning');
  call.hangUp();
  await said(rung, 'caller-gone');
  scene.expect(await rung.untilEnded()).toMatchObject({ by: 'them', how: 'bye' });
  const { record, played } = await scene.over(call, { resident: rung });
  scene.expect(heardNames(rung)).not.toContain('whisper-keys');
  scene.expect(played('resident').at(-1)).toBe('caller-gone');
  scene.expect(record).toMatchObject({ ending: gone, connectedAt: null, holdSeconds: 0 });
});

story('the resident hangs up during the whisper: the caller hears a refusal', { mode: 'announce' }, async (scene) => {
  const call = await scene.call();
  const rung = await scene.answered();
  await said(rung, 'whisper-warning');
  rung.hangUp();
  scene.expect(await call.untilEnded()).toMatchObject({ by: 'them', how: 'bye', cause: 16 });
  const { record, played } = await scene.over(call, { resident: rung });
  scene.expect(played('caller').at(-1)).toBe('no-answer');
  scene.expect(heardNames(call).at(-1)).toBe('no-answer');
  scene.expect(record).toMatchObject({
    ending: { outcome: 'resident-refused', by: 'resident' },
    connectedAt: null,
    holdSeconds: 0,
  });
});

story('star during the whisper sends the caller away', { mode: 'announce' }, async (scene) => {
  const call = await scene.call();
  const rung = await scene.answered();
  await said(rung, 'whisper-warning');
  rung.press('*');
  scene.expect(await rung.untilEnded()).toMatchObject({ by: 'them', how: 'bye' });
  scene.expect(await call.untilEnded()).toMatchObject({ by: 'them', how: 'bye', cause: 16 });
  const { record } = await scene.over(call, { resident: rung });
  scene.expect(heardNames(call)).toEqual(['announcement', 'please-wait', 'refused']);
  scene.expect(record).toMatchObject({
    ending: { outcome: 'resident-refused', by: 'resident' },
    keys: [{ leg: 'resident', digit: '*' }],
    connectedAt: null,
    holdSeconds: 0,
  });
});

story('other keys during the whisper change nothing', { mode: 'announce' }, async (scene) => {
  const call = await scene.call();
  const rung = await scene.answered();
  await said(rung, 'whisper-unknown');
  rung.press('1#');
  await scene.talk(call, rung);
  scene.expect(heardNames(rung)).toEqual(['whisper-unknown', 'whisper-warning', 'whisper-keys']);
  rung.hangUp();
  const { record } = await scene.over(call, { resident: rung });
  scene.expect(record.ending).toEqual({ outcome: 'talked', by: 'resident', cause: 16 });
});

story('a message is asked for: a caller who says nothing leaves none', { mode: 'trusted-only' }, async (scene) => {
  const call = await scene.call();
  scene.expect(await call.untilEnded()).toMatchObject({ by: 'them' });
  const { record, played } = await scene.over(call);
  scene.expect(played('caller')).toEqual(['leave-a-message', 'refused']);
  scene.expect(record.ending).toMatchObject({ outcome: 'refused', by: 'clearline' });
});

story('a message is asked for: a caller who hangs up has left it', { mode: 'trusted-only' }, async (scene) => {
  const call = await scene.call();
  await said(call, 'leave-a-message');
  await call.media.play(voiceWhenAsked);
  call.hangUp();
  const { record } = await scene.over(call);
  scene.expect(record.recordings).toEqual([`${record.id}-message`]);
  scene.expect(record.ending).toMatchObject({ outcome: 'message-left', by: 'caller' });
});

test('the digit asked for differs from call to call', () => {
  expect(digitsAsked()).toHaveLength(5);
  expect(new Set(digitsAsked()).size).toBeGreaterThan(1);
});
