import { rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readExchangeEvent } from '../../services/adapters/ari-events.ts';
import { describe as describeCaller, readArrival } from '../../services/interceptor/exchange/arrival.ts';
import type { Line } from '../support/phone/message.ts';
import type { PlacedCall } from '../support/phone/placed-call.ts';
import { type Phone, Phones } from '../support/phones.ts';
import { makeShortPrompts } from '../support/short-prompts.ts';
import { freePort, startTestStack, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

/** What Asterisk hands to the application, and what the dialplan does when the application lets go. */

const event = z.object({
  type: z.string(),
  args: z.array(z.string()).optional(),
  channel: z.object({ id: z.string() }).optional(),
});
type Entered = { readonly channel: string; readonly args: readonly string[] };

const { folder: shortFolder, sounds: short } = makeShortPrompts();
let stack: TestStack;
let socket: WebSocket;
let entered: Entered[] = [];
let told: (readonly string[])[] = [];
let phones: Phones;
let carrier: Phone;
let resident: Phone;

beforeAll(async () => {
  stack = await startTestStack({
    lines: [{ id: 'room-1', number: '+441923555101' }],
    trunks: [
      { name: 'carrier', address: `127.0.0.2:${await freePort()}` },
      { name: 'vouching', address: `127.0.0.4:${await freePort()}`, attests: true },
      { name: 'gateway', address: `127.0.0.6:${await freePort()}`, clearing: 'timed', clearingSeconds: 100 },
    ],
    settings: { screening: { holdSeconds: 300 } },
  });
  await stack.asterisk.cli(`dialplan set global CLEARLINE_SOUNDS ${shortFolder}`);
  const { httpPort } = stack.config.asterisk;
  socket = new WebSocket(
    `ws://127.0.0.1:${httpPort}/ari/events?app=clearline&subscribeAll=true&api_key=clearline:${stack.secrets.ari}`,
  );
  socket.addEventListener('message', ({ data }) => {
    const { type, args, channel } = event.parse(JSON.parse(String(data)));
    if (type === 'StasisStart') entered.push({ channel: channel?.id ?? '', args: args ?? [] });
    const heard = readExchangeEvent(JSON.parse(String(data)));
    if (heard?.type === 'FactsTold') told.push(heard.facts);
  });
  await until('the application is connected', () => socket.readyState === WebSocket.OPEN);
});

afterAll(async () => {
  socket?.close();
  await stack?.stop();
  rmSync(shortFolder, { recursive: true });
});

beforeEach(async () => {
  entered = [];
  told = [];
  const [host = '', port] = stack.sip.split(':');
  phones = new Phones({ host, port: Number(port) });
  carrier = await phones.trunk('127.0.0.2');
  resident = await phones.register({ address: '127.0.0.3', user: 'room-1', password: 'secret-room-1' });
});

afterEach(async () => {
  await stack.asterisk.cli('channel request hangup all');
  await until('Asterisk has no channel left', async () => (await stack.channels()).length === 0);
  phones.close();
  await stack.asterisk.cli('database deltree clearline-hold');
});

async function ari(method: string, path: string): Promise<void> {
  const authorization = `Basic ${Buffer.from(`clearline:${stack.secrets.ari}`).toString('base64')}`;
  const url = `http://127.0.0.1:${stack.config.asterisk.httpPort}/ari/${path}`;
  const reply = await fetch(url, { method, headers: { authorization } });
  expect(reply.status).toBeLessThan(300);
}

async function nextEntered(): Promise<Entered> {
  return until('the call reaches the application', () => entered[0]);
}

const rules = { trunks: new Map(), doNotOriginate: new Set<string>(), staffed: false };

/** The call as the interceptor reads it while the phone waits. */
async function nextArrival() {
  const { args } = await nextEntered();
  const noLines = { byNumber: () => null, byId: () => null };
  return readArrival(args, 0, rules, noLines, () => ({ held: false, engaged: false, heldBy: null }), 0);
}

/** The whole INVITE, as it is told when its caller has left. */
async function toldAtTheEnd(call: PlacedCall) {
  await nextEntered();
  call.cancel();
  return describeCaller(await until('the INVITE is told', () => told[0]), 'carrier', rules);
}

async function heldFor(): Promise<number | null> {
  const found = /Value: (\d+)/.exec(await stack.asterisk.cli('database get clearline-hold room-1'));
  return found ? Number(found[1]) - Date.now() / 1000 : null;
}

const anna = { name: 'Anna', number: '01923555001' };

describe('what the application is told', () => {
  test('every header, the trunk, the source and the codecs', async () => {
    const call = await carrier.call({
      to: '01923555101',
      from: anna,
      headers: {
        'P-Asserted-Identity': '"Anna" <sip:+441923555001@carrier.example>',
        Privacy: 'none',
        Diversion: '<sip:+441923555009@carrier.example>;reason=unconditional',
        Identity: `${'e'.repeat(900)};info=<https://carrier.example/c.pem>;alg=ES256`,
        'User-Agent': 'Exchange (7.1)',
      },
    });
    const { dialled, trunk, caller, signalling: early } = await nextArrival();
    expect(early.codecs).toEqual(expect.arrayContaining(['ulaw', 'alaw']));
    expect({ dialled, trunk }).toEqual({ dialled: '01923555101', trunk: 'carrier' });
    expect(caller).toMatchObject({ presentation: { e164: '+441923555001' }, network: { e164: '+441923555001' } });
    const { signalling } = await toldAtTheEnd(call);
    expect(signalling).toEqual({
      from: expect.stringMatching(/^"Anna" <sip:01923555001@127\.0\.0\.2>;tag=/),
      assertedIdentity: '"Anna" <sip:+441923555001@carrier.example>',
      privacy: 'none',
      diversion: '<sip:+441923555009@carrier.example>;reason=unconditional',
      identity: `${'e'.repeat(900)};info=<https://carrier.example/c.pem>;alg=ES256`,
      callId: call.id,
      userAgent: 'Exchange (7.1)',
      sourceAddress: `127.0.0.2:${carrier.wire.local.port}`,
      codecs: [],
    });
  });

  test('what vouches for the number, before the phone rings, on a trunk that attests', async () => {
    const vouching = await phones.trunk('127.0.0.4');
    const asserted = '<sip:+441923555001@carrier.example>;verstat=TN-Validation-Failed';
    const identity = 'eyJh.eyJhdHRlc3QiOiJBIn0.c2ln;info=<https://carrier.example/c.pem>';
    const headers = { 'P-Asserted-Identity': asserted, Identity: identity };
    await vouching.call({ to: '01923555101', from: anna, headers });
    const { trunk, signalling, caller } = await nextArrival();
    expect({ trunk, asserted: signalling.assertedIdentity, identity: signalling.identity }).toEqual({
      trunk: 'vouching',
      asserted,
      identity,
    });
    expect(caller.attestation).toBe('failed');
  });

  test('nothing where a header is absent, without a word in the log', async () => {
    const { signalling } = await toldAtTheEnd(await carrier.call({ to: '01923555101', from: anna }));
    expect(signalling).toMatchObject({
      assertedIdentity: null,
      privacy: null,
      diversion: null,
      identity: null,
      userAgent: null,
    });
    const log = await readFile(join(stack.config.paths.asterisk, 'log/messages.log'), 'utf8');
    expect(log.split('\n').filter((line) => /WARNING|ERROR/.test(line))).toEqual([]);
  });

  test.each([
    ['2,000 characters', 'P'.repeat(2000)],
    ['a smile', 'Anna :)'],
    ['many brackets', `${'('.repeat(30)}:3${')'.repeat(45)}:2:1`],
    ['a function', `$\{SHELL(touch /tmp/owned)}$\{CHANNEL}$[1+1]`],
    ['commas and quotes', `a,b\\"c\\",'d'|e&f`],
    ['percent signs', '%s%n%99999d %41'],
    ['emoji', '👮🏽‍♂️ Полиция 警察'],
    ['a semicolon and angle brackets', '<sip:999@x>;y=z, ;--'],
  ])('a caller name of %s comes through as it was', async (_, name) => {
    const from = `"${name}" <sip:0192@127.0.0.2>;tag=t1`;
    const call = await carrier.call({ to: '01923555101', from: { line: `From: ${from}` } });
    expect((await nextArrival()).signalling.from).toBe(from);
    expect((await toldAtTheEnd(call)).signalling.from).toBe(from);
  });

  test.each<[string, Line | null]>([
    ['no From', null],
    [
      'bytes that are no text',
      Buffer.concat([Buffer.from('From: "\x01'), Buffer.from([0, 0xff, 0xc3]), Buffer.from('" <sip:1@a>;tag=t2')]),
    ],
    ['a From without a URI', 'From: ;;;,,,"'],
    ['9,000 characters', `From: "${'x'.repeat(9000)}" <sip:1@a>;tag=t3`],
  ])('%s harms nothing: the next call arrives', async (_, line) => {
    const bad = await carrier.call({ to: '01923555101', from: line === null ? null : { line } });
    await until('it was heard or refused', () => bad.status > 0 || entered.length > 0, 3000).catch(() => null);
    entered = [];
    await carrier.call({ to: '01923555101', from: anna });
    expect((await nextArrival()).signalling.from).toContain('01923555001');
  });

  test.each(['+441923555101', '441923555101', '00441923555101', '1923555101'])('%s is the line too', async (to) => {
    await carrier.call({ to, from: anna });
    const { channel, args } = await nextEntered();
    expect(args[1]).toBe(to);
    expect(await stack.asterisk.cli(`core show channel ${await nameOf(channel)}`)).toContain('CLEARLINE_LINE=room-1');
  });

  test('a number that is no line', async () => {
    await carrier.call({ to: '01923555999', from: anna });
    expect((await nextArrival()).dialled).toBe('01923555999');
  });
});

/** The name of a channel by its unique id. */
async function nameOf(id: string): Promise<string> {
  const rows = (await stack.asterisk.cli('core show channels concise')).split('\n');
  return rows.find((row) => row.endsWith(`!${id}`))?.split('!')[0] ?? '';
}

describe('who is turned away before the application hears of it', () => {
  const global = (name: string, value: number) => stack.asterisk.cli(`dialplan set global CLEARLINE_${name} ${value}`);
  afterEach(async () => {
    await global('CALLS', 1000);
    await global('SHED_UNTIL', 0);
  });

  test.each([
    [
      'a number with line ends, which would tear the lists of AMI',
      `From: "x" <sip:44%0d%0aX%3a%20y@127.0.0.6>;tag=x`,
      603,
    ],
    ['a number that is no text', 'From: "x" <sip:44%ff@127.0.0.6>;tag=x', 603],
    ['anybody where there is no room', 'From: "x" <sip:44@127.0.0.6>;tag=x', 503],
  ] as const)('%s; the far end may hold the trunk open all the same', async (_who, line, status) => {
    await stack.asterisk.cli('database deltree clearline-timed');
    if (status === 503) await global('CALLS', 0);
    const gateway = await phones.trunk('127.0.0.6');
    const call = await gateway.call({ to: '01923555101', from: { line } });
    expect(await call.untilEnded()).toMatchObject({ how: 'refused', status });
    expect(await stack.asterisk.cli('database get clearline-timed gateway')).toMatch(/Value: \d{10}/);
    expect(entered).toEqual([]);
  });

  test('nobody when Clearline had callers refused and the clock was put back', async () => {
    await global('SHED_UNTIL', Math.floor(Date.now() / 1000) + 3600);
    await carrier.call({ to: '01923555101', from: anna });
    await nextEntered();
  });
});

describe('when the application lets go', () => {
  test('a call that it ended is over, and the fallback says nothing', async () => {
    const call = await carrier.call({ to: '01923555101', from: anna });
    const { channel } = await nextEntered();
    await ari('POST', `channels/${channel}/answer`);
    await call.untilAnswered();
    await ari('DELETE', `channels/${channel}?reason_code=16`);
    await call.untilEnded();
    await until('the hold is there', async () => (await heldFor()) !== null);
    expect(call.heard.firstSoundAt()).toBeNull();
    expect(resident.received).toEqual([]);
  });

  test('a call that it gives back is announced and rings', async () => {
    const call = await carrier.call({ to: '01923555101', from: anna });
    await ari('POST', `channels/${(await nextEntered()).channel}/continue`);
    await call.untilHeard('the announcement', short.announcement);
    expect((await resident.nextCall()).shows.name).toBe('Unknown caller');
  });
});

describe('the hold a call leaves', () => {
  async function endCall(seconds: string | null): Promise<void> {
    const call = await carrier.call({ to: '01923555101', from: anna });
    const { channel } = await nextEntered();
    if (seconds !== null)
      await stack.asterisk.cli(`dialplan set chanvar ${await nameOf(channel)} CLEARLINE_HOLD_SECONDS ${seconds}`);
    call.cancel();
    await call.untilEnded();
    await until('the channel is gone', async () => (await stack.channels()).length === 0);
    entered = [];
  }

  test('is the default, unless the application says longer', async () => {
    await endCall(null);
    expect(await heldFor()).toBeCloseTo(300, -1);
    await endCall('1800');
    expect(await heldFor()).toBeCloseTo(1800, -1);
  });

  test('is the default after the fallback, whatever a dead application had set', async () => {
    const call = await carrier.call({ to: '01923555101', from: anna });
    const { channel } = await nextEntered();
    await stack.asterisk.cli(`dialplan set chanvar ${await nameOf(channel)} CLEARLINE_HOLD_SECONDS 0`);
    await ari('POST', `channels/${channel}/continue?context=fallback-inbound&extension=s&priority=1`);
    await resident.nextCall();
    call.hangUp();
    await until('the hold is there', async () => (await heldFor()) !== null);
    expect(await heldFor()).toBeCloseTo(300, -1);
  });

  test('is never shortened, and a trusted call neither sets nor lifts it', async () => {
    await endCall('0');
    expect(await heldFor()).toBeNull();
    await endCall('1800');
    await endCall('10');
    await endCall('0');
    expect(await heldFor()).toBeCloseTo(1800, -1);
  });
});

describe("the site's own files", () => {
  test('add to the dialplan, and a reload drops no call', async () => {
    const call = await carrier.call({ to: '01923555101', from: anna });
    const { channel } = await nextEntered();
    const site = join(stack.config.paths.asterisk, 'etc/site/extensions.conf');
    await writeFile(site, '[clearline-numbers](+)\nexten => 5550,1,Answer()\n same => n,Hangup(21)\n');
    await stack.asterisk.cli('dialplan reload');
    await stack.asterisk.cli('pjsip reload');
    const own = await carrier.call({ to: '5550', from: anna });
    expect(await own.untilEnded()).toMatchObject({ cause: 21 });
    expect(await stack.channels()).toContain(channel);
    expect(call.ended).toBeNull();
  });

  test('change one trunk and all lines, as dialplan/README.md says', async () => {
    const site = join(stack.config.paths.asterisk, 'etc/site');
    await writeFile(join(site, 'pjsip-templates.conf'), '[template_line](+TEMPLATES=include)\nallow = g722\n');
    await writeFile(join(site, 'pjsip.conf'), '[trunk-carrier](+type=endpoint)\nfrom_user = 44192355\n');
    await stack.asterisk.cli('pjsip reload');
    await until('the line has the codec', async () =>
      /allow +: \(alaw\|ulaw\|g722\)/.test(await stack.asterisk.cli('pjsip show endpoint room-1')),
    );
    expect(await stack.asterisk.cli('pjsip show endpoint trunk-carrier')).toMatch(/from_user +: 44192355/);
  });

  test('every Goto, Gosub and include of the dialplan leads somewhere', async () => {
    const shown = await stack.asterisk.cli('dialplan show');
    const contexts = new Set([...shown.matchAll(/Context '([^']+)'/g)].map(([, name]) => name));
    const named = [
      ...shown.matchAll(/(?:Goto|Gosub)\(([a-z-]+),|[?](?:Gosub\()?([a-z-]+),\S+,1|Include =>\s+'([^']+)'/g),
    ];
    expect(named.length).toBeGreaterThan(40);
    expect([...new Set(named.map(([, a, b, c]) => a ?? b ?? c))].filter((name) => !contexts.has(name))).toEqual([]);
  });
});
