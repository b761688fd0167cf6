import type { Ami } from '../adapters/ami.ts';
import type { Ari } from '../adapters/ari.ts';
import type { ExchangeEvent } from '../adapters/ari-events.ts';
import type { Log } from '../log.ts';
import { callOf } from './ids.ts';

/** How long the arrival of a call that is already in Asterisk's list may be on its way to us, in milliseconds. */
const settleMs = 500;

type Manager = Pick<Ami, 'redirect'>;
type Exchange = Pick<Ari, 'events' | 'listChannels' | 'listBridges' | 'hangUp' | 'continueInDialplan' | 'removeBridge'>;

/**
 * Calls in Asterisk that nobody runs: an earlier interceptor left them, or their arrival was lost with the connection.
 * Conversations go on, and end for everybody when one party goes; whoever was still waiting for a voice goes to the
 * dialplan's fallback, which announces, warns and rings. `isRunning` tells, by call id, those that are ours. Rejects when
 * Asterisk does not list its channels.
 */
export async function takeOverLeftCalls(
  ari: Exchange,
  ami: Manager,
  isRunning: (call: string) => boolean,
  log: Log,
): Promise<void> {
  const [channels, bridges] = await Promise.all([ari.listChannels(), ari.listBridges()]);
  if (channels === null || bridges === null) throw new Error('Asterisk does not list its channels');
  if (channels.length + bridges.length === 0) return;
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  const isLeft = (id: string) => !isRunning(callOf(id) ?? id);
  // A bridge that is not named after a call is the dialplan's own: a call to 999, perhaps.
  const left = bridges.filter(({ id }) => callOf(id) !== null && isLeft(id));
  const conversations = left.filter(({ channels: inside }) => inside.length > 1);
  const bridged = new Set(conversations.flatMap(({ channels: inside }) => inside));
  for (const channel of channels.filter(isLeft)) {
    if (bridged.has(channel)) continue;
    if (callOf(channel) !== null) void ari.hangUp(channel, 16);
    else void giveToFallback(ari, ami, channel);
  }
  for (const { id, channels: inside } of conversations) endTogether(ari, id, inside);
  for (const { id } of left.filter((bridge) => !conversations.includes(bridge))) void ari.removeBridge(id);
  if (conversations.length > 0)
    log.warn({ conversations: conversations.length }, 'taking over conversations of an earlier interceptor');
}

/** By AMI where ARI does not. A channel that the dialplan already has is not in Stasis, which ARI answers by 409. */
async function giveToFallback(ari: Exchange, ami: Manager, channel: string): Promise<void> {
  const reply = await ari.continueInDialplan(channel, 'fallback-inbound', 's');
  if (reply.ok || reply.gone || reply.why.startsWith('409 ')) return;
  await ami.redirect(channel, 'fallback-inbound', 's');
}

function endTogether(ari: Exchange, bridge: string, inside: readonly string[]): void {
  const hear = (event: ExchangeEvent) => {
    if (event.type !== 'ChannelGone' || !inside.includes(event.channel)) return;
    ari.events.off('event', hear);
    for (const channel of inside) if (channel !== event.channel) void ari.hangUp(channel, 16);
    void ari.removeBridge(bridge);
  };
  ari.events.on('event', hear);
}
