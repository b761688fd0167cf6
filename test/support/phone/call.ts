import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../until.ts';
import { type Dialog, newBranch, requestIn } from './dialog.ts';
import type { Codec } from './g711.ts';
import { Heard, type Span } from './heard.ts';
import { answerTo, causeOf, compose, header, type Line, methodOf, type SipMessage } from './message.ts';
import type { Media } from './rtp.ts';
import { type Direction, readSdp, writeSdp } from './sdp.ts';
import { now, type Wire } from './wire.ts';

/** How a call ended. `status` is the final response to the INVITE (200 for one that was answered). */
export interface Ended {
  readonly at: number;
  readonly by: 'us' | 'them';
  readonly how: 'bye' | 'cancel' | 'refused';
  readonly status: number;
  /** Q.850 cause of the far end's Reason header, where it gave one. */
  readonly cause: number | null;
}

export interface CallParts {
  readonly wire: Wire;
  readonly media: Media;
  readonly dialog: Dialog;
  readonly codecs: readonly Codec[];
}

/** How long a key that is told by SIP INFO was held: Asterisk reports it when that time is over. */
const infoMs = 160;

const reasons: Record<number, string> = {
  180: 'Ringing',
  183: 'Session Progress',
  200: 'OK',
  480: 'Temporarily Unavailable',
  486: 'Busy Here',
  487: 'Request Terminated',
  603: 'Decline',
};

/**
 * One call on a test phone, either way round. Times are milliseconds on the clock of `now()`: of the datagram's arrival
 * or departure, not of the test's notice of it.
 */
export abstract class PhoneCall {
  readonly id: string;
  readonly media: Media;
  ringingAt: number | null = null;
  answeredAt: number | null = null;
  ended: Ended | null = null;
  /** The latest response to the INVITE that the caller has; 0 before the first. */
  status = 0;
  /** A phone that never answers a BYE or CANCEL, and goes on talking. */
  ignoresGoodbye = false;
  /** A phone that answers a BYE as it should, and goes on sending what it was playing. */
  goesOnTalking = false;
  /** What this phone does when a BYE comes, before it answers that, or does not. */
  onGoodbye: (() => void) | null = null;
  /** When the far end answered our BYE. */
  byeAnsweredAt: number | null = null;
  protected readonly wire: Wire;
  protected readonly dialog: Dialog;
  readonly #codecs: readonly Codec[];
  /** Of the latest INVITE we sent: the ACK of a refusal, and a CANCEL, carry the same. */
  protected branch = '';
  readonly #infoDigits: { digit: string; at: number }[] = [];
  #sdpVersion = 0;

  constructor(parts: CallParts) {
    this.wire = parts.wire;
    this.media = parts.media;
    this.dialog = parts.dialog;
    this.id = parts.dialog.callId;
    this.#codecs = parts.codecs;
  }

  /** What has been heard so far. */
  get heard(): Heard {
    return new Heard(this.media.packets, this.#infoDigits);
  }

  async untilRinging(ms?: number): Promise<number> {
    return this.#untilTime('it rings', () => this.ringingAt, ms);
  }

  async untilAnswered(ms?: number): Promise<number> {
    return this.#untilTime('it is answered', () => this.answeredAt, ms);
  }

  async untilEnded(ms?: number): Promise<Ended> {
    return until(`call ${this.id} has ended`, () => this.ended, ms);
  }

  /**
   * Waits until the sound was heard to its end, and says when. Looks once for every 200 ms of new audio; `after` passes
   * over what was heard before that time.
   */
  async untilHeard(name: string, sound: Int16Array, ms = 30_000, after = 0): Promise<Span> {
    let looked = 0;
    const find = (): Span | null => {
      const heard = this.media.packets.length;
      if (heard === looked || (heard < looked + 10 && this.ended === null)) return null;
      looked = heard;
      const found = this.heard.find(sound, after);
      return found?.complete === true ? found : null;
    };
    return until(`"${name}" is heard (call ${this.id})`, find, ms);
  }

  /** Presses keys, as RFC 4733 events in the audio stream or as SIP INFO. */
  press(keys: string, way: 'rtp' | 'info' = 'rtp'): void {
    for (const key of keys) {
      if (way === 'rtp') void this.media.press(key);
      else this.#pressByInfo(key);
    }
  }

  /** Presses keys as a hand does, one after the other, and gives the time at which the last was let go. */
  async dial(keys: string, { way = 'rtp' as 'rtp' | 'info', pauseMs = 0 } = {}): Promise<number> {
    let letGo = now();
    for (const [index, key] of [...keys].entries()) {
      if (index > 0 && pauseMs > 0) await pause(pauseMs);
      if (way === 'info') this.#pressByInfo(key);
      letGo = way === 'rtp' ? await this.media.press(key) : now() + infoMs;
    }
    return letGo;
  }

  /** When the last packet of the last key left that was pressed this way; null before the first. */
  digitSentAt(way: 'rtp' | 'info'): number | null {
    if (way === 'rtp') return this.media.keyEndedAt;
    const sent = this.wire.log.findLast(
      ({ way, text }) => way === 'sent' && text.startsWith('INFO ') && text.includes(this.id),
    );
    return sent?.at ?? null;
  }

  /** Sends any request inside the call (REFER, INFO, OPTIONS …). */
  request(method: string, lines: readonly Line[] = [], body = ''): void {
    this.dialog.sequence++;
    this.send(method, lines, body);
  }

  /** Puts the far end on hold by re-INVITE. */
  hold(): void {
    this.request('INVITE', ['Content-Type: application/sdp'], this.sdp('sendonly'));
  }

  resume(): void {
    this.request('INVITE', ['Content-Type: application/sdp'], this.sdp('sendrecv'));
  }

  /** Hangs up an answered call. */
  hangUp(): void {
    if (this.ended !== null) return;
    this.request('BYE');
    this.end({ at: now(), by: 'us', how: 'bye', status: 200, cause: null });
  }

  /** Messages of this call come here from the phone. */
  receive(message: SipMessage, at: number): void {
    if (message.status > 0) this.receiveResponse(message, at);
    else this.receiveRequest(message, at);
  }

  protected receiveResponse(message: SipMessage, at: number): void {
    if (methodOf(message) === 'BYE') this.byeAnsweredAt ??= at;
    if (methodOf(message) === 'INVITE' && message.status >= 200) this.acknowledge(message);
  }

  protected receiveRequest(message: SipMessage, at: number): void {
    switch (message.method) {
      case 'ACK':
        return;
      case 'BYE':
        this.onGoodbye?.();
        if (this.ignoresGoodbye) return;
        this.reply(message, 200);
        this.end({ at, by: 'them', how: 'bye', status: 200, cause: causeOf(message) });
        return;
      case 'INVITE':
      case 'UPDATE':
        this.listenTo(message);
        if (message.body === '') this.reply(message, 200);
        else this.reply(message, 200, ['Content-Type: application/sdp'], this.sdp('sendrecv'));
        return;
      case 'INFO':
        this.#noteInfoDigit(message, at);
        this.reply(message, 200);
        return;
      default:
        this.reply(message, 200);
    }
  }

  /** Sends a request with the dialog's present number, and gives the time it left. */
  protected send(method: string, lines: readonly Line[], body: string): number {
    const branch = newBranch();
    if (method === 'INVITE') this.branch = branch;
    const request = requestIn(this.dialog, method, { branch, lines });
    return this.wire.request(compose(request.start, request.lines, body));
  }

  /** The ACK of a 200 is a transaction of its own; that of a refusal belongs to its INVITE's (RFC 3261 §17.1.1.3). */
  protected acknowledge(response: SipMessage): void {
    const sequence = Number.parseInt(header(response, 'cseq'), 10);
    const branch = response.status < 300 ? newBranch() : this.branch;
    const request = requestIn({ ...this.dialog, remote: header(response, 'to') }, 'ACK', { sequence, branch });
    this.wire.send(compose(request.start, request.lines));
  }

  protected reply(request: SipMessage, status: number, lines: readonly Line[] = [], body = ''): number {
    const contact = `Contact: <${this.dialog.contact}>`;
    const reason = reasons[status] ?? 'Because';
    return this.wire.answer(
      request,
      answerTo(request, status, reason, this.dialog.localTag, [contact, ...lines], body),
    );
  }

  protected sdp(direction: Direction): string {
    this.#sdpVersion++;
    return writeSdp({ host: this.wire.local.host, port: this.media.port }, this.#codecs, this.#sdpVersion, direction);
  }

  protected listenTo(message: SipMessage): void {
    const far = readSdp(message.body);
    if (far !== null) this.media.talkTo(far);
  }

  protected end(ended: Ended): void {
    if (this.ended !== null) return;
    this.ended = ended;
    this.status = ended.status;
    if (!this.goesOnTalking) this.media.hush();
  }

  #pressByInfo(key: string): void {
    this.request('INFO', ['Content-Type: application/dtmf-relay'], `Signal=${key}\r\nDuration=${infoMs}\r\n`);
  }

  #noteInfoDigit(message: SipMessage, at: number): void {
    const digit = /Signal\s*=\s*(\S)/i.exec(message.body)?.[1];
    if (digit !== undefined) this.#infoDigits.push({ digit, at });
  }

  async #untilTime(what: string, time: () => number | null, ms?: number): Promise<number> {
    const found = await until(`${what} (call ${this.id})`, () => time() ?? (this.ended === null ? null : 'ended'), ms);
    if (found === 'ended') throw new Error(`waited until ${what}, but the call ended: ${JSON.stringify(this.ended)}`);
    return found;
  }
}
