import type { Dice } from '../support/dice.ts';

/** What Asterisk might write to the ARI websocket, and what it never should, as the JSON it would be. */

export interface Ids {
  /** Channels that exist, or did. */
  readonly channels: readonly [string, ...string[]];
  readonly lines: readonly [string, ...string[]];
  readonly numbers: readonly [string, ...string[]];
}

/** One message: mostly an event of a type that Clearline hears, about a channel, playback or recording that may be anybody's. */
export function strangeEvent(ids: Ids, dice: Dice): unknown {
  const event = dice.happens(0.05) ? anything(dice, 3) : anyEvent(ids, dice);
  return dice.happens(0.3) ? changed(event, dice) : event;
}

const endings = [
  '-resident',
  '-staff',
  '-p1',
  '-p2',
  '-name',
  '-message',
  '-call',
  '-talk',
  '-ear',
  '-resident-staff',
  '',
] as const;
const trunks = [
  'PJSIP/trunk-carrier-0000000a',
  'PJSIP/trunk-second-0000000b',
  'PJSIP/room-12-00000001',
  'Local/x@y',
  '',
] as const;
const statuses = [
  '',
  'RINGING',
  'PROGRESS',
  'ANSWER',
  'BUSY',
  'CHANUNAVAIL',
  'NOANSWER',
  'CANCEL',
  'nonsense',
] as const;

/** A whole event, about one of these channels or what was named after it. */
function anyEvent(ids: Ids, dice: Dice): unknown {
  const near = () => dice.pick(ids.channels) + (dice.happens(0.5) ? dice.pick(endings) : '');
  const timestamp = new Date(Date.now() - dice.below(5_000)).toISOString();
  const channel = {
    id: near(),
    name: dice.pick(trunks),
    creationtime: timestamp,
    protocol_id: dice.name(),
    dialplan: { exten: dice.pick(ids.numbers) },
  };
  const cause = dice.below(128);
  const kinds: readonly [() => object, ...(() => object)[]] = [
    () => ({ type: 'StasisStart', args: anyArguments(ids, dice), channel }),
    () => ({ type: 'ChannelHangupRequest', cause, channel }),
    () => ({ type: 'ChannelDestroyed', cause, channel }),
    () => ({
      type: 'ChannelUserevent',
      eventname: 'ClearlineEmergency',
      userevent: { line: dice.pick(ids.lines), number: '999' },
      channel,
    }),
    () => ({
      type: 'ChannelUserevent',
      eventname: 'ClearlineFacts',
      userevent: { f1: 'PHNpcDo+', f9: '!', f10: dice.name() },
      channel,
    }),
    () => ({
      type: 'Dial',
      caller: { id: near() },
      peer: { id: near(), name: dice.pick(trunks) },
      dialstatus: dice.pick(statuses),
    }),
    () => ({ type: 'Dial', peer: { id: near(), name: '' }, dialstatus: dice.pick(statuses) }),
    () => ({ type: 'ChannelDtmfReceived', digit: dice.pick(['1', '0', '9', '#', '*', 'A', '']), channel }),
    () => ({ type: 'PlaybackFinished', playback: { id: near(), state: dice.pick(['done', 'failed', 'paused']) } }),
    () => ({ type: 'RecordingFinished', recording: { name: near(), duration: dice.below(100) - 1 } }),
    () => ({ type: 'RecordingFailed', recording: { name: near(), cause: 'disk full' } }),
    () => ({ type: 'ChannelVarset', channel }),
  ];
  return { timestamp, application: 'clearline', ...dice.pick(kinds)() };
}

function anyArguments(ids: Ids, dice: Dice): string[] {
  const from = Buffer.from(`"x" <sip:0${dice.below(1e9)}@a>`).toString('base64');
  const number = dice.pick(ids.numbers);
  return dice.pick([
    ['inbound', number, dice.pick(['carrier', 'second', 'nobody']), from],
    ['outgoing', number, dice.pick(ids.lines), `141${number}`],
    ['leg', dice.pick(ids.channels), 'resident'],
    ['back', dice.pick(statuses), String(dice.below(200))],
    ['inbound'],
    [dice.name()],
    [],
  ]);
}

/** The same with something of it lost, put elsewhere, or of another kind. */
function changed(value: unknown, dice: Dice): unknown {
  if (typeof value !== 'object' || value === null || dice.happens(0.1)) return anything(dice, 2);
  const entries = Object.entries(value);
  const at = dice.below(Math.max(1, entries.length));
  const [key, inner] = entries[at] ?? ['', null];
  if (dice.happens(0.3)) return Object.fromEntries(entries.toSpliced(at, 1));
  return {
    ...value,
    [dice.happens(0.1) ? '__proto__' : key]: dice.happens(0.5) ? changed(inner, dice) : anything(dice, 2),
  };
}

/** Any JSON. */
function anything(dice: Dice, depth: number): unknown {
  const plain = [
    null,
    true,
    0,
    -1,
    1e308,
    '',
    'x'.repeat(dice.below(2_000)),
    '\ud800',
    '2026-13-99T99:99:99',
    'constructor',
  ];
  if (depth === 0 || dice.happens(0.5)) return plain[dice.below(plain.length)];
  const inside = Array.from({ length: dice.below(4) }, () => anything(dice, depth - 1));
  return dice.happens(0.5)
    ? inside
    : Object.fromEntries(inside.map((one, index) => [dice.pick(['type', 'id', 'channel', `k${index}`]), one]));
}
