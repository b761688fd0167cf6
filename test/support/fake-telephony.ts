import type { ExchangeEvent } from '../../services/adapters/ari-events.ts';
import type { BridgeSighting, ChannelSighting } from '../../services/adapters/ari-http.ts';
import type { Sound } from '../../services/core/call.ts';
import type { LineQuestion } from '../../services/core/line-look.ts';
import type { DialRequest, Reply, Telephony } from '../../services/core/ports.ts';
import { FakeChannel, type Unstamped } from './fake-channel.ts';
import { FakeDialplan, type OnRing } from './fake-dialplan.ts';

export type { FakeChannel } from './fake-channel.ts';
export type { OnRing } from './fake-dialplan.ts';

/**
 * An exchange in memory that behaves as Asterisk does where Clearline could tell: test/contract/telephony.test.ts holds the
 * two side by side. It takes the time from the timers of the process, so that a test with fake timers says when it is.
 *
 * Commands are served one at a time and in order; their events may come before their replies, and a channel on which
 * something plays is answered or connected only afterwards, with every later command waiting behind it.
 */

const causes = { busy: 17, decline: 21, noAnswer: 19 };
const ok: Reply = { ok: true };
const gone: Reply = { ok: false, gone: true, why: '404 not found' };
const notInStasis: Reply = { ok: false, gone: false, why: '409 not in Stasis' };

export interface FakeOptions {
  readonly hear: (event: ExchangeEvent) => void;
  /** Milliseconds that a sound lasts; a second by default, a tone for ever. */
  readonly lengthOf?: (sound: Sound) => number;
  /** The line that has a number. */
  readonly lineOf?: (dialled: string) => string;
}

interface Bridge {
  readonly channels: Set<FakeChannel>;
  readonly watchKeys: boolean;
  recording: string | null;
}

export class FakeTelephony implements Telephony {
  /** Telephones and trunks by dial string; one that is not here is not registered. */
  readonly phones = new Map<string, OnRing>();
  readonly channels = new Map<string, FakeChannel>();
  readonly bridges = new Map<string, Bridge>();
  /** Every dial so far, in order. */
  readonly dialled: DialRequest[] = [];
  /** Commands that had to wait for the end of a sound, and held up every other call meanwhile. */
  readonly stalls: string[] = [];
  /** While true no command reaches the exchange, as when its connection is lost, and nothing is heard of it. */
  cutOff = false;
  /** What has a channel that Clearline sent on, or that never came to it. */
  readonly dialplan: FakeDialplan;
  private readonly options: FakeOptions;
  private commands: Promise<unknown> = Promise.resolve();
  private arrivals = 0;

  constructor(options: FakeOptions) {
    this.options = options;
    this.dialplan = new FakeDialplan({
      emit: (event) => this.emit(event),
      enter: (channel) => this.enter(channel),
      open: (id, line, args) => this.open(id, line, args),
      phoneAt: (endpoint) => this.phones.get(endpoint),
      connect: (id, channels) => {
        this.bridges.set(id, { channels: new Set(channels), watchKeys: true, recording: null });
      },
    });
  }

  /** A call comes in over a trunk and enters the application; `facts` are the dialplan's, in base64. */
  arrive(dialled: string, trunk: string, facts: readonly string[]): FakeChannel {
    this.arrivals += 1;
    const args = ['inbound', dialled, trunk, ...facts];
    const channel = this.open(`1795358400.${this.arrivals}`, this.options.lineOf?.(dialled) ?? '', args);
    this.enter(channel);
    return channel;
  }

  /** A line's telephone dials; an emergency number is the dialplan's alone, which tells of it. */
  dialOut(line: string, number: string): FakeChannel {
    this.arrivals += 1;
    const others = [...this.channels.values()].filter((known) => known.line === line && known.args[0] === 'outgoing');
    const args = ['outgoing', number, line, number, String(others.length + 1)];
    const channel = this.open(`1795358400.${this.arrivals}`, line, args);
    if (number !== '999') {
      this.enter(channel);
      return channel;
    }
    this.emit({ type: 'EmergencyDialled', channel: channel.id, name: nameOf(channel), line, number });
    this.dialplan.run(channel, 'emergency', number);
    return channel;
  }

  /** What Asterisk's books say of a line, as a witness tells it. */
  look({ line, channel, own }: LineQuestion) {
    const of = [...this.channels.values()].filter((known) => known.line === line && !own.has(known.id));
    const resident = channel === null ? undefined : this.channels.get(channel);
    return {
      at: Date.now(),
      tookMs: 1,
      channels: of.map(({ id }) => id),
      peers: resident === undefined ? [] : this.heardBy(resident),
    };
  }

  channel(id: string): FakeChannel {
    const channel = this.channels.get(id);
    if (!channel) throw new Error(`there is no channel ${id}, only ${[...this.channels.keys()].join(', ') || 'none'}`);
    return channel;
  }

  /** Asterisk's books, as Clearline asks for them after a restart. */
  async listChannels(): Promise<ChannelSighting[]> {
    return [...this.channels.values()].map((channel) => {
      const { id, line, args, inStasis, state } = channel;
      const rings = args[0] === 'leg' && state === 'ringing';
      const application = inStasis ? 'Stasis' : rings ? 'AppDial2' : 'Dial';
      const given = ['clearline', ...args].join(',');
      const where = { context: '', extension: args[0] === 'outgoing' ? (args[1] ?? '') : 's' };
      return { id, name: nameOf(channel), line, ...where, application, given, state: state === 'up' ? 'Up' : 'Ring' };
    });
  }

  async listBridges(): Promise<BridgeSighting[]> {
    return [...this.bridges].map(([id, { channels }]) => ({ id, channels: [...channels].map((inside) => inside.id) }));
  }

  async isOver(_what: 'playback' | 'recording', id: string): Promise<boolean> {
    return ![...this.channels.values()].some((channel) => channel.isBusyWith(id));
  }

  answer(channel: string): Promise<Reply> {
    return this.serve(async () => {
      const found = this.channels.get(channel);
      if (!found) return gone;
      // What the dialplan has is left to it.
      if (!found.inStasis) return ok;
      await this.waitFor([found], 'answer');
      if (found.state === 'ringing') found.state = 'up';
      return ok;
    });
  }

  alert(channel: string): Promise<Reply> {
    return this.command(channel, (found) => {
      found.alerted = true;
      return ok;
    });
  }

  play(channel: string, playback: string, sounds: readonly Sound[]): Promise<Reply> {
    return this.command(channel, (found) => {
      found.play(playback, sounds);
      return ok;
    });
  }

  stopPlaying(playback: string): Promise<Reply> {
    return this.serve(() => ([...this.channels.values()].some((channel) => channel.stop(playback)) ? ok : gone));
  }

  record(channel: string, recording: string, maxSeconds: number, silenceSeconds: number): Promise<Reply> {
    return this.command(channel, (found) => {
      found.record(recording, maxSeconds * 1000, silenceSeconds * 1000);
      return ok;
    });
  }

  recordBridge(bridge: string, recording: string): Promise<Reply> {
    return this.serve(() => {
      const found = this.bridges.get(bridge);
      if (!found) return gone;
      found.recording = recording;
      return ok;
    });
  }

  dial(request: DialRequest): Promise<Reply> {
    return this.serve(() => {
      this.dialled.push(request);
      const phone = this.phones.get(request.endpoint);
      if (!phone) return { ok: false, gone: false, why: '500 Allocation failed' };
      if (this.channels.has(request.channel)) return { ok: false, gone: false, why: '409 already exists' };
      this.ring(request, phone);
      return ok;
    });
  }

  connect(bridge: string, channels: readonly string[], watchKeys: boolean): Promise<Reply> {
    return this.serve(async () => {
      const found = channels.flatMap((id) => this.channels.get(id) ?? []);
      if (found.length < channels.length || found.some(({ inStasis }) => !inStasis)) return gone;
      await this.waitFor(found, 'connect');
      const known = this.bridges.get(bridge) ?? { channels: new Set(), watchKeys, recording: null };
      this.bridges.set(bridge, known);
      for (const channel of found.filter(({ state }) => state !== 'gone')) {
        for (const other of this.bridges.values()) other.channels.delete(channel);
        known.channels.add(channel);
      }
      return ok;
    });
  }

  removeBridge(bridge: string): Promise<Reply> {
    return this.serve(() => {
      const recording = this.bridges.get(bridge)?.recording;
      const existed = this.bridges.delete(bridge);
      if (recording) this.emit({ type: 'RecordingEnded', recording, seconds: 1 });
      return existed ? ok : gone;
    });
  }

  hangUp(channel: string, cause: number): Promise<Reply> {
    return this.serve(() => {
      const found = this.channels.get(channel);
      if (!found) return gone;
      found.cause = cause;
      found.end(32, cause);
      return ok;
    });
  }

  /** Answered alike for a channel that the dialplan has already. */
  continueInDialplan(channel: string, context: string, extension: string): Promise<Reply> {
    return this.serve(async () => {
      const found = this.channels.get(channel);
      if (!found) return gone;
      if (!found.inStasis) return ok;
      await this.waitFor([found], 'continue');
      if (found.state === 'gone') return gone;
      for (const { channels } of this.bridges.values()) channels.delete(found);
      found.inStasis = false;
      this.dialplan.run(found, context, extension);
      return ok;
    });
  }

  /** By AMI, so beside the line of commands. */
  async setVariable(channel: string, name: string, value: string): Promise<Reply> {
    this.channels.get(channel)?.variables.set(name, value);
    return this.channels.has(channel) ? ok : gone;
  }

  private ring({ channel: id, call, leg, endpoint, seconds }: DialRequest, phone: OnRing): void {
    const line = leg === 'resident' ? endpoint.replace(/^PJSIP\//, '') : (this.channels.get(call)?.line ?? '');
    const channel = this.open(id, line, ['leg', call, leg]);
    const whileRinging = (what: () => void) => () => channel.state === 'ringing' && what();
    setTimeout(
      whileRinging(() => channel.end(0, causes.noAnswer)),
      seconds * 1000,
    );
    if (!('afterMs' in phone)) return;
    const { do: what, afterMs } = phone;
    const react = () => (what === 'answer' ? channel.pickUp() : channel.end(0, causes[what]));
    setTimeout(whileRinging(react), afterMs);
  }

  private open(id: string, line: string, args: readonly string[]): FakeChannel {
    const channel = new FakeChannel(id, line, args, {
      emit: (event) => this.emit(event),
      enter: (entering) => this.enter(entering),
      lengthOf: this.options.lengthOf ?? ((sound) => ('tone' in sound ? Number.POSITIVE_INFINITY : 1000)),
      forget: (leaving) => this.forget(leaving),
      heardBy: (hearing) => this.heardBy(hearing),
      seesKeys: (pressing) => this.bridgesOf(pressing).every(({ watchKeys }) => watchKeys),
    });
    this.channels.set(id, channel);
    return channel;
  }

  private enter(channel: FakeChannel): void {
    channel.inStasis = true;
    const { id, args } = channel;
    const name = nameOf(channel);
    const place = { extension: args[0] === 'outgoing' ? (args[1] ?? '') : 's', callId: `${id}@fake` };
    this.emit({ type: 'ChannelEntered', channel: id, name, args, ...place, createdAt: Date.now() });
  }

  private forget(channel: FakeChannel): void {
    this.channels.delete(channel.id);
    for (const [id, { channels }] of this.bridges) {
      channels.delete(channel);
      // The dialplan's own bridge goes with its calls.
      if (channels.size === 0 && id.startsWith('dial-')) this.bridges.delete(id);
    }
    this.dialplan.leave(channel);
  }

  private heardBy(channel: FakeChannel): string[] {
    const inside = this.bridgesOf(channel).flatMap(({ channels }) => [...channels]);
    return inside.filter((other) => other !== channel).map(({ id }) => id);
  }

  private bridgesOf(channel: FakeChannel): Bridge[] {
    return [...this.bridges.values()].filter(({ channels }) => channels.has(channel));
  }

  private emit(event: Unstamped): void {
    if (!this.cutOff) this.options.hear({ ...event, at: Date.now() });
  }

  /** A command on a channel in the application. */
  private command(channel: string, what: (found: FakeChannel) => Reply | Promise<Reply>): Promise<Reply> {
    return this.serve(() => {
      const found = this.channels.get(channel);
      if (!found) return gone;
      return found.inStasis ? what(found) : notInStasis;
    });
  }

  private serve(what: () => Reply | Promise<Reply>): Promise<Reply> {
    if (this.cutOff) return Promise.resolve({ ok: false, gone: false, why: 'the websocket was lost' });
    const reply = this.commands.then(what);
    this.commands = reply;
    return reply;
  }

  private async waitFor(channels: readonly FakeChannel[], what: string): Promise<void> {
    for (const channel of channels) {
      if (channel.isPlaying) this.stalls.push(`${what} ${channel.id}`);
      await channel.untilSilent();
    }
  }
}

function nameOf({ id }: FakeChannel): string {
  return `PJSIP/${id}`;
}
