import { readPcm, writePcm } from '../../services/wav.ts';
import { run } from './tools.ts';

/** Samples a second of the master and of the ordinary telephone. */
export const masterRate = 16_000;
export const telephoneRate = 8_000;

/**
 * Level of speech while there is speech, in dBov (0 is a full-scale square wave): 6 dB above the -26 dBov that telephone
 * networks plan with, for listeners who hear badly.
 */
export const speechLevel = -20;
const highestPeak = 10 ** (-1 / 20);
/** Below this, in dBov, the voice is not speaking yet. */
const silenceLevel = -50;
const leadMs = 20;
const tailMs = 40;
/** Against clicks where speech is cut out. */
const fadeMs = 5;

/**
 * A synthetic voice has less between 1 and 4 kHz than a woman's (measured against the long-term average of speech), and
 * that is where consonants lie, for listeners who have lost hearing there first.
 */
const brighten = 'gain -6 highpass 140 equalizer 320 1.5o -5 equalizer 2400 2.2o 9'.split(' ');

/** Cuts the silence before and after speech down to a few milliseconds. */
export function trim(samples: Int16Array, rate: number): Int16Array {
  const frame = Math.round(rate / 200);
  const loud: number[] = [];
  for (let at = 0; at + frame <= samples.length; at += frame) {
    if (levelOf(samples.subarray(at, at + frame)) > silenceLevel) loud.push(at);
  }
  const [first, last] = [loud.at(0), loud.at(-1)];
  if (first === undefined || last === undefined) throw new Error('the voice said nothing');
  const start = Math.max(0, first - samplesIn(leadMs, rate));
  const speech = samples.slice(start, last + frame + samplesIn(tailMs, rate));
  const fade = samplesIn(fadeMs, rate);
  return speech.map((sample, i) => Math.round(sample * Math.min(1, i / fade, (speech.length - 1 - i) / fade)));
}

/** Puts spoken pieces in a row, each with its silence after it. */
export function join(pieces: readonly { samples: Int16Array; pauseMs: number }[], rate: number): Int16Array {
  const parts = pieces.flatMap(({ samples, pauseMs }) => [samples, new Int16Array(samplesIn(pauseMs, rate))]);
  const whole = new Int16Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * A voice's raw speech to the 16 kHz master: brightened, and at the level that all prompts share on an ordinary telephone,
 * which carries vowels whole and little of an s.
 */
export function toMaster(samples: Int16Array, rate: number): Int16Array {
  const bright = sox(samples, rate, masterRate, brighten);
  const gain = 10 ** ((speechLevel - speechLevelOf(toTelephone(bright), telephoneRate)) / 20);
  const peak = bright.reduce((highest, sample) => Math.max(highest, Math.abs(sample)), 0) / 32768;
  if (peak * gain > highestPeak) throw new Error(`speech of ${speechLevel} dBov would peak above -1 dB of full scale`);
  return bright.map((sample) => Math.round(sample * gain));
}

/** "After the tone": 1 kHz for a quarter of a second at the level of speech, as a master. */
export function tone(): Int16Array {
  const length = samplesIn(250, masterRate);
  const fade = samplesIn(fadeMs, masterRate);
  const peak = 32768 * Math.SQRT2 * 10 ** (speechLevel / 20);
  return Int16Array.from({ length }, (_, i) => {
    const edge = Math.min(1, i / fade, (length - 1 - i) / fade);
    return Math.round(peak * edge * Math.sin((2 * Math.PI * 1000 * i) / masterRate));
  });
}

/** The master to 8 kHz, with nothing above 4 kHz folded back. */
export function toTelephone(master: Int16Array): Int16Array {
  return sox(master, masterRate, telephoneRate, []);
}

/**
 * Level of the speech in dBov, pauses left out: frames of 20 ms within 15 dB of the loudest count, close to the active
 * speech level of ITU-T P.56.
 */
export function speechLevelOf(samples: Int16Array, rate: number): number {
  const frame = samplesIn(20, rate);
  const levels: number[] = [];
  for (let at = 0; at + frame <= samples.length; at += frame) levels.push(levelOf(samples.subarray(at, at + frame)));
  const gate = Math.max(...levels) - 15;
  const powers = levels.filter((level) => level > gate).map((level) => 10 ** (level / 10));
  return 10 * Math.log10(powers.reduce((sum, power) => sum + power, 0) / powers.length);
}

function levelOf(samples: Int16Array): number {
  const power = samples.reduce((sum, sample) => sum + (sample / 32768) ** 2, 0) / samples.length;
  return 10 * Math.log10(power);
}

function samplesIn(ms: number, rate: number): number {
  return Math.round((ms * rate) / 1000);
}

/** Without dither (-D), so that the same speech gives the same bytes. */
function sox(samples: Int16Array, from: number, to: number, effects: readonly string[]): Int16Array {
  const raw = (rate: number) => ['-t', 'raw', '-r', `${rate}`, '-e', 'signed', '-b', '16', '-L', '-c', '1', '-'];
  const resample = from === to ? [] : ['rate', '-v', `${to}`];
  const args = ['-D', ...raw(from), ...raw(to), ...effects, ...resample];
  return readPcm(run('sox', args, { input: writePcm(samples) }));
}
