import { readFileSync, writeFileSync } from 'node:fs';
import { energyOf } from './phone/energy.ts';

export { type Found, findSound, whichSound } from './phone/match.ts';

/**
 * Telling what was heard: all at 8 kHz, samples of 16 bits, positions in samples. A prompt is found by comparing it with
 * the capture, another party's voice by a marker: two tones that no prompt, dial tone or key contains together.
 */

export const sampleRate = 8000;

/** Two frequencies in Hz, sounding together. */
export type Marker = readonly [low: number, high: number];

/** One a party. Apart from each other, from DTMF (697 to 1633 Hz) and from the tones of exchanges (350, 400, 440 Hz). */
export const markers = {
  caller: [1040, 1870],
  resident: [590, 2130],
  staff: [790, 2330],
  police: [1120, 2570],
} as const satisfies Record<string, Marker>;

/** The samples of a WAV file with 16-bit PCM, mono, 8 kHz. Throws on any other kind. */
export function readWav(path: string): Int16Array {
  const file = readFileSync(path);
  let samples: Int16Array | null = null;
  let format = '';
  for (let at = 12; at + 8 <= file.length; ) {
    const size = file.readUInt32LE(at + 4);
    const chunk = file.toString('latin1', at, at + 4);
    const body = file.subarray(at + 8, at + 8 + size);
    if (chunk === 'fmt ') {
      format = [body.readUInt16LE(0), body.readUInt16LE(2), body.readUInt32LE(4), body.readUInt16LE(14)].join(' ');
    }
    if (chunk === 'data') samples = Int16Array.from({ length: body.length >> 1 }, (_, i) => body.readInt16LE(2 * i));
    at += 8 + size + (size & 1);
  }
  if (samples === null || format !== `1 1 ${sampleRate} 16`) throw new Error(`${path} is not a mono 8 kHz WAV`);
  return samples;
}

export function writeWav(path: string, samples: Int16Array): void {
  const file = Buffer.alloc(44 + 2 * samples.length);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(sampleRate, 24);
  file.writeUInt32LE(2 * sampleRate, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(2 * samples.length, 40);
  samples.forEach((sample, i) => {
    file.writeInt16LE(sample, 44 + 2 * i);
  });
  writeFileSync(path, file);
}

/** Any number of tones together. `level` is the peak, 1 being full scale. */
export function tones(frequencies: readonly number[], ms: number, level = 0.4): Int16Array {
  const amplitude = (level * 32_767) / frequencies.length;
  return Int16Array.from({ length: Math.round((ms * sampleRate) / 1000) }, (_, i) =>
    frequencies.reduce((sum, hz) => sum + amplitude * Math.sin((2 * Math.PI * hz * i) / sampleRate), 0),
  );
}

/** White noise from a seed, the same each time. */
export function noise(ms: number, level = 0.2, seed = 1): Int16Array {
  let state = seed >>> 0;
  return Int16Array.from({ length: Math.round((ms * sampleRate) / 1000) }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state / 0xffffffff - 0.5) * 2 * level * 32_767;
  });
}

/** Noise whose loudness rises and falls as syllables do: what a prompt looks like where none is at hand. */
export function babble(ms: number, seed: number, level = 0.5): Int16Array {
  const loudness = noise(ms, 1, seed + 1000);
  return noise(ms, level, seed).map((sample, i) => {
    const syllable = Math.floor(i / 1200);
    const size = Math.abs((loudness[syllable] ?? 0) / 32_767);
    return sample * size * Math.abs(Math.sin((Math.PI * i) / 1200));
  });
}

export function silence(ms: number): Int16Array {
  return new Int16Array(Math.round((ms * sampleRate) / 1000));
}

export function joined(...parts: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Root mean square in dB below full scale; -Infinity for digital silence. */
export function loudnessOf(samples: Int16Array): number {
  return 10 * Math.log10(energyOf(samples) / Math.max(1, samples.length) / 32_768 ** 2);
}

const quiet = -50;

/** The first sample of the first 20 ms louder than -50 dB; null when all is quiet. */
export function firstSound(samples: Int16Array): number | null {
  for (let start = 0; start + 160 <= samples.length; start += 80) {
    if (loudnessOf(samples.subarray(start, start + 160)) > quiet) return start;
  }
  return null;
}

/** Energy at one frequency (Goertzel), on the scale of `energyOf`. */
function energyAt(hz: number, samples: Int16Array): number {
  const turn = 2 * Math.cos((2 * Math.PI * hz) / sampleRate);
  let [now, last] = [0, 0];
  for (const sample of samples) [now, last] = [sample + turn * now - last, now];
  return (2 * (now ** 2 + last ** 2 - turn * now * last)) / samples.length;
}

/**
 * Every stretch of at least 60 ms in which the marker sounds, alone or through speech that is no louder: half of the
 * energy is at its two frequencies, and a tenth at each.
 */
export function findMarker([low, high]: Marker, samples: Int16Array): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  const [window, hop, gap, least] = [240, 80, 400, 480];
  for (let start = 0; start + window <= samples.length; start += hop) {
    const frame = samples.subarray(start, start + window);
    const energy = energyOf(frame);
    if (loudnessOf(frame) < quiet - 10) continue;
    const parts = [energyAt(low, frame) / energy, energyAt(high, frame) / energy] as const;
    if (Math.min(...parts) < 0.1 || parts[0] + parts[1] < 0.5) continue;
    const last = found.at(-1);
    if (last !== undefined && start <= last.end + gap) last.end = start + window;
    else found.push({ start, end: start + window });
  }
  return found.filter(({ start, end }) => end - start >= least);
}
