import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PhoneCall } from './phone/call.ts';
import { dialogFrom, newBranch, token } from './phone/dialog.ts';
import { answerChallenge, type Credentials } from './phone/digest.ts';
import type { Codec } from './phone/g711.ts';
import { answerTo, compose, header, type Line, type SipMessage, tagOf } from './phone/message.ts';
import { PlacedCall } from './phone/placed-call.ts';
import { ReceivedCall } from './phone/received-call.ts';
import { Media } from './phone/rtp.ts';
import { type Peer, Wire } from './phone/wire.ts';
import { until } from './until.ts';

export type { Ended, PhoneCall } from './phone/call.ts';
export type { Heard, Span } from './phone/heard.ts';
export type { PlacedCall } from './phone/placed-call.ts';
export type { ReceivedCall } from './phone/received-call.ts';
export * from './phone/sipp.ts';
export { now } from './phone/wire.ts';

/**
 * Telephones for tests: SIP over UDP and G.711 over RTP, on loopback addresses of their own. SIPp, which carries the load
 * tests (see phone/sipp.ts), follows a script to its end; these do what a test says when it says it, misbehave on
 * request, write bytes that no script can, and stamp each datagram at its arrival.
 *
 *     const phones = new Phones(asterisk);
 *     const resident = await phones.register({ address: '127.0.0.3', user: 'flat-4', password });
 *     const stranger = await phones.trunk('127.0.0.2');
 *     const call = await stranger.call({ to: '01923555104', from: { name: 'Police', number: '101' } });
 *     const ringing = await resident.nextCall();
 *     ringing.answer();
 *     await call.untilAnswered();
 */

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
  readonly wire: Wire;
  readonly #options: PhoneOptions;
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
  async nextCall(ms = 10_000): Promise<ReceivedCall> {
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
    await this.#register(3600);
  }

  /** Withdraws the registration: the line is then not reachable. */
  async unregister(): Promise<void> {
    await this.#register(0);
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
    const onCall = this.onCall;
    if (onCall.do === 'ignore') return;
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

  async #register(seconds: number): Promise<void> {
    const callId = token();
    const first = await this.#askToRegister(callId, 1, seconds, []);
    const credentials = this.#options.credentials;
    if (first.status === 401 && credentials) {
      const challenge = header(first, 'www-authenticate');
      const answer = answerChallenge(challenge, 'REGISTER', `sip:${this.#asterisk}`, credentials);
      const second = await this.#askToRegister(callId, 2, seconds, [`Authorization: ${answer}`]);
      if (second.status === 200) return;
      throw new Error(`${this.name} may not register: ${second.status}`);
    }
    if (first.status !== 200) throw new Error(`${this.name} may not register: ${first.status}`);
  }

  async #askToRegister(callId: string, sequence: number, seconds: number, lines: Line[]): Promise<SipMessage> {
    const { host, port } = this.wire.local;
    const identity = `<sip:${this.name}@${this.#asterisk}>`;
    const request = compose(`REGISTER sip:${this.#asterisk} SIP/2.0`, [
      `Via: SIP/2.0/UDP ${host}:${port};rport;branch=${newBranch()}`,
      'Max-Forwards: 70',
      `From: ${identity};tag=${token()}`,
      `To: ${identity}`,
      `Call-ID: ${callId}`,
      `CSeq: ${sequence} REGISTER`,
      `Contact: <${this.#contact}>`,
      `Expires: ${seconds}`,
      ...lines,
    ]);
    this.wire.request(request);
    const response = () => this.#replies.get(`${callId} ${sequence} REGISTER`);
    return until(`${this.name} has an answer to its REGISTER`, response, 5000);
  }
}

/** All phones of one test, so that they can be saved and put away together. */
export class Phones {
  readonly all: Phone[] = [];
  readonly #asterisk: Peer;

  constructor(asterisk: Peer) {
    this.#asterisk = asterisk;
  }

  /** The telephone network at the far end of a trunk, known to Asterisk by its address. */
  async trunk(address: string, port = 0): Promise<Phone> {
    return this.#add({ address, port });
  }

  /** A phone that registers, as a resident's or the staff's does. */
  async register(options: { address: string; user: string; password: string }): Promise<Phone> {
    const { user, password } = options;
    const phone = await this.#add({ address: options.address, credentials: { user, password } });
    await phone.register();
    return phone;
  }

  /** What every phone heard and said; works after `close`, too. */
  save(folder: string): void {
    for (const phone of this.all) phone.save(folder);
  }

  close(): void {
    for (const phone of this.all) phone.close();
  }

  async #add(options: Omit<PhoneOptions, 'asterisk'>): Promise<Phone> {
    const phone = await Phone.open({ ...options, asterisk: this.#asterisk });
    this.all.push(phone);
    return phone;
  }
}
