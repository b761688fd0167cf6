import type { CallEvent, Effect, JournalEntry, Leg, Opening, Outcome, Timer } from '../../core/call.ts';
import type { LineEvidence } from '../../core/clearance.ts';
import type { ProtectedLine } from '../../core/line.ts';
import type { KeptEntry } from '../../core/ports.ts';
import type { FinishedCall } from '../../core/record.ts';
import { describe } from '../exchange/arrival.ts';
import { bridgeOf } from '../exchange/ids.ts';
import type { Unstamped } from '../perform.ts';
import { type Past, relive, timersDue } from '../restart/past.ts';
import type { CallView, Outstanding } from '../restart/resume.ts';
import type { RunnerOptions } from '../runner-options.ts';
import { Account } from './account.ts';
import { allEffects } from './all-effects.ts';
import { breakOff } from './break-off.ts';
import { CallJournal } from './call-journal.ts';
import { CallLegs, trunkOf } from './call-legs.ts';
import { type Flow, inboundFlow, outgoingFlow } from './flow.ts';
import { Mailbox } from './mailbox.ts';
import { Timers } from './timers.ts';
import { Trace } from './trace.ts';
import { wayBack } from './way-back.ts';

/** How long the end of a channel that is gone is awaited, with its cause, before the call goes on without. */
const goneMs = 500;

export type DialOut = Extract<Effect, { do: 'DialOut' }>;

/** What a call asks of those around it. */
export interface Surroundings {
  /** The resident's leg leaves this call and dials in one of its own. */
  readonly dialOut: (from: RunningCall, effect: DialOut) => void;
  /** Ends every other call of this one's line. */
  readonly cutOthers: (of: RunningCall) => void;
  readonly inspect: (of: RunningCall) => Promise<LineEvidence>;
  /** Told once that the call is over; null when not even a record could be made. */
  readonly onFinished: (call: FinishedCall | null) => void;
}

/**
 * One call while it lasts: its journal and its mailbox, whose events are decided one at a time and in order. Whatever the
 * effects bring back is just another event.
 */
export class RunningCall {
  readonly id: string;
  readonly opening: Opening;
  readonly legs: CallLegs;
  private readonly flow: Flow;
  private readonly options: RunnerOptions;
  private readonly journal: CallJournal;
  private readonly mailbox: Mailbox;
  private readonly account: Account;
  private readonly timers = new Timers((timer) => this.report({ type: 'Woke', timer }));
  /** When each timer is due that another process set. */
  private due: ReadonlyMap<Timer, number> = new Map();
  /** The bridge of the call's parties is up. */
  private bridged = false;
  private readonly trace: Trace;
  private readonly effects: (effect: Effect, at: number) => void;
  private busy = false;
  /** Legs that were gone when the call was taken up: nothing is said to them. */
  private readonly absent = new Set<Leg>();
  /** Clearline failed in this call and let go of it. */
  private brokenOff = false;

  constructor(id: string, opening: Opening, options: RunnerOptions, around: Surroundings) {
    this.id = id;
    this.opening = opening;
    this.flow =
      opening.type === 'Arrived' ? inboundFlow(id, options.rules.inbound) : outgoingFlow(id, options.rules.outgoing);
    this.legs = new CallLegs(id, this.flow.first);
    this.mailbox = new Mailbox(this.flow.first);
    this.options = options;
    this.trace = new Trace(opening, options.holds);
    this.journal = new CallJournal(id, options.keeper, options.log);
    this.account = new Account(id, this.journal, around.onFinished, options.log);
    const { legs, timers, trace, line } = this;
    this.effects = allEffects({
      ...{ call: id, line, options, legs, timers, trace },
      inspect: () => around.inspect(this),
      cutOthers: () => around.cutOthers(this),
      dialOut: (effect) => around.dialOut(this, effect),
      bridge: () => {
        this.bridged = true;
      },
      conclude: (at) => this.conclude(at),
      report: (answer) => this.report(answer),
    });
  }

  /** Brings the call to where another process left it, and does nothing yet. Throws where that cannot be known. */
  relive(past: Past, kept: readonly KeptEntry[]): void {
    relive(this.flow, past);
    this.journal.takeOver(kept, past.journal);
    for (const { channel, status } of past.dialled) this.legs.dials(channel, status);
    for (const entry of past.journal) {
      this.trace.relive(entry);
      if ('event' in entry) this.mailbox.relive(entry.event);
    }
    // Whoever ran it may have made the bridge and died, or lost Redis, before that was kept: nobody else would ever remove it.
    this.bridged = this.opening.type === 'Arrived';
    if (this.flow.legs.far === 'up') this.reach();
    this.due = timersDue(past.journal);
  }

  /** A call whose beginning nobody watched: what it would lead to now is not done. */
  begin(opening: Extract<JournalEntry, { event: CallEvent }>): void {
    for (const effect of this.flow.take(opening.event)) if (effect.do === 'Screen') this.trace.take(effect);
    this.account.note(opening);
  }

  /** The leg whose channel is the call's own. */
  get first(): Leg {
    return this.flow.first;
  }

  get line(): ProtectedLine | null {
    return this.opening.line;
  }

  /** A caller whom nobody has found on the trusted list. */
  get isSuspect(): boolean {
    return this.opening.type === 'Arrived' && !this.trace.trusted;
  }

  /** A call to a number that nobody may come between, or before. */
  isTo(...classes: readonly string[]): boolean {
    return this.opening.type === 'Dialled' && classes.includes(this.opening.number.class);
  }

  /** How it ended, or `connected` as soon as it is. */
  get outcome(): Promise<Outcome> {
    return this.account.outcome;
  }

  get isOver(): boolean {
    return this.account.isClosed;
  }

  /** What there is to compare with Asterisk. */
  get view(): CallView {
    const { id, flow, journal, legs } = this;
    const { first, stage, playing, comfort } = flow;
    const { channelOf } = legs;
    return { id, first, legs: flow.legs, stage, playing, comfort, journal: journal.entries, channelOf };
  }

  /** All that has to outlive this process, if the call is to. */
  get kept(): readonly KeptEntry[] {
    return this.journal.kept;
  }

  /** Nobody heard its end: which account of it that makes, as in FinishedCall. */
  yieldAs(revision: number): void {
    this.account.revision = revision;
  }

  get liveLegs(): readonly Leg[] {
    return this.brokenOff ? [] : this.flow.liveLegs;
  }

  /** The channels of the legs that ring or are up. */
  get channels(): string[] {
    return this.liveLegs.flatMap((leg) => this.legs.channelOf(leg) ?? []);
  }

  /** A leg is about to go: prompts and recordings that end now end because of it. */
  announceLeaving(leg: Leg, cause: number): void {
    if (this.liveLegs.includes(leg)) this.mailbox.announceLeaving(leg, cause);
  }

  /** The whole INVITE, told as the caller leaves. */
  describe(facts: readonly string[], at: number): void {
    if (this.opening.type !== 'Arrived') return;
    this.post({ type: 'Described', at, ...describe(facts, this.opening.trunk, this.options.arrivals) });
  }

  /** How the dialplan fares with a channel it dials for this call. */
  hearDial(channel: string, channelName: string, status: string, at: number): void {
    if (!this.legs.dials(channel, status)) return;
    this.journal.noteDial({ channel, name: channelName, status }, at);
    const trunk = trunkOf(channelName);
    if (status === 'dialling' && trunk !== null) this.post({ type: 'Dialling', trunk, at });
    if (status === 'ringing' || status === 'PROGRESS') this.post({ type: 'Ringing', leg: 'far', at });
    if (status !== 'ANSWER') return;
    this.post({ type: 'Answered', leg: 'far', at });
    this.reach();
  }

  private reach(): void {
    this.account.reach();
    const { opening } = this;
    if (opening.type === 'Dialled') this.options.callBacks.drop(opening.line.id, opening.number.number);
  }

  /** Nobody watched so far; these are the hang-ups and answers that were missed. `facts` as in `describe`, `talking` as in TakenOver. */
  takeOver(
    events: readonly CallEvent[],
    facts: readonly string[] | null,
    at: number,
    talking?: 'resident' | 'staff',
  ): void {
    for (const event of events) if (event.type === 'HungUp') this.absent.add(event.leg);
    // Not before: none goes off upon what nobody has compared yet.
    for (const [timer, due] of this.due) this.timers.set(timer, Math.max(0, due - at));
    this.due = new Map();
    this.post({ type: 'TakenOver', at, ...(talking && { talking }) });
    this.bridged ||= talking !== undefined;
    if (facts !== null) this.describe(facts, at);
    for (const event of events) this.post(event);
  }

  /** Goes on with what the call waits for; `unnoted` is done again and stands on record already. */
  goOn({ events, again }: Outstanding, unnoted: Outstanding['again'] = []): void {
    const at = this.options.clock();
    // What is done again follows from nothing else: so the next process knows it, too, when it lives the call again.
    if (again.length > 0) this.post({ type: 'TakenOver', at });
    this.guardedly(() => {
      for (const { effect } of again) this.do(effect, at, true);
      for (const { effect, at: then } of unnoted) this.do(effect, then, false);
    });
    for (const event of events) this.post(event);
  }

  post(event: CallEvent): void {
    if (this.brokenOff) {
      // It rang while Clearline let go of the call.
      const channel = event.type === 'Answered' && event.leg !== 'far' ? this.legs.channelOf(event.leg) : null;
      if (channel !== null) void this.options.telephony.hangUp(channel, 16);
      return;
    }
    this.mailbox.put(event);
    if (this.busy) return;
    this.busy = true;
    this.guardedly(() => {
      for (let next = this.mailbox.take(); next; next = this.mailbox.take()) this.handle(next);
    });
    this.busy = false;
  }

  private guardedly(work: () => void): void {
    try {
      if (!this.brokenOff) work();
    } catch (error) {
      this.breakOff(error);
    }
  }

  /** Lets go of the bridge the call's parties hear one another in; `first` is the channel that is needed out of it at once. */
  unbridge(first?: string): void {
    if (this.bridged) void this.options.telephony.removeBridge(bridgeOf(this.id), first);
    this.bridged = false;
  }

  private handle(event: CallEvent): void {
    if (event.type === 'HungUp' && event.leg === this.flow.first) this.trace.leave(event.at);
    const keep = this.account.noteEvent(this.flow.keep(event));
    const effects = this.flow.take(event);
    if (keep && effects.some((effect) => effect.do !== 'Wake')) keep();
    for (const effect of effects) {
      if (effect.do !== 'Play' || !this.absent.has(effect.leg)) this.do(effect, event.at, true);
    }
  }

  private do(effect: Effect, at: number, noted: boolean): void {
    if (noted) this.account.note({ at, effect });
    this.effects(effect, at);
  }

  /** One call that Clearline fails in must not stop another, nor leave its parties in silence. */
  private breakOff(err: unknown): void {
    const { telephony, log, clock } = this.options;
    log.error({ err, call: this.id }, 'Clearline failed in a call and lets go of it');
    this.brokenOff = true;
    this.mailbox.clear();
    this.options.listening.stop(this.id);
    const at = clock();
    breakOff(this.journal.entries, {
      call: this.id,
      first: this.flow.first,
      telephony,
      giveBack: wayBack(this.id, this.opening, telephony),
      log,
    });
    try {
      if (this.isOver) return this.account.finish();
      this.account.note({
        at,
        event: { type: 'BrokenOff', at, why: err instanceof Error ? err.message : String(err) },
      });
      this.account.note({ at, effect: { do: 'Conclude', ending: { outcome: 'failed', by: 'clearline', cause: 16 } } });
      this.conclude(at);
    } catch (failure) {
      this.account.giveUp(failure);
    }
  }

  private report(answer: Unstamped): void {
    const post = () => this.post({ ...answer, at: this.options.clock() });
    // The channel's own end tells the cause, and is on its way if the connection stands.
    if (answer.type === 'HungUp' && answer.cause === 0) setTimeout(post, goneMs);
    else post();
  }

  private conclude(at: number): void {
    this.account.close();
    // The caller may stay, with the dialplan: nobody would act upon what is heard of them.
    this.options.listening.stop(this.id);
    this.trace.leave(at);
    this.timers.unsetAll();
    this.account.finish();
    this.unbridge();
  }
}
