import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFailed, test } from 'vitest';
import { babble, joined, markers, silence, tones, writeWav } from '../support/audio.ts';
import { type BareAsterisk, startBareAsterisk } from '../support/phone/bare-asterisk.ts';
import { type Phone, Phones } from '../support/phones.ts';
import { until } from '../support/until.ts';

/** The test phones, proved against an Asterisk with nothing of Clearline in it. */

const lines = ['flat-1', 'flat-2'].map((user) => ({ user, password: `word-of-${user}` }));
const trunkAddress = '127.0.0.2';
const prompt = joined(silence(200), babble(1500, 21));

/** 1 rings flat-1; 2 reads four keys and shows them to flat-1; 3 plays the prompt; 4 echoes. */
const extensions = (sounds: string) => `[from-trunk]
exten => 1,1,Dial(PJSIP/flat-1,20)
 same => n,Hangup(\${HANGUPCAUSE})
exten => 2,1,Answer()
 same => n,Read(PRESSED,,4,,1,10)
 same => n,Set(CALLERID(name)=pressed \${PRESSED})
 same => n,Dial(PJSIP/flat-1,20)
exten => 3,1,Answer()
 same => n,Playback(${sounds}/prompt)
 same => n,Hangup(17)
exten => 4,1,Answer()
 same => n,Echo()
[from-line]
exten => 2,1,Dial(PJSIP/flat-2,20)
`;

let folder: string;
let asterisk: BareAsterisk;
let phones: Phones;
let caller: Phone;
let resident: Phone;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'clearline-phones-'));
  writeWav(join(folder, 'prompt.wav'), prompt);
  asterisk = await startBareAsterisk({ extensions: extensions(folder), trunkAddress, lines });
});

afterAll(async () => {
  await asterisk.stop();
  rmSync(folder, { recursive: true });
});

beforeEach(async () => {
  phones = new Phones(asterisk);
  caller = await phones.trunk(trunkAddress);
  resident = await phones.register({ address: '127.0.0.3', user: 'flat-1', password: 'word-of-flat-1' });
  onTestFailed(({ task }) => phones.save(join(tmpdir(), 'clearline-failed', task.name.replaceAll(/\W+/g, '-'))));
});

afterEach(async () => {
  await resident.unregister();
  phones.close();
});

const police = { name: 'Police', number: '101' };

async function talking() {
  const call = await caller.call({ to: '1', from: police });
  const rung = await resident.nextCall();
  await call.untilRinging();
  rung.answer();
  await call.untilAnswered();
  return { call, rung };
}

async function noChannels(): Promise<void> {
  await until('Asterisk has no channel left', async () =>
    (await asterisk.console('core show channels')).includes('\n0 active channels'),
  );
}

describe('one call', () => {
  test('rings, is answered, and each hears the other', async () => {
    const { call, rung } = await talking();
    expect(rung.shows).toEqual({ name: 'Police', number: '101' });
    expect(call.ringingAt).toBeGreaterThan(call.invitedAt);
    expect(call.answeredAt).toBeGreaterThan(call.ringingAt ?? Number.POSITIVE_INFINITY);
    await Promise.all([call.media.play(tones(markers.caller, 400)), rung.media.play(tones(markers.resident, 400))]);
    const [heard] = await until('the resident hears the caller', () => {
      const spans = rung.heard.marker(markers.caller);
      return spans.some(({ from, to }) => to - from > 350) && spans;
    });
    await until('the caller hears the resident', () => call.heard.marker(markers.resident).length > 0);
    expect(heard?.from).toBeGreaterThan(rung.answeredAt ?? Number.POSITIVE_INFINITY);
    expect(call.heard.marker(markers.caller)).toEqual([]);
    call.hangUp();
    expect(await rung.untilEnded()).toMatchObject({ by: 'them', how: 'bye', cause: 16 });
    expect(call.ended).toMatchObject({ by: 'us', how: 'bye' });
  });

  test('ends when the called side hangs up', async () => {
    const { call, rung } = await talking();
    rung.hangUp();
    expect(await call.untilEnded()).toMatchObject({ by: 'them', how: 'bye', status: 200 });
  });

  test('is put on hold and taken back by re-INVITE', async () => {
    const { call, rung } = await talking();
    rung.hold();
    await until('the hold is answered', () => resident.wire.log.some(({ text }) => text.includes('a=recvonly')));
    rung.resume();
    await rung.media.play(tones(markers.resident, 300));
    await until('the caller hears the resident again', () => call.heard.marker(markers.resident).length > 0);
    call.hangUp();
    await rung.untilEnded();
  });

  test('is cancelled while it rings', async () => {
    const call = await caller.call({ to: '1', from: police });
    const rung = await resident.nextCall();
    await call.untilRinging();
    call.cancel();
    expect(await call.untilEnded()).toMatchObject({ by: 'us', how: 'cancel', status: 487 });
    expect(await rung.untilEnded()).toMatchObject({ by: 'them', how: 'cancel' });
  });

  // Asterisk knows a decline as cause 21, and says 403 for it.
  test.each([
    { status: 486, seen: 486 },
    { status: 603, seen: 403 },
    { status: 480, seen: 480 },
  ])('is refused with $status', async ({ status, seen }) => {
    resident.onCall = { do: 'refuse', status };
    const call = await caller.call({ to: '1', from: police });
    expect(await call.untilEnded()).toMatchObject({ by: 'them', how: 'refused', status: seen });
  });

  test('is answered by itself after a while', async () => {
    resident.onCall = { do: 'answer', afterMs: 150 };
    const call = await caller.call({ to: '1', from: police });
    const answeredAt = await call.untilAnswered();
    expect(answeredAt - (await resident.nextCall()).invitedAt).toBeGreaterThanOrEqual(148);
    call.hangUp();
  });

  test('never reaches a phone that is dead or has unregistered', async () => {
    resident.onCall = { do: 'ignore' };
    const call = await caller.call({ to: '1', from: police });
    await until('the INVITE arrives', () => resident.wire.log.some(({ text }) => text.startsWith('INVITE')));
    expect(call.ringingAt).toBeNull();
    call.cancel();
    await call.untilEnded();
    await resident.unregister();
    const second = await caller.call({ to: '1', from: police });
    expect((await second.untilEnded()).how).toBe('refused');
    expect(resident.received).toEqual([]);
  });

  test('from a registered phone is let in by digest authentication', async () => {
    const other = await phones.register({ address: '127.0.0.4', user: 'flat-2', password: 'word-of-flat-2' });
    other.onCall = { do: 'answer', afterMs: 0 };
    const call = await resident.call({ to: '2' });
    await call.untilAnswered();
    call.hangUp();
    await (await other.nextCall()).untilEnded();
    await other.unregister();
  });

  test('a wrong password does not register', async () => {
    await expect(phones.register({ address: '127.0.0.5', user: 'flat-2', password: 'guessed' })).rejects.toThrow(
      'flat-2 may not register: 401',
    );
  });

  test('a BYE that the far end ignores is sent again', async () => {
    const { call, rung } = await talking();
    call.ignoresGoodbye = true;
    rung.hangUp();
    const byes = () => caller.wire.log.filter(({ way, text }) => way === 'received' && text.startsWith('BYE')).length;
    await until('two BYEs came', () => byes() >= 2);
    expect(call.ended).toBeNull();
    call.ignoresGoodbye = false;
    await call.untilEnded();
  });
});

describe('keys', () => {
  test.each(['rtp', 'info'] as const)('pressed by %s reach Asterisk', async (way) => {
    const call = await caller.call({ to: '2', from: police });
    await call.untilAnswered();
    call.press('52*1', way);
    const rung = await resident.nextCall();
    expect(rung.shows.name).toBe('pressed 52*1');
    rung.answer();
    await rung.untilAnswered();
    call.press('#9');
    await until('the resident’s phone hears the keys', () => rung.heard.keys === '#9');
    call.hangUp();
  });
});

describe('what is heard', () => {
  test('a prompt is recognised, with its place in time and the cause of the end', async () => {
    const call = await caller.call({ to: '3', from: police });
    const answeredAt = await call.untilAnswered();
    const { from, to } = await call.untilHeard('the prompt', prompt);
    expect(from).toBeGreaterThan(answeredAt - 50);
    expect(to - from).toBeGreaterThan(1500);
    expect(call.heard.find(prompt)?.similarity).toBeGreaterThan(0.9);
    expect(call.heard.firstSoundAt()).toBeGreaterThan(from + 150);
    expect(await call.untilEnded()).toMatchObject({ by: 'them', how: 'bye', cause: 17 });
  });

  test.each(['PCMU', 'PCMA'] as const)('an echo over %s gives back what was said', async (codec) => {
    const call = await caller.call({ to: '4', from: police, codecs: [codec] });
    await call.untilAnswered();
    await call.media.play(prompt);
    await call.untilHeard('the echo', prompt);
    call.media.sendNothing();
    call.hangUp();
    await noChannels();
  });
});

describe('headers', () => {
  test('reach Asterisk as they were written', async () => {
    const call = await caller.call({
      to: '1',
      from: { name: 'Zoë O’Neil', number: '+441923555104' },
      headers: { 'P-Asserted-Identity': '<sip:+441923555999@example.org>', Privacy: 'none' },
      lines: ['User-Agent: fraud/1.0'],
    });
    const rung = await resident.nextCall();
    expect(rung.shows).toEqual({ name: 'Zoë O’Neil', number: '+441923555104' });
    expect(caller.wire.log[0]?.text).toContain('\r\nPrivacy: none\r\nUser-Agent: fraud/1.0\r\n');
    call.cancel();
    await call.untilEnded();
  });

  test('that are garbled or missing do not harm the phones', async () => {
    const nul = Buffer.from(`From: "${'\0'}\xff${'x'.repeat(2000)}" <sip:1@127.0.0.2>;tag=1`, 'latin1');
    const garbled = await caller.call({ to: '1', from: { line: nul } });
    const nameless = await caller.call({ to: '1', from: null });
    const call = await caller.call({ to: '1', from: police });
    const rung = await until('the good call arrives', () =>
      resident.received.find(({ shows }) => shows.number === '101'),
    );
    rung.answer();
    await call.untilAnswered();
    // Bytes that are no text pass; without a From, PJSIP drops the request before any dialplan sees it.
    await garbled.untilRinging();
    expect(nameless.status).toBe(0);
    garbled.cancel();
    await garbled.untilEnded();
    call.hangUp();
    await rung.untilEnded();
  });
});
