import { markers, tones } from '../support/audio.ts';
import { expectSilenceSince, guardedRecord, noticedMs, reach, ringsAt, suspectCall } from '../support/guarded.ts';
import { hearsMarker, said } from '../support/listen.ts';
import type { PhoneCall } from '../support/phone/call.ts';
import { header } from '../support/phone/message.ts';
import type { Phone } from '../support/phone/phone.ts';
import type { PlacedCall } from '../support/phone/placed-call.ts';
import type { ReceivedCall } from '../support/phone/received-call.ts';
import { readSdp } from '../support/phone/sdp.ts';
import { now } from '../support/phone/wire.ts';
import type { Scene } from '../support/scene.ts';
import { stories } from '../support/stories.ts';
import { atOnceMs, until } from '../support/until.ts';

/**
 * What a telephone with two lines, and an offender who knows SIP, can do about a guarded call: nothing. Every offender here
 * goes on sending after the goodbye.
 */

/** None of these is Clearline's: transfers, and an extension through which somebody gets into another's conversation. */
const modules = 'load = res_pjsip_refer.so\nload = app_bridgeaddchan.so\n';
const wayIn = `[from-trunk](+)
exten => _77XX,1,Answer()
 same => n,BridgeAdd(\${DB(way-in/\${EXTEN})})
`;
const { story } = stories({
  prompts: 'tones',
  carrier: true,
  site: { 'extensions.conf': wayIn, 'modules.conf': modules },
  expectedComplaints: /AstDB lacked the hold of a line/,
});

const anna = { number: '+447700900123', name: 'Anna' };
const announce = { mode: 'announce', trusted: [anna] } as const;

/** The number was reached; now it is over, and the record of it is as it should be. */
async function endReached(
  scene: Scene,
  call: PhoneCall,
  far: ReceivedCall,
  expected: object,
  disturbed = false,
): Promise<void> {
  call.hangUp();
  await far.untilEnded();
  scene.expect(await guardedRecord(scene, 1, { disturbed })).toMatchObject({
    number: { class: 'guarded', number: '101' },
    ending: { outcome: 'connected', by: 'resident' },
    faults: [],
    ...expected,
  });
}

/** Every leg of the resident's telephone that a suspect was on, and the suspects, were hung up before 101 rang. */
function expectCutBefore(scene: Scene, far: ReceivedCall, ...legs: readonly PhoneCall[]): void {
  for (const { ended } of legs) {
    scene.expect(ended).toMatchObject({ by: 'them' });
    scene.expect(ended?.at).toBeLessThan(far.invitedAt + noticedMs);
  }
}

story('the offender on hold, 101 on the second leg of the telephone', announce, async (scene) => {
  const { call, rung } = await suspectCall(scene);
  rung.goesOnTalking = true;
  rung.hold();
  const second = await scene.resident.call({ to: '101' });
  const far = await ringsAt(scene.site.police, scene);
  expectCutBefore(scene, far, call, rung);
  await reach(second, far);
  expectSilenceSince(scene, second.invitedAt, far);
  await endReached(scene, second, far, { by: 'phone', held: true, trunk: 'police', outOf: null });
  scene.expect((await scene.over(call)).record).toMatchObject({ ending: { outcome: 'talked' } });
});

story(
  'the offender goes on sending to a port that the call to 101 gets next: nobody hears them',
  announce,
  async (scene) => {
    const { call, rung } = await suspectCall(scene);
    rung.hangUp();
    const second = await scene.resident.call({ to: '101' });
    const far = await ringsAt(scene.site.police, scene);
    // Asterisk draws its ports from a range, and they come up again.
    const port = readSdp(far.invite.body);
    if (port === null) throw new Error('the police were offered no audio');
    call.media.talkTo(port);
    // The police send nothing until they have heard somebody: Asterisk must not take the first sound that comes for theirs.
    far.media.sendNothing();
    far.answer();
    void second.media.play(tones(markers.resident, 1000), true);
    await hearsMarker(far, markers.resident);
    await reach(second, far);
    expectSilenceSince(scene, second.invitedAt, far);
    scene.expect(far.heard.marker(markers.caller)).toEqual([]);
    await endReached(scene, second, far, { by: 'phone', held: true, outOf: null });
  },
);

story('a trusted caller on hold, 101 on the second leg: numbers can be forged', announce, async (scene) => {
  const call = await scene.call({ from: anna });
  call.goesOnTalking = true;
  const rung = await scene.answered();
  await scene.talk(call, rung);
  void call.media.play(tones(markers.caller, 1000), true);
  rung.hold();
  const second = await scene.resident.call({ to: '101' });
  const far = await ringsAt(scene.site.carrier, scene);
  expectCutBefore(scene, far, call, rung);
  await reach(second, far);
  expectSilenceSince(scene, second.invitedAt, far);
  await endReached(scene, second, far, { held: false, trunk: 'net' });
  scene.expect((await scene.over(call)).record).toMatchObject({ ending: { outcome: 'talked' }, holdSeconds: 0 });
});

/** A second stranger calls while the first waits on hold, and speaks with the resident. */
async function twoStrangers(scene: Scene) {
  const one = await suspectCall(scene);
  one.rung.hold();
  const other = await scene.call({ from: { number: `+442079461${String(100 + scene.line.index)}` } });
  other.goesOnTalking = true;
  // While a suspect is on the line, the next one is screened more strictly.
  await scene.passChallenge(other);
  const waiting = await scene.answered();
  await scene.talk(other, waiting);
  void other.media.play(tones(markers.caller, 1000), true);
  return { one, other, waiting };
}

story('two strangers, one on hold: 101 on a third leg', announce, async (scene) => {
  const { one, other, waiting } = await twoStrangers(scene);
  const third = await scene.resident.call({ to: '101' });
  const far = await ringsAt(scene.site.police, scene);
  expectCutBefore(scene, far, one.call, one.rung, other, waiting);
  await reach(third, far);
  expectSilenceSince(scene, third.invitedAt, far);
  await endReached(scene, third, far, { held: true, trunk: 'police' });
});

story('two strangers, one on hold: 101 keyed inside the other call', announce, async (scene) => {
  const { one, other, waiting } = await twoStrangers(scene);
  const keyed = await waiting.dial('101');
  const far = await ringsAt(scene.site.police, scene);
  expectCutBefore(scene, far, one.call, one.rung, other);
  await reach(waiting, far);
  expectSilenceSince(scene, keyed, far);
  await endReached(scene, waiting, far, { by: 'ghost-dial', held: true, trunk: 'police' });
});

story(
  'the offender on hold, 999 on the second leg: it leaves at once, and he is cut beside it',
  announce,
  async (scene) => {
    const { call, rung } = await suspectCall(scene);
    rung.goesOnTalking = true;
    rung.hold();
    const second = await scene.resident.call({ to: '999' });
    const far = await ringsAt(scene.site.carrier, scene);
    scene.expect(far.invitedAt - second.invitedAt).toBeLessThan(atOnceMs);
    scene.expect((await call.untilEnded()).at - second.invitedAt).toBeLessThan(atOnceMs);
    await rung.untilEnded();
    await reach(second, far);
    expectSilenceSince(scene, (call.ended?.at ?? 0) - 200);
    second.hangUp();
    await far.untilEnded();
    const [emergency] = await scene.site.dialled(scene.line.id);
    await scene.site.untilLineQuiet(scene.line.id);
    scene.expect(emergency?.record).toMatchObject({
      by: 'phone',
      number: { class: 'emergency' },
      trunk: 'net',
      looks: [],
      ending: { outcome: 'connected', by: 'resident' },
      faults: [],
    });
  },
);

const received = (phone: Phone, method: string, { id }: PhoneCall) =>
  phone.wire.log.filter(({ way, text }) => way === 'received' && text.startsWith(`${method} `) && text.includes(id));

story('he never answers our BYE, and talks on', announce, async (scene) => {
  const { call, rung } = await suspectCall(scene);
  call.ignoresGoodbye = true;
  const keyed = await rung.dial('101');
  const far = await ringsAt(scene.site.police, scene);
  await reach(rung, far);
  await until('the BYE was sent again', () => received(scene.network, 'BYE', call).length > 1);
  expectSilenceSince(scene, keyed, far);
  await endReached(scene, rung, far, { by: 'ghost-dial', trunk: 'police' });
  const record = await guardedRecord(scene);
  scene.expect(record.looks.at(-1)?.evidence.releases).toEqual([{ channel: record.outOf, state: 'awaited' }]);
});

story('he sends re-INVITEs across our BYE, and answers none', announce, async (scene) => {
  const { call, rung } = await suspectCall(scene);
  call.ignoresGoodbye = true;
  call.onGoodbye = () => {
    call.resume();
    call.hold();
    call.resume();
  };
  const keying = rung.dial('101');
  await until('the last key is down', () => rung.media.keysLeft === 1);
  call.resume();
  const keyed = await keying;
  const far = await ringsAt(scene.site.police, scene);
  await reach(rung, far);
  await until('the BYE was sent again, and crossed again', () => received(scene.network, 'BYE', call).length > 1);
  expectSilenceSince(scene, keyed, far);
  await endReached(scene, rung, far, { by: 'ghost-dial', trunk: 'police' });
});

story(
  'the telephone is picked up as the offender’s ringing is cancelled: 200 crosses CANCEL',
  announce,
  async (scene) => {
    const call = await scene.call();
    call.goesOnTalking = true;
    const rung = await scene.resident.nextCall();
    rung.answersWhenCancelled = true;
    rung.goesOnTalking = true;
    void call.media.play(tones(markers.caller, 1000), true);
    const second = await scene.resident.call({ to: '101' });
    const far = await ringsAt(scene.site.police, scene);
    await rung.untilAnswered();
    void rung.media.play(tones(markers.resident, 1000), true);
    await reach(second, far);
    await rung.untilEnded();
    expectSilenceSince(scene, second.invitedAt, far);
    await endReached(scene, second, far, { by: 'phone', trunk: 'police' });
  },
);

story(
  '101 answers as the resident gives up: 200 crosses CANCEL, and nobody is left in the line',
  announce,
  async (scene) => {
    const call = await scene.resident.call({ to: '101' });
    const far = await ringsAt(scene.site.carrier, scene);
    await call.untilRinging();
    far.answersWhenCancelled = true;
    call.cancel();
    await far.untilAnswered();
    scene.expect(await far.untilEnded()).toMatchObject({ by: 'them', how: 'bye' });
    scene
      .expect(await guardedRecord(scene))
      .toMatchObject({ ending: { outcome: 'given-up', by: 'resident' }, faults: [] });
  },
);

/** He asks us to transfer the call to his accomplice. */
function sendRefer(call: PlacedCall): void {
  call.request('REFER', ['Refer-To: <sip:02079460666@127.0.0.1>', 'Referred-By: <sip:101@127.0.0.1>']);
}

/** The same; gives Asterisk's answer. */
async function refer(scene: Scene, call: PlacedCall): Promise<number> {
  const before = scene.network.wire.log.length;
  sendRefer(call);
  const answer = await until('the REFER is answered', () =>
    scene.network.wire.log
      .slice(before)
      .find(({ way, text }) => way === 'received' && /^CSeq: \d+ REFER/m.test(text) && text.includes(call.id)),
  );
  return Number(answer.text.split(' ')[1]);
}

story(
  'he sends a REFER in the whisper and in the talk: nothing is transferred, and 101 is 101',
  announce,
  async (scene) => {
    const call = await scene.call();
    call.goesOnTalking = true;
    const rung = await scene.answered();
    await call.untilAnswered();
    scene.expect(await refer(scene, call)).toBeGreaterThanOrEqual(400);
    await said(rung, 'whisper-keys');
    await scene.talk(call, rung);
    void call.media.play(tones(markers.caller, 1000), true);
    scene.expect(await refer(scene, call)).toBeGreaterThanOrEqual(400);
    const keyed = await rung.dial('101');
    const far = await ringsAt(scene.site.police, scene);
    sendRefer(call);
    await reach(rung, far);
    expectSilenceSince(scene, keyed, far);
    const { police, carrier } = scene.site;
    const dialled = [...police.received, ...carrier.received].map(({ invite }) => header(invite, 'to'));
    scene.expect(dialled.filter((to) => to.includes('0666'))).toEqual([]);
    await endReached(scene, rung, far, { by: 'ghost-dial', trunk: 'police' });
  },
);

/** He rings again every 50 ms or so for this long. */
async function ringAgain(scene: Scene, ms: number): Promise<PlacedCall[]> {
  const began = now();
  const calls: PlacedCall[] = [];
  await until('he has rung again often enough', async () => {
    if (now() - began > 50 * calls.length) calls.push(await scene.call());
    return now() - began > ms;
  });
  return calls;
}

for (const how of ['on the telephone', 'inside the call'] as const) {
  story(
    `he rings again and again while 101 is dialled ${how}, rings and talks: engaged each time`,
    announce,
    async (scene) => {
      const { call, rung } = await suspectCall(scene);
      const dialled = how === 'inside the call' ? rung : await scene.resident.call({ to: '101' });
      const at = how === 'inside the call' ? await rung.dial('101') : now();
      // These two may be faster than the dialling, for which Asterisk asks a password: they are announced then, and cut.
      const beside = how === 'inside the call' ? [] : [await scene.call(), await scene.call()];
      // Clearline has heard what was dialled, and cuts whoever is on the line: it is engaged.
      await call.untilEnded();
      const during = await ringAgain(scene, 500);
      const far = await ringsAt(scene.site.police, scene);
      const ringing = await ringAgain(scene, 500);
      await reach(dialled, far);
      const talking = await ringAgain(scene, 1000);
      const since = now();
      await until('the last look is over', () => now() - since > 3500);
      const again = [...during, ...ringing, ...talking];
      const statuses = again.map(({ ended }) => ended?.status);
      // The look after the answer cuts whom it finds before Clearline has refused them.
      scene.expect(statuses.filter((status) => status !== 486 && status !== 603)).toEqual([]);
      scene.expect(statuses.filter((status) => status === 486).length).toBeGreaterThan(8);
      scene.expect(dialled.ended).toBeNull();
      scene.expect(scene.resident.received).toEqual([rung]);
      expectSilenceSince(scene, at, far);
      await endReached(scene, dialled, far, { trunk: 'police', alerts: [] }, true);
      for (const early of beside) {
        scene.expect(early.ended).toMatchObject({ by: 'them' });
        scene.expect((await scene.over(early)).record.connectedAt).toBeNull();
      }
      const [last] = again.slice(-1);
      if (last)
        scene
          .expect((await scene.over(last)).record)
          .toMatchObject({ ending: { outcome: 'engaged' }, connectedAt: null });
    },
  );
}

story(
  'somebody gets into the conversation with 101: the last look sees him, and the call is cut',
  announce,
  async (scene) => {
    const { asterisk } = scene.site.stack;
    const call = await scene.resident.call({ to: '101' });
    const far = await ringsAt(scene.site.carrier, scene);
    await reach(call, far);
    const [mine] = await until('Asterisk has the resident’s channel', async () =>
      new RegExp(`PJSIP/${scene.line.id}-[0-9a-f]+`).exec(await asterisk.cli('core show channels concise')),
    );
    const extension = `77${String(scene.line.index).padStart(2, '0')}`;
    await asterisk.cli(`database put way-in ${extension} ${mine}`);
    const intruder = await scene.call({ to: extension });
    await intruder.untilAnswered();
    void intruder.media.play(tones(markers.caller, 1000), true);
    await hearsMarker(call, markers.caller);
    scene.expect(await call.untilEnded()).toMatchObject({ by: 'them', how: 'bye' });
    for (const other of [far, intruder]) await other.untilEnded();
    const record = await guardedRecord(scene, 1, { disturbed: true });
    scene.expect(record).toMatchObject({
      ending: { outcome: 'cut-by-audit', by: 'clearline' },
      alerts: [{ alert: 'audit-failed' }],
      faults: [],
    });
    const { evidence, assessment } = record.looks.at(-1) ?? {};
    scene.expect(evidence?.ari?.peers).toHaveLength(2);
    scene.expect(evidence?.ami?.peers).toEqual(evidence?.ari?.peers);
    scene.expect(assessment?.reasons.join()).toMatch(/is connected to the resident/);
  },
);
