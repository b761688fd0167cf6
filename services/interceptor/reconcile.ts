import type { Ami } from '../adapters/ami.ts';
import type { Ari } from '../adapters/ari.ts';
import type { ExchangeEvent } from '../adapters/ari-events.ts';
import type { AriHttp, BridgeSighting, ChannelSighting } from '../adapters/ari-http.ts';
import type { Log } from '../log.ts';
import { askUntilDone } from './call/break-off.ts';
import { callOf, isListening, playbackOf } from './exchange/ids.ts';

/** How long the arrival of a call that is already in Asterisk's list may be on its way to us, in milliseconds. */
const settleMs = 500;
/**
 * Asterisk does not list what plays, so these of a call's playbacks are tried. Only the ringing tone has no end, and nobody hears so
 * many others before it.
 */
const triedPlaybacks = 60;

type Manager = Pick<Ami, 'redirect'>;
type Exchange = Pick<
  AriHttp,
  'listChannels' | 'listBridges' | 'hangUp' | 'continueInDialplan' | 'removeBridge' | 'stopPlaying'
>;

/**
 * Before this process takes the calls, or can: whoever an earlier interceptor left waiting for a voice goes on to the dialplan's
 * fallback, as in `takeOverLeftCalls`. Nothing is done where another interceptor takes the calls, for they are its, or where
 * it is no longer due when Asterisk has told who they are. Answers with the channels that are on their way to the dialplan by
 * then; Asterisk may list them as ours for a while. Takes two seconds at most, and never rejects.
 */
export async function letWaitingGo(
  ari: Exchange & Pick<AriHttp, 'isTaken'>,
  ami: Manager,
  log: Log,
  isDue: () => boolean,
): Promise<readonly string[]> {
  if ((await ari.isTaken('clearline')) !== false) return [];
  const found = await look(ari);
  if (found === null || !isDue()) return [];
  const left = sort(found, () => false);
  return handOver(left, ari, ami, log);
}

/**
 * Calls in Asterisk that nobody runs: an earlier interceptor left them, or their arrival was lost with the connection.
 * Conversations go on, and end for everybody when one party goes; whoever was still waiting for a voice goes to the
 * dialplan's fallback: a caller to that which announces, warns and rings, a resident to that which dials what they dialled.
 * What the dialplan has in hand, a call to 999 perhaps, is never touched. `isRunning` tells, by call id, those that are
 * ours. Rejects when Asterisk does not list its channels.
 */
export async function takeOverLeftCalls(
  ari: Exchange & Pick<Ari, 'events'>,
  ami: Manager,
  isRunning: (call: string) => boolean,
  log: Log,
): Promise<void> {
  const gone = new Set<string>();
  const note = (event: ExchangeEvent) => {
    if (event.type === 'ChannelGone') gone.add(event.channel);
  };
  ari.events.on('event', note);
  try {
    const found = await look(ari);
    if (found === null) throw new Error('Asterisk does not list its channels');
    if (found.channels.length + found.bridges.length === 0) return;
    // A call of ours may end meanwhile, whose resident goes on to dial in a call of their own: 999, perhaps.
    const ran = runningOf(found, isRunning);
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    const left = sort(found, (call) => ran.has(call) || isRunning(call));
    handOver(left, ari, ami, log);
    const { conversations } = left;
    for (const conversation of conversations) endTogether(ari, conversation, { gone, isRunning }, log);
    if (conversations.length > 0)
      log.warn({ conversations: conversations.length }, 'taking over conversations of an earlier interceptor');
  } finally {
    ari.events.off('event', note);
  }
}

interface Found {
  readonly channels: readonly ChannelSighting[];
  readonly bridges: readonly BridgeSighting[];
}

async function look(ari: Exchange): Promise<Found | null> {
  const [channels, bridges] = await Promise.all([ari.listChannels(), ari.listBridges()]);
  return channels && bridges && { channels, bridges };
}

/** The calls of ours among them. */
function runningOf({ channels, bridges }: Found, isRunning: (call: string) => boolean): ReadonlySet<string> {
  const calls = [...channels, ...bridges].flatMap(({ id }) => [id, callOf(id) ?? id]);
  return new Set(calls.filter(isRunning));
}

interface Left {
  readonly conversations: readonly BridgeSighting[];
  /** Channels that are in no conversation. */
  readonly waiting: readonly ChannelSighting[];
  /** Bridges that join nobody. */
  readonly idle: readonly BridgeSighting[];
}

/** What of all this nobody runs. */
function sort({ channels, bridges }: Found, isRunning: (call: string) => boolean): Left {
  const isLeft = (id: string) => !isRunning(id) && !isRunning(callOf(id) ?? id);
  // A bridge that is not named after a call is the dialplan's own: a call to 999, perhaps.
  const left = bridges.filter(({ id }) => callOf(id) !== null && isLeft(id));
  const conversations = left.filter(({ id, channels: inside }) => inside.length > 1 && !isListening(id));
  const bridged = new Set(conversations.flatMap(({ channels: inside }) => inside));
  return {
    conversations,
    waiting: channels.filter(({ id }) => isLeft(id) && !bridged.has(id)),
    idle: left.filter((bridge) => !conversations.includes(bridge)),
  };
}

/** Answers with the channels that go on to the dialplan. */
function handOver({ waiting, idle }: Left, ari: Exchange, ami: Manager, log: Log): string[] {
  const given: string[] = [];
  for (const channel of waiting) {
    const way = wayOf(channel);
    if (way === 'hang up') void hangUp(ari, channel.id, log);
    else if (way !== null) {
      given.push(channel.id);
      void giveToFallback(ari, ami, channel.id, way, log);
    }
  }
  for (const { id } of idle) void ari.removeBridge(id);
  return given;
}

interface Way {
  readonly context: string;
  readonly extension: string;
}

/** Where a channel goes that nobody runs; null where the dialplan has it, or dials it. */
function wayOf({ id, application, given, extension }: ChannelSighting): Way | 'hang up' | null {
  const inApplication = application === 'Stasis';
  // A telephone that Clearline rang is in no application of the dialplan until it is picked up.
  if (callOf(id) !== null) return inApplication || application === 'AppDial2' ? 'hang up' : null;
  if (!inApplication) return null;
  const [, kind, dialled] = given.split(',');
  switch (kind) {
    case 'outgoing':
      return { context: 'fallback-outbound', extension: dialled ?? '' };
    case 'back':
      return { context: 'fallback-outbound', extension };
    case 'inbound':
      return { context: 'fallback-inbound', extension: 's' };
    default:
      return 'hang up';
  }
}

/** By AMI, which does not wait for what plays to them; by ARI where AMI does not answer. */
function giveToFallback(ari: Exchange, ami: Manager, channel: string, way: Way, log: Log): Promise<void> {
  const ask = async () => {
    const reply = await ami.redirect(channel, way.context, way.extension);
    if (reply.ok || reply.gone) return reply;
    const playbacks = Array.from({ length: triedPlaybacks }, (_, index) => playbackOf(channel, index + 1));
    await Promise.all(playbacks.map((playback) => ari.stopPlaying(playback)));
    return ari.continueInDialplan(channel, way.context, way.extension);
  };
  return askUntilDone(ask, channel, 'give a left channel to the dialplan', log);
}

function hangUp(ari: Exchange, channel: string, log: Log): Promise<void> {
  return askUntilDone(() => ari.hangUp(channel, 16), channel, 'hang up a left channel', log);
}

interface Meanwhile {
  /** Channels that ended since Asterisk was asked: whoever spoke with them is alone already. */
  readonly gone: ReadonlySet<string>;
  readonly isRunning: (call: string) => boolean;
}

/** Whoever has a call of their own by then is in it. */
function endTogether(
  ari: Exchange & Pick<Ari, 'events'>,
  { id: bridge, channels: inside }: BridgeSighting,
  { gone, isRunning }: Meanwhile,
  log: Log,
): void {
  const end = (left: string) => {
    for (const channel of inside) if (channel !== left && !isRunning(channel)) void hangUp(ari, channel, log);
    void ari.removeBridge(bridge);
  };
  const first = inside.find((channel) => gone.has(channel));
  if (first !== undefined) return end(first);
  const hear = (event: ExchangeEvent) => {
    if (event.type !== 'ChannelGone' || !inside.includes(event.channel)) return;
    ari.events.off('event', hear);
    end(event.channel);
  };
  ari.events.on('event', hear);
}
