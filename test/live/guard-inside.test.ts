import { markers, tones } from '../support/audio.ts';
import { expectSilenceSince, guardedRecord, noticedMs, reach, ringsAt, suspectCall } from '../support/guarded.ts';
import { heardNames } from '../support/listen.ts';
import type { PhoneCall } from '../support/phone/call.ts';
import { header } from '../support/phone/message.ts';
import { now } from '../support/phone/wire.ts';
import type { Scene } from '../support/scene.ts';
import { stories } from '../support/stories.ts';
import { atOnceMs, until } from '../support/until.ts';

/**
 * "Hang up and dial 101", says the caller, and stays: what the resident keys then, inside that call, reaches the real number
 * and nobody else. Every offender here goes on sending after the goodbye.
 */

const surgery = { number: '01923 555777', name: 'The surgery' };
const { story } = stories({
  prompts: 'tones',
  carrier: true,
  atOnce: 8,
  settings: { numbers: { guarded: [surgery] } },
  // A hang-up that overtook the word on how long to hold: mended, and said.
  expectedComplaints: /AstDB lacked the hold of a line/,
});

const anna = { number: '+447700900123', name: 'Anna' };
const announce = { mode: 'announce', trusted: [anna] } as const;
const reported = 1800;

interface GhostDial {
  readonly title: string;
  readonly keys: string;
  /** The number that is called. */
  readonly number?: string;
  readonly way?: 'rtp' | 'info';
  /** Seconds between two keys. */
  readonly pause?: number;
  /** The offender waits in silence for what he told the resident to do. */
  readonly silent?: boolean;
}

const ghostDials: readonly GhostDial[] = [
  { title: '101, while the caller waits in silence', keys: '101', silent: true },
  { title: '101 with three seconds between the keys, the caller silent', keys: '101', pause: 3, silent: true },
  { title: '101 by SIP INFO, the caller talking on', keys: '101', way: 'info', pause: 0.3 },
  { title: '101 by SIP INFO with two seconds between the keys', keys: '101', way: 'info', pause: 2 },
  { title: '159', keys: '159' },
  { title: 'a number of the site’s own, with half a second between the keys', keys: '01923555777', pause: 0.5 },
  { title: '101 after other keys', keys: '7343101', number: '101' },
];

for (const { title, keys, number = keys, way = 'rtp', pause = 0, silent = false } of ghostDials) {
  story(`keyed inside the call: ${title}`, announce, async (scene) => {
    const { call, rung } = await suspectCall(scene);
    if (silent) call.media.stop();
    const keyed = await rung.dial(keys, { way, pauseMs: pause * 1000 });
    if (silent) void call.media.play(tones(markers.caller, 1000), true);
    const { at } = await call.untilEnded();
    const far = await ringsAt(scene.site.police, scene);
    scene.expect(at).toBeLessThan(far.invitedAt + noticedMs);
    scene.expect(header(far.invite, 'to')).toContain(`sip:${number}@`);
    scene.expect(heardNames(rung)).toContain('ghost-dialled');
    await reach(rung, far);
    expectSilenceSince(scene, keyed, far);
    far.hangUp();
    await rung.untilEnded();
    const { record } = await scene.over(call);
    scene.expect(record).toMatchObject({
      ending: { outcome: 'ghost-dialled', by: 'resident' },
      alerts: [{ alert: 'ghost-dial' }],
      holdSeconds: reported,
      released: { status: 200 },
    });
    scene.expect(await guardedRecord(scene)).toMatchObject({
      by: 'ghost-dial',
      outOf: record.id,
      number: { class: 'guarded' },
      held: true,
      trunk: 'police',
      ending: { outcome: 'connected', by: 'far' },
      faults: [],
    });
  });
}

for (const keys of ['999', '112'] as const) {
  story(`keyed inside the call: ${keys}, which leaves at once and without a word`, announce, async (scene) => {
    const { call, rung } = await suspectCall(scene);
    const before = heardNames(rung);
    const keyed = await rung.dial(keys);
    const far = await ringsAt(scene.site.carrier, scene);
    scene.expect(header(far.invite, 'to')).toContain(`sip:${keys}@`);
    scene.expect(far.invitedAt - keyed).toBeLessThan(atOnceMs);
    scene.expect((await call.untilEnded()).at - keyed).toBeLessThan(atOnceMs);
    await reach(rung, far);
    expectSilenceSince(scene, keyed);
    scene.expect(heardNames(rung)).toEqual(before);
    rung.hangUp();
    await far.untilEnded();
    const { record } = await scene.over(call);
    scene.expect(record).toMatchObject({ ending: { outcome: 'ghost-dialled' }, released: { status: 200 } });
    const [emergency] = await scene.site.dialled(scene.line.id);
    await scene.site.untilLineQuiet(scene.line.id);
    scene.expect(emergency?.record).toMatchObject({
      by: 'ghost-dial',
      outOf: record.id,
      number: { class: 'emergency' },
      trunk: 'net',
      looks: [],
      promptsPlayed: [],
      ending: { outcome: 'connected', by: 'resident' },
      faults: [],
    });
  });
}

/** Longer than Clearline waits for the rest of a number. */
const untilDecided = 3_500;

/** Nobody is cut and nobody is dialled: after all the time that a number may take, the two still hear one another. */
async function expectNothing(
  scene: Scene,
  one: PhoneCall,
  other: PhoneCall,
  ring: readonly PhoneCall[],
): Promise<void> {
  const since = now();
  await until('the time for a number is over', () => now() - since > untilDecided);
  scene.expect([one.ended, other.ended]).toEqual([null, null]);
  const { police, carrier } = scene.site;
  const dialled = [...police.received, ...carrier.received].filter(({ shows }) => shows.number === scene.line.number);
  scene.expect(dialled).toEqual(ring);
}

story('a single key does nothing', announce, async (scene) => {
  const { call, rung } = await suspectCall(scene);
  await rung.dial('1');
  await expectNothing(scene, call, rung, []);
  await scene.talk(call, rung);
  call.hangUp();
  rung.hangUp();
  scene.expect((await scene.over(call)).record).toMatchObject({ ending: { outcome: 'talked' }, alerts: [] });
});

story('the menu of a business that nobody vouched for stays usable', announce, async (scene) => {
  const { call, rung } = await suspectCall(scene);
  await rung.dial('1320', { pauseMs: 1500 });
  await until('the business hears each choice', () => call.heard.keys === '1320');
  await expectNothing(scene, call, rung, []);
  await scene.talk(call, rung);
  call.hangUp();
  rung.hangUp();
  scene.expect((await scene.over(call)).record).toMatchObject({ ending: { outcome: 'talked' }, alerts: [] });
});

for (const way of ['rtp', 'info'] as const) {
  story(`the caller’s own keys dial nothing, by ${way}`, announce, async (scene) => {
    const { call, rung } = await suspectCall(scene);
    for (const keys of ['101', '999']) await call.dial(keys, { way, pauseMs: 100 });
    await expectNothing(scene, call, rung, []);
    await scene.talk(call, rung);
    call.hangUp();
    rung.hangUp();
    scene.expect((await scene.over(call)).record).toMatchObject({ ending: { outcome: 'talked' }, alerts: [] });
  });
}

story('keys to a trusted caller dial nothing', announce, async (scene) => {
  const call = await scene.call({ from: anna });
  const rung = await scene.answered();
  await scene.talk(call, rung);
  for (const keys of ['101', '999']) await rung.dial(keys);
  await until('the caller hears the keys', () => call.heard.keys === '101999');
  await expectNothing(scene, call, rung, []);
  await scene.talk(call, rung);
  call.hangUp();
  await rung.untilEnded();
  scene.expect((await scene.over(call)).record).toMatchObject({ ending: { outcome: 'talked' }, holdSeconds: 0 });
});

story('keys in a call that the resident made dial nothing', announce, async (scene) => {
  const call = await scene.resident.call({ to: '01923555888' });
  const far = await ringsAt(scene.site.carrier, scene);
  await reach(call, far);
  for (const keys of ['101', '999']) await call.dial(keys);
  await until('whom they called hears the keys', () => far.heard.keys === '101999');
  await expectNothing(scene, call, far, [far]);
  call.hangUp();
  await far.untilEnded();
  const [made] = await scene.site.dialled(scene.line.id);
  await scene.site.untilLineQuiet(scene.line.id);
  scene.expect(made?.record).toMatchObject({
    number: { class: 'ordinary' },
    trunk: 'net',
    ending: { outcome: 'connected', by: 'resident' },
    faults: [],
  });
});
