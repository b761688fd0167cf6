import { DialToneDetector } from '../../services/core/dial-tone.ts';
import { joined, sampleRate, silence } from './audio.ts';
import { type Codec, decode, encode } from './phone/g711.ts';

/** Sounds a dial tone detector must hear, and sounds it must not: 8 kHz, samples of 16 bits, levels in dBm0. */

/** Milliseconds of these samples after which a dial tone has been heard in them; null when it was not. */
export function heardAfter(samples: Int16Array, chunk = 160): number | null {
  const detector = new DialToneDetector();
  for (let at = 0; at < samples.length; at += chunk) {
    if (detector.feed(samples.subarray(at, at + chunk))) return ((at + chunk) * 1000) / sampleRate;
  }
  return null;
}

/** Amplitude of a sine of that level: 0 dBm0 lies 3.14 dB below full scale (ITU-T G.711). */
function amplitude(dBm0: number): number {
  return 32_768 * 10 ** ((dBm0 - 3.14) / 20);
}

/** One sound among others: a frequency that may change, at a loudness that may change; time in seconds. */
export interface Voice {
  readonly hz: number | ((t: number) => number);
  readonly dBm0: number;
  readonly loudness?: (t: number) => number;
}

/** Voices together, cut off at full scale as an overdriven line does. */
export function mix(voices: readonly Voice[], ms: number, clip = 32_767): Int16Array {
  const sum = new Float64Array(Math.round((ms * sampleRate) / 1000));
  for (const { hz, dBm0, loudness } of voices) {
    let phase = dBm0 + (typeof hz === 'number' ? hz : 0);
    const peak = amplitude(dBm0);
    for (let i = 0; i < sum.length; i += 1) {
      const t = i / sampleRate;
      phase += (2 * Math.PI * (typeof hz === 'number' ? hz : hz(t))) / sampleRate;
      sum[i] = (sum[i] ?? 0) + peak * Math.sin(phase) * (loudness?.(t) ?? 1);
    }
  }
  return Int16Array.from(sum, (value) => Math.max(-clip, Math.min(clip, Math.round(value))));
}

/** Gaussian noise of that level, from a seed. */
export function hiss(ms: number, dBm0: number, seed = 1): Int16Array {
  let state = (seed * 2_654_435_761) >>> 0;
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 1) / 2 ** 32;
  };
  const rms = amplitude(dBm0) / Math.SQRT2;
  return Int16Array.from({ length: Math.round((ms * sampleRate) / 1000) }, () =>
    Math.max(-32_768, Math.min(32_767, rms * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()))),
  );
}

export function added(a: Int16Array, b: Int16Array): Int16Array {
  return a.map((sample, i) => Math.max(-32_768, Math.min(32_767, sample + (b[i] ?? 0))));
}

/** The samples at another level: dB up or down, cut off at full scale. */
export function louder(samples: Int16Array, dB: number): Int16Array {
  return samples.map((sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * 10 ** (dB / 20)))));
}

export function through(codec: Codec | 'none', samples: Int16Array): Int16Array {
  return codec === 'none' ? samples : decode(encode(samples, codec), codec);
}

/** Every so many milliseconds a hole of `lostMs` of silence, as lost packets leave; `phase` moves the first. */
export function withLoss(samples: Int16Array, lostMs: number, everyMs: number, phase = 0): Int16Array {
  const [lost, every] = [(lostMs * sampleRate) / 1000, (everyMs * sampleRate) / 1000];
  return samples.map((sample, i) => ((i + phase) % every < lost ? 0 : sample));
}

export interface DialTone {
  readonly ms?: number;
  /** Level of the stronger tone. */
  readonly dBm0?: number;
  /** How much the higher tone is above the lower, in dB. */
  readonly twist?: number;
  /** Both frequencies off by this share. */
  readonly off?: number;
  readonly clip?: number;
}

/** What Clearline listens for. */
export function dialTone({ ms = 1000, dBm0 = -13, twist = 0, off = 0, clip }: DialTone = {}): Int16Array {
  const voices = [
    { hz: 350 * (1 + off), dBm0: dBm0 - Math.max(0, twist) },
    { hz: 440 * (1 + off), dBm0: dBm0 + Math.min(0, twist) },
  ];
  return mix(voices, ms, clip);
}

/** A cadence of tones: each step is its frequencies (none for silence) and its milliseconds, over and over. */
export function cadence(steps: readonly (readonly [hz: readonly number[], ms: number])[], ms: number, dBm0 = -13) {
  const one = joined(
    ...steps.map(([hz, length]) =>
      hz.length === 0
        ? silence(length)
        : mix(
            hz.map((each) => ({ hz: each, dBm0 })),
            length,
          ),
    ),
  );
  const times = Math.ceil((ms * sampleRate) / 1000 / one.length);
  return joined(...Array.from({ length: times }, () => one)).slice(0, (ms * sampleRate) / 1000);
}

/** The tones of exchanges that are no dial tone (ITU-T E.180 Supplement 2), and machines. */
export function otherTones(): Record<string, Int16Array> {
  const sweep = (from: number, to: number, s: number) => (t: number) => from + ((to - from) * (t % s)) / s;
  const wail = (t: number) => 395 + 45 * Math.sin((2 * Math.PI * t) / 4);
  const one = (hz: Voice['hz'], dBm0 = -10) => mix([{ hz, dBm0 }], 10_000);
  return {
    'UK ringing, 400+450': cadence(
      [
        [[400, 450], 400],
        [[], 200],
        [[400, 450], 400],
        [[], 2000],
      ],
      12_000,
    ),
    'UK ringing without its pauses': cadence([[[400, 450], 1000]], 5_000),
    'UK busy, 400': cadence(
      [
        [[400], 375],
        [[], 375],
      ],
      6_000,
    ),
    'UK congestion, 400': cadence(
      [
        [[400], 400],
        [[], 350],
        [[400], 225],
        [[], 525],
      ],
      6_000,
    ),
    'UK number unobtainable, 400': cadence([[[400], 5000]], 5_000),
    'UK information tone, 950, 1400, 1800': cadence(
      [
        [[950], 330],
        [[1400], 330],
        [[1800], 330],
        [[], 1000],
      ],
      6_000,
    ),
    'UK call waiting, 400': cadence(
      [
        [[400], 100],
        [[], 2000],
      ],
      8_000,
    ),
    'US ringing, 440+480': cadence(
      [
        [[440, 480], 2000],
        [[], 4000],
      ],
      12_000,
    ),
    'US ringing without its pauses': cadence([[[440, 480], 5000]], 5_000),
    'US busy, 480+620': cadence(
      [
        [[480, 620], 500],
        [[], 500],
      ],
      6_000,
    ),
    'US call waiting, 440': cadence(
      [
        [[440], 300],
        [[], 1000],
      ],
      6_000,
    ),
    'European dial tone, 425': cadence([[[425], 5000]], 5_000),
    'French dial tone of old, 330+440': cadence([[[330, 440], 5000]], 5_000),
    '350 alone': cadence([[[350], 5000]], 5_000),
    '440 alone': cadence([[[440], 5000]], 5_000),
    '350 and 440 in turn': cadence(
      [
        [[350], 300],
        [[440], 300],
      ],
      6_000,
    ),
    '350 and 440 in quick turn': cadence(
      [
        [[350], 40],
        [[440], 40],
      ],
      6_000,
    ),
    '350+440 and a third, 523': cadence([[[350, 440, 523], 5000]], 5_000),
    '375+415': cadence([[[375, 415], 5000]], 5_000),
    '335+460': cadence([[[335, 460], 5000]], 5_000),
    'fax call, 1100': cadence(
      [
        [[1100], 500],
        [[], 3000],
      ],
      8_000,
    ),
    'fax answer, 2100': cadence([[[2100], 4000]], 4_000),
    'modem, 1650': cadence([[[1650, 1850], 4000]], 4_000),
    'mains hum, 50 and its multiples': cadence([[[50, 100, 150, 200, 250, 300, 350, 400, 450], 4000]], 4_000),
    'siren, 650 to 1500': one(sweep(650, 1500, 3)),
    'siren in two notes, 440 and 585': cadence(
      [
        [[440], 500],
        [[585], 500],
      ],
      8_000,
    ),
    'siren in two notes, 350 and 440': cadence(
      [
        [[350], 600],
        [[440], 600],
      ],
      8_000,
    ),
    'slow wail over 350 to 440': one(wail),
    'two sweeps through 350 and 440': mix(
      [
        { hz: sweep(300, 400, 4), dBm0: -13 },
        { hz: sweep(390, 490, 4), dBm0: -13 },
      ],
      12_000,
    ),
    'sweep, 50 to 3900': one(sweep(50, 3900, 10)),
    silence: silence(5_000),
  };
}

const dtmfLow = [697, 770, 852, 941];
const dtmfHigh = [1209, 1336, 1477, 1633];

/** The sixteen keys, each held for a second. */
export function keys(): Record<string, Int16Array> {
  return Object.fromEntries(
    dtmfLow.flatMap((l, row) =>
      dtmfHigh.map((h, column) => [
        `key ${'123A456B789C*0#D'[row * 4 + column]}`,
        cadence(
          [
            [[l, h], 1000],
            [[], 100],
          ],
          2_200,
        ),
      ]),
    ),
  );
}
