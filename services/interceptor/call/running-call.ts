import type { CallEvent, Effect, JournalEntry, Leg, Opening, Outcome } from '../../core/call.ts';
import type { ProtectedLine } from '../../core/line.ts';
import type { KeptEntry } from '../../core/ports.ts';
import { describe } from '../exchange/arrival.ts';
import type { Unstamped } from '../perform.ts';
import type { Past } from '../restart/past.ts';
import type { CallView, Outstanding } from '../restart/resume.ts';
import type { RunnerOptions } from '../runner-options.ts';
import { Account } from './account.ts';
import { allEffects } from './all-effects.ts';
import { breakOff } from './break-off.ts';
import { CallBridge } from './call-bridge.ts';
import { CallJournal } from './call-journal.ts';
import { CallLegs, dialEvents } from './call-legs.ts';
import { type Flow, flowFor } from './flow.ts';
import { Inherited } from './inherited.ts';
import { Mailbox } from './mailbox.ts';
import type { Surroundings } from './surroundings.ts';
import { Timers } from './timers.ts';
import { Trace } from './trace.ts';
import { wayBack } from './way-back.ts';

/** How long the end of a channel that is gone is awaited, with its cause, before the call goes on without. */
const goneMs = 500;

/**
 * One call while it lasts: its journal and its mailbox, whose events are decided one at a time and in order. Whatever the
 * effects bring back is just another event.
 */
export class RunningCall {
  readonly id: string;
  readonly opening: Opening;
  readonly legs: CallLegs;
  readonly bridge: CallBridge;
  private readonly flow: Flow;
  private readonly options: RunnerOptions;
  private readonly journal: CallJournal;
  private readonly mailbox: Mailbox;
  private readonly account: Account;
  private readonly timers = new Timers((timer) => this.report({ type: 'Woke', timer }));
  private readonly inherited = new Inherited();
  private readonly trace: Trace;
  private readonly effects: (effect: Effect, at: number) => void;
  private busy = false;
  /** Clearline failed in this call and let go of it. */
  private brokenOff = false;

  constructor(id: string, opening: Opening, options: RunnerOptions, around: Surroundings<RunningCall>) {
    this.id = id;
    this.opening = opening;
    this.flow = flowFor(id, opening, options.rules);
    this.legs = new CallLegs(id, this.flow.first);
    this.mailbox = new Mailbox(this.flow.first);
    this.options = options;
    this.trace = new Trace(opening, options.holds);
    this.journal = new CallJournal(id, options.keeper, options.log);
    this.account = new Account(id, this.journal, around.onFinished, options.log);
    this.bridge = new CallBridge(id, options.telephony);
    const { legs, timers, trace, line } = this;
    this.effects = allEffects({
      ...{ call: id, line, options, legs, timers, trace },
      inspect: () => around.inspect(this),
      cutOthers: () => around.cutOthers(this),
      dialOut: (effect) => around.dialOut(this, effect),
      bridge: () => this.bridge.isAsked(),
      conclude: (at) => this.conclude(at),
      report: (answer) => this.report(answer),
    });
  }

  /** Brings the call to where another process left it, and does nothing yet. Throws where that cannot be known. */
  relive(past: Past, kept: readonly KeptEntry[]): void {
    const { flow, journal, legs, trace, mailbox } = this;
    this.inherited.relive({ flow, journal, legs, trace, mailbox }, past, kept);
    // Whoever ran it may have made the bridge and died, or lost Redis, before that was kept: nobody else would ever remove it.
    if (this.opening.type === 'Arrived') this.bridge.isAsked();
    if (flow.legs.far === 'up') this.reach();
  }

  /** A call whose beginning nobody watched: what it would lead to now is not done. */
  begin(opening: Extract<JournalEntry, { event: CallEvent }>): void {
    for (const effect of this.flow.take(opening.event))
      if (effect.do === 'Screen') this.trace.take(effect, opening.event.at);
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
    for (const event of dialEvents(channelName, status, at)) this.post(event);
    if (status === 'ANSWER') this.reach();
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
    this.inherited.compared(events, this.timers, at);
    this.post({ type: 'TakenOver', at, ...(talking && { talking }) });
    if (talking !== undefined) this.bridge.isAsked();
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

  private handle(event: CallEvent): void {
    if (event.type === 'HungUp' && event.leg === this.flow.first) this.trace.leave(event.at);
    const keep = this.account.noteEvent(this.flow.keep(event));
    const effects = this.flow.take(event);
    if (keep && effects.some((effect) => effect.do !== 'Wake')) keep();
    for (const effect of effects) {
      if (effect.do !== 'Play' || !this.inherited.isGone(effect.leg)) this.do(effect, event.at, true);
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
      this.account.noteFailure(err, at);
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
    this.bridge.remove();
  }
}
