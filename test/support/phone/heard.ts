import { type Found, findMarker, findSound, firstSound, type Marker, whichSound, writeWav } from '../audio.ts';
import { digitsIn, type RtpPacket, samplesOf } from './rtp.ts';

const samplesPerMs = 8;
/**
 * A timestamp that disagrees with the arrival by more than this begins a new stretch of audio; a packet that directly
 * follows the last may be noticed later than that, by a test that was busy.
 */
const newStretchMs = 200;
const noticedLateMs = 2000;

/** Audio heard from one moment to another, in milliseconds on the clock of `now()`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * What a phone has heard, laid on one line of time: within a stretch the RTP timestamps place the samples (so jitter
 * does not tear words), and each stretch begins where its first packet arrived. Nothing received reads as silence.
 */
export class Heard {
  /** Arrival of the first audio packet; null when none came. */
  readonly startedAt: number | null;
  /** 8 kHz; sample n was heard at `startedAt + n / 8`. */
  readonly samples: Int16Array;
  /** Keys the far end pressed, whether by RFC 4733 or by INFO. */
  readonly digits: readonly { readonly digit: string; readonly at: number }[];

  constructor(packets: readonly RtpPacket[], infoDigits: readonly { digit: string; at: number }[]) {
    const { startedAt, samples } = layOut(packets);
    this.startedAt = startedAt;
    this.samples = samples;
    this.digits = [...digitsIn(packets), ...infoDigits].sort((a, b) => a.at - b.at);
  }

  /** The keys as one string. */
  get keys(): string {
    return this.digits.map(({ digit }) => digit).join('');
  }

  /** Where the sound was heard, wholly or in part (then `complete` is false); null when it was not. */
  find(sound: Int16Array, after = 0): (Found & Span) | null {
    const skip = this.#sampleAt(after);
    const found = findSound(sound, this.samples.subarray(skip));
    if (found === null) return null;
    return { ...found, ...this.#span(found.start + skip, found.end + skip) };
  }

  /** Every stretch in which the marker was heard. */
  marker(marker: Marker): Span[] {
    return findMarker(marker, this.samples).map(({ start, end }) => this.#span(start, end));
  }

  /** The name of the one sound among these that was heard best after `after`; null when none was. */
  which(sounds: Readonly<Record<string, Int16Array>>, after = 0): string | null {
    return whichSound(sounds, this.samples.subarray(this.#sampleAt(after)));
  }

  /** When anything louder than silence was first heard. */
  firstSoundAt(after = 0): number | null {
    const skip = this.#sampleAt(after);
    const start = firstSound(this.samples.subarray(skip));
    return start === null ? null : this.#span(start + skip, start + skip).from;
  }

  save(path: string): void {
    writeWav(path, this.samples);
  }

  #sampleAt(time: number): number {
    return Math.max(0, Math.round((time - (this.startedAt ?? 0)) * samplesPerMs));
  }

  #span(start: number, end: number): Span {
    const startedAt = this.startedAt ?? 0;
    return { from: startedAt + start / samplesPerMs, to: startedAt + end / samplesPerMs };
  }
}

function layOut(packets: readonly RtpPacket[]): { startedAt: number | null; samples: Int16Array } {
  const placed: { at: number; samples: Int16Array }[] = [];
  let stretch: { ssrc: number; timestamp: number; at: number } | null = null;
  let startedAt: number | null = null;
  let last: RtpPacket | null = null;
  let length = 0;
  for (const packet of packets) {
    const samples = samplesOf(packet);
    if (samples === null) continue;
    startedAt ??= packet.at;
    const arrived = Math.round((packet.at - startedAt) * samplesPerMs);
    const expected: number = stretch === null ? arrived : stretch.at + ((packet.timestamp - stretch.timestamp) | 0);
    const late: number = Math.abs(arrived - expected) / samplesPerMs;
    const tolerated = last !== null && follows(packet, last, samples.length) ? noticedLateMs : newStretchMs;
    last = packet;
    if (stretch === null || stretch.ssrc !== packet.ssrc || late > tolerated) {
      stretch = { ssrc: packet.ssrc, timestamp: packet.timestamp, at: Math.max(arrived, 0) };
    }
    const at: number = stretch.at + ((packet.timestamp - stretch.timestamp) | 0);
    if (at < 0) continue;
    placed.push({ at, samples });
    length = Math.max(length, at + samples.length);
  }
  const line = new Int16Array(length);
  for (const { at, samples } of placed) line.set(samples, at);
  return { startedAt, samples: line };
}

function follows(packet: RtpPacket, last: RtpPacket, samples: number): boolean {
  const isNext = packet.sequence === ((last.sequence + 1) & 0xffff);
  return isNext && packet.ssrc === last.ssrc && ((packet.timestamp - last.timestamp) | 0) === samples;
}
