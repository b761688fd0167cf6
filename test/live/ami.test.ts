import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type Ami, openAmi } from '../../services/adapters/ami.ts';
import { Phones } from '../support/phones.ts';
import { freePort, startTestStack, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

/** Every command of the AMI adapter on a real Asterisk. */

let stack: TestStack;
let ami: Ami;
const troubles: string[] = [];

/** A leg that came in for room-1. */
const marked =
  // A stranger's number has whatever bytes he likes.
  `[torn]\nexten => s,1,Set(CALLERID(num)=44$\{URIDECODE(%0d%0aUniqueid%3a 1.1%0d%0a%0d%0a)})\n same => n,Answer()\n same => n,Wait(60)\n` +
  `[twice]\nexten => s,1,Set(CALLERID(num)=44$\{URIDECODE(%0d%0aChannel%3a PJSIP/room-1-1)})\n same => n,Answer()\n same => n,Wait(60)\n` +
  '[marked]\nexten => s,1,Set(CHANNEL(accountcode)=room-1)\n same => n,Set(GROUP(clearline-in)=room-1)\n same => n,Answer()\n same => n,Wait(60)\n' +
  // The telephone's other call, which Clearline rings or which it makes itself.
  ['rung', 'out']
    .map(
      (mark) =>
        `[${mark}]\nexten => s,1,MSet(CHANNEL(accountcode)=room-2,GROUP(clearline-${mark})=room-2)\n same => n,Wait(60)\n`,
    )
    .join('');

beforeAll(async () => {
  stack = await startTestStack({
    lines: [{ id: 'room-1', number: '+441923555101' }],
    trunks: [{ name: 'carrier', address: `127.0.0.2:${await freePort()}` }],
    site: { 'extensions.conf': `[waiting]\nexten => s,1,Answer()\n same => n,Wait(60)\n${marked}` },
  });
  ami = open(stack.secrets.ami);
  await untilBack();
});

afterEach(async () => {
  await stack.asterisk.cli('channel request hangup all');
  await until('Asterisk has no channel left', async () => (await stack.channels()).length === 0);
  for (const family of ['hold', 'caller', 'timed']) await stack.asterisk.cli(`database deltree clearline-${family}`);
});

afterAll(async () => {
  ami?.close();
  await stack?.stop();
});

/** What AstDB says where nobody was held. */
const nothing = { until: new Map(), callers: new Map(), timed: new Map() };

function open(password: string, onTrouble: (why: string) => void = (why) => troubles.push(why)): Ami {
  const { amiPort } = stack.config.asterisk;
  return openAmi({ host: '127.0.0.1', port: amiPort, user: 'clearline', password }, onTrouble);
}

function untilBack(): Promise<unknown> {
  return until('AMI answers', async () => (await ami.listChannels()) !== null, 20_000);
}

/** A channel in the dialplan that waits; gives its unique id. */
async function waiting(): Promise<string> {
  const before = await stack.channels();
  await stack.asterisk.cli('channel originate Local/s@waiting application Wait 60');
  return until('a channel is there', async () => (await stack.channels()).find((id) => !before.includes(id)));
}

async function variableOf(channel: string, name: string): Promise<string | undefined> {
  const rows = (await stack.asterisk.cli('core show channels concise')).split('\n');
  const shown = await stack.asterisk.cli(
    `core show channel ${rows.find((row) => row.endsWith(`!${channel}`))?.split('!')[0]}`,
  );
  return new RegExp(`^${name}=(.*)$`, 'm').exec(shown)?.[1];
}

test('lists every channel by its unique id', async () => {
  expect(await ami.listChannels()).toEqual([]);
  await waiting();
  const channels = await stack.channels();
  expect(channels.length).toBeGreaterThan(0);
  expect([...((await ami.listChannels()) ?? [])].sort()).toEqual(channels.sort());
});

test.each(['torn', 'twice'])(
  'a channel whose caller’s number has line ends hides nothing: the list is not known (%s)',
  async (context) => {
    const before = await stack.channels();
    await stack.asterisk.cli(`channel originate Local/s@${context} application Wait 60`);
    const channel = await until('it is there', async () => (await stack.channels()).find((id) => !before.includes(id)));
    await until('its number is torn', async () => (await ami.listChannels()) === null);
    expect(await ami.listChannelsOf('room-1')).toBeNull();
    expect(await ami.redirect(channel, 'waiting', 's')).toMatchObject({ ok: false, gone: false });
  },
);

test('reads no hold where there is none, and every hold it put', async () => {
  expect(await ami.readHolds()).toEqual(nothing);
  expect(await ami.putHold('room-1', 1_900_000_000)).toEqual({ ok: true });
  expect(await ami.putHold('room-2', 1_900_000_001)).toEqual({ ok: true });
  expect(await stack.asterisk.cli('database get clearline-hold room-1')).toContain('Value: 1900000000');
  await stack.asterisk.cli('database put clearline-caller room-1 02079460000');
  await stack.asterisk.cli('database put clearline-timed gateway 1900000002');
  await stack.asterisk.cli('database put clearline-timed room-1/gateway 1900000003');
  expect(await ami.readHolds()).toEqual({
    until: new Map([
      ['room-1', 1_900_000_000],
      ['room-2', 1_900_000_001],
    ]),
    callers: new Map([['room-1', '02079460000']]),
    timed: new Map([['gateway', 1_900_000_002]]),
  });
});

test('sets a variable by the unique id, and says of one that is not there that it is gone', async () => {
  const channel = await waiting();
  expect(await ami.setVariable(channel, 'CLEARLINE_HOLD_SECONDS', 'trusted')).toEqual({ ok: true });
  expect(await variableOf(channel, 'CLEARLINE_HOLD_SECONDS')).toBe('trusted');
  expect(await ami.setVariable('1.1', 'CLEARLINE_HOLD_SECONDS', '0')).toMatchObject({ ok: false, gone: true });
});

test('a line break in a value starts no other header and no other action', async () => {
  const channel = await waiting();
  const value = 'a\r\nVariable: SECOND=1\r\n\r\nAction: Hangup\r\nChannel: /.*/\r\n\r\n';
  expect(await ami.setVariable(channel, 'FIRST', value)).toEqual({ ok: true });
  expect(await variableOf(channel, 'FIRST')).toBe(value.replace(/[\r\n]/g, ''));
  expect(await variableOf(channel, 'SECOND')).toBeUndefined();
  expect(await ami.listChannels()).toContain(channel);
  expect(await ami.putHold('room-1\r\nFamily: other', 1_900_000_000)).toEqual({ ok: true });
  expect(await stack.asterisk.cli('database show other')).toContain('0 results');
});

test('redirects a caller out of Stasis into the fallback, and nobody whom the dialplan has', async () => {
  const { config, secrets, sip } = stack;
  const socket = new WebSocket(
    `ws://127.0.0.1:${config.asterisk.httpPort}/ari/events?app=clearline&api_key=clearline:${secrets.ari}`,
  );
  const phones = new Phones({ host: '127.0.0.1', port: Number(sip.split(':')[1]) });
  onTestFinished(() => {
    socket.close();
    phones.close();
  });
  const entered = new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }));
  await until('the application is connected', () => socket.readyState === WebSocket.OPEN);
  const carrier = await phones.trunk('127.0.0.2');
  const resident = await phones.register({ address: '127.0.0.3', user: 'room-1', password: 'secret-room-1' });
  await carrier.call({ to: '01923555101', from: { number: '01923555001' } });
  await entered;
  const [channel = ''] = await stack.channels();
  expect(await ami.redirect(channel, 'fallback-inbound', 's')).toEqual({ ok: true });
  expect((await resident.nextCall()).shows.name).toBe('Unknown caller');
  expect(await ami.redirect(channel, 'waiting', 's')).toMatchObject({ ok: false, gone: true });
  expect(await ami.redirect('1.1', 'fallback-inbound', 's')).toMatchObject({ ok: false, gone: true });
});

test('looks at a line: who else is on it, and to whom the call’s own leg is connected', async () => {
  const own = await waiting();
  const question = { line: 'room-1', channel: own, own: new Map([[own, own]]) };
  expect(await ami.look(question)).toMatchObject({ channels: [], peers: [] });
  await stack.asterisk.cli('channel originate Local/s@marked/n application Wait 60');
  const [other] = await until('it is marked', async () => {
    const rows = (await ami.listChannelsOf('room-1')) ?? [];
    return rows.length > 0 && rows;
  });
  expect(await ami.look(question)).toMatchObject({ channels: [other?.id], peers: [] });
  const line2 = { line: 'room-2', channel: null, own: new Map() };
  expect(await ami.look(line2)).toMatchObject({ channels: [], peers: [] });
  // A call that is gone proves nothing.
  expect(await ami.look({ ...question, channel: '1.1' })).toBeNull();
});

test.each(['rung', 'out'])('sees the telephone’s own other call, %s', async (mark) => {
  await stack.asterisk.cli(`channel originate Local/s@${mark}/n application Wait 60`);
  const [other] = await until('it is marked', async () => {
    const rows = (await ami.listChannelsOf('room-2')) ?? [];
    return rows.length > 0 && rows;
  });
  const question = { line: 'room-2', channel: null, own: new Map() };
  expect(await ami.look(question)).toMatchObject({ channels: [other?.id], peers: [] });
  const own = new Map([[other?.id ?? '', other?.name ?? '']]);
  expect(await ami.look({ line: 'room-2', channel: other?.id ?? '', own })).toMatchObject({ channels: [], peers: [] });
});

test('a wrong password is told once, and nothing is answered or done', async () => {
  const refused: string[] = [];
  const stranger = open('wrong', (why) => refused.push(why));
  onTestFinished(() => stranger.close());
  await until('the login is refused', () => refused.length > 0);
  expect(refused).toEqual(['the login was refused']);
  expect(await stranger.listChannels()).toBeNull();
  expect(await stranger.readHolds()).toBeNull();
  expect(await stranger.putHold('room-1', 1_900_000_000)).toMatchObject({ ok: false, gone: false });
  expect(await stranger.redirect('1.1', 'waiting', 's')).toMatchObject({ ok: false, gone: false });
  expect(await ami.readHolds()).toEqual(nothing);
});

test('comes back by itself after Asterisk died, having told the loss once', async () => {
  troubles.length = 0;
  const { pid } = stack.asterisk;
  process.kill(pid ?? 0, 'SIGKILL');
  await until('the loss is told', () => troubles.length > 0);
  expect(await ami.listChannels()).toBeNull();
  expect(await ami.setVariable('1.1', 'A', 'b')).toMatchObject({ ok: false, gone: false });
  await untilBack();
  expect(stack.asterisk.pid).not.toBe(pid);
  expect(await ami.setVariable('1.1', 'A', 'b')).toMatchObject({ ok: false, gone: true });
  expect(troubles).toEqual(['the connection closed']);
});
