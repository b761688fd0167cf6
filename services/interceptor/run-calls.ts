import type { ExchangeEvent } from '../adapters/ari-events.ts';
import type { Opening } from '../core/call.ts';
import type { LineEvidence } from '../core/clearance.ts';
import { dialable } from '../core/number.ts';
import { gb } from '../core/packs/gb.ts';
import type { FinishedCall } from '../core/record.ts';
import { readArrival } from './arrival.ts';
import { Callers } from './callers.ts';
import { isListening } from './ids.ts';
import { inspectLine } from './inspect-line.ts';
import { LineTraffic } from './line-traffic.ts';
import { asEmergency, type Dialling, readDialled } from './outgoing.ts';
import { route } from './route.ts';
import type { RunnerOptions } from './runner-options.ts';
import { type DialOut, RunningCall } from './running-call.ts';
import { Whereabouts } from './whereabouts.ts';

type Entered = Extract<ExchangeEvent, { type: 'ChannelEntered' }>;
type Emergency = Extract<ExchangeEvent, { type: 'EmergencyDialled' }>;

/** Takes the first event of a channel that no call runs, as of a telephone rung for a call back; false when it is not its. */
export type Newcomers = (event: ExchangeEvent) => boolean;

/** How often the record of a call is offered again, once a second, before it is given up: calls in hand must not fill the memory. */
const keepTries = 600;

/** Runs every call, each in a mailbox of its own: calls never wait for each other. */
export class CallRunner {
  /** Asked about a telephone that was picked up, or hung up, and belongs to no call yet. */
  newcomers: Newcomers = () => false;
  private readonly calls = new Map<string, RunningCall>();
  private readonly whereabouts = new Whereabouts(this.calls);
  private readonly callers = new Callers();
  private readonly traffic: LineTraffic;
  private readonly options: RunnerOptions;

  constructor(options: RunnerOptions) {
    this.options = options;
    this.traffic = new LineTraffic(this.calls, this.callers, this.whereabouts, options);
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
        return this.accompany(event);
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

  /**
   * After a lost connection: whoever was here before and is not in the list hung up unheard. Calls that arrive while the
   * list is being made may be missing in it. False when there is no list.
   */
  async compareWith(listChannels: () => Promise<readonly string[] | null>): Promise<boolean> {
    const before = [...this.calls.values()].flatMap((call) =>
      call.liveLegs.map((leg) => ({ call, leg, channel: call.legs.channelOf(leg) })),
    );
    const callers = this.callers.channels;
    const channels = await listChannels();
    if (channels === null) return false;
    const present = new Set(channels);
    const at = this.options.clock();
    for (const channel of callers) if (!present.has(channel)) this.leave(channel, at);
    for (const { call, leg, channel } of before) {
      if (channel === null || !present.has(channel)) call.post({ type: 'HungUp', leg, cause: 0, at });
    }
    this.whereabouts.keepOnly(present);
    return true;
  }

  /** Begins an outgoing call on a channel that is in the application; `watch` hears of it. Null when it runs already. */
  dial(id: string, dialling: Dialling): RunningCall | null {
    if (this.calls.has(id)) return null;
    return this.begin(id, readDialled(dialling, this.options, this.callers));
  }

  private receive(event: Entered): void {
    switch (event.args[0]) {
      case 'inbound':
        return this.admit(event);
      case 'outgoing':
        return this.letDial(event);
      case 'back':
        return this.takeBack(event);
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

  private admit(event: Entered): void {
    const id = event.channel;
    if (this.calls.has(id)) return;
    const { arrivals, lines, random, telephony } = this.options;
    this.guardedly(
      id,
      () => telephony.continueInDialplan(id, 'fallback-inbound', 's'),
      () => {
        const standingOf = (line: string) => this.traffic.standingOf(line, event.at);
        const arrived = readArrival(event.args, event.createdAt, arrivals, lines, standingOf, random());
        const call = this.begin(id, arrived);
        const { line, trunk } = arrived;
        if (line !== null) this.callers.add({ channel: id, line: line.id, trunk, suspect: call.isSuspect });
      },
    );
  }

  /** A resident's telephone calls out: `outgoing,<number without prefixes>,<line>,<as dialled>,<calls it makes now>`. */
  private letDial(event: Entered): void {
    const [, extension = '', lineId = '', written = '', atOnce = ''] = event.args;
    const { lines, telephony, log } = this.options;
    const id = event.channel;
    const giveBack = () => telephony.continueInDialplan(id, 'fallback-outbound', extension);
    const line = lines.byId(lineId);
    if (line === null) {
      log.warn(
        { call: id, line: lineId },
        'a telephone whose line is not known calls out: the dialplan takes the call',
      );
      return void giveBack();
    }
    const dialling = {
      line,
      written: written || extension,
      outOf: null,
      answered: false,
      atOnce: Number(atOnce) || 1,
      at: event.createdAt,
    } as const;
    this.guardedly(id, giveBack, () => this.dial(id, { ...dialling, by: 'phone' }));
  }

  /** No trunk that the dialplan was told to try took the call: `back,<DIALSTATUS>,<HANGUPCAUSE>`. */
  private takeBack(event: Entered): void {
    const [, status = '', cause = ''] = event.args;
    const call = this.calls.get(event.channel);
    if (call && !call.isOver) return call.post({ type: 'CameBack', status, cause: Number(cause) || 0, at: event.at });
    void this.options.telephony.continueInDialplan(event.channel, 'fallback-outbound', event.extension);
  }

  /** The dialplan calls an emergency number: for the record, and to cut whoever else is on the line. */
  private accompany(event: Emergency): void {
    const { channel: id, number: written, at } = event;
    const line = this.options.lines.byId(event.line);
    if (line === null || this.calls.has(id)) return;
    const number = asEmergency(written, this.options);
    const dialling = { line, written, number, outOf: null, answered: false, at } as const;
    this.guardedly(id, null, () => this.dial(id, { ...dialling, by: 'phone' }));
  }

  /** The resident's leg leaves a call and dials in one of its own. Nothing stands between it and an emergency number. */
  private dialOut(from: RunningCall, { number: written, by }: DialOut): void {
    const { line } = from;
    const id = from.legs.channelOf('resident');
    if (line === null || id === null) throw new Error(`call ${from.id} has no resident who could dial`);
    const { clock } = this.options;
    const dialling = { line, written, by, outOf: from.id, answered: true, at: clock() };
    const dialled = readDialled(dialling, this.options, this.callers);
    if (dialled.number.class !== 'emergency') from.unbridge(id);
    const giveBack = () =>
      this.options.telephony.continueInDialplan(id, 'fallback-outbound', dialable(dialled.number.number, gb));
    this.guardedly(id, giveBack, () => this.begin(id, dialled));
    from.unbridge();
  }

  private begin(id: string, opening: Opening): RunningCall {
    const call = new RunningCall(id, opening, this.options, {
      dialOut: (from, effect) => this.dialOut(from, effect),
      cutOthers: (of) => this.traffic.cutOthers(of),
      inspect: (of) => this.traffic.inspect(of),
      onFinished: (finished) => this.keep(id, finished),
    });
    this.calls.set(id, call);
    call.post(opening);
    return call;
  }

  /** Whoever Clearline fails at is not left in a dead line. */
  private guardedly(id: string, giveBack: (() => unknown) | null, work: () => void): void {
    try {
      work();
    } catch (err) {
      this.options.log.error({ err, call: id }, 'Clearline failed at the beginning of a call and gives it back');
      giveBack?.();
    }
  }

  /** The call is forgotten only once its record is safe. */
  private keep(id: string, finished: FinishedCall | null, triesLeft = keepTries): void {
    if (finished === null) return void this.calls.delete(id);
    const { facts, log } = this.options;
    facts.put(finished).then(
      () => this.calls.delete(id),
      (err: unknown) => {
        if (triesLeft === 0) {
          log.error({ err, call: id, record: finished.record }, 'THE RECORD OF A CALL IS LOST: nothing took it');
          return this.calls.delete(id);
        }
        log.error({ err, call: id }, 'neither queue, disk nor memory takes the record of a call; trying again');
        return setTimeout(() => this.keep(id, finished, triesLeft - 1), 1_000);
      },
    );
  }
}
