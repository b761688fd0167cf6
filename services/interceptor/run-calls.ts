import type { ExchangeEvent } from '../adapters/ari-events.ts';
import type { CallEvent, Effect, JournalEntry, Leg, Timer } from '../core/call.ts';
import type { LineEvidence } from '../core/clearance.ts';
import { decideInbound, type InboundCall, type InboundRules, newInboundCall } from '../core/inbound.ts';
import type { FactQueue, LineBook, Telephony } from '../core/ports.ts';
import { type FinishedCall, foldRecord } from '../core/record.ts';
import type { Log } from '../log.ts';
import { type ArrivalRules, readArrival } from './arrival.ts';
import type { HoldBook } from './hold-book.ts';
import { callOf, channelOf, legOf } from './ids.ts';
import { perform, type Unstamped } from './perform.ts';

/** How a trunk shows that a far end is gone; see LineEvidence. */
export interface TrunkClearing {
  readonly clearing: 'proven' | 'timed';
  readonly clearingSeconds: number;
}

/** Asks one witness whether a channel still exists; null when it does not answer within a second. */
export type Witness = (channel: string) => Promise<boolean | null>;

export interface RunnerOptions {
  readonly telephony: Telephony;
  readonly witnesses: { readonly ari: Witness; readonly ami: Witness };
  readonly lines: LineBook;
  readonly holds: HoldBook;
  readonly facts: FactQueue;
  readonly rules: InboundRules;
  readonly arrivals: ArrivalRules;
  readonly clearingOf: (trunk: string) => TrunkClearing;
  /** Dial string for a guarded number, over a trunk other than the one named where there is one; null without trunks. */
  readonly routeAvoiding: (number: string, trunk: string) => string | null;
  readonly staffEndpoint: string | null;
  readonly clock: () => number;
  readonly random: () => number;
  readonly log: Log;
}

interface RunningCall {
  state: InboundCall;
  trunk: string;
  clearedAt: number | null;
  readonly journal: JournalEntry[];
  /** Events that came while one was being handled. */
  readonly mailbox: CallEvent[];
  readonly timers: Map<Timer, NodeJS.Timeout>;
  readonly bridges: Set<'talk' | 'onward'>;
  busy: boolean;
}

/**
 * Runs every inbound call: one mailbox a call, whose events are decided one at a time and in order; calls never wait for
 * each other. Whatever the effects bring back is just another event.
 */
export class CallRunner {
  private readonly calls = new Map<string, RunningCall>();
  private readonly options: RunnerOptions;

  constructor(options: RunnerOptions) {
    this.options = options;
  }

  get running(): number {
    return this.calls.size;
  }

  /** Takes one event of the exchange. Events of channels that belong to no running call are ignored. */
  hear(event: ExchangeEvent): void {
    switch (event.type) {
      case 'ChannelEntered':
        if (event.args[0] === 'inbound') this.admit(event);
        else if (event.args[0] === 'leg') this.answered(event.channel, event.at);
        return;
      case 'ChannelGone':
        return this.post(callIdOf(event.channel), {
          type: 'HungUp',
          leg: legOf(event.channel),
          cause: event.cause,
          at: event.at,
        });
      case 'DigitReceived':
        return this.post(callIdOf(event.channel), {
          type: 'KeyPressed',
          leg: legOf(event.channel),
          digit: event.digit,
          at: event.at,
        });
      case 'PlaybackEnded': {
        const { playback, at } = event;
        const failure = {
          type: 'EffectFailed',
          effect: 'Play',
          about: playback,
          why: 'Asterisk could not play it',
          at,
        } as const;
        return this.post(callOf(playback), event.failed ? failure : { type: 'PromptFinished', playback, at });
      }
      case 'RecordingEnded':
        return this.post(callOf(event.recording), { ...event, type: 'RecordingFinished' });
      case 'RecordingBroke': {
        const { recording: about, why, at } = event;
        return this.post(callOf(about), { type: 'EffectFailed', effect: 'Record', about, why, at });
      }
      case 'Replaced':
        return;
    }
  }

  /** After a lost connection: whoever is not among these channels hung up unheard. */
  compareWith(channels: readonly string[]): void {
    const present = new Set(channels);
    const at = this.options.clock();
    for (const [id, { state }] of this.calls) {
      for (const leg of Object.keys(state.legs) as Leg[]) {
        const live = state.legs[leg] === 'up' || state.legs[leg] === 'ringing';
        if (live && !present.has(channelOf(id, leg))) this.post(id, { type: 'HungUp', leg, cause: 0, at });
      }
    }
  }

  private admit(event: Extract<ExchangeEvent, { type: 'ChannelEntered' }>): void {
    const id = event.channel;
    if (this.calls.has(id)) return;
    const { rules, arrivals, lines, holds, random } = this.options;
    const arrived = readArrival(
      event.args,
      event.createdAt,
      arrivals,
      lines,
      (line) => holds.isHeld(line, event.at),
      random(),
    );
    this.calls.set(id, {
      state: newInboundCall(id, rules),
      trunk: arrived.trunk,
      clearedAt: null,
      journal: [],
      mailbox: [],
      timers: new Map(),
      bridges: new Set(),
      busy: false,
    });
    this.post(id, arrived);
  }

  private answered(channel: string, at: number): void {
    const call = callOf(channel);
    if (call !== null && this.calls.has(call)) return this.post(call, { type: 'Answered', leg: legOf(channel), at });
    // Picked up after its call was over.
    void this.options.telephony.hangUp(channel, 16);
  }

  private post(id: string | null, event: CallEvent): void {
    const call = id === null ? undefined : this.calls.get(id);
    if (id === null || !call) return;
    call.mailbox.push(event);
    if (call.busy) return;
    call.busy = true;
    for (let next = call.mailbox.shift(); next; next = call.mailbox.shift()) this.handle(id, call, next);
    call.busy = false;
  }

  private handle(id: string, call: RunningCall, event: CallEvent): void {
    if (event.type === 'HungUp' && event.leg === 'caller') call.clearedAt ??= event.at;
    const { call: state, effects } = decideInbound(call.state, event);
    call.state = state;
    this.note(id, call, { at: event.at, event });
    const performance = {
      call: id,
      endpointOf: (leg: Leg) => this.endpointOf(call, leg),
      report: (answer: Unstamped) => this.post(id, { ...answer, at: this.options.clock() }),
    };
    for (const effect of effects) {
      this.note(id, call, { at: event.at, effect });
      this.doOwn(id, call, effect, event.at);
      perform(this.options.telephony, effect, performance);
    }
  }

  /** At the level `debug` the log tells each call while it happens, entry by entry as it will stand on record. */
  private note(call: string, { journal }: RunningCall, entry: JournalEntry): void {
    journal.push(entry);
    this.options.log.debug({ call, entry }, 'journal');
  }

  /** The effects that concern the runner itself: time, evidence, the bridges to remove, the end. */
  private doOwn(id: string, call: RunningCall, effect: Effect, at: number): void {
    switch (effect.do) {
      case 'Wake':
        return this.wake(id, call, effect.timer, effect.afterMs);
      case 'Unwake':
        return clearTimeout(call.timers.get(effect.timer));
      case 'InspectLine':
        return void this.inspect(id, call).then((evidence) =>
          this.post(id, { type: 'LineInspected', evidence, at: this.options.clock() }),
        );
      case 'Connect':
        call.bridges.add(effect.legs.includes('caller') ? 'talk' : 'onward');
        return;
      case 'Conclude':
        return this.conclude(id, call, at);
      default:
        return;
    }
  }

  private wake(id: string, call: RunningCall, timer: Timer, afterMs: number): void {
    clearTimeout(call.timers.get(timer));
    const woke = () => this.post(id, { type: 'Woke', timer, at: this.options.clock() });
    call.timers.set(timer, setTimeout(woke, afterMs));
  }

  private endpointOf(call: RunningCall, leg: Leg): string | null {
    if (leg === 'staff') return this.options.staffEndpoint;
    if (leg === 'police') return this.options.routeAvoiding('101', call.trunk);
    return call.state.facts ? `PJSIP/${call.state.facts.line.id}` : null;
  }

  private async inspect(id: string, call: RunningCall): Promise<LineEvidence> {
    const { ari, ami } = this.options.witnesses;
    const [seenByAri, seenByAmi] = await Promise.all([ari(id), ami(id)]);
    const sighting = (seen: boolean | null) => (seen === null ? null : seen ? [id] : []);
    return {
      ari: sighting(seenByAri),
      ami: sighting(seenByAmi),
      ...this.options.clearingOf(call.trunk),
      sinceClearedMs: call.clearedAt === null ? 0 : this.options.clock() - call.clearedAt,
    };
  }

  private conclude(id: string, call: RunningCall, at: number): void {
    for (const timer of call.timers.values()) clearTimeout(timer);
    for (const bridge of call.bridges) void this.options.telephony.removeBridge(`${id}-${bridge}`);
    const finished: FinishedCall = { record: foldRecord(id, call.journal), journal: call.journal };
    const { line, holdSeconds, clearedAt } = finished.record;
    if (line !== null && holdSeconds > 0) this.options.holds.hold(line, (clearedAt ?? at) + holdSeconds * 1000);
    this.keep(id, finished);
  }

  /** The call is forgotten only once its record is safe. */
  private keep(id: string, finished: FinishedCall): void {
    this.options.facts.put(finished).then(
      () => this.calls.delete(id),
      (err: unknown) => {
        this.options.log.error({ err, call: id }, 'neither queue nor disk takes the record of a call; trying again');
        setTimeout(() => this.keep(id, finished), 1_000);
      },
    );
  }
}

function callIdOf(channel: string): string {
  return callOf(channel) ?? channel;
}
