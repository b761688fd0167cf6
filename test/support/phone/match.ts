import { energyOf } from './energy.ts';

/** A sound found in a capture. Positions in samples; `similarity` from 0 to 1, the share of the sound that was heard. */
export interface Found {
  readonly start: number;
  /** Where the last audible part that matched ends: well before the sound's own end when it was cut off. */
  readonly end: number;
  readonly similarity: number;
  /** The sound was heard, and to its end. */
  readonly complete: boolean;
}

const hop = 80;
const block = 800;
/** What counts as heard, of a block and of the whole. Short words of other prompts reach 0.8 at most, and never whole. */
const same = 0.75;
const leastSimilarity = 0.1;

/**
 * Finds a sound in a capture, after companding, and even when it was cut off. Loudness curves (10 ms steps) name the
 * likely places; there the samples themselves are compared, 100 ms at a time, which is what decides.
 * The samples must be the same recording: two readings of one sentence are different sounds.
 */
export function findSound(sound: Int16Array, capture: Int16Array): Found | null {
  const needle = curveOf(sound);
  const hay = curveOf(capture);
  const opening = needle.subarray(0, Math.min(needle.length, 150));
  const places = new Set([...likelyPlaces(needle, hay), ...likelyPlaces(opening, hay)]);
  const found = [...places].map((place) => compareAt(sound, capture, place * hop));
  const best = found.reduce<Found | null>((a, b) => (a === null || b.similarity > a.similarity ? b : a), null);
  return best !== null && best.similarity >= leastSimilarity ? best : null;
}

/** The name of the sound that matches best, if it was heard to its end. */
export function whichSound(sounds: Readonly<Record<string, Int16Array>>, capture: Int16Array): string | null {
  const scores = Object.entries(sounds).map(([name, sound]) => ({ name, found: findSound(sound, capture) }));
  scores.sort((a, b) => (b.found?.similarity ?? 0) - (a.found?.similarity ?? 0));
  const best = scores[0];
  return best?.found?.complete === true ? best.name : null;
}

/** Root of the energy of each 10 ms. */
function curveOf(samples: Int16Array): Float64Array {
  return Float64Array.from({ length: Math.floor(samples.length / hop) }, (_, i) =>
    Math.sqrt(energyOf(samples, i * hop, (i + 1) * hop)),
  );
}

/** The four best places for the curve; the capture counts as silent before and after itself. */
function likelyPlaces(needle: Float64Array, hay: Float64Array): number[] {
  const mean = needle.reduce((sum, value) => sum + value, 0) / Math.max(1, needle.length);
  const centred = needle.map((value) => value - mean);
  const scores = Float64Array.from({ length: hay.length }, (_, place) => {
    let [product, sum, squares] = [0, 0, 0];
    const end = Math.min(centred.length, hay.length - place);
    for (let i = 0; i < end; i++) {
      const value = hay[place + i] ?? 0;
      product += value * (centred[i] ?? 0);
      sum += value;
      squares += value * value;
    }
    return product / Math.sqrt(squares - (sum * sum) / centred.length + 1);
  });
  const peaks = [...scores.keys()].filter(
    (i) => (scores[i] ?? 0) > 0 && (scores[i] ?? 0) >= (scores[i - 1] ?? 0) && (scores[i] ?? 0) > (scores[i + 1] ?? 0),
  );
  return peaks.sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0)).slice(0, 4);
}

interface Block {
  readonly at: number;
  readonly energy: number;
}

function compareAt(sound: Int16Array, capture: Int16Array, place: number): Found {
  const blocks = loudBlocks(sound);
  const start = place + bestShift(sound, capture, place, blocks);
  const total = blocks.reduce((sum, { energy }) => sum + Math.sqrt(energy), 0);
  let [score, end] = [0, start];
  for (const { at, energy } of blocks) {
    const likeness = correlation(sound, capture, at, start + at);
    score += Math.max(0, likeness) * Math.sqrt(energy);
    if (likeness > same) end = start + at + block;
  }
  const lastBlock = blocks.at(-1)?.at ?? 0;
  const similarity = score / total;
  return { start, end, similarity, complete: similarity > same && end >= start + lastBlock + block };
}

/** The 100 ms blocks that carry the sound; pauses say nothing. */
function loudBlocks(sound: Int16Array): Block[] {
  const count = Math.max(1, Math.floor(sound.length / block));
  const blocks = Array.from({ length: count }, (_, i): Block => {
    return { at: i * block, energy: energyOf(sound, i * block, (i + 1) * block) + 1 };
  });
  const loudest = Math.max(...blocks.map(({ energy }) => energy));
  return blocks.filter(({ energy }) => energy > loudest / 1000);
}

/** The shift within 15 ms at which the blocks agree best, judged by the first and by the loudest. */
function bestShift(sound: Int16Array, capture: Int16Array, place: number, blocks: readonly Block[]): number {
  const loudest = [...blocks].sort((a, b) => b.energy - a.energy).slice(0, 8);
  const judges = [...new Set([...blocks.slice(0, 8), ...loudest])];
  let best = { shift: 0, score: Number.NEGATIVE_INFINITY };
  for (let shift = -120; shift <= 120; shift++) {
    const score = judges.reduce(
      (sum, { at }) => sum + Math.max(0, correlation(sound, capture, at, place + shift + at)) ** 2,
      0,
    );
    if (score > best.score) best = { shift, score };
  }
  return best.shift;
}

function correlation(sound: Int16Array, capture: Int16Array, at: number, place: number): number {
  let [product, own, other] = [0, 0, 0];
  const end = Math.min(block, sound.length - at);
  for (let i = 0; i < end; i++) {
    const a = sound[at + i] ?? 0;
    const b = capture[place + i] ?? 0;
    product += a * b;
    own += a * a;
    other += b * b;
  }
  return product / Math.sqrt(own * other + 1);
}
