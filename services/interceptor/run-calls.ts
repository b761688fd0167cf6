import type { ExchangeEvent } from '../adapters/ari-events.ts';
import type { Opening } from '../core/call.ts';
import type { LineEvidence } from '../core/clearance.ts';
import type { KeptEntry } from '../core/ports.ts';
import type { FinishedCall } from '../core/record.ts';
import { Beginnings } from './call/beginnings.ts';
import { RunningCall } from './call/running-call.ts';
import { makeSafe } from './call/safe-record.ts';
import { readArrival } from './exchange/arrival.ts';
import { isListening } from './exchange/ids.ts';
import type { Dialling } from './exchange/outgoing.ts';
import { route } from './exchange/route.ts';
import { Whereabouts } from './exchange/whereabouts.ts';
import { Callers } from './line/callers.ts';
import { inspectLine } from './line/inspect-line.ts';
import { LineTraffic } from './line/line-traffic.ts';
import type { Past } from './restart/past.ts';
import type { RunnerOptions } from './runner-options.ts';

type Entered = Extract<ExchangeEvent, { type: 'ChannelEntered' }>;

/** Takes the first event of a channel that no call runs, as of a telephone rung for a call back; false when it is not its. */
export type Newcomers = (event: ExchangeEvent) => boolean;

/** Runs every call, each in a mailbox of its own: calls never wait for each other. */
export class CallRunner {
  /** Asked about a telephone that was picked up, or hung up, and belongs to no call yet. */
  newcomers: Newcomers = () => false;
  private readonly calls = new Map<string, RunningCall>();
  private readonly whereabouts = new Whereabouts(this.calls);
  private readonly callers = new Callers();
  private readonly traffic: LineTraffic;
  private readonly beginnings: Beginnings;
  private readonly options: RunnerOptions;

  constructor(options: RunnerOptions) {
    this.options = options;
    const { calls, callers } = this;
    this.traffic = new LineTraffic(calls, callers, this.whereabouts, options);
    this.beginnings = new Beginnings({
      ...{ calls, callers, options, traffic: this.traffic },
      begin: (id, opening) => this.begin(id, opening),
      book: (call) => this.book(call),
    });
  }

  get running(): number {
    return this.calls.size;
  }

  isRunning(call: string): boolean {
    return this.calls.has(call);
  }

  /** Somebody is on the line, or nobody knows yet that they are gone. */
  isBusy(line: string): boolean {
    return this.traffic.isBusy(line);
  }

  /** What there is to know of a line that is not busy. */
  inspectIdle(line: string): Promise<LineEvidence> {
    return inspectLine({ line, channel: null, own: new Map() }, null, this.callers, this.options);
  }

  /** Takes one event of the exchange. Events of channels that belong to no running call are ignored. */
  hear(event: ExchangeEvent): void {
    // The dialplan dials first and tells later: the call is known by its first leg.
    if (event.type === 'DialTold' && event.emergency) {
      this.hear({ type: 'EmergencyDialled', at: event.at, channel: event.channel, ...event.emergency });
    }
    this.whereabouts.hear(event);
    switch (event.type) {
      case 'ChannelEntered':
        return this.receive(event);
      case 'EmergencyDialled':
        return this.beginnings.accompany(event);
      case 'DialTold': {
        const { channel, peer, peerName, status, at } = event;
        if (this.whereabouts.placeOf(peer)?.leg === 'staff') return;
        return this.calls.get(channel)?.hearDial(peer, peerName, status, at);
      }
      case 'ChannelLeaving': {
        const place = this.whereabouts.placeOf(event.channel);
        return place ? this.calls.get(place.call)?.announceLeaving(place.leg, event.cause) : undefined;
      }
      case 'FactsTold':
        return this.calls.get(event.channel)?.describe(event.facts, event.at);
      case 'ChannelGone':
        return this.lose(event.channel, event);
      default:
        this.tell(event);
    }
  }

  /** A dial tone in what a channel sends, at a time in ms since the epoch. */
  hearTone(channel: string, at: number): void {
    const place = this.whereabouts.placeOf(channel);
    if (place) this.calls.get(place.call)?.post({ type: 'DialToneHeard', leg: place.leg, at });
  }

  /** Every call that runs. */
  get all(): readonly RunningCall[] {
    return [...this.calls.values()];
  }

  /** Channels that were heard of, and not of their end. */
  get known(): Set<string> {
    return new Set([...this.callers.channels, ...this.whereabouts.channels]);
  }

  /** Nobody heard who came and went: whoever is not among the channels has gone, but for `news`, who may have come later. */
  see(channels: ReadonlyMap<string, { readonly name: string }>, news: ReadonlySet<string>): void {
    const at = this.options.clock();
    const isHere = (channel: string) => channels.has(channel) || news.has(channel);
    for (const channel of this.callers.channels) if (!isHere(channel)) this.leave(channel, at);
    this.whereabouts.keepOnly(isHere);
    for (const id of this.all.flatMap((call) => call.channels)) {
      const found = channels.get(id);
      if (found) this.whereabouts.find(id, found.name, null);
    }
  }

  /** A call that another process ran, where it was; take-up.ts goes on with it. Throws where nobody can know where it is. */
  revive(id: string, past: Past, kept: readonly KeptEntry[]): RunningCall {
    const call = this.make(id, past.opening);
    call.relive(past, kept);
    this.calls.set(id, call);
    for (const { channel, name } of past.dialled) this.whereabouts.find(channel, name, id);
    this.book(call);
    return call;
  }

  /** A conversation that nobody kept anything of, by what the dialplan gave with its caller; null where no line is known. */
  adopt(id: string, args: readonly string[]): RunningCall | null {
    const { arrivals, lines, random, clock } = this.options;
    const at = clock();
    const read = readArrival(args, at, arrivals, lines, (line) => this.traffic.standingOf(line, at), random());
    if (read.line === null) return null;
    const opening = { ...read, engaged: false };
    const entry = { at: opening.at, event: opening };
    const call = this.make(id, opening);
    call.begin(entry);
    this.calls.set(id, call);
    this.book(call);
    return call;
  }

  /** A call that nobody goes on with is put on record. */
  record(id: string, finished: FinishedCall): void {
    this.keep(id, finished);
  }

  /** Nothing is left of a call that is not on record, or soon will be. */
  forget(id: string): void {
    this.calls.delete(id);
    this.options.keeper?.drop(id);
  }

  /** Begins an outgoing call on a channel that is in the application; null when it runs already. */
  dial(id: string, dialling: Dialling): RunningCall | null {
    return this.beginnings.dial(id, dialling);
  }

  private receive(event: Entered): void {
    switch (event.args[0]) {
      case 'inbound':
        return this.beginnings.admit(event);
      case 'outgoing':
        return this.beginnings.letDial(event);
      case 'back':
        return this.beginnings.takeBack(event);
    }
    if (isListening(event.channel) || this.tell(event) || this.newcomers(event)) return;
    // Picked up after its call was over.
    if (event.args[0] === 'leg') void this.options.telephony.hangUp(event.channel, 16);
  }

  /** True when a running call was told. */
  private tell(event: ExchangeEvent): boolean {
    const routed = route(event, this.whereabouts.placeOf);
    const call = routed && this.calls.get(routed.call);
    if (call) call.post(routed.event);
    return Boolean(call);
  }

  private lose(channel: string, event: ExchangeEvent): void {
    this.leave(channel, event.at);
    if (!this.tell(event)) this.newcomers(event);
    this.whereabouts.forget(channel);
  }

  /** A caller is gone; a timed trunk may still be held open, whoever it was. */
  private leave(channel: string, at: number): void {
    const caller = this.callers.remove(channel, at);
    const trunk = this.options.trunks.find(({ name }) => name === caller?.trunk);
    if (trunk?.clearing === 'timed') {
      this.options.holds.holdTrunk(trunk.name, at + trunk.clearingSeconds * 1000);
    }
  }

  private begin(id: string, opening: Opening): RunningCall {
    const call = this.make(id, opening);
    this.calls.set(id, call);
    call.post(opening);
    return call;
  }

  private make(id: string, opening: Opening): RunningCall {
    return new RunningCall(id, opening, this.options, {
      dialOut: (from, effect) => this.beginnings.dialOut(from, effect),
      cutOthers: (of) => this.traffic.cutOthers(of),
      inspect: (of) => this.traffic.inspect(of),
      onFinished: (finished) => this.keep(id, finished),
    });
  }

  private book({ id, opening, isSuspect: suspect }: RunningCall): void {
    if (opening.type !== 'Arrived' || opening.line === null) return;
    this.callers.add({ channel: id, line: opening.line.id, trunk: opening.trunk, suspect });
  }

  /** The call is forgotten only once its record is safe. */
  private keep(id: string, finished: FinishedCall | null): void {
    if (finished === null) return this.forget(id);
    makeSafe(finished, this.options.facts, this.options.log, () => this.forget(id));
  }
}
