import type { Ari } from '../adapters/ari.ts';
import type { ExchangeEvent } from '../adapters/ari-events.ts';
import type { Log } from '../log.ts';
import { callOf } from './ids.ts';

/**
 * Calls that an earlier interceptor left in Asterisk. Conversations go on, and end for everybody when one party goes;
 * whoever was still waiting for a voice goes to the dialplan's fallback, which announces, warns and rings.
 */
export async function takeOverLeftCalls(ari: Ari, log: Log): Promise<void> {
  const [channels, bridges] = await Promise.all([ari.listChannels(), ari.listBridges()]);
  if (channels === null || bridges === null) throw new Error('Asterisk does not list its channels');
  const conversations = bridges.filter(({ channels: inside }) => inside.length > 1);
  const bridged = new Set(conversations.flatMap(({ channels: inside }) => inside));
  for (const channel of channels) {
    if (bridged.has(channel)) continue;
    if (callOf(channel) !== null) void ari.hangUp(channel, 16);
    // 409, not in Stasis, is the answer for a channel that the dialplan already has.
    else void ari.continueInDialplan(channel, 'fallback-inbound', 's');
  }
  for (const { id, channels: inside } of conversations) endTogether(ari, id, inside);
  for (const { id } of bridges.filter((bridge) => !conversations.includes(bridge))) void ari.removeBridge(id);
  if (conversations.length > 0)
    log.warn({ conversations: conversations.length }, 'taking over conversations of an earlier interceptor');
}

function endTogether(ari: Ari, bridge: string, inside: readonly string[]): void {
  const hear = (event: ExchangeEvent) => {
    if (event.type !== 'ChannelGone' || !inside.includes(event.channel)) return;
    ari.events.off('event', hear);
    for (const channel of inside) if (channel !== event.channel) void ari.hangUp(channel, 16);
    void ari.removeBridge(bridge);
  };
  ari.events.on('event', hear);
}
