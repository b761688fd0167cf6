import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../until.ts';
import type { PhoneCall } from './call.ts';
import { dialogFrom, token } from './dialog.ts';
import type { Credentials } from './digest.ts';
import type { Codec } from './g711.ts';
import { answerTo, header, type Line, numberOf, type SipMessage, tagOf } from './message.ts';
import { PlacedCall } from './placed-call.ts';
import { ReceivedCall } from './received-call.ts';
import { register } from './registration.ts';
import { Media } from './rtp.ts';
import { type Peer, Wire } from './wire.ts';

/** What a phone does when it is called: ring until told; answer or refuse by itself; or stay dead silent. */
export type OnCall =
  | { readonly do: 'ring' }
  | { readonly do: 'answer'; readonly afterMs: number }
  | { readonly do: 'refuse'; readonly status: number; readonly afterMs?: number }
  | { readonly do: 'ignore' };

export interface CallOptions {
  /** The number dialled. */
  readonly to: string;
  /** Who calls; null sends no From at all; `line` is a whole From line as it is, its tag included. */
  readonly from?: { readonly name?: string; readonly number: string } | { readonly line: Line } | null;
  /** More headers by name, and more lines exactly as they are. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly lines?: readonly Line[];
  readonly codecs?: readonly Codec[];
}

export interface PhoneOptions {
  readonly asterisk: Peer;
  /** A loopback address, such as 127.0.0.2: Asterisk knows a trunk by it. */
  readonly address: string;
  /** 0 for any free port. */
  readonly port?: number;
  readonly credentials?: Credentials | null;
}

const bothCodecs: readonly Codec[] = ['PCMU', 'PCMA'];

export class Phone {
  /** Every call this phone has made or had, in order. */
  readonly calls: PhoneCall[] = [];
  onCall: OnCall = { do: 'ring' };
  /** What it does instead when this number calls: by the number shown. */
  readonly onCallFrom = new Map<string, OnCall>();
  readonly wire: Wire;
  readonly #options: PhoneOptions;
  readonly #ignored: SipMessage[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #replies = new Map<string, SipMessage>();
  /** What came for a call whose RTP socket is still being opened. */
  readonly #early = new Map<string, { message: SipMessage; at: number }[]>();
  #taken = 0;
  #closed = false;

  private constructor(options: PhoneOptions, wire: Wire) {
    this.#options = options;
    this.wire = wire;
    wire.onMessage = (message, at) => this.#receive(message, at);
  }

  static async open(options: PhoneOptions): Promise<Phone> {
    return new Phone(options, await Wire.open(options.address, options.port ?? 0, options.asterisk));
  }

  get name(): string {
    return this.#options.credentials?.user ?? this.#options.address;
  }

  /** Sends an INVITE. Everything after it is told by the call. */
  async call(options: CallOptions): Promise<PlacedCall> {
    const media = await Media.open(this.#options.address);
    const localTag = token();
    const target = `sip:${options.to}@${this.#asterisk}`;
    const dialog = {
      callId: `${token()}@${this.#options.address}`,
      local: this.wire.local,
      contact: this.#contact,
      localTag,
      from: this.#fromLine(options.from, localTag),
      remote: `<${target}>`,
      target,
      sequence: 1,
    };
    const lines = [
      ...Object.entries(options.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
      ...(options.lines ?? []),
    ];
    const parts = { wire: this.wire, media, dialog, codecs: options.codecs ?? bothCodecs };
    const call = new PlacedCall(parts, this.#options.credentials ?? null, lines);
    this.calls.push(call);
    call.invite();
    return call;
  }

  /** The next call that comes, or that has come and was not asked for yet. */
  async nextCall(ms?: number): Promise<ReceivedCall> {
    const next = await until(`${this.name} is called`, () => this.received[this.#taken], ms);
    this.#taken++;
    return next;
  }

  /** The calls that came to this phone, in order. */
  get received(): ReceivedCall[] {
    return this.calls.filter((call) => call instanceof ReceivedCall);
  }

  /** Registers with digest authentication for an hour. Throws when Asterisk refuses. */
  async register(): Promise<void> {
    await this.#registerFor(3600);
  }

  /** Withdraws the registration: the line is then not reachable. */
  async unregister(): Promise<void> {
    await this.#registerFor(0);
  }

  /** Refuses the calls that were not picked up, and those that were ignored. */
  refuseAll(): void {
    if (this.#closed) return;
    for (const call of this.received) call.refuse(480);
    for (const invite of this.#ignored.splice(0)) {
      this.wire.answer(invite, answerTo(invite, 480, 'Temporarily Unavailable', token()));
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const call of this.calls) call.media.close();
    this.wire.close();
  }

  /** Writes what each call heard, and every SIP message, for whoever must find out why a test failed. */
  save(folder: string): void {
    mkdirSync(folder, { recursive: true });
    this.calls.forEach((call, i) => {
      call.heard.save(join(folder, `${this.name}-${i + 1}-heard.wav`));
    });
    const log = this.wire.log.map(({ at, way, text }) => `--- ${at.toFixed(1)} ms ${way}\n${text}\n`);
    writeFileSync(join(folder, `${this.name}-sip.txt`), log.join(''));
  }

  get #asterisk(): string {
    return `${this.#options.asterisk.host}:${this.#options.asterisk.port}`;
  }

  get #contact(): string {
    const { host, port } = this.wire.local;
    return `sip:${this.#options.credentials?.user ?? 'phone'}@${host}:${port}`;
  }

  #fromLine(from: CallOptions['from'], tag: string): Line | null {
    if (from === null) return null;
    if (from !== undefined && 'line' in from) return from.line;
    const number = from?.number ?? this.#options.credentials?.user ?? 'anonymous';
    const name = from?.name === undefined ? '' : `"${from.name.replaceAll(/[\\"]/g, '\\$&')}" `;
    return `From: ${name}<sip:${number}@${this.#options.address}>;tag=${tag}`;
  }

  #receive(message: SipMessage, at: number): void {
    const id = header(message, 'call-id');
    const call = this.calls.find((known) => known.id === id);
    const early = this.#early.get(id);
    if (call !== undefined) {
      call.receive(message, at);
    } else if (early !== undefined) {
      early.push({ message, at });
    } else if (message.status > 0) {
      this.#replies.set(`${id} ${header(message, 'cseq')}`, message);
    } else if (message.method === 'INVITE' && tagOf(header(message, 'to')) === '') {
      void this.#takeCall(message, at);
    } else if (message.method !== 'ACK') {
      const stray = message.method === 'BYE' || message.method === 'CANCEL';
      const [status, reason] = stray ? [481, 'Call Does Not Exist'] : [200, 'OK'];
      this.wire.answer(message, answerTo(message, status, reason, token()));
    }
  }

  async #takeCall(invite: SipMessage, at: number): Promise<void> {
    const onCall = this.onCallFrom.get(numberOf(header(invite, 'from'))) ?? this.onCall;
    if (onCall.do === 'ignore') {
      this.#ignored.push(invite);
      return;
    }
    const dialog = dialogFrom(invite, this.wire.local, this.#contact);
    const early: { message: SipMessage; at: number }[] = [];
    this.#early.set(dialog.callId, early);
    const media = await Media.open(this.#options.address);
    if (this.#closed) return media.close();
    this.#early.delete(dialog.callId);
    const call = new ReceivedCall({ wire: this.wire, media, dialog, codecs: bothCodecs }, invite, at);
    this.calls.push(call);
    this.#react(call, onCall);
    for (const { message, at: arrived } of early) call.receive(message, arrived);
  }

  #react(call: ReceivedCall, onCall: OnCall): void {
    if (onCall.do === 'refuse' && onCall.afterMs === undefined) return call.refuse(onCall.status);
    call.ring();
    if (onCall.do === 'answer') this.#after(onCall.afterMs, () => call.answer());
    if (onCall.do === 'refuse') this.#after(onCall.afterMs ?? 0, () => call.refuse(onCall.status));
  }

  #after(ms: number, what: () => void): void {
    this.#timers.add(setTimeout(what, ms));
  }

  async #registerFor(seconds: number): Promise<void> {
    const credentials = this.#options.credentials;
    if (!credentials) throw new Error(`${this.name} has no credentials to register with`);
    const { host, port } = this.wire.local;
    const account = { registrar: this.#asterisk, contact: this.#contact, via: `${host}:${port}`, credentials };
    const status = await register(account, seconds, (request, cseq) => {
      this.wire.request(request);
      return until(`${this.name} has an answer to its REGISTER`, () => this.#replies.get(cseq));
    });
    if (status !== 200) throw new Error(`${this.name} may not register: ${status}`);
  }
}
