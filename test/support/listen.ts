import { findMarker, type Marker, sampleRate } from './audio.ts';
import type { PhoneCall } from './phone/call.ts';
import type { Span } from './phone/heard.ts';
import { readTonePrompts, type SpokenName } from './tone-prompts.ts';
import { until } from './until.ts';

/** Reads what a phone heard, where the site plays tone prompts; times are milliseconds on the clock of `now()`. */

export interface Word extends Span {
  readonly name: SpokenName;
}

interface Transcript {
  packets: number;
  words: Word[];
}

const transcripts = new WeakMap<PhoneCall, Transcript>();
/** Reading costs time that the phones' audio needs too: only what is new is read, and only when there is enough of it. */
const enoughPackets = 5;

/** The prompts heard so far, in order. */
function wordsOf(call: PhoneCall): readonly Word[] {
  const transcript = transcripts.get(call) ?? { packets: 0, words: [] };
  transcripts.set(call, transcript);
  const { packets } = call.media;
  const news = packets.length - transcript.packets;
  if (news === 0 || (news < enoughPackets && call.ended === null)) return transcript.words;
  transcript.packets = packets.length;
  const { samples, startedAt } = call.heard;
  if (startedAt === null) return transcript.words;
  // The last word may have been cut by the end of what was there: it is read again.
  const known = transcript.words.slice(0, -1);
  const last = transcript.words.at(-1);
  const from = Math.max(0, Math.floor(((last?.from ?? startedAt) - startedAt) * (sampleRate / 1000)));
  const timeOf = (sample: number) => startedAt + ((from + sample) * 1000) / sampleRate;
  const fresh = readTonePrompts(samples.subarray(from));
  transcript.words = [
    ...known,
    ...fresh.map(({ name, start, end }) => ({ name, from: timeOf(start), to: timeOf(end) })),
  ];
  return transcript.words;
}

export function heardNames(call: PhoneCall): SpokenName[] {
  return wordsOf(call).map(({ name }) => name);
}

/** Waits until this prompt has begun; `after` passes over what was heard before that time. */
export async function said(call: PhoneCall, name: SpokenName, { after = 0 } = {}): Promise<Word> {
  const found = await until(`"${name}" is heard (call ${call.id})`, () => {
    const word = wordsOf(call).find((each) => each.name === name && each.from > after);
    return word ?? (call.ended === null ? null : 'the end');
  });
  if (found !== 'the end') return found;
  throw new Error(`"${name}" was not heard before the call ended; heard: ${heardNames(call).join(', ')}`);
}

/** Waits for the digit that the caller is asked to press. */
export async function askedDigit(call: PhoneCall, after = 0): Promise<string> {
  const word = await until(`a digit is heard (call ${call.id})`, () =>
    wordsOf(call).find(({ name, from }) => name.startsWith('digit-') && from > after),
  );
  return word.name.slice('digit-'.length);
}

const recently = sampleRate;

/** Waits until the other party's marker is heard; fails at once where the call ends first. */
export async function hearsMarker(call: PhoneCall, marker: Marker): Promise<void> {
  const what = `the marker ${marker.join('+')} Hz is heard (call ${call.id})`;
  let looked = 0;
  const found = await until(what, () => {
    const { length } = call.media.packets;
    const { ended } = call;
    if (length < looked + enoughPackets && ended === null) return false;
    looked = length;
    return findMarker(marker, call.heard.samples.slice(-recently)).length > 0 || ended;
  });
  if (found !== true) throw new Error(`waited until ${what}, but the call ended: ${JSON.stringify(found)}`);
}
