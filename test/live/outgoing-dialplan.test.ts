import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFailed, test } from 'vitest';
import { z } from 'zod';
import { type ExchangeEvent, readExchangeEvent } from '../../services/adapters/ari-events.ts';
import type { PlacedCall } from '../support/phone/placed-call.ts';
import { type Phone, Phones } from '../support/phones.ts';
import { makeShortPrompts } from '../support/short-prompts.ts';
import { freePort, startTestStack, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

/** What the dialplan tells the application of an outgoing call, and what it does when the application sends one on. */

const channel = z.object({ id: z.string(), name: z.string(), accountcode: z.string() });
const heard = z.object({
  type: z.string(),
  args: z.array(z.string()).optional(),
  channel: channel.optional(),
  eventname: z.string().optional(),
  userevent: z.record(z.string(), z.unknown()).optional(),
});
type Heard = z.infer<typeof heard>;

const { folder: shortFolder, sounds: short } = makeShortPrompts();
let stack: TestStack;
let socket: WebSocket;
let events: Heard[] = [];
/** What Clearline makes of them. */
let understood: ExchangeEvent[] = [];
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
      { id: 'room-2', number: '+441923555102', trusted: [{ number: '+4915112345678', name: 'Anna' }] },
    ],
    trunks: [
      { name: 'first', address: `127.0.0.2:${ports.first}`, outgoingCalls: 1 },
      { name: 'second', address: `127.0.0.4:${ports.second}`, outgoingCalls: 1, clearing: 'timed', clearingSeconds: 3 },
    ],
    settings: {
      staff: { phone: 'staff' },
      numbers: { guarded: [{ number: '20', name: 'Warden' }], ordinary: ['0033 1 23 45 67 89'] },
      outgoing: { callsAtOnce: 3 },
    },
  });
  await stack.asterisk.cli(`dialplan set global CLEARLINE_SOUNDS ${shortFolder}`);
  const { httpPort } = stack.config.asterisk;
  const account = `api_key=clearline:${stack.secrets.ari}`;
  socket = new WebSocket(`ws://127.0.0.1:${httpPort}/ari/events?app=clearline&subscribeAll=true&${account}`);
  socket.addEventListener('message', hear);
  await until('the application is connected', () => socket.readyState === WebSocket.OPEN);
});

function hear({ data }: MessageEvent): void {
  const message: unknown = JSON.parse(String(data));
  events.push(heard.parse(message));
  const event = readExchangeEvent(message);
  if (event) understood.push(event);
}

/** The number and the line of an emergency call, and the channel that dials it. */
const emergencyDialled = () =>
  until('Clearline is told', () =>
    understood
      .flatMap((event) =>
        event.type === 'DialTold' && event.emergency ? [{ ...event.emergency, channel: event.channel }] : [],
      )
      .at(0),
  );

afterAll(async () => {
  socket?.close();
  await stack?.stop();
  rmSync(shortFolder, { recursive: true });
});

beforeEach(async () => {
  events = [];
  understood = [];
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
  for (const family of ['hold', 'timed', 'caller']) await stack.asterisk.cli(`database deltree clearline-${family}`);
});

async function untilKnown(trunk: 'first' | 'second', state: 'Avail' | 'Unavail'): Promise<void> {
  await stack.asterisk.cli(`pjsip qualify trunk-${trunk}`);
  await until(`${trunk} counts as ${state}`, async () =>
    new RegExp(`trunk-${trunk}/sip:\\S+ +\\S+ +${state}`).test(await stack.asterisk.cli('pjsip show contacts')),
  );
}

async function ari(method: string, path: string): Promise<unknown> {
  const authorization = `Basic ${Buffer.from(`clearline:${stack.secrets.ari}`).toString('base64')}`;
  const url = `http://127.0.0.1:${stack.config.asterisk.httpPort}/ari/${path}`;
  const reply = await fetch(url, { method, headers: { authorization } });
  expect(reply.status).toBeLessThan(300);
  return reply.status === 204 ? null : reply.json();
}

/** The next time a channel enters the application with this first argument. */
async function entered(
  kind: 'inbound' | 'outgoing' | 'back' | 'rung',
): Promise<{ id: string; args: readonly string[] }> {
  return until(`a channel enters as ${kind}`, () => {
    const index = events.findIndex(({ type, args }) => type === 'StasisStart' && args?.[0] === kind);
    const [found] = index < 0 ? [] : events.splice(index, 1);
    return found ? { id: found.channel?.id ?? '', args: found.args ?? [] } : null;
  });
}

const sendOn = (id: string, context: string, number: string) =>
  ari('POST', `channels/${id}/continue?context=${context}&extension=${encodeURIComponent(number)}&priority=1`);

async function inAstDb(key: string): Promise<string | null> {
  const [family, ...rest] = key.split(' ');
  return /Value: (.*)/.exec(await stack.asterisk.cli(`database get ${family} ${rest.join(' ')}`))?.[1] ?? null;
}

describe('what the application is told of an outgoing call', () => {
  test.each([
    ['101', '101', '101'],
    ['01923555002', '01923555002', '01923555002'],
    ['+441923555002', '+441923555002', '+441923555002'],
    ['14101923555002', '01923555002', '14101923555002'],
    ['180011470101', '101', '180011470101'],
    ['20', '20', '20'],
  ])('%s: the number proper, the line, and what was dialled', async (dialled, number, whole) => {
    await resident.call({ to: dialled });
    expect((await entered('outgoing')).args).toEqual(['outgoing', number, 'room-1', whole, '1']);
  });

  test('how many calls the telephone makes, guarded ones too', async () => {
    await resident.call({ to: '01923555002' });
    await resident.call({ to: '101' });
    await entered('outgoing');
    expect((await entered('outgoing')).args.at(-1)).toBe('2');
  });

  test("nothing of the staff's own calls: they have no line", async () => {
    const staff = await phones.register({ address: '127.0.0.6', user: 'staff', password: stack.secrets.staffPhone });
    await staff.call({ to: '01923555002' });
    await first.nextCall();
    expect(events.filter(({ type }) => type === 'StasisStart')).toEqual([]);
  });

  test('an emergency call is an event beside the call, which never comes in', async () => {
    const call = await resident.call({ to: '9999' });
    await first.nextCall();
    const told = await emergencyDialled();
    expect(told).toMatchObject({ line: 'room-1', number: '999' });
    expect(told.name).toMatch(/^PJSIP\/room-1-/);
    expect(events.filter(({ type }) => type === 'StasisStart')).toEqual([]);
    call.cancel();
    await call.untilEnded();
    expect(understood.filter((event) => event.type === 'DialTold' && event.emergency)).toHaveLength(1);
    expect(understood.filter(({ type }) => type === 'EmergencyDialled')).toEqual([]);
  });

  test('an emergency call is told of even where the first trunk cannot be asked', async () => {
    first.close();
    await untilKnown('first', 'Unavail');
    await resident.call({ to: '14199912' });
    await second.nextCall();
    const told = await until('Clearline is told', () => understood.find(({ type }) => type === 'EmergencyDialled'));
    expect(told).toMatchObject({ line: 'room-1', number: '999', name: expect.stringMatching(/^PJSIP\/room-1-/) });
    expect(understood.filter((event) => event.type === 'DialTold' && event.emergency)).toEqual([]);
  });

  test('every leg of the line is marked with it, and those of an emergency call as such, the one dialled too', async () => {
    const caller = await first.call({ to: '01923555101', from: { number: '101' } });
    const arrived = await entered('inbound');
    expect(arrived.args.at(-1)).toBe('0');
    await resident.call({ to: '999' });
    await first.nextCall();
    await caller.untilEnded();
    const again = await second.call({ to: '01923555101', from: { number: '101' } });
    expect((await entered('inbound')).args.at(-1)).toBe('1');
    const rows = z.array(channel).parse(await ari('GET', 'channels'));
    expect(rows.map(({ accountcode }) => accountcode).toSorted()).toEqual([
      'room-1',
      'room-1/emergency',
      'room-1/emergency',
    ]);
    again.cancel();
  });
});

describe('a guarded call over one trunk', () => {
  async function dialled(number = '101') {
    const call = await resident.call({ to: number });
    return { call, ...(await entered('outgoing')) };
  }

  test('comes back with the reason, and leaves over another; the resident’s leg ends with the far end’s', async () => {
    first.onCall = { do: 'refuse', status: 503 };
    const { call, id } = await dialled();
    await sendOn(id, 'over-first', '101');
    expect(await entered('back')).toEqual({ id, args: ['back', 'CONGESTION', '34'] });
    await sendOn(id, 'over-second', '101');
    const taken = await second.nextCall();
    expect(taken.shows.number).toBe('+441923555101');
    taken.answer();
    await call.untilAnswered();
    taken.hangUp();
    expect(await call.untilEnded()).toMatchObject({ by: 'them', how: 'bye' });
    expect(events.filter(({ args }) => args?.[0] === 'back')).toEqual([]);
  });

  test('comes back from a trunk that sends it elsewhere: that is not busy', async () => {
    const { id } = await dialled();
    await sendOn(id, 'over-first', '101');
    (await first.nextCall()).redirect('sip:09001234567@127.0.0.2');
    expect(await entered('back')).toEqual({ id, args: ['back', 'CHANUNAVAIL', '0'] });
    expect(first.received).toHaveLength(1);
  });

  test('leaves over a trunk that is silent to OPTIONS alone, by its address', async () => {
    second.close();
    await untilKnown('second', 'Unavail');
    const awake = await phones.trunk('127.0.0.4', ports.second);
    const { id } = await dialled('18001101');
    await sendOn(id, 'over-second', '101');
    expect((await awake.nextCall()).invite.uri).toMatch(/^sip:18001101@/);
  });

  test('waits for the hold in the dialplan, whatever variable the application set', async () => {
    await stack.asterisk.cli('database put clearline-hold room-1 9999999999');
    const { call, id } = await dialled();
    await ari('POST', `channels/${id}/variable?variable=NOTE&value=x`);
    await sendOn(id, 'fallback-outbound', '101');
    await call.untilHeard('hold-wait', short['hold-wait']);
    expect([...first.received, ...second.received]).toEqual([]);
  });

  test('goes on in the dialplan where nobody takes it back', async () => {
    const { id } = await dialled();
    first.onCall = { do: 'refuse', status: 486 };
    socket.close();
    await sendOn(id, 'over-first', '101');
    await until('the dialplan tries by itself', () => first.received.length > 1);
    await reconnect();
  });

  test('of a telephone that Clearline rang shows the line’s number, and nobody else’s', async () => {
    await ari(
      'POST',
      `channels/c1-resident?endpoint=PJSIP/room-1&app=clearline&appArgs=rung&callerId=${encodeURIComponent('"Police" <+447700900666>')}`,
    );
    (await resident.nextCall()).answer();
    await entered('rung');
    await sendOn('c1-resident', 'over-first', '03001232040');
    const { invite, shows } = await first.nextCall();
    expect(invite.uri).toMatch(/^sip:03001232040@/);
    expect(shows).toEqual({ name: '', number: '+441923555101' });
    expect(JSON.stringify(invite.headers)).not.toContain('666');
  });

  test('so does 999 that was keyed inside a call', async () => {
    await ari(
      'POST',
      `channels/c2-resident?endpoint=PJSIP/room-1&app=clearline&appArgs=rung&callerId=${encodeURIComponent('"Police" <+447700900666>')}`,
    );
    (await resident.nextCall()).answer();
    await entered('rung');
    await sendOn('c2-resident', 'emergency', '999');
    const { shows } = await first.nextCall();
    expect(shows.number).toBe('+441923555101');
    expect(await emergencyDialled()).toMatchObject({ channel: 'c2-resident', line: 'room-1', number: '999' });
  });

  async function reconnect(): Promise<void> {
    const fresh = new WebSocket(socket.url);
    fresh.addEventListener('message', hear);
    await until('the application is connected', () => fresh.readyState === WebSocket.OPEN);
    socket = fresh;
  }
});

describe('an ordinary call', () => {
  async function dialOut(number: string) {
    const call = await resident.call({ to: number });
    await sendOn((await entered('outgoing')).id, 'dial-out', number);
    return call;
  }

  test('takes the next trunk when one has no room, and is told so when none has; guarded calls always have room', async () => {
    await dialOut('01923555002');
    await first.nextCall();
    await dialOut('01923555003');
    await second.nextCall();
    const none = await dialOut('01923555004');
    await none.untilHeard('cannot-reach', short['cannot-reach']);
    expect(await none.untilEnded()).toMatchObject({ by: 'them', cause: 34 });
    await resident.call({ to: '101' });
    await sendOn((await entered('outgoing')).id, 'over-first', '101');
    await first.nextCall();
  });

  test('is one too many beside as many as a line may have, even where Clearline lets it, or is away; 999 is not', async () => {
    for (const number of ['01923555002', '01923555003', '01923555004']) {
      await resident.call({ to: number });
      await entered('outgoing');
    }
    for (const context of ['dial-out', 'fallback-outbound']) {
      const call = await resident.call({ to: '01923555005' });
      const { id } = await entered('outgoing');
      await sendOn(id, context, '01923555005');
      await call.untilHeard('too-many-calls', short['too-many-calls']);
      expect(await call.untilEnded()).toMatchObject({ by: 'them', cause: 21 });
    }
    expect(first.received).toEqual([]);
    await resident.call({ to: '999' });
    expect((await first.nextCall()).invite.uri).toMatch(/^sip:999@/);
  });

  test.each(['0034600000000', '+34600000000', '34600000000'])(
    'abroad, %s, is refused while Clearline is away',
    async (number) => {
      const call = await resident.call({ to: number });
      await sendOn((await entered('outgoing')).id, 'fallback-outbound', number);
      await call.untilHeard('abroad-refused', short['abroad-refused']);
      expect(await call.untilEnded()).toMatchObject({ by: 'them', cause: 21 });
      expect([...first.received, ...second.received]).toEqual([]);
    },
  );

  test.each(['0033123456789', '+33123456789', '004915112345678'])(
    'abroad, %s, leaves all the same: the site names it, or a line trusts it',
    async (number) => {
      await resident.call({ to: number });
      const { id, args } = await entered('outgoing');
      await sendOn(id, 'fallback-outbound', args[1] ?? '');
      await first.nextCall();
    },
  );

  test.each([500, 503, 408])('goes on to the next trunk after %s', async (status) => {
    first.onCall = { do: 'refuse', status };
    const call = await dialOut('01923555002');
    const { invitedAt } = await second.nextCall();
    // A silent trunk is given six seconds.
    expect(invitedAt - call.invitedAt).toBeLessThan(5_000);
  });

  test('goes on to the next trunk after six seconds of silence, and not after busy', async () => {
    first.onCall = { do: 'ignore' };
    await dialOut('01923555002');
    expect((await second.nextCall()).invite.uri).toMatch(/^sip:01923555002@/);
    first.onCall = { do: 'refuse', status: 486 };
    expect(await (await dialOut('01923555003')).untilEnded()).toMatchObject({ cause: 17 });
    expect(second.received).toHaveLength(1);
  });
});

describe('what a caller leaves', () => {
  async function callAndGo(trunk: Phone, number: string): Promise<void> {
    const call = await trunk.call({ to: '01923555101', from: { number } });
    await entered('inbound');
    call.cancel();
    await until('the channel is gone', async () => (await stack.channels()).length === 0);
  }

  test('is the number shown, with the hold, and not that of one who did not make it longer', async () => {
    await callAndGo(first, '+447700900111');
    expect(await inAstDb('clearline-caller room-1')).toBe('+447700900111');
    await stack.asterisk.cli('database put clearline-hold room-1 9999999999');
    await callAndGo(first, '+447700900222');
    expect(await inAstDb('clearline-caller room-1')).toBe('+447700900111');
    expect(await inAstDb('clearline-timed first')).toBeNull();
  });

  async function dialGuarded(): Promise<PlacedCall> {
    const call = await resident.call({ to: '101' });
    await sendOn((await entered('outgoing')).id, 'fallback-outbound', '101');
    return call;
  }

  // Asterisk may still be sending the INVITE of a call that another test left unanswered.
  const offered = (trunk: Phone) => trunk.received.find(({ invite }) => invite.uri.startsWith('sip:101@'));

  async function holdOpen(trunk: string, seconds: number): Promise<void> {
    await stack.asterisk.cli(`database put clearline-timed ${trunk} ${Math.floor(Date.now() / 1000) + seconds}`);
  }

  test.each(['01923555101', '01923999999'])(
    'is a trunk that its far end may hold open, whomever they called (%s): the fallback’s guarded call waits for it',
    async (called) => {
      const stranger = await second.call({ to: called, from: { number: '+447700900111' } });
      await entered('inbound');
      stranger.cancel();
      await until('the channel is gone', async () => (await stack.channels()).length === 0);
      const heldOpen = Number(await inAstDb('clearline-timed second'));
      expect(heldOpen - Date.now() / 1000).toBeGreaterThan(1);
      await stack.asterisk.cli('database deltree clearline-hold');
      await holdOpen('first', 60);
      const call = await dialGuarded();
      await call.untilHeard('hold-wait', short['hold-wait']);
      await until('the number is reached', () => offered(second));
      expect(Date.now() / 1000).toBeGreaterThanOrEqual(heldOpen);
      expect(offered(first)).toBeUndefined();
    },
  );

  test('keeps the fallback’s guarded call off that trunk alone, over the other it goes at once', async () => {
    await holdOpen('first', 60);
    const since = Date.now();
    const call = await dialGuarded();
    await until('the number is reached', () => offered(second));
    // The trunk that is held open is so for a minute, and the words last seconds.
    expect(Date.now() - since).toBeLessThan(5_000);
    expect(call.answeredAt).toBeNull();
    expect(offered(first)).toBeUndefined();
  });

  test('is waited for where the other trunks do not take the guarded call', async () => {
    second.onCall = { do: 'refuse', status: 503 };
    await holdOpen('first', 4);
    const call = await dialGuarded();
    await until('the other is tried', () => offered(second));
    await call.untilHeard('hold-wait', short['hold-wait']);
    await until('the number is reached', () => offered(first), 10_000);
  });

  test('means nothing in the form that an earlier Clearline wrote', async () => {
    await stack.asterisk.cli('database put clearline-timed room-1/first 9999999999');
    await dialGuarded();
    await until('the number is reached', () => offered(first));
  });
});
