import type { Ari } from '../../adapters/ari.ts';
import type { ChannelSighting } from '../../adapters/ari-http.ts';
import { listeningIds, mintedChannel, playbackOf } from '../exchange/ids.ts';
import type { CallView } from './resume.ts';

/** How long channels that are hung up may take to be gone, in milliseconds. */
const clearMs = 1_000;
/** As many playbacks as a call can have begun after the last of its journal was kept: that is a few hundredths of a second. */
const playbacksAhead = 3;

type Channels = ReadonlyMap<string, ChannelSighting>;
type Exchange = Pick<Ari, 'listChannels' | 'hangUp' | 'removeBridge' | 'stopPlaying'>;

/**
 * Ends what another process left under ids that these calls are to use anew: what listened for it, and sends to a port of its own;
 * and what it did after the last of a call's journal was kept. A telephone that rings unknown to its call would be no telephone to
 * ring, and behind an unknown ringing tone nothing is heard.
 */
export async function clearLeft(calls: readonly CallView[], channels: Channels, ari: Exchange): Promise<void> {
  const posts = calls
    .map(({ id }) => listeningIds(id))
    .filter(({ ear, wire }) => channels.has(ear) || channels.has(wire));
  const listening = posts.flatMap(({ ear, wire }) => [ear, wire]).filter((channel) => channels.has(channel));
  const ahead = calls.filter((call) => unknownTelephones(call, channels).length > 0);
  const left = [...listening, ...ahead.flatMap((call) => unknownTelephones(call, channels))];
  if (left.length === 0) return;
  await Promise.all([
    ...left.map((channel) => ari.hangUp(channel, 16)),
    ...ahead.flatMap(nextPlaybacks).map((playback) => ari.stopPlaying(playback)),
  ]);
  await Promise.all(posts.map(({ bridge }) => ari.removeBridge(bridge)));
  const deadline = performance.now() + clearMs;
  for (;;) {
    const here = new Set((await ari.listChannels())?.map(({ id }) => id));
    if (performance.now() > deadline || !left.some((channel) => here.has(channel))) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Only such as still ring: what was picked up, and has gone on to dial perhaps, is never touched. */
function unknownTelephones({ id, legs }: CallView, channels: Channels): string[] {
  return (['resident', 'staff'] as const)
    .filter((leg) => legs[leg] !== 'ringing' && legs[leg] !== 'up')
    .map((leg) => mintedChannel(id, leg))
    .filter((channel) => channels.get(channel)?.application === 'AppDial2');
}

function nextPlaybacks({ id, journal }: CallView): string[] {
  // One that was taken up before has played the same twice.
  const played = journal.flatMap((entry) =>
    'effect' in entry && entry.effect.do === 'Play' ? [entry.effect.playback] : [],
  );
  const begun = new Set(played).size;
  return Array.from({ length: playbacksAhead }, (_, index) => playbackOf(id, begun + index + 1));
}
