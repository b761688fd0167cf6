import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFailed, test } from 'vitest';
import { promptsFolder as soundsFolder } from '../../services/sounds.ts';
import { markers, readWav, tones } from '../support/audio.ts';
import { header } from '../support/phone/message.ts';
import { type Phone, Phones } from '../support/phones.ts';
import { makeShortPrompts } from '../support/short-prompts.ts';
import { freePort, startTestStack, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

/** What the dialplan does on its own: no interceptor, no worker runs in these tests, and the first trunk is dead. */

const holdSeconds = 3;
const { folder: shortFolder, sounds: short } = makeShortPrompts();
const password = 'a;b"c]d\\e$%{x} =>1';
let stack: TestStack;
let carrierPort: number;
let phones: Phones;
let carrier: Phone;
let resident: Phone;

beforeAll(async () => {
  carrierPort = await freePort();
  stack = await startTestStack({
    lines: [
      { id: 'room-1', number: '+441923555101', ringSeconds: 2, phoneSecret: password },
      { id: 'room-2', number: '+441923555102', ringSeconds: 2 },
      { id: 'room-1-b', number: '+441923555103' },
    ],
    trunks: [
      { name: 'dead', address: `127.0.0.9:${await freePort()}` },
      { name: 'carrier', address: `127.0.0.2:${carrierPort}` },
    ],
    settings: {
      screening: { holdSeconds },
      numbers: { premium: ['0843 555 0000'], ordinary: ['0871 555 0000'], abroadIsPremium: true },
      outgoing: { abroad: 'connect' },
    },
  });
  await useSounds(shortFolder);
});

afterAll(async () => {
  await stack?.stop();
  rmSync(shortFolder, { recursive: true });
});

beforeEach(async () => {
  phones = phonesOf(stack);
  carrier = await phones.trunk('127.0.0.2', carrierPort);
  await untilKnownAlive();
  resident = await phones.register({ address: '127.0.0.3', user: 'room-1', password });
  onTestFailed(({ task }) => phones.save(join(tmpdir(), 'clearline-failed', task.name.replaceAll(/\W+/g, '-'))));
});

afterEach(async () => {
  await stack.asterisk.cli('channel request hangup all');
  await until('Asterisk has no channel left', async () => (await stack.channels()).length === 0);
  phones.close();
  await stack.asterisk.cli('database deltree clearline-hold');
});

const police = { name: 'Police', number: '101' };

function phonesOf({ sip }: TestStack): Phones {
  const [host = '', port] = sip.split(':');
  return new Phones({ host, port: Number(port) });
}

/** Asterisk asks a trunk every 15 seconds whether it lives; between two tests the carrier is away. */
async function untilKnownAlive(): Promise<void> {
  await stack.asterisk.cli('pjsip qualify trunk-carrier');
  await until('the carrier counts as alive', async () =>
    /trunk-carrier\/sip:\S+ +\S+ +Avail/.test(await stack.asterisk.cli('pjsip show contacts')),
  );
}

async function useSounds(folder: string): Promise<void> {
  await stack.asterisk.cli(`dialplan set global CLEARLINE_SOUNDS ${folder}`);
}

/** Epoch seconds until which the line is held; null when no hold was written. */
async function heldUntil(line = 'room-1'): Promise<number | null> {
  const found = /Value: (\d+)/.exec(await stack.asterisk.cli(`database get clearline-hold ${line}`));
  return found ? Number(found[1]) : null;
}

async function hold(seconds: number): Promise<void> {
  await stack.asterisk.cli(`database put clearline-hold room-1 ${Math.floor(Date.now() / 1000) + seconds}`);
}

describe('a call for a resident', () => {
  test('is announced, rings as "Unknown caller", and the resident is warned before the caller can speak', async () => {
    await useSounds(soundsFolder);
    const prompt = (name: string) => readWav(join(soundsFolder, `${name}.wav`));
    const call = await carrier.call({ to: '01923555101', from: police });
    await call.untilAnswered();
    const announced = await call.untilHeard('the announcement', prompt('announcement'));
    const rung = await resident.nextCall();
    expect(rung.invitedAt).toBeGreaterThan(announced.to);
    expect(rung.shows).toEqual({ name: 'Unknown caller', number: '101' });
    const speaking = call.media.play(tones(markers.caller, 40_000));
    rung.answer();
    const warned = await rung.untilHeard('the warning', prompt('whisper-warning'), 40_000);
    const [spoken] = await until('the caller is heard', () => {
      const spans = rung.heard.marker(markers.caller);
      return spans.length > 0 && spans;
    });
    expect(rung.heard.find(prompt('whisper-unknown'))?.complete).toBe(true);
    expect(spoken?.from).toBeGreaterThan(warned.to);
    expect(call.heard.find(prompt('whisper-warning'))).toBeNull();
    void rung.media.play(tones(markers.resident, 1000));
    await until('the caller hears the resident', () => call.heard.marker(markers.resident).length > 0);
    call.hangUp();
    await Promise.all([rung.untilEnded(), speaking]);
    const held = await until('the hold is in AstDB', () => heldUntil());
    expect(Math.abs(held - Date.now() / 1000 - holdSeconds)).toBeLessThan(2);
    await useSounds(shortFolder);
  });

  test.each([
    ['is busy', 486, 'busy', 17],
    ['declines', 603, 'not-reachable', 20],
  ] as const)('the caller hears when the resident %s', async (_, status, words, cause) => {
    resident.onCall = { do: 'refuse', status };
    const call = await carrier.call({ to: '+441923555101', from: police });
    await call.untilHeard(words, short[words]);
    expect(await call.untilEnded()).toMatchObject({ by: 'them', how: 'bye', cause });
    expect(await heldUntil()).not.toBeNull();
  });

  test('the caller hears when nobody answers', async () => {
    const call = await carrier.call({ to: '00441923555101', from: police });
    const rung = await resident.nextCall();
    await call.untilHeard('no-answer', short['no-answer']);
    expect(rung.ended).toMatchObject({ by: 'them', how: 'cancel' });
    expect(await call.untilEnded()).toMatchObject({ cause: 19 });
  });

  test('the caller hears when the phone is not registered', async () => {
    const call = await carrier.call({ to: '441923555102', from: police });
    await call.untilHeard('not-reachable', short['not-reachable']);
    expect(await call.untilEnded()).toMatchObject({ cause: 20 });
    expect(await heldUntil('room-2')).not.toBeNull();
  });

  test.each(['01923555999', '7', 'nobody', '*#', '+', 'a,b&PJSIP/room-1'])(
    'unknown number %s is answered in words',
    async (to) => {
      const call = await carrier.call({ to, from: police });
      await call.untilHeard('unknown-number', short['unknown-number']);
      expect(await call.untilEnded()).toMatchObject({ cause: 1 });
      expect(resident.received).toEqual([]);
    },
  );

  test('hears a tone, never silence, where a prompt is missing', async () => {
    await useSounds('/nowhere');
    const call = await carrier.call({ to: '01923555101', from: police });
    const rung = await resident.nextCall();
    expect(call.heard.firstSoundAt()).not.toBeNull();
    call.hangUp();
    await rung.untilEnded();
    await useSounds(shortFolder);
  });

  test('is never let in unwarned: where the warning is missing the call ends, and the caller hears that nobody answered', async () => {
    const sounds = makeShortPrompts();
    rmSync(join(sounds.folder, 'whisper-warning.wav'));
    await useSounds(sounds.folder);
    try {
      const call = await carrier.call({ to: '01923555101', from: police });
      const rung = await resident.nextCall();
      void call.media.play(tones(markers.caller, 20_000));
      rung.answer();
      await rung.untilHeard('who rings', sounds.sounds['whisper-unknown']);
      expect(await rung.untilEnded()).toMatchObject({ by: 'them', how: 'bye' });
      expect(rung.heard.marker(markers.caller)).toEqual([]);
      await call.untilHeard('no-answer', sounds.sounds['no-answer']);
      expect(await call.untilEnded()).toMatchObject({ by: 'them', how: 'bye', cause: 19 });
      expect(await heldUntil()).not.toBeNull();
    } finally {
      await useSounds(shortFolder);
      rmSync(sounds.folder, { recursive: true });
    }
  });

  test('a withheld number shows as one', async () => {
    const from = { line: 'From: "Anonymous" <sip:anonymous@anonymous.invalid>;tag=w1' };
    const headers = { 'P-Asserted-Identity': '<sip:+441923555777@127.0.0.2>', Privacy: 'id' };
    const call = await carrier.call({ to: '01923555101', from, headers });
    const rung = await resident.nextCall();
    expect(rung.shows).toEqual({ name: 'Unknown caller', number: 'anonymous' });
    expect(JSON.stringify(rung.invite.headers)).not.toContain('555777');
    call.hangUp();
    await rung.untilEnded();
  });
});

describe('an emergency call', () => {
  test.each([
    ['999', '999'],
    ['112', '112'],
    ['18000', '18000'],
    ['9999', '999'],
    ['141999', '999'],
    ['1470112', '112'],
    ['18001999', '999'],
    ['18001141999', '999'],
    ['+44999', '999'],
    ['0044112', '112'],
    ['999#', '999'],
    ['+44%20999', '999'],
    ['99%209', '999'],
    ['9-99', '999'],
    ['141%20112', '112'],
    ['004418000', '18000'],
    ['*999', '999'],
  ])('%s leaves at once as %s, over the trunk that lives, on a held line', async (dialled, number) => {
    await hold(300);
    const call = await resident.call({
      to: dialled,
      from: { name: 'Somebody else', number: '01923555102' },
      headers: { Privacy: 'id' },
    });
    const taken = await carrier.nextCall();
    expect(taken.invite.uri).toMatch(new RegExp(`^sip:${number}@`));
    expect(taken.shows.number).toBe('+441923555101');
    expect(header(taken.invite, 'p-asserted-identity')).toContain('+441923555101');
    expect(call.heard.firstSoundAt()).toBeNull();
    taken.answer();
    await call.untilAnswered();
    call.hangUp();
    await taken.untilEnded();
  });

  test('is tried again, and again, while the carrier refuses', async () => {
    carrier.onCall = { do: 'refuse', status: 486 };
    await resident.call({ to: '999' });
    await until('the carrier was asked three times', () => carrier.received.length >= 3, 30_000);
    carrier.onCall = { do: 'answer', afterMs: 0 };
    await until(
      'it is answered in the end',
      () => carrier.received.some(({ answeredAt }) => answeredAt !== null),
      30_000,
    );
  });

  test('18000 falls back to 999 where the carrier has no text relay', async () => {
    carrier.onCall = { do: 'refuse', status: 404 };
    await resident.call({ to: '18000' });
    await until('999 is tried', () => carrier.received.some(({ invite }) => invite.uri.startsWith('sip:999@')));
  });
});

describe('a guarded call', () => {
  test.each(['101', '1011', '+443001232040', '18001101'])('%s leaves at once on a clear line', async (dialled) => {
    await resident.call({ to: dialled });
    const taken = await carrier.nextCall();
    expect(taken.invite.uri).toMatch(/^sip:(101|03001232040|18001101)@/);
  });

  test.each([
    ['101', '101'],
    ['159', '159'],
    ['03001232040', '03001232040'],
    ['00443001232040', '03001232040'],
    ['141105', '105'],
  ])(
    '%s waits while the line is held, in words, and is then connected with no key pressed',
    async (dialled, number) => {
      await hold(3);
      const held = await until('the hold is there', () => heldUntil());
      const call = await resident.call({ to: dialled });
      await call.untilHeard('hold-wait', short['hold-wait']);
      // Asterisk may still be sending the INVITE of a call that another test left unanswered.
      const reached = () => carrier.received.find(({ invite }) => invite.uri.startsWith(`sip:${number}@`));
      const taken = await until('the number is reached', reached, 10_000);
      expect(Date.now() / 1000).toBeGreaterThanOrEqual(held);
      taken.answer();
      await taken.media.play(tones(markers.police, 500));
      await until('the resident hears them', () => call.heard.marker(markers.police).length > 0);
    },
  );

  test('cuts a caller whom the resident has put on hold, waits, and lets nobody ring back into it', async () => {
    const call = await carrier.call({ to: '01923555101', from: police });
    const rung = await resident.nextCall();
    rung.answer();
    await rung.untilHeard('the warning', short['whisper-warning']);
    rung.hold();
    call.ignoresGoodbye = true;
    const started = Date.now() / 1000;
    const safe = await resident.call({ to: '101' });
    await until('the caller is sent a BYE', () => carrier.wire.log.some(({ text }) => text.startsWith('BYE ')));
    await safe.untilHeard('hold-wait', short['hold-wait']);
    const held = await until('the hold is there', () => heldUntil());
    const again = await carrier.call({ to: '01923555101', from: { number: '101' } });
    expect(await again.untilEnded()).toMatchObject({ status: 486 });
    const taken = await carrier.nextCall();
    expect(Date.now() / 1000 - started).toBeGreaterThanOrEqual(holdSeconds - 1);
    expect(await heldUntil()).toBe(held);
    taken.answer();
    await safe.untilAnswered();
    expect(resident.received).toHaveLength(1);
  });
});

describe('a guarded call beside another of the line', () => {
  /** A caller talks with the resident; Clearline said of that call what hold it leaves, and died. */
  async function talking(seconds: string) {
    const call = await carrier.call({ to: '01923555101', from: police });
    const rung = await resident.nextCall();
    rung.answer();
    await rung.untilHeard('the warning', short['whisper-warning']);
    const [leg] = /PJSIP\/trunk-carrier-\w+/.exec(await stack.asterisk.cli('core show channels concise')) ?? [];
    await stack.asterisk.cli(`dialplan set chanvar ${leg} CLEARLINE_HOLD_SECONDS ${seconds}`);
    rung.hold();
    return call;
  }

  test.each(['trusted', '0'])('ends a caller who leaves the hold "%s", before 101 leaves', async (seconds) => {
    const call = await talking(seconds);
    const safe = await resident.call({ to: '101' });
    const taken = await carrier.nextCall();
    const ended = await call.untilEnded();
    expect(ended).toMatchObject({ by: 'them', how: 'bye' });
    expect(ended.at).toBeLessThan(taken.invitedAt);
    expect(safe.heard.firstSoundAt()).toBeNull();
    expect(await heldUntil()).toBeNull();
  });

  test('ends a call that the resident made and put on hold, before 101 leaves', async () => {
    carrier.onCall = { do: 'answer', afterMs: 0 };
    const first = await resident.call({ to: '01923555002' });
    await first.untilAnswered();
    const dialled = await carrier.nextCall();
    first.hold();
    carrier.onCall = { do: 'ring' };
    await resident.call({ to: '101' });
    const taken = await carrier.nextCall();
    expect((await dialled.untilEnded()).at).toBeLessThan(taken.invitedAt);
    expect(await first.untilEnded()).toMatchObject({ by: 'them', how: 'bye' });
  });

  test('leaves the calls of other lines alone, though the name of one begins like this one', async () => {
    const neighbour = await phones.register({ address: '127.0.0.5', user: 'room-1-b', password: 'secret-room-1-b' });
    const other = await neighbour.call({ to: '01923555003' });
    const theirs = await carrier.nextCall();
    theirs.answer();
    await other.untilAnswered();
    const suspect = await carrier.call({ to: '01923555103', from: police });
    await talking('0');
    await resident.call({ to: '101' });
    await carrier.nextCall();
    expect([other.ended, theirs.ended, suspect.ended]).toEqual([null, null, null]);
  });
});

describe('any other call', () => {
  test('an ordinary number leaves, withheld after 141', async () => {
    await resident.call({ to: '14101923555002' });
    const taken = await carrier.nextCall();
    expect(taken.invite.uri).toMatch(/^sip:01923555002@/);
    expect(taken.shows.number).toBe('anonymous');
    expect(header(taken.invite, 'privacy')).toBe('id');
  });

  test.each([
    ['warn', 'held-warning', true],
    ['refuse', 'held-refused', false],
    ['connect', null, true],
  ] as const)('while the line is held, "%s" has an ordinary number', async (policy, words, leaves) => {
    await hold(300);
    await stack.asterisk.cli(`dialplan set global CLEARLINE_ORDINARY ${policy}`);
    const call = await resident.call({ to: '01923555002' });
    if (words !== null) await call.untilHeard(words, short[words]);
    if (leaves) await carrier.nextCall();
    else expect(await call.untilEnded()).toMatchObject({ cause: 21 });
    expect(carrier.received).toHaveLength(leaves ? 1 : 0);
    expect(words === null && call.heard.firstSoundAt()).toBe(words === null ? null : false);
    await stack.asterisk.cli('dialplan set global CLEARLINE_ORDINARY warn');
  });

  test.each(['0906123', '+449061234567', '118500', '08712345678', '0843 555 0000', '0033142278186', '+33142278186'])(
    'premium number %s is refused in words while the line is held',
    async (dialled) => {
      await hold(300);
      const call = await resident.call({ to: dialled.replaceAll(' ', '') });
      await call.untilHeard('held-refused', short['held-refused']);
      expect(await call.untilEnded()).toMatchObject({ cause: 21 });
      expect(carrier.received).toEqual([]);
    },
  );

  test('a premium number is refused at any time where the site says so', async () => {
    await stack.asterisk.cli('dialplan set global CLEARLINE_PREMIUM refuse');
    const call = await resident.call({ to: '0906123' });
    await call.untilHeard('premium-refused', short['premium-refused']);
    expect(await call.untilEnded()).toMatchObject({ cause: 21 });
    await stack.asterisk.cli('dialplan set global CLEARLINE_PREMIUM connect');
  });

  test.each(['0871 555 0000', '0044 1923 555002'])(
    '%s, which the site does not count as premium, leaves',
    async (number) => {
      await stack.asterisk.cli('dialplan set global CLEARLINE_PREMIUM refuse');
      await resident.call({ to: number.replaceAll(' ', '') });
      expect((await carrier.nextCall()).invite.uri).toMatch(/^sip:0/);
      await stack.asterisk.cli('dialplan set global CLEARLINE_PREMIUM connect');
    },
  );

  test('a premium number leaves on a clear line', async () => {
    await resident.call({ to: '09061234567' });
    expect((await carrier.nextCall()).invite.uri).toMatch(/^sip:09061234567@/);
  });

  test.each(['5', '12', 'bob', '*21*0192', '141', '141#', '1470*', '18001%20', '12#', '5bob'])(
    '%s, which nobody can be reached by, is answered in words',
    async (dialled) => {
      const call = await resident.call({ to: dialled });
      await call.untilHeard('unknown-number', short['unknown-number']);
      expect(carrier.received).toEqual([]);
    },
  );

  test('a guarded number written with spaces is guarded all the same', async () => {
    await hold(300);
    const call = await resident.call({ to: '0300%20123%202040' });
    await call.untilHeard('hold-wait', short['hold-wait']);
    expect(carrier.received).toEqual([]);
  });

  test('what is dialled is never dialplan', async () => {
    await resident.call({ to: '01923555002&PJSIP%2Froom-2,1,x' });
    expect((await carrier.nextCall()).invite.uri).toMatch(/^sip:0192355500221@/);
  });

  test('the called party busy is heard as busy', async () => {
    carrier.onCall = { do: 'refuse', status: 486 };
    const call = await resident.call({ to: '01923555002' });
    expect(await call.untilEnded()).toMatchObject({ cause: 17 });
  });
});

describe('who may call', () => {
  test('a stranger gets no dialplan, whatever name it gives', async () => {
    const stranger = await phones.trunk('127.0.0.77');
    for (const number of ['room-1', 'trunk-carrier', 'asterisk', '01923555101']) {
      const call = await stranger.call({ to: '999', from: { number } });
      expect(await call.untilEnded()).toMatchObject({ status: 401 });
    }
    expect(await stack.channels()).toEqual([]);
    expect(carrier.received).toEqual([]);
  });

  test('a wrong password does not register', async () => {
    await expect(phones.register({ address: '127.0.0.77', user: 'room-2', password: 'wrong' })).rejects.toThrow('401');
  });

  test('of two telephones of one line the last to register rings', async () => {
    const second = await phones.register({ address: '127.0.0.4', user: 'room-1', password });
    const call = await carrier.call({ to: '01923555101', from: police });
    await second.nextCall();
    expect(resident.received).toEqual([]);
    call.hangUp();
  });
});

test('after Asterisk dies and starts again with everything else down, the phone registers, rings, and the hold still stands', async () => {
  await hold(300);
  const held = await until('the hold is there', () => heldUntil());
  const pid = stack.asterisk.pid;
  // AstDB writes to its file once a second.
  const file = join(stack.config.paths.asterisk, 'db/astdb.sqlite3');
  await until('the hold is on disk', async () => {
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(file, { readOnly: true });
    try {
      return database.prepare("SELECT 1 FROM astdb WHERE key = '/clearline-hold/room-1'").get() !== undefined;
    } finally {
      database.close();
    }
  });
  process.kill(stack.asterisk.pid ?? 0, 'SIGKILL');
  await until(
    'Asterisk is up again',
    async () => {
      return stack.asterisk.pid !== pid && (await stack.asterisk.cli('core show uptime')).includes('uptime');
    },
    20_000,
  );
  await resident.register();
  await useSounds(shortFolder);
  expect(await heldUntil()).toBe(held);
  const call = await carrier.call({ to: '01923555101', from: police });
  await resident.nextCall();
  call.hangUp();
});
