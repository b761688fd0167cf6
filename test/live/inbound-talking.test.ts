import { join } from 'node:path';
import { findMarker, markers, readWav, tones } from '../support/audio.ts';
import { heardNames, hearsMarker, said } from '../support/listen.ts';
import { header } from '../support/phone/message.ts';
import type { PlacedCall } from '../support/phone/placed-call.ts';
import type { ReceivedCall } from '../support/phone/received-call.ts';
import type { Scene } from '../support/scene.ts';
import { stories } from '../support/stories.ts';
import { until } from '../support/until.ts';

/** The conversation with a stranger and what follows it: keys, reminders, the advice, the way to the police. */

const reportedHoldSeconds = 1800;
const screening = { holdSeconds: 300, reportedHoldSeconds, reminderSeconds: 5 };
const { story } = stories({ prompts: 'tones', settings: { screening } });

const anna = { number: '+447700900123', name: 'Anna' };
const announce = { mode: 'announce', trusted: [anna] } as const;
const whisper = ['whisper-unknown', 'whisper-warning', 'whisper-keys'];

/** A stranger and the resident, past the warning. */
async function talking(scene: Scene): Promise<{ call: PlacedCall; rung: ReceivedCall }> {
  const call = await scene.call();
  const rung = await scene.answered();
  await scene.talk(call, rung);
  return { call, rung };
}

for (const way of ['rtp', 'info'] as const) {
  story(`star in the call, by ${way}, ends and reports it`, announce, async (scene) => {
    const { call, rung } = await talking(scene);
    rung.press('*', way);
    scene.expect(await call.untilEnded()).toMatchObject({ by: 'them', how: 'bye', cause: 16 });
    await said(rung, 'advice');
    rung.hangUp();
    const { record, played } = await scene.over(call, { resident: rung });
    scene.expect(heardNames(rung)).toEqual([...whisper, 'reported', 'advice']);
    scene.expect(played('caller')).toEqual(['announcement', 'please-wait']);
    scene.expect(record).toMatchObject({
      ending: { outcome: 'reported', by: 'resident', cause: 16 },
      keys: [{ leg: 'resident', digit: '*' }],
      holdSeconds: reportedHoldSeconds,
    });
  });
}

story(
  'star in the advice reports a call whose caller has gone, and the line is held for longer',
  announce,
  async (scene) => {
    const { call, rung } = await talking(scene);
    call.hangUp();
    await said(rung, 'caller-gone');
    rung.press('*');
    await said(rung, 'reported');
    rung.hangUp();
    const { record } = await scene.over(call, { resident: rung });
    scene.expect(record).toMatchObject({
      ending: { outcome: 'reported', by: 'caller', cause: 16 },
      keys: [{ leg: 'resident', digit: '*' }],
      alerts: [{ alert: 'reported' }],
      holdSeconds: reportedHoldSeconds,
      faults: [],
    });
  },
);

story(
  'other keys, and all keys of the caller, do nothing; that they were pressed is on record, and not which they were',
  announce,
  async (scene) => {
    const { call, rung } = await talking(scene);
    rung.press('19#');
    await until('the caller’s phone hears the keys', () => call.heard.keys === '19#');
    call.press('*1');
    await until('the resident’s phone hears the keys', () => rung.heard.keys === '*1');
    await scene.talk(call, rung);
    rung.hangUp();
    const { record } = await scene.over(call, { resident: rung });
    const keys = record.keys.map(({ leg, digit }) => `${leg} ${digit}`);
    scene.expect(keys).toEqual(['resident ?', 'resident ?', 'resident ?', 'caller ?', 'caller ?']);
    scene.expect(record).toMatchObject({ ending: { outcome: 'talked', by: 'resident', cause: 16 }, holdSeconds: 300 });
  },
);

story('a trusted call is left in peace: star is just a key, and nobody is reminded', announce, async (scene) => {
  const call = await scene.call({ from: anna });
  const rung = await scene.answered();
  await scene.talk(call, rung);
  rung.press('*');
  await until('the caller’s phone hears the key', () => call.heard.keys === '*');
  const since = performance.now();
  await until('the time for a reminder is over', () => performance.now() > since + 6000);
  await scene.talk(call, rung);
  call.hangUp();
  await rung.untilEnded();
  const { record } = await scene.over(call, { resident: rung });
  scene
    .expect(record)
    .toMatchObject({ ending: { outcome: 'talked', by: 'caller' }, promptsPlayed: [], holdSeconds: 0 });
});

story('a long call is interrupted by reminders that the caller does not hear', announce, async (scene) => {
  const { call, rung } = await talking(scene);
  const first = await said(rung, 'reminder');
  await scene.talk(call, rung);
  await said(rung, 'reminder', { after: first.to });
  await scene.talk(call, rung);
  call.hangUp();
  await said(rung, 'advice');
  rung.hangUp();
  const { played } = await scene.over(call, { resident: rung });
  scene.expect(heardNames(call)).toEqual(['announcement', 'please-wait']);
  scene.expect(played('resident')).toEqual([...whisper, 'reminder', 'reminder', 'caller-gone', 'advice']);
});

story('star during a reminder ends and reports the call', announce, async (scene) => {
  const { call, rung } = await talking(scene);
  await said(rung, 'reminder');
  rung.press('*');
  scene.expect(await call.untilEnded()).toMatchObject({ by: 'them', how: 'bye' });
  await said(rung, 'advice');
  rung.hangUp();
  const { record } = await scene.over(call, { resident: rung });
  scene.expect(record.ending).toMatchObject({ outcome: 'reported', by: 'resident' });
});

/** The police's phone rings for this line. */
function policeCall(scene: Scene): Promise<ReceivedCall> {
  const shown = [scene.line.number, `0${scene.line.number.slice(3)}`];
  const rings = () => scene.site.police.received.find(({ shows }) => shown.includes(shows.number));
  // A key that is reported twice may be the beginning of 111, and is given time.
  return until('101 rings', rings, 10_000);
}

for (const how of ['hung up', 'was reported', 'was reported and ignores every goodbye'] as const) {
  story(`after a caller who ${how}, key 1 reaches 101, and not before the line is clear`, announce, async (scene) => {
    const { call, rung } = await talking(scene);
    call.ignoresGoodbye = how === 'was reported and ignores every goodbye';
    if (how === 'hung up') call.hangUp();
    else rung.press('*');
    const { from } = await said(rung, 'advice');
    rung.press('1');
    const police = await policeCall(scene);
    scene.expect(await scene.site.channelsFrom(scene.stranger)).toEqual([]);
    scene.expect(police.invitedAt).toBeGreaterThan(from);
    scene.expect(header(police.invite, 'to')).toContain('sip:101@');
    await said(rung, 'reaching-101');
    police.answer();
    void police.media.play(tones(markers.police, 1000), true);
    void rung.media.play(tones(markers.resident, 1000), true);
    await Promise.all([hearsMarker(rung, markers.police), hearsMarker(police, markers.resident)]);
    scene.expect(call.heard.marker(markers.resident).filter(({ from: at }) => at > police.invitedAt)).toEqual([]);
    police.hangUp();
    await rung.untilEnded();
    const { record: onward } = await scene.site.recordedFrom(scene.line.id);
    scene.expect(onward).toMatchObject({ by: 'advice', trunk: 'police', faults: [] });
    scene.expect(onward.ending).toMatchObject({ outcome: 'connected', by: 'far' });
    scene.expect(onward.looks.at(-1)).toMatchObject({
      assessment: { state: 'clear' },
      evidence: {
        ari: { channels: [] },
        ami: { channels: [] },
        timedTrunks: [],
        releases: [{ channel: onward.outOf, state: call.ignoresGoodbye ? 'awaited' : 'released' }],
      },
    });
    // The record waits for a carrier that does not answer: test/live/release.test.ts.
    if (call.ignoresGoodbye) return;
    const { record } = await scene.over(call);
    scene.expect(onward.outOf).toBe(record.id);
    scene
      .expect(record.ending)
      .toMatchObject(how === 'hung up' ? { outcome: 'talked', by: 'caller' } : { outcome: 'reported', by: 'resident' });
    scene.expect(record.keys.at(-1)).toMatchObject({ leg: 'resident', digit: '1' });
  });
}

story(
  'key 1 while another stranger waits in the line: 101 rings once that one is cut, too',
  announce,
  async (scene) => {
    const { call, rung } = await talking(scene);
    const accomplice = `+442079461${String(100 + scene.line.index)}`;
    const second = await scene.call({ from: { name: 'DS White', number: accomplice } });
    await scene.passChallenge(second);
    const waiting = await scene.resident.nextCall();
    call.hangUp();
    await said(rung, 'advice');
    rung.press('1');
    const police = await policeCall(scene);
    for (const number of [scene.stranger, accomplice]) scene.expect(await scene.site.channelsFrom(number)).toEqual([]);
    scene.expect(await second.untilEnded()).toMatchObject({ by: 'them', how: 'bye', cause: 16 });
    scene.expect(await waiting.untilEnded()).toMatchObject({ by: 'them', how: 'cancel' });
    police.answer();
    void police.media.play(tones(markers.police, 1000), true);
    await hearsMarker(rung, markers.police);
    police.hangUp();
    await rung.untilEnded();
    await scene.over(call);
    const { record: onward } = await scene.site.recordedFrom(scene.line.id);
    const { record: other } = await scene.site.recorded(second.id);
    scene.expect(onward.trunk).toBe('police');
    scene.expect(onward.looks.at(-1)).toMatchObject({ evidence: { ari: { channels: [] }, ami: { channels: [] } } });
    scene.expect(other).toMatchObject({ connectedAt: null, faults: [] });
  },
);

story('a 101 that is busy: the resident is told', announce, async (scene) => {
  const { call, rung } = await talking(scene);
  rung.press('*');
  await said(rung, 'advice');
  rung.press('1');
  const police = await policeCall(scene);
  police.refuse(486);
  await said(rung, 'busy');
  await rung.untilEnded();
  const { record } = await scene.over(call);
  scene.expect(record.ending).toMatchObject({ outcome: 'reported', by: 'resident' });
  const { record: onward } = await scene.site.recordedFrom(scene.line.id);
  scene.expect(onward.promptsPlayed.map(({ prompt }) => prompt)).toEqual(['reaching-101', 'busy']);
  scene.expect(onward.ending).toEqual({ outcome: 'not-connected', by: 'far', cause: 17 });
});

story('a resident who hangs up while 101 rings ends that call too', announce, async (scene) => {
  const { call, rung } = await talking(scene);
  call.hangUp();
  await said(rung, 'advice');
  rung.press('1');
  const police = await policeCall(scene);
  rung.hangUp();
  scene.expect(await police.untilEnded()).toMatchObject({ by: 'them', how: 'cancel' });
  const { record } = await scene.over(call);
  scene.expect(record.ending).toEqual({ outcome: 'talked', by: 'caller', cause: 16 });
});

story('the advice is given twice, other keys are passed over, and the call ends by itself', announce, async (scene) => {
  const { call, rung } = await talking(scene);
  call.hangUp();
  const advice = await said(rung, 'advice');
  rung.press('6');
  await said(rung, 'advice', { after: advice.to });
  await said(rung, 'goodbye');
  scene.expect(await rung.untilEnded()).toMatchObject({ by: 'them', how: 'bye' });
  const { record } = await scene.over(call, { resident: rung });
  scene.expect(heardNames(rung)).toEqual([...whisper, 'caller-gone', 'advice', 'advice', 'goodbye']);
  scene.expect(record.ending).toEqual({ outcome: 'talked', by: 'caller', cause: 16 });
});

story(
  'a conversation that is recorded is announced to both and kept',
  { ...announce, recordCalls: true },
  async (scene) => {
    const { call, rung } = await talking(scene);
    await call.media.play(tones(markers.caller, 400));
    await rung.media.play(tones(markers.resident, 400));
    call.hangUp();
    await said(rung, 'advice');
    rung.hangUp();
    const { record } = await scene.over(call, { resident: rung });
    scene.expect(heardNames(call).slice(0, 2)).toEqual(['announcement', 'recording-notice']);
    scene
      .expect(heardNames(rung).slice(0, 4))
      .toEqual(['whisper-unknown', 'whisper-warning', 'recording-notice', 'whisper-keys']);
    scene.expect(record.recordings).toEqual([`${record.id}-call`]);
    const wav = readWav(join(scene.site.stack.config.paths.recordings, `${record.id}-call.wav`));
    for (const voice of [markers.caller, markers.resident]) scene.expect(findMarker(voice, wav)).not.toEqual([]);
  },
);

story('a trusted call is not recorded on such a line either', { ...announce, recordCalls: true }, async (scene) => {
  const call = await scene.call({ from: anna });
  const rung = await scene.answered();
  await scene.talk(call, rung);
  rung.hangUp();
  const { record } = await scene.over(call, { resident: rung });
  scene.expect(record).toMatchObject({ recordings: [], promptsPlayed: [] });
});
