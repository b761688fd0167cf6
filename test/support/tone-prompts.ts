import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PromptName, promptNames } from '../../services/core/call.ts';
import { joined, silence, tones, writeWav } from './audio.ts';
import { energyOf } from './phone/energy.ts';

/**
 * A quarter of a second of two tones of its own in place of each prompt: a call's words are over in no time, and what a
 * capture heard is read off it like a text. For tests of what is said and when; how it sounds is tested with the real ones.
 */

export type SpokenName = PromptName | `digit-${number}`;

/** A prompt heard in a capture, in samples. */
export interface Spoken {
  readonly name: SpokenName;
  readonly start: number;
  readonly end: number;
}

// Apart from the parties' markers, from DTMF and from ringing tones; a pair names a prompt.
const lows = [500, 560, 620, 680, 740, 800, 860, 920, 980];
const highs = [1300, 1420, 1540, 1660, 1780, 1920, 2040];
const digitNames = Array.from({ length: 10 }, (_, digit) => `digit-${digit}` as const);
const names: readonly SpokenName[] = [...promptNames, ...digitNames];
if (names.length > lows.length * highs.length) throw new Error('more prompts than pairs of tones: add a frequency');
const [toneMs, gapMs] = [220, 40];

/** Writes them to a folder for the setting `sounds.folder`. */
export function makeTonePrompts(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'clearline-tones-'));
  names.forEach((name, i) => {
    const pair = [lows[i % lows.length] ?? 0, highs[Math.floor(i / lows.length)] ?? 0];
    writeWav(join(folder, `${name}.wav`), joined(tones(pair, toneMs, 0.5), silence(gapMs)));
  });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

const [window, hop, leastLong] = [400, 200, 900];

/** Every prompt heard for at least 110 ms, in order: alone, or above a quieter voice. */
export function readTonePrompts(samples: Int16Array): Spoken[] {
  const heard: Spoken[] = [];
  for (let start = 0; start + window <= samples.length; start += hop) {
    const name = nameOf(samples.subarray(start, start + window));
    const last = heard.at(-1);
    const end = start + window;
    if (name === null) continue;
    if (last?.name === name && start <= last.end) heard[heard.length - 1] = { ...last, end };
    else heard.push({ name, start, end });
  }
  return heard.filter(({ start, end }) => end - start >= leastLong);
}

function nameOf(frame: Int16Array): SpokenName | null {
  const energy = energyOf(frame);
  if (energy < window * 500 ** 2) return null;
  const [low, lowEnergy] = strongest(lows, frame);
  const [high, highEnergy] = strongest(highs, frame);
  if (lowEnergy + highEnergy < 0.7 * energy || Math.min(lowEnergy, highEnergy) < 0.2 * energy) return null;
  return names[high * lows.length + low] ?? null;
}

/** Index and energy of the strongest of these frequencies (Goertzel). */
function strongest(frequencies: readonly number[], frame: Int16Array): [index: number, energy: number] {
  let best: [number, number] = [0, 0];
  frequencies.forEach((hz, index) => {
    const turn = 2 * Math.cos((2 * Math.PI * hz) / 8000);
    let [now, last] = [0, 0];
    for (const sample of frame) [now, last] = [sample + turn * now - last, now];
    const energy = (2 * (now ** 2 + last ** 2 - turn * now * last)) / frame.length;
    if (energy > best[1]) best = [index, energy];
  });
  return best;
}
