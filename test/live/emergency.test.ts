import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFailed, test } from 'vitest';
import { markers, tones } from '../support/audio.ts';
import { header, type SipMessage } from '../support/phone/message.ts';
import { type Phone, Phones } from '../support/phones.ts';
import { makeShortPrompts } from '../support/short-prompts.ts';
import { freePort, startTestStack, type TestStack } from '../support/stack.ts';
import { atOnceMs, until } from '../support/until.ts';

/**
 * 999 with Clearline away: no interceptor, no worker, no Redis client. It leaves first and asks nobody; the suspect is cut
 * beside it. Of two trunks the first takes the place of the home.
 */

const { folder: shortFolder, sounds: short } = makeShortPrompts();
const place = '<geo:51.6401,-0.4687>';
let stack: TestStack;
let ports: { readonly first: number; readonly second: number };
let phones: Phones;
let first: Phone;
let second: Phone;
let resident: Phone;

beforeAll(async () => {
  ports = { first: await freePort(), second: await freePort() };
  stack = await startTestStack({
    lines: [
      { id: 'room-1', number: '+441923555101' },
      { id: 'room-2', number: '+441923555102' },
    ],
    trunks: [
      { name: 'first', address: `127.0.0.2:${ports.first}`, location: true, outgoingCalls: 1 },
      { name: 'second', address: `127.0.0.4:${ports.second}` },
    ],
    settings: {
      site: { location: 'geo:51.6401,-0.4687' },
      numbers: {
        emergency: [
          { number: '01923 555900', name: 'Pendants' },
          { number: '5555', name: 'Warden' },
        ],
      },
    },
  });
  await stack.asterisk.cli(`dialplan set global CLEARLINE_SOUNDS ${shortFolder}`);
});

afterAll(async () => {
  await stack?.stop();
  rmSync(shortFolder, { recursive: true });
});

beforeEach(async () => {
  const [host = '', port] = stack.sip.split(':');
  phones = new Phones({ host, port: Number(port) });
  first = await phones.trunk('127.0.0.2', ports.first);
  second = await phones.trunk('127.0.0.4', ports.second);
  await untilKnown('first', 'Avail');
  await untilKnown('second', 'Avail');
  resident = await phones.register({ address: '127.0.0.3', user: 'room-1', password: 'secret-room-1' });
  onTestFailed(({ task }) => phones.save(join(tmpdir(), 'clearline-failed', task.name.replaceAll(/\W+/g, '-'))));
});

afterEach(async () => {
  await stack.asterisk.cli('channel request hangup all');
  await until('Asterisk has no channel left', async () => (await stack.channels()).length === 0);
  phones.close();
  await stack.asterisk.cli('database deltree clearline-hold');
});

/** Asterisk asks a trunk every 15 seconds whether it lives; the tests do not wait for that. */
async function untilKnown(trunk: 'first' | 'second', state: 'Avail' | 'Unavail'): Promise<void> {
  await stack.asterisk.cli(`pjsip qualify trunk-${trunk}`);
  await until(`${trunk} counts as ${state}`, async () =>
    new RegExp(`trunk-${trunk}/sip:\\S+ +\\S+ +${state}`).test(await stack.asterisk.cli('pjsip show contacts')),
  );
}

const police = { name: 'Police', number: '101' };
const headerOrNone = (message: SipMessage, name: string) => header(message, name) || null;

describe('who is shown, and where the home stands', () => {
  test("is the line's own number and the place, over a trunk that takes it, whatever the telephone says", async () => {
    await resident.call({
      to: '141999',
      from: { name: 'Somebody else', number: '01923555102' },
      headers: { 'P-Asserted-Identity': '<sip:01923555102@127.0.0.3>', Geolocation: '<geo:0,0>' },
    });
    const { invite, shows } = await first.nextCall();
    expect(invite.uri).toMatch(/^sip:999@/);
    expect(shows.number).toBe('+441923555101');
    expect(header(invite, 'p-asserted-identity')).toMatch(/^<sip:\+441923555101@/);
    expect(headerOrNone(invite, 'privacy')).toBeNull();
    expect(header(invite, 'geolocation')).toBe(place);
    expect(header(invite, 'geolocation-routing')).toBe('yes');
  });

  test('the place is told in no other call', async () => {
    await resident.call({ to: '01923555002' });
    expect(headerOrNone((await first.nextCall()).invite, 'geolocation')).toBeNull();
    await resident.call({ to: '101' });
    expect(headerOrNone((await first.nextCall()).invite, 'geolocation')).toBeNull();
  });
});

/** Less than the six seconds that a silent trunk is given. */
const soonerMs = 5_000;

describe('a trunk that does not take the call', () => {
  test.each([
    ['500', 500],
    ['503', 503],
    ['486', 486],
  ])('by %s leads to the next, which is not told the place unless it takes it', async (_, status) => {
    first.onCall = { do: 'refuse', status };
    const call = await resident.call({ to: '112' });
    const { invite, shows, invitedAt } = await second.nextCall();
    expect(invitedAt - call.invitedAt).toBeLessThan(soonerMs);
    expect(invite.uri).toMatch(/^sip:112@/);
    expect(shows.number).toBe('+441923555101');
    expect(headerOrNone(invite, 'geolocation')).toBeNull();
  });

  test('by sending it elsewhere leads to the next: a redirected call would end in our own announcement', async () => {
    const call = await resident.call({ to: '999' });
    (await first.nextCall()).redirect('sip:01923555102@127.0.0.2');
    const { invite, invitedAt } = await second.nextCall();
    expect(invitedAt - call.invitedAt).toBeLessThan(soonerMs);
    expect(invite.uri).toMatch(/^sip:999@/);
    expect(first.received).toHaveLength(1);
  });

  test('by silence leads to the next after six seconds', async () => {
    first.onCall = { do: 'ignore' };
    const call = await resident.call({ to: '999' });
    const { invitedAt } = await second.nextCall();
    expect(invitedAt - call.invitedAt).toBeGreaterThan(5_900);
    expect(invitedAt - call.invitedAt).toBeLessThan(15_000);
  });

  test('as it is not reachable is passed over at once, and its address is tried when the other fails', async () => {
    first.close();
    await untilKnown('first', 'Unavail');
    second.onCall = { do: 'refuse', status: 503 };
    const back = await phones.trunk('127.0.0.2', ports.first);
    const call = await resident.call({ to: '999' });
    const { invitedAt } = await second.nextCall();
    expect(invitedAt - call.invitedAt).toBeLessThan(soonerMs);
    const { invite } = await back.nextCall();
    expect([invite.uri.split('@')[0], header(invite, 'geolocation')]).toEqual(['sip:999', place]);
  });

  test('has no say by how many calls it carries', async () => {
    await resident.call({ to: '01923555002' });
    await first.nextCall();
    await resident.call({ to: '999' });
    expect((await first.nextCall()).invite.uri).toMatch(/^sip:999@/);
  });
});

/** A caller talks with the resident, announced and warned. */
async function talking() {
  const caller = await first.call({ to: '01923555101', from: police });
  const rung = await resident.nextCall();
  rung.answer();
  await rung.untilHeard('the warning', short['whisper-warning']);
  void caller.media.play(tones(markers.caller, 60_000));
  await until('the caller is heard', () => rung.heard.marker(markers.caller).length > 0);
  return { caller, rung };
}

const byesTo = (phone: Phone, callId: string) =>
  phone.wire.log.filter(({ way, text }) => way === 'received' && text.startsWith('BYE ') && text.includes(callId));

/** Milliseconds: the cut is made beside the call and not before it, but a busy machine may run either thread first. */
const aBitLater = 50;

test('a reload of the dialplan empties no global first: 999 would find no trunk in that moment', async () => {
  await stack.asterisk.cli('dialplan set global NOBODYS_OWN kept');
  await stack.asterisk.cli('dialplan reload');
  const globals = await stack.asterisk.cli('dialplan show globals');
  await stack.asterisk.cli(`dialplan set global CLEARLINE_SOUNDS ${shortFolder}`);
  expect(globals).toContain('NOBODYS_OWN=kept');
  expect(globals).toContain('CLEARLINE_TRUNKS=trunk-first&trunk-second');
});

describe('a suspect on the line', () => {
  test.each(['on hold', 'still talking'])(
    'who is %s is cut while 999 rings, and never before it left',
    async (state) => {
      const { caller, rung } = await talking();
      if (state === 'on hold') rung.hold();
      await resident.call({ to: '999' });
      const taken = await first.nextCall();
      const cut = await caller.untilEnded();
      expect(cut).toMatchObject({ by: 'them', how: 'bye' });
      expect(taken.invitedAt).toBeLessThan(cut.at + aBitLater);
      await rung.untilEnded();
      expect(taken.answeredAt).toBeNull();
      expect(taken.ended).toBeNull();
    },
  );

  test('who never answers the BYE changes nothing: the resident speaks with the emergency services alone', async () => {
    const { caller, rung } = await talking();
    caller.ignoresGoodbye = true;
    rung.hold();
    const call = await resident.call({ to: '999' });
    const taken = await first.nextCall();
    taken.answer();
    await call.untilAnswered();
    const { at } = await rung.untilEnded();
    await taken.media.play(tones(markers.police, 1_000));
    await until('the resident hears them', () => call.heard.marker(markers.police).length > 0);
    await until('the BYE was sent again', () => byesTo(first, caller.id).length > 1);
    expect(call.heard.marker(markers.caller)).toEqual([]);
    expect(rung.heard.marker(markers.caller).filter(({ from }) => from > at)).toEqual([]);
    expect(taken.ended).toBeNull();
  });

  test('whom the resident called, and put on hold, is cut as well', async () => {
    second.onCall = { do: 'answer', afterMs: 0 };
    first.onCall = { do: 'refuse', status: 503 };
    const called = await resident.call({ to: '01923555002' });
    await called.untilAnswered();
    const theirs = await second.nextCall();
    called.hold();
    first.onCall = { do: 'ring' };
    await resident.call({ to: '5555' });
    // Asterisk may still be sending the INVITE of a call that another test left unanswered.
    const ours = () => first.received.find(({ invite }) => invite.uri.startsWith('sip:5555@'));
    const taken = await until('the call leaves', ours);
    const cut = await theirs.untilEnded();
    expect(taken.invitedAt).toBeLessThan(cut.at + aBitLater);
    expect(await called.untilEnded()).toMatchObject({ by: 'them', how: 'bye' });
    expect(taken.ended).toBeNull();
  });

  test('of another line is not cut, nor is a second emergency call', async () => {
    const neighbour = await phones.register({ address: '127.0.0.5', user: 'room-2', password: 'secret-room-2' });
    const { caller } = await talking();
    const other = await neighbour.call({ to: '999' });
    const theirs = await first.nextCall();
    const call = await resident.call({ to: '999' });
    const taken = await first.nextCall();
    await caller.untilEnded();
    await resident.call({ to: '112' });
    await first.nextCall();
    const guarded = await resident.call({ to: '101' });
    await guarded.untilHeard('hold-wait', short['hold-wait']);
    expect([other.ended, theirs.ended, call.ended, taken.ended]).toEqual([null, null, null, null]);
  });

  test('who cannot be cut does not keep 999 from leaving', async () => {
    const { caller } = await talking();
    await stack.asterisk.cli('module unload app_originate.so');
    try {
      await resident.call({ to: '999' });
      expect((await first.nextCall()).invite.uri).toMatch(/^sip:999@/);
      expect(caller.ended).toBeNull();
    } finally {
      await stack.asterisk.cli('module load app_originate.so');
    }
  });

  test('leaves a hold, and a held line does not keep 999 waiting', async () => {
    const { caller } = await talking();
    caller.hangUp();
    await until('the line is held', async () =>
      (await stack.asterisk.cli('database get clearline-hold room-1')).includes('Value'),
    );
    const call = await resident.call({ to: '999' });
    const taken = await first.nextCall();
    expect(taken.invitedAt - call.invitedAt).toBeLessThan(atOnceMs);
    taken.answer();
    await call.untilAnswered();
    expect(call.heard.firstSoundAt()).toBeNull();
  });
});

describe("the site's own emergency number", () => {
  test.each([
    ['01923555900', '01923555900'],
    ['+441923555900', '01923555900'],
    ['14101923555900', '01923555900'],
    ['18001141+441923555900', '01923555900'],
    ['5555', '5555'],
  ])('%s goes straight through as its own', async (dialled, number) => {
    const { caller } = await talking();
    await resident.call({ to: dialled });
    const { invite, shows, invitedAt } = await first.nextCall();
    expect(invite.uri).toMatch(new RegExp(`^sip:${number}@`));
    expect(shows.number).toBe('+441923555101');
    expect(invitedAt).toBeLessThan((await caller.untilEnded()).at + aBitLater);
  });

  test('never becomes 999, though no trunk knows it', async () => {
    first.onCall = { do: 'refuse', status: 404 };
    second.onCall = { do: 'refuse', status: 404 };
    const call = await resident.call({ to: '5555' });
    await call.untilHeard('cannot-reach', short['cannot-reach']);
    const dialled = [...first.received, ...second.received].map(({ invite }) => invite.uri.split('@')[0]);
    expect(new Set(dialled)).toEqual(new Set(['sip:5555']));
  });
});
