import { Buffer } from 'node:buffer';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type Codec, decode, encode } from './g711.ts';
import { now, type Peer } from './wire.ts';

/** One received RTP packet. `at` is its arrival in milliseconds on the clock of `now()`. */
export interface RtpPacket {
  readonly at: number;
  readonly ssrc: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly payloadType: number;
  readonly payload: Buffer;
}

export const payloadTypes: Record<Codec, number> = { PCMU: 0, PCMA: 8 };
/** The payload type we give RFC 4733 events, as Asterisk does by default. */
export const digitPayloadType = 101;

const frameMs = 20;
const frameSamples = 160;
const digitKeys = '0123456789*#ABCD';

/** Where and in what form the far end takes audio; `digits` is null when it takes no RFC 4733 events. */
export interface FarEnd extends Peer {
  readonly codec: Codec;
  readonly digits: number | null;
}

type Frame =
  | { readonly kind: 'audio'; readonly samples: Int16Array }
  | {
      readonly kind: 'event';
      readonly key: number;
      readonly elapsed: number;
      readonly first: boolean;
      readonly end: boolean;
      /** Told when the packet has left. */
      readonly sent: ((at: number) => void) | null;
    };

/**
 * A phone's RTP socket: it keeps whatever arrives, and from `talkTo` on sends 20 ms packets without a break (silence
 * when nothing else is asked for), as a telephone does.
 */
export class Media {
  readonly packets: RtpPacket[] = [];
  readonly #socket: Socket;
  #far: FarEnd | null = null;
  #clock: NodeJS.Timeout | undefined;
  #due = 0;
  #sequence = Math.floor(Math.random() * 0x8000);
  #timestamp = Math.floor(Math.random() * 0x10000000);
  #eventTimestamp = 0;
  readonly #ssrc = Math.floor(Math.random() * 0xffffffff);
  #started = false;
  #quiet = false;
  #closed = false;
  #playing: { samples: Int16Array; at: number; forever: boolean; done: () => void } | null = null;
  readonly #events: Frame[] = [];
  /** When the last packet of the latest RFC 4733 key left. */
  keyEndedAt: number | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (datagram) => this.#receive(datagram));
    socket.on('error', () => undefined);
  }

  static async open(host: string): Promise<Media> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
    socket.bind(0, host);
    await once(socket, 'listening');
    return new Media(socket);
  }

  /** Keys that are not let go of yet. */
  get keysLeft(): number {
    return this.#events.filter((frame) => frame.kind === 'event' && frame.end).length;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Starts sending to the far end; called again, only turns to a new address or codec. */
  talkTo(far: FarEnd): void {
    this.#far = far;
    if (this.#clock !== undefined) return;
    this.#due = now();
    this.#tick();
  }

  /** Sends the samples (8 kHz) once, in place of what was playing. Settles when the last is sent, or cut off. */
  play(samples: Int16Array, forever = false): Promise<void> {
    this.stop();
    this.#quiet = false;
    return new Promise((done) => {
      this.#playing = { samples, at: 0, forever, done };
    });
  }

  /** Back to silence. */
  stop(): void {
    this.#playing?.done();
    this.#playing = null;
  }

  /** Sends no packets at all, like a phone that has died. */
  sendNothing(): void {
    this.stop();
    this.#quiet = true;
  }

  /**
   * Queues an RFC 4733 digit: held for 120 ms, 80 ms until the next. Asterisk may see a shorter one twice. Settles with the
   * time at which it was let go.
   */
  press(digit: string): Promise<number> {
    const key = digitKeys.indexOf(digit.toUpperCase());
    if (digit.length !== 1 || key < 0) throw new Error(`no telephone has the key ${JSON.stringify(digit)}`);
    return new Promise((sent) => {
      for (let step = 1; step <= 6; step++) {
        const [first, end] = [step === 1, step === 6];
        this.#events.push({ kind: 'event', key, elapsed: step * frameSamples, first, end, sent: end ? sent : null });
      }
      for (let gap = 0; gap < 4; gap++) this.#events.push({ kind: 'audio', samples: new Int16Array(frameSamples) });
    });
  }

  /** Stops the sending; what was heard stays. */
  hush(): void {
    clearTimeout(this.#clock);
    this.#clock = undefined;
    this.#far = null;
    this.stop();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.hush();
    this.#socket.close();
  }

  #tick(): void {
    // On a busy machine a late timer makes up for the packets it missed, and gives up on more than 200 ms of them.
    if (now() - this.#due > 10 * frameMs) this.#due = now();
    while (now() >= this.#due) {
      this.#sendFrame();
      this.#due += frameMs;
    }
    this.#clock = setTimeout(() => this.#tick(), Math.max(1, this.#due - now()));
  }

  #sendFrame(): void {
    const frame = this.#events.shift() ?? { kind: 'audio' as const, samples: this.#nextSamples() };
    if (this.#far !== null && !this.#quiet) {
      if (frame.kind === 'audio') this.#sendAudio(this.#far, frame.samples);
      else if (this.#far.digits !== null) this.#sendEvent(this.#far, this.#far.digits, frame);
    }
    this.#timestamp += frameSamples;
  }

  #nextSamples(): Int16Array {
    const frame = new Int16Array(frameSamples);
    const playing = this.#playing;
    if (playing === null) return frame;
    frame.set(playing.samples.subarray(playing.at, playing.at + frameSamples));
    playing.at += frameSamples;
    if (playing.at >= playing.samples.length) {
      if (playing.forever) playing.at = 0;
      else this.stop();
    }
    return frame;
  }

  #sendAudio(far: FarEnd, samples: Int16Array): void {
    this.#send(far, payloadTypes[far.codec], !this.#started, this.#timestamp, encode(samples, far.codec));
    this.#started = true;
  }

  #sendEvent(far: FarEnd, payloadType: number, frame: Frame & { kind: 'event' }): void {
    if (frame.first) this.#eventTimestamp = this.#timestamp;
    const payload = Buffer.from([frame.key, (frame.end ? 0x80 : 0) | 10, frame.elapsed >> 8, frame.elapsed & 0xff]);
    // The end goes out three times, since its loss would leave the key down (RFC 4733 §2.5.1.4).
    for (let copy = 0; copy < (frame.end ? 3 : 1); copy++) {
      this.#send(far, payloadType, frame.first, this.#eventTimestamp, payload);
    }
    if (frame.end) this.keyEndedAt = now();
    frame.sent?.(now());
  }

  #send(far: FarEnd, payloadType: number, marker: boolean, timestamp: number, payload: Buffer): void {
    const head = Buffer.alloc(12);
    head[0] = 0x80;
    head[1] = (marker ? 0x80 : 0) | payloadType;
    head.writeUInt16BE(this.#sequence++ & 0xffff, 2);
    head.writeUInt32BE(timestamp >>> 0, 4);
    head.writeUInt32BE(this.#ssrc, 8);
    this.#socket.send(Buffer.concat([head, payload]), far.port, far.host);
  }

  #receive(datagram: Buffer): void {
    const at = now();
    const [first = 0, second = 0] = datagram;
    const payloadType = second & 0x7f;
    // RTCP of a neighbouring port may stray here: its types 200 to 204 look like 72 to 76 (RFC 5761 §4).
    if (datagram.length < 12 || first >> 6 !== 2 || (payloadType >= 72 && payloadType <= 76)) return;
    const extensionAt = 12 + 4 * (first & 0x0f);
    const hasExtension = (first & 0x10) !== 0;
    const start = hasExtension ? extensionAt + 4 + 4 * datagram.readUInt16BE(extensionAt + 2) : extensionAt;
    this.packets.push({
      at,
      ssrc: datagram.readUInt32BE(8),
      sequence: datagram.readUInt16BE(2),
      timestamp: datagram.readUInt32BE(4),
      payloadType,
      payload: datagram.subarray(start),
    });
  }
}

/** The samples of one packet; null for an event or a codec we never offered. */
export function samplesOf(packet: RtpPacket): Int16Array | null {
  if (packet.payloadType === payloadTypes.PCMU) return decode(packet.payload, 'PCMU');
  if (packet.payloadType === payloadTypes.PCMA) return decode(packet.payload, 'PCMA');
  return null;
}

/** The RFC 4733 digits among the packets, each once, however many packets told of it. */
export function digitsIn(packets: readonly RtpPacket[]): { digit: string; at: number }[] {
  const found = new Map<string, { digit: string; at: number }>();
  for (const packet of packets) {
    if (packet.payloadType !== digitPayloadType) continue;
    const event = `${packet.ssrc} ${packet.timestamp}`;
    if (!found.has(event)) found.set(event, { digit: digitKeys[packet.payload[0] ?? 16] ?? '?', at: packet.at });
  }
  return [...found.values()];
}
