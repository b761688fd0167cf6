/**
 * Hears a dial tone, 350 and 440 Hz together (ITU-T E.180 Supplement 2: the United Kingdom and North America), in what a
 * party sends. Whoever never hung up plays one so that the resident believes the line is new.
 *
 * Every 20 ms the last 50 ms are compared with the two tones. The phase by which each has moved on since then gives its
 * true frequency, and that in turn what a tone off its nominal frequency lost in the comparison. How loud it is plays no
 * part; how pure, how steady and how long does.
 */

const sampleRate = 8000;
const [low, high] = [350, 440];
/** A step of 20 ms and a window of 50: a tone 50 Hz off (400, as in ringing and busy) is 30 dB down in it. */
const hop = 160;
const size = 400;
/** Root mean square of the samples at about -46 dBm0: 0 dBm0 is 3.14 dB below a full-scale sine (ITU-T G.711). */
const quiet = 81;
/** How far each tone may be from its nominal frequency, as a share of that: 440 takes in the 450 Hz of older exchanges. */
const tolerance = 0.025;
/** How far it may wander from its average. A tape or a loudspeaker does less, a voice or a string does more. */
const wander = 0.006;
/** The two may differ by ±6 dB; what noise and G.711 do to the figure is added. */
const mostTwist = 10 ** 0.75;
/** The least share of all energy that is at the two frequencies: noise 5 dB below them passes, a chord of three does not. */
const leastPure = 0.75;

/** The most windows in a row that a tone without bursts may lack: 40 ms of lost packets spoil as many. */
const longestBreak = 5;
/** Steps from one window of a tone in bursts (a message waits) to the next, before what follows counts as another. */
const longestPause = 9;
/** The windows that fit into a tone of 600 ms, all of them but what packets lost inside it spoil. */
const steadySteps = 26;
const [steadyShare, burstShare] = [0.7, 0.2];
const burstSteps = 70;

const hann = Float64Array.from({ length: size }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (n + 0.5)) / size));
const sumOf = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0);
const weight = (2 * sumOf(hann.map((w) => w * w))) / sumOf(hann) ** 2;

interface Probe {
  readonly hz: number;
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
  /** Turns of the nominal tone in a step, in radians. */
  readonly advance: number;
}

const probes = [probe(low), probe(high)] as const;

function probe(hz: number): Probe {
  const turn = (2 * Math.PI * hz) / sampleRate;
  return {
    hz,
    real: hann.map((w, n) => w * Math.cos(turn * n)),
    imaginary: hann.map((w, n) => -w * Math.sin(turn * n)),
    advance: turn * hop,
  };
}

/** What a window holds of one tone: its share of the window's energy, as if it were where it should be, and its phase. */
interface Trace {
  readonly share: number;
  readonly phase: number;
}

/** A tone that goes on: counted in steps. */
interface Run {
  readonly began: number;
  readonly last: number;
  readonly heard: number;
  /** How far the two frequencies are from their nominal ones on the average, in Hz. */
  readonly off: readonly [number, number];
  /** Where the steady part began: no break in it is longer than `longestBreak`. */
  readonly steadyFrom: number;
  readonly steadyHeard: number;
}

/**
 * One listener for one party's audio. `feed` takes 8 kHz samples of 16 bits in chunks of any length and answers true once
 * 600 ms of dial tone have been heard (gaps of up to 40 ms do not count against it), or 1.5 s of one in short bursts;
 * and again for each 20 ms that it goes on.
 */
export class DialToneDetector {
  private readonly window = new Int16Array(size);
  private filled = size - hop;
  private step = 0;
  private phases: readonly [number, number] = [0, 0];
  private run: Run | null = null;

  feed(samples: Int16Array): boolean {
    let heard = false;
    for (let at = 0; at < samples.length; ) {
      const taken = Math.min(size - this.filled, samples.length - at);
      this.window.set(samples.subarray(at, at + taken), this.filled);
      this.filled += taken;
      at += taken;
      if (this.filled < size) break;
      heard = this.look() || heard;
      this.window.copyWithin(0, hop);
      this.filled = size - hop;
    }
    return heard;
  }

  private look(): boolean {
    this.step += 1;
    const off = this.measure();
    if (off !== null) this.run = extend(this.run, this.step, off);
    else if (this.run !== null && this.step - this.run.last > longestPause) this.run = null;
    return this.run !== null && this.run.last === this.step && isDialTone(this.run);
  }

  /** How far the two tones are from their nominal frequencies, in Hz; null when the window is not theirs. */
  private measure(): readonly [number, number] | null {
    const energy = energyIn(this.window);
    if (energy < quiet ** 2 * (3 / 8) * size) return null;
    const before = this.phases;
    const traces = [trace(probes[0], this.window, energy), trace(probes[1], this.window, energy)] as const;
    this.phases = [traces[0].phase, traces[1].phase];
    const off = [
      deviation(probes[0], before[0], traces[0].phase),
      deviation(probes[1], before[1], traces[1].phase),
    ] as const;
    if (Math.abs(off[0]) > tolerance * low || Math.abs(off[1]) > tolerance * high) return null;
    const shares = [traces[0].share * regained(off[0]), traces[1].share * regained(off[1])] as const;
    const isPure = shares[0] + shares[1] >= leastPure;
    const isEven = shares[0] < mostTwist * shares[1] && shares[1] < mostTwist * shares[0];
    return isPure && isEven ? off : null;
  }
}

/** Under the window, as the probes see it. */
function energyIn(window: Int16Array): number {
  let energy = 0;
  for (let n = 0; n < size; n += 1) energy += ((hann[n] ?? 0) * (window[n] ?? 0)) ** 2;
  return energy;
}

function trace({ real, imaginary }: Probe, window: Int16Array, energy: number): Trace {
  let [re, im] = [0, 0];
  for (let n = 0; n < size; n += 1) {
    const sample = window[n] ?? 0;
    re += (real[n] ?? 0) * sample;
    im += (imaginary[n] ?? 0) * sample;
  }
  return { share: (weight * (re * re + im * im)) / energy, phase: Math.atan2(im, re) };
}

/** In Hz, from what the phase moved on in a step beyond the nominal tone's; right up to ±25 Hz. */
function deviation({ advance }: Probe, before: number, now: number): number {
  const ahead = now - before - advance;
  return (Math.atan2(Math.sin(ahead), Math.cos(ahead)) * sampleRate) / (2 * Math.PI * hop);
}

/** By how much the share of a tone so far off is to be raised: the inverse of a Hann window's response, squared. */
function regained(hz: number): number {
  const bins = (hz * size) / sampleRate;
  if (Math.abs(bins) < 1e-6) return 1;
  return ((Math.PI * bins * (1 - bins * bins)) / Math.sin(Math.PI * bins)) ** 2;
}

/** A window at other frequencies is none of this tone's, unless the tone has hardly begun and may have been misread. */
function extend(run: Run | null, step: number, off: readonly [number, number]): Run {
  const fresh = { began: step, last: step, heard: 1, off, steadyFrom: step, steadyHeard: 1 };
  if (run === null || step - run.last > longestPause) return fresh;
  if (Math.abs(off[0] - run.off[0]) > wander * low || Math.abs(off[1] - run.off[1]) > wander * high) {
    return run.heard > 2 ? run : fresh;
  }
  const isSteady = step - run.last <= longestBreak + 1;
  const heard = run.heard + 1;
  return {
    ...run,
    last: step,
    heard,
    off: [run.off[0] + (off[0] - run.off[0]) / heard, run.off[1] + (off[1] - run.off[1]) / heard],
    steadyFrom: isSteady ? run.steadyFrom : step,
    steadyHeard: isSteady ? run.steadyHeard + 1 : 1,
  };
}

function isDialTone({ began, last, heard, steadyFrom, steadyHeard }: Run): boolean {
  const steady = last - steadyFrom + 1;
  const whole = last - began + 1;
  return (
    (steady >= steadySteps && steadyHeard >= steadyShare * steady) ||
    (whole >= burstSteps && heard >= burstShare * whole)
  );
}
