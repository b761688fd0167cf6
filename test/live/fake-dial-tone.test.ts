import { dialTone } from '../support/dial-tones.ts';
import { heardNames, said } from '../support/listen.ts';
import type { PlacedCall } from '../support/phone/placed-call.ts';
import type { ReceivedCall } from '../support/phone/received-call.ts';
import type { Scene } from '../support/scene.ts';
import { stories } from '../support/stories.ts';
import { until } from '../support/until.ts';

/** The offender says "hang up and dial 101", stays on the line and plays a dial tone. */

const reportedHoldSeconds = 1800;
const { story } = stories({ prompts: 'tones', settings: { screening: { holdSeconds: 300, reportedHoldSeconds } } });

const whisper = ['whisper-unknown', 'whisper-warning', 'whisper-keys'];
const anna = { number: '+447700900123', name: 'Anna' };

async function talking(scene: Scene, number = scene.stranger): Promise<{ call: PlacedCall; rung: ReceivedCall }> {
  const call = await scene.call({ from: { name: 'PC Brown', number } });
  const rung = await scene.answered();
  await scene.talk(call, rung);
  return { call, rung };
}

/** How many channels Asterisk has of what listens to this caller. */
async function listeners(scene: Scene, number: string): Promise<number> {
  const [caller = ''] = await scene.site.channelsFrom(number);
  const channels = await scene.site.stack.channels();
  return channels.filter((id) => id === `${caller}-ear` || id === `${caller}-wire`).length;
}

story('a dial tone is cut within a second, and the resident is told', { mode: 'announce' }, async (scene) => {
  const { call, rung } = await talking(scene);
  const began = performance.now();
  void call.media.play(dialTone({ ms: 5000, dBm0: -16 }));
  const ended = await call.untilEnded();
  scene.expect(ended).toMatchObject({ by: 'them', how: 'bye' });
  scene.expect(ended.at - began).toBeLessThan(1000);
  await said(rung, 'fake-dial-tone');
  rung.hangUp();
  const { record } = await scene.over(call, { resident: rung });
  scene.expect(heardNames(rung).slice(0, 4)).toEqual([...whisper, 'fake-dial-tone']);
  scene.expect(record).toMatchObject({
    ending: { outcome: 'fake-dial-tone', by: 'clearline' },
    holdSeconds: reportedHoldSeconds,
    alerts: [{ alert: 'fake-dial-tone' }],
  });
});

story('on a line that does not watch for it, nobody listens', { mode: 'announce', toneWatch: false }, async (scene) => {
  const { call, rung } = await talking(scene);
  await call.media.play(dialTone({ ms: 2000 }));
  scene.expect(await listeners(scene, scene.stranger)).toBe(0);
  scene.expect(call.ended).toBeNull();
  rung.hangUp();
  scene.expect((await scene.over(call, { resident: rung })).record.ending?.outcome).toBe('talked');
});

story('nobody listens to a trusted caller', { mode: 'announce', trusted: [anna] }, async (scene) => {
  const { call, rung } = await talking(scene, anna.number);
  await call.media.play(dialTone({ ms: 1500 }));
  scene.expect(await listeners(scene, anna.number)).toBe(0);
  rung.hangUp();
  await scene.over(call, { resident: rung });
});

story('whoever is listened to and hangs up leaves nothing behind', { mode: 'announce' }, async (scene) => {
  const { call, rung } = await talking(scene);
  await until('the caller is listened to', async () => (await listeners(scene, scene.stranger)) === 2);
  const [caller] = await scene.site.channelsFrom(scene.stranger);
  call.hangUp();
  await said(rung, 'caller-gone');
  rung.hangUp();
  await scene.over(call, { resident: rung });
  await until('ear and wire are gone', async () => {
    const channels = await scene.site.stack.channels();
    return caller !== undefined && !channels.some((id) => id.startsWith(caller));
  });
});
