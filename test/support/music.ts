import { sampleRate } from './audio.ts';
import { mix, type Voice } from './dial-tones.ts';

/** Music made by the rules of its instruments: notes are numbered as MIDI does, 69 being the A of 440 Hz. */

interface Instrument {
  /** Loudness of each harmonic in dB, the first being the note itself. */
  readonly harmonics: readonly number[];
  /** How its loudness goes after the note begins: 0 to 1 by seconds, of a note so many seconds long. */
  readonly shape: (t: number, length: number) => number;
  /** Wavering of the pitch, as a share of it, about six times a second. */
  readonly vibrato: number;
}

const held = (t: number, length: number) => Math.min(1, t / 0.04, Math.max(0, (length - t) / 0.04));
const struck = (t: number, length: number) => held(t, length) * Math.exp(-2 * t);

export const instruments = {
  organ: { harmonics: [0, -3, -6, -9, -12, -15], shape: held, vibrato: 0 },
  piano: { harmonics: [0, -6, -10, -14, -18], shape: struck, vibrato: 0 },
  strings: { harmonics: [0, -5, -8, -12, -15, -18, -20], shape: held, vibrato: 0.006 },
  brass: { harmonics: [-3, 0, -2, -5, -8, -12], shape: held, vibrato: 0.002 },
  flute: { harmonics: [0, -12, -20], shape: held, vibrato: 0.004 },
  voice: { harmonics: [0, -4, -12, -18, -16, -20], shape: held, vibrato: 0.01 },
  whistle: { harmonics: [0], shape: held, vibrato: 0.008 },
  sine: { harmonics: [0], shape: held, vibrato: 0 },
} as const satisfies Record<string, Instrument>;

export type InstrumentName = keyof typeof instruments;

const pitch = (note: number) => 440 * 2 ** ((note - 69) / 12);

/** Chords one after another, each for `seconds`. */
export function chords(name: InstrumentName, notes: readonly (readonly number[])[], seconds: number): Int16Array {
  const { harmonics, shape, vibrato }: Instrument = instruments[name];
  const played = notes.map((chord) => {
    const voices = chord.flatMap((note, i) =>
      harmonics.flatMap((dB, h): Voice[] => {
        const hz = pitch(note) * (h + 1);
        if (hz > sampleRate / 2.2) return [];
        const wavering = (t: number) => hz * (1 + vibrato * Math.sin(2 * Math.PI * (5.5 + 0.3 * i) * t));
        return [{ hz: wavering, dBm0: -18 + dB, loudness: (t) => shape(t, seconds) }];
      }),
    );
    return mix(voices, seconds * 1000);
  });
  const whole = new Int16Array(played.reduce((length, { length: more }) => length + more, 0));
  let at = 0;
  for (const part of played) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The F and A above middle C, 349.2 and 440 Hz: what comes nearest to a dial tone. */
export const nearest: readonly number[] = [65, 69];

const triads = [0, 5, 7, 2, 9, 4].flatMap((root) => [
  [60 + root, 64 + root, 67 + root],
  [57 + root, 60 + root, 64 + root],
]);
const scale = Array.from({ length: 25 }, (_, i) => [55 + i]);
const thirds = Array.from({ length: 20 }, (_, i) => [55 + i, 59 + i]);

/** Their F and A together are as good as a dial tone. */
const nearlyPure: readonly InstrumentName[] = ['sine', 'whistle', 'flute'];

/** Scales, thirds, triads and the chords that hold F and A, slowly and quickly, on every instrument. */
export function music(): Record<string, () => Int16Array> {
  const around = [
    [53, 57, 60, 65, 69],
    [65, 69, 72],
    [60, 65, 69],
    [62, 65, 69],
    [41, 65, 69],
    [65, 69, 77],
  ];
  const pieces: Record<string, () => Int16Array> = {};
  for (const name of Object.keys(instruments) as InstrumentName[]) {
    pieces[`${name}: scale`] = () => chords(name, scale, 0.3);
    pieces[`${name}: triads`] = () => chords(name, triads, 1);
    pieces[`${name}: chords around F and A, 2 s each`] = () => chords(name, around, 2);
    pieces[`${name}: thirds, half a second each`] = () => chords(name, thirds, 0.5);
    if (!nearlyPure.includes(name)) pieces[`${name}: F and A alone, 3 s`] = () => chords(name, [nearest], 3);
  }
  return pieces;
}
