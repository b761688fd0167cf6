import { expect, test } from 'vitest';
import { catchUp } from '../../services/interceptor/restart/take-up.ts';
import { Home, numbers } from './home.ts';

/** Lost connections, lost events, refused commands, a queue that is away: each call ends, and is on record once. */

const announce = { lines: [{ mode: 'announce' }] } as const;

/** The connection is back; Asterisk's list comes a little later, or not at all. */
async function reconnect(home: Home, { afterMs = 0, listed = true } = {}): Promise<boolean> {
  const { exchange, runner } = home;
  const ari = {
    async listChannels() {
      const channels = await exchange.listChannels();
      if (afterMs > 0) await new Promise((resolve) => setTimeout(resolve, afterMs));
      return listed ? channels : null;
    },
    listBridges: () => exchange.listBridges(),
    isOver: (what: 'playback' | 'recording', id: string) => exchange.isOver(what, id),
    hangUp: (channel: string, cause: number) => exchange.hangUp(channel, cause),
    removeBridge: (bridge: string) => exchange.removeBridge(bridge),
  };
  const compared = catchUp({ runner, ari, noteOf: async () => null, clock: Date.now });
  await home.pass(afterMs / 1000 + 0.2);
  return compared;
}

test('a caller who hung up while the connection was lost is found, and the resident is advised', async () => {
  const home = new Home(announce);
  const { caller, resident } = await home.talk();
  home.exchange.cutOff = true;
  caller.hangUp();
  await home.pass(5);
  home.exchange.cutOff = false;
  expect(await reconnect(home)).toBe(true);
  await home.pass(0.5);
  expect(resident.heard.at(-1)).toBe('caller-gone');
  resident.hangUp();
  await home.pass(0);
  expect(home.record(caller)).toMatchObject({ ending: { outcome: 'talked', by: 'caller' }, holdSeconds: 300 });
});

test('a resident who hung up unheard leaves the caller to be hung up', async () => {
  const home = new Home(announce);
  const { caller, resident } = await home.talk();
  home.exchange.cutOff = true;
  resident.hangUp();
  home.exchange.cutOff = false;
  await reconnect(home);
  expect(caller.cause).toBe(16);
  expect(home.record(caller).ending).toEqual({ outcome: 'talked', by: 'resident', cause: 16 });
});

test('who is still there goes on, and a call that arrives while the list is on its way is not taken for gone', async () => {
  const home = new Home(announce);
  const { caller, resident } = await home.talk();
  const compared = reconnect(home, { afterMs: 300 });
  await home.pass(0.1);
  const late = home.call({ from: numbers.anna });
  await home.pass(1);
  expect(await compared).toBe(true);
  expect(caller.hears).toEqual([resident.id]);
  expect(home.party(late, 'resident').hears).toEqual([late.id]);
  late.hangUp();
  caller.hangUp();
  resident.hangUp();
  await home.pass(0);
  expect(home.record(late).ending).toEqual({ outcome: 'talked', by: 'caller', cause: 16 });
});

test('an exchange that does not list its channels ends nobody’s call', async () => {
  const home = new Home(announce);
  const { caller, resident } = await home.talk();
  expect(await reconnect(home, { listed: false })).toBe(false);
  expect(caller.hears).toEqual([resident.id]);
  resident.hangUp();
  await home.pass(0);
  expect(home.record(caller).ending.outcome).toBe('talked');
});

test('a caller reported while the connection is lost is hung up as soon as it is back', async () => {
  const home = new Home(announce);
  const { caller, resident } = await home.talk();
  const { hangUp } = home.exchange;
  home.exchange.hangUp = async () => ({ ok: false, gone: false, why: 'the websocket was lost' });
  resident.press('*');
  await home.pass(3);
  expect(caller.state).toBe('up');
  home.exchange.hangUp = hangUp;
  await home.pass(0.5);
  expect(caller).toMatchObject({ state: 'gone', cause: 16 });
  resident.hangUp();
  await home.pass(0);
  expect(home.record(caller)).toMatchObject({
    ending: { outcome: 'reported' },
    faults: ['HangUp caller: the websocket was lost'],
  });
});

test('prompts whose ends are all lost do not keep a call from its end', async () => {
  const home = new Home();
  home.isLost = ({ type }) => type === 'PlaybackEnded' || type === 'RecordingEnded';
  const caller = home.call();
  await home.pass(30 + 8 + 3 * (30 + 8) + 22);
  expect(caller.cause).toBe(16);
  expect(home.record(caller).ending.outcome).toBe('challenge-failed');
});

test('a warning that is never heard to its end connects nobody', async () => {
  const home = new Home(announce);
  home.onRing({ do: 'answer', afterMs: 1000 });
  const caller = home.call();
  await home.pass(2);
  home.isLost = ({ type }) => type === 'PlaybackEnded';
  await home.pass(59);
  expect(caller.hears).toEqual([]);
  await home.pass(2);
  expect(home.record(caller)).toMatchObject({ connectedAt: null, ending: { outcome: 'failed', by: 'clearline' } });
});

test('hang-ups that are never confirmed do not keep the record back', async () => {
  const home = new Home(announce);
  const { caller, resident } = await home.talk();
  home.isLost = ({ type, ...event }) => type === 'ChannelGone' && 'channel' in event && event.channel === caller.id;
  resident.hangUp();
  await home.pass(4.9);
  expect(home.facts.calls).toEqual([]);
  await home.pass(0.2);
  expect(home.record(caller)).toMatchObject({ clearedAt: null, ending: { outcome: 'talked', by: 'resident' } });
  expect(home.holds.isHeld('room-12', Date.now())).toBe(true);
});

test('the resident picks up in the moment in which the caller gives up: hung up, not left in silence', async () => {
  const home = new Home();
  const caller = home.call({ from: numbers.anna });
  await home.pass(1);
  const resident = home.party(caller, 'resident');
  caller.hangUp();
  resident.pickUp();
  await home.pass(0);
  expect(resident.state).toBe('gone');
  expect(home.record(caller).ending).toEqual({ outcome: 'caller-gone', by: 'caller', cause: 16 });
});

test('the caller hangs up in the moment in which they are connected: the call is theirs to end, and is no fault', async () => {
  const home = new Home(announce);
  home.onRing({ do: 'answer', afterMs: 1000 });
  const caller = home.call();
  // Just before the interceptor hears of the whisper's end.
  home.isLost = ({ type }) => {
    const over = home.exchange.channels.get(`${caller.id}-resident`)?.heard.includes('whisper-keys') ?? false;
    if (type === 'PlaybackEnded' && over && caller.state === 'up') caller.hangUp();
    return false;
  };
  await home.pass(5.5);
  const resident = home.party(caller, 'resident');
  expect(resident.heard.at(-1)).toBe('caller-gone');
  resident.hangUp();
  await home.pass(0);
  expect(home.record(caller)).toMatchObject({ ending: { by: 'caller' }, faults: [] });
});

test.each([
  { what: 'rings', outcome: 'not-reachable' },
  { what: 'was picked up', outcome: 'talked' },
])('a telephone that $what although its dial was not confirmed is hung up', async ({ what, outcome }) => {
  const home = new Home();
  const { dial } = home.exchange;
  home.exchange.dial = async (request) => {
    await dial.call(home.exchange, request);
    if (what === 'was picked up') home.exchange.channel(request.channel).pickUp();
    return { ok: false, gone: false, why: 'no reply within 2000 ms' };
  };
  const caller = home.call({ from: numbers.anna });
  await home.pass(0);
  await home.pass(1);
  expect([...home.exchange.channels.keys()]).toEqual([]);
  expect(home.record(caller).ending.outcome).toBe(outcome);
});

test('a channel of no running call is left alone, but one that was picked up for it is hung up', async () => {
  const home = new Home();
  home.runner.hear({ type: 'DigitReceived', channel: '1.99', digit: '5', at: Date.now() });
  home.runner.hear({ type: 'ChannelGone', channel: '1.99-resident', cause: 16, at: Date.now() });
  expect(home.runner.running).toBe(0);
  await home.exchange.dial({
    channel: '1.99-resident',
    call: '1.99',
    leg: 'resident',
    endpoint: 'PJSIP/room-12',
    showName: '',
    showNumber: null,
    seconds: 30,
    originator: null,
  });
  const resident = home.exchange.channel('1.99-resident');
  resident.pickUp();
  await home.pass(0);
  expect(resident.cause).toBe(16);
});

test('while the queue takes nothing the record is kept, put again, and stands there once', async () => {
  const home = new Home();
  home.facts.away = true;
  const caller = home.call({ from: numbers.villain });
  await home.pass(10);
  expect(home.runner.running).toBe(1);
  expect(home.log.lines.filter(({ level }) => level === 'error').length).toBeGreaterThan(5);
  home.runner.hear({ type: 'DigitReceived', channel: caller.id, digit: '5', at: Date.now() });
  home.facts.away = false;
  await home.pass(1);
  expect(home.record(caller)).toMatchObject({ keys: [], ending: { outcome: 'refused' } });
  const [kept] = home.facts.calls;
  expect(kept?.journal.at(-1)).toMatchObject({ effect: { do: 'Conclude' } });
});
