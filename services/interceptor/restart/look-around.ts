import type { Ari } from '../../adapters/ari.ts';
import type { NoteOfEnd } from './noted-calls.ts';
import { awaited, type CallView, type Seen } from './resume.ts';

/** What of Asterisk is asked about calls that nobody watched for a while. */
export type Books = Pick<Ari, 'listChannels' | 'listBridges' | 'isOver'>;

/** How a call's first channel ended, as Asterisk noted; null where it has not. */
export type NoteOf = (channel: string) => Promise<NoteOfEnd | null>;

type Lists = Pick<Seen, 'channels' | 'bridges'>;

/** Null when Asterisk does not list them within a second. */
export async function listAll(books: Pick<Books, 'listChannels' | 'listBridges'>): Promise<Lists | null> {
  const [channels, bridges] = await Promise.all([books.listChannels(), books.listBridges()]);
  return channels && bridges && { channels: new Map(channels.map((channel) => [channel.id, channel])), bridges };
}

/** The rest of what there is to know of these calls: what they wait for, and how those ended who are gone. */
export async function askAbout(
  calls: readonly CallView[],
  { channels, bridges }: Lists,
  books: Pick<Books, 'isOver'>,
  noteOf: NoteOf,
): Promise<Seen> {
  const over = new Set<string>();
  const ended = new Map<string, NoteOfEnd>();
  const ask = async (what: 'playback' | 'recording', id: string) => {
    if ((await books.isOver(what, id)) === true) over.add(id);
  };
  await Promise.all(
    calls.map(async (call) => {
      const { playbacks, recording } = awaited(call);
      const asked = playbacks.map((playback) => ask('playback', playback));
      if (recording !== null) asked.push(ask('recording', recording));
      await Promise.all(asked);
      const note = channels.has(call.id) ? null : await noteOf(call.id);
      if (note !== null) ended.set(call.id, note);
    }),
  );
  return { channels, bridges, over, ended };
}
