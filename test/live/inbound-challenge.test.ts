import { expect, test } from 'vitest';
import { askedDigit, heardNames, said } from '../support/listen.ts';
import { voice } from '../support/scene.ts';
import { stories } from '../support/stories.ts';

/** A caller nobody vouches for says a name, which the resident hears, and presses a digit: right, wrong, not at all. */

const { story, digitsAsked } = stories({ prompts: 'tones', settings: { screening: { challengeSeconds: 3 } } });

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
  await said(call, 'refused', { ms: 20_000 });
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

test('the digit asked for differs from call to call', () => {
  expect(digitsAsked()).toHaveLength(5);
  expect(new Set(digitsAsked()).size).toBeGreaterThan(1);
});
