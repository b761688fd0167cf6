import type { CallEvent, Effect, JournalEntry, Leg, Timer } from '../core/call.ts';
import type { LineEvidence } from '../core/clearance.ts';
import { asKept, decideInbound, type InboundCall, newInboundCall } from '../core/inbound.ts';
import { type FinishedCall, foldRecord } from '../core/record.ts';
import { describe } from './arrival.ts';
import { breakOff } from './break-off.ts';
import { callOf, channelOf } from './ids.ts';
import { perform, type Unstamped } from './perform.ts';
import type { RunnerOptions } from './runner-options.ts';

/** How long the end of a channel that is gone is awaited, with its cause, before the call goes on without. */
const goneMs = 500;

/** What a call knows of the others. */
export interface Surroundings {
  /** Ids of the calls to a line that nobody vouched for and whose caller is still in Asterisk. */
  readonly suspectsOf: (line: string) => ReadonlySet<string>;
  /** Told once that the call is over; null when not even a record could be made. */
  readonly onFinished: (call: FinishedCall | null) => void;
}

/**
 * One call while it lasts: its state, its journal and its mailbox, whose events are decided one at a time and in order.
 * Whatever the effects bring back is just another event.
 */
export class RunningCall {
  readonly id: string;
  private state: InboundCall;
  private readonly trunk: string;
  private readonly options: RunnerOptions;
  private readonly suspectsOf: (line: string) => ReadonlySet<string>;
  private readonly onFinished: (call: FinishedCall | null) => void;
  private readonly journal: JournalEntry[] = [];
  /** Events that came while one was being decided. */
  private readonly mailbox: CallEvent[] = [];
  private readonly timers = new Map<Timer, NodeJS.Timeout>();
  private readonly bridges = new Set<'talk' | 'onward'>();
  /** Legs whose hang-up was announced, with its Q.850 cause, and what ended because of it: the hang-up is told first. */
  private readonly leaving = new Map<Leg, number>();
  private readonly afterHangUp: CallEvent[] = [];
  private clearedAt: number | null = null;
  private holdSeconds = 0;
  private busy = false;
  private concluded = false;
  private finished = false;
  /** Clearline failed in this call and let go of it. */
  private brokenOff = false;

  constructor(id: string, trunk: string, options: RunnerOptions, { suspectsOf, onFinished }: Surroundings) {
    this.id = id;
    this.state = newInboundCall(id, options.rules);
    this.trunk = trunk;
    this.options = options;
    this.suspectsOf = suspectsOf;
    this.onFinished = onFinished;
  }

  /** Nobody has found the caller on the trusted list. */
  get isSuspect(): boolean {
    return this.state.facts?.verdict.standing !== 'trusted';
  }

  get liveLegs(): Leg[] {
    if (this.brokenOff) return [];
    const legs = Object.entries(this.state.legs) as [Leg, string][];
    return legs.filter(([, state]) => state === 'up' || state === 'ringing').map(([leg]) => leg);
  }

  /** A leg is about to go: prompts and recordings that end now end because of it. */
  announceLeaving(leg: Leg, cause: number): void {
    if (this.liveLegs.includes(leg)) this.leaving.set(leg, cause || (this.leaving.get(leg) ?? 0));
  }

  /** The whole INVITE, told as the caller leaves. */
  describe(facts: readonly string[], at: number): void {
    this.post({ type: 'Described', at, ...describe(facts, this.trunk, this.options.arrivals) });
  }

  post(event: CallEvent): void {
    if (this.brokenOff) {
      // It rang while Clearline let go of the call.
      if (event.type === 'Answered') void this.options.telephony.hangUp(channelOf(this.id, event.leg), 16);
      return;
    }
    if (this.leaving.size > 0 && isEndOfSound(event)) {
      // A prompt that a hang-up cut short has not failed.
      if (event.type !== 'EffectFailed') this.afterHangUp.push(event);
      return;
    }
    if (event.type === 'HungUp') {
      // A channel that is destroyed does not always remember why; its hang-up request did.
      this.mailbox.push({ ...event, cause: event.cause || (this.leaving.get(event.leg) ?? 0) });
      if (this.leaving.delete(event.leg)) this.mailbox.push(...this.afterHangUp.splice(0));
    } else {
      this.mailbox.push(event);
    }
    if (this.busy) return;
    this.busy = true;
    try {
      for (let next = this.mailbox.shift(); next; next = this.mailbox.shift()) this.handle(next);
    } catch (error) {
      this.breakOff(error);
    }
    this.busy = false;
  }

  private handle(event: CallEvent): void {
    if (event.type === 'HungUp' && event.leg === 'caller' && this.clearedAt === null) this.clear(event.at);
    this.note({ at: event.at, event: asKept(this.state, event) });
    const { call: state, effects } = decideInbound(this.state, event);
    this.state = state;
    for (const effect of effects) {
      this.note({ at: event.at, effect });
      this.doOwn(effect, event.at);
      perform(this.options.telephony, effect, {
        call: this.id,
        endpointOf: (leg) => this.endpointOf(leg),
        report: (answer) => this.report(answer),
      });
    }
  }

  /** One call that Clearline fails in must not stop another, nor leave its caller in silence. */
  private breakOff(err: unknown): void {
    const { telephony, giveBack, log, clock } = this.options;
    log.error({ err, call: this.id }, 'Clearline failed in a call and lets go of it');
    this.brokenOff = true;
    this.mailbox.length = 0;
    const at = clock();
    breakOff(this.journal, { call: this.id, telephony, giveBack, log });
    try {
      if (this.concluded) return this.finish();
      this.note({ at, event: { type: 'BrokenOff', at, why: err instanceof Error ? err.message : String(err) } });
      this.note({ at, effect: { do: 'Conclude', ending: { outcome: 'failed', by: 'clearline', cause: 16 } } });
      this.conclude(at);
    } catch (failure) {
      log.error({ err: failure, call: this.id, journal: this.journal }, 'the end of a call cannot be put on record');
      if (!this.finished) this.onFinished(null);
    }
  }

  /** The hold begins when the caller has gone, not at the end of the record: they may ring back while advice plays. */
  private clear(at: number): void {
    this.clearedAt = at;
    const line = this.state.facts?.line.id;
    if (line !== undefined && this.holdSeconds > 0) this.options.holds.hold(line, at + this.holdSeconds * 1000);
  }

  /** At the level `debug` the log tells each call while it happens, entry by entry as it will stand on record. */
  private note(entry: JournalEntry): void {
    // The record is on its way; what comes later, such as a hang-up beyond its deadline, is no part of it.
    if (this.concluded) return;
    this.journal.push(entry);
    this.options.log.debug({ call: this.id, entry }, 'journal');
  }

  private report(answer: Unstamped): void {
    const post = () => this.post({ ...answer, at: this.options.clock() });
    // The channel's own end tells the cause, and is on its way if the connection stands.
    if (answer.type === 'HungUp' && answer.cause === 0) setTimeout(post, goneMs);
    else post();
  }

  /** The effects that concern the call itself: time, evidence, the bridges to remove, the end. */
  private doOwn(effect: Effect, at: number): void {
    switch (effect.do) {
      case 'Wake':
        return this.wake(effect.timer, effect.afterMs);
      case 'Unwake':
        return clearTimeout(this.timers.get(effect.timer));
      case 'InspectLine':
        void this.inspect().then((evidence) =>
          this.post({ type: 'LineInspected', evidence, at: this.options.clock() }),
        );
        return;
      case 'Hold':
        this.holdSeconds = effect.seconds;
        return;
      case 'Connect':
        this.bridges.add(effect.legs.includes('caller') ? 'talk' : 'onward');
        return;
      case 'Conclude':
        return this.conclude(at);
      default:
        return;
    }
  }

  private wake(timer: Timer, afterMs: number): void {
    clearTimeout(this.timers.get(timer));
    const woke = () => this.post({ type: 'Woke', timer, at: this.options.clock() });
    this.timers.set(timer, setTimeout(woke, afterMs));
  }

  private endpointOf(leg: Leg): string | null {
    if (leg === 'staff') return this.options.staffEndpoint;
    if (leg === 'police') return this.options.routeAvoiding('101', this.trunk);
    return this.state.facts ? `PJSIP/${this.state.facts.line.id}` : null;
  }

  private async inspect(): Promise<LineEvidence> {
    const { ari, ami } = this.options.witnesses;
    const [seenByAri, seenByAmi] = await Promise.all([ari(), ami()]);
    const others = this.suspectsOf(this.state.facts?.line.id ?? '');
    // Of this call only the caller: the resident is on the phone.
    const isSuspect = (channel: string) =>
      channel === this.id || (callOf(channel) !== this.id && others.has(callOf(channel) ?? channel));
    return {
      ari: seenByAri?.filter(isSuspect) ?? null,
      ami: seenByAmi?.filter(isSuspect) ?? null,
      ...this.options.clearingOf(this.trunk),
      sinceClearedMs: this.clearedAt === null ? 0 : this.options.clock() - this.clearedAt,
    };
  }

  private conclude(at: number): void {
    this.concluded = true;
    if (this.clearedAt === null) this.clear(at);
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.finish();
    for (const bridge of this.bridges) void this.options.telephony.removeBridge(`${this.id}-${bridge}`);
  }

  private finish(): void {
    if (this.finished) return;
    const call = { record: foldRecord(this.id, this.journal), journal: this.journal };
    this.finished = true;
    this.onFinished(call);
  }
}

function isEndOfSound(event: CallEvent): boolean {
  return (
    event.type === 'PromptFinished' ||
    event.type === 'RecordingFinished' ||
    (event.type === 'EffectFailed' && event.effect === 'Play')
  );
}
