import type { ExchangeEvent } from '../../../services/adapters/ari-events.ts';
import type { CallEvent, JournalEntry } from '../../../services/core/call.ts';
import type { Telephony } from '../../../services/core/ports.ts';
import type { FinishedCall } from '../../../services/core/record.ts';
import { callOf } from '../../../services/interceptor/exchange/ids.ts';
import type { Channel } from './channel.ts';
import type { Exchange, Watcher } from './exchange.ts';
import type { Interceptor, Listener } from './interceptor.ts';
import { BrokenPromise, type PromiseName, promises, type Scene } from './names.ts';
import type { Requests } from './requests.ts';

/** A guarded number that somebody wants to reach through a Clearline that runs. */
export interface Wish {
  readonly call: string;
  readonly channel: Channel;
  readonly generation: number;
  /** Why it need not come true: the number was engaged, the resident chose another way. */
  excuse: string | null;
}

/** A caller whom the resident has dialled past: how long they may stay. */
interface Dismissed {
  readonly caller: Channel;
  readonly generation: number;
  readonly by: number;
}

type Dialled = Extract<CallEvent, { type: 'Dialled' }>;

/** Longer than the rest of a number is waited for. */
const restMs = 3_200;
const intruderMs = 12_000;

/** Holds the promises against what the exchange sees, after everything that happens. */
export class Promises implements Watcher, Listener {
  /** What was promised and is not so. */
  broken: BrokenPromise | null = null;
  readonly scenes = new Set<Scene>();
  readonly wishes: Wish[] = [];
  /** What happened, where it is asked for. */
  trail: string[] | null = null;
  /** Something about Clearline or its witnesses was wrong until then. */
  troubledUntil = 0;
  /** Calls of the process that runs, and whether their record was made. */
  readonly calls = new Map<string, { readonly generation: number; concluded: number; finished: number }>();
  private exchange!: Exchange;
  private requests!: Requests;
  private interceptor!: Interceptor;
  private readonly digits = new Map<Channel, { readonly digit: string; readonly at: number }[]>();
  /** Callers whom the process that runs knows of. */
  private known = new Set<string>();
  private dialled: Dialled[] = [];
  private dismissed: Dismissed[] = [];
  private sentOn = new Set<string>();

  watch(exchange: Exchange, requests: Requests, interceptor: Interceptor): void {
    this.exchange = exchange;
    this.requests = requests;
    this.interceptor = interceptor;
    requests.whenHungUp = (channel) => this.hungUp(channel);
  }

  break(promise: PromiseName, what: string): void {
    this.told(`BROKEN: ${promises[promise]}: ${what}`);
    this.broken ??= new BrokenPromise(promise, what);
  }

  told(what: string): void {
    this.trail?.push(`${((this.exchange.clock.now % 3_600_000) / 1000).toFixed(3)} ${what}`);
  }

  failed(why: string): void {
    if (!why.startsWith('an alert')) this.break('sound', why);
  }

  /** A process that died takes what it knew along: what a telephone that it rang was to dial, above all. */
  forget(): void {
    for (const wish of this.wishes) if (!wish.channel.outgoing) wish.excuse ??= 'nobody knows any more what was keyed';
    this.known = new Set();
    // It may be a PIN's: what was half keyed is kept nowhere.
    this.digits.clear();
  }

  tookUp(calls: readonly string[]): void {
    for (const call of calls) this.known.add(call);
    if (calls.length > 0) this.scenes.add('Clearline takes calls up where they were');
  }

  deliver(event: ExchangeEvent, take: () => void): void {
    this.told(`> ${event.type} ${'channel' in event ? event.channel : ''} ${tellRest(event)}`);
    if (event.type === 'ChannelEntered' && event.args[0] === 'inbound') this.known.add(event.channel);
    if (event.type === 'ChannelGone') this.known.delete(event.channel);
    const keyed = event.type === 'DigitReceived' ? this.key(event.channel, event.digit, event.at) : null;
    this.sentOn.clear();
    take();
    if (keyed !== null) this.scenes.add('an emergency number is keyed inside a suspect call');
    if (keyed !== null && !this.sentOn.has(keyed.id)) {
      this.break('emergency', `${keyed.id} is still where it was`);
    }
  }

  noted(call: string, entry: JournalEntry): void {
    const { generation } = this.exchange;
    const known = this.ofThisProcess(call);
    if ('effect' in entry) {
      this.told(`  ${call} -> ${JSON.stringify(entry.effect)}`);
      if (entry.effect.do === 'Conclude') known.concluded += 1;
      if (entry.effect.do === 'CallBackLater') this.scenes.add('a call back is promised');
      return;
    }
    const { event } = entry;
    this.told(`  ${call} <- ${tellEvent(event)}`);
    if (event.type === 'Arrived' && event.engaged) this.scenes.add('a caller is refused while the resident is engaged');
    if (event.type === 'Dialled') return this.wish(call, event, generation);
    const wish = this.wishes.findLast((one) => one.call === call);
    if (!wish) return;
    if (event.type === 'KeyPressed') wish.excuse ??= 'the resident pressed a key';
    if (event.type === 'CameBack' && event.status === 'BUSY') wish.excuse ??= 'the number is engaged';
  }

  /** A process that takes a call up may not know that the one before had concluded it: then it does so again. */
  private ofThisProcess(call: string) {
    const { generation } = this.exchange;
    const found = this.calls.get(call);
    const known = found?.generation === generation ? found : { generation, concluded: 0, finished: 0 };
    this.calls.set(call, known);
    return known;
  }

  finished({ record, journal }: FinishedCall): void {
    if (!this.calls.has(record.id))
      return this.break('concluded', `a record of ${record.id}, of which nothing was noted`);
    const known = this.ofThisProcess(record.id);
    known.concluded = journal.filter((entry) => 'effect' in entry && entry.effect.do === 'Conclude').length;
    known.finished += 1;
    if (known.finished > 1 || known.concluded !== 1) {
      this.break('concluded', `${record.id} has ${known.concluded} conclusions and ${known.finished} records`);
    }
  }

  offered(near: Channel, trunk: string): void {
    this.told(`${near.id} is offered to ${trunk}`);
    if (!near.guarded || near.emergency) return;
    const { callee, trunks } = this.exchange.outside;
    const inVain = callee !== 'answers' || (trunks.get(trunk) ?? 'works') !== 'works';
    const wish = this.wishes.findLast((one) => one.channel === near);
    if (inVain && !near.chosen && wish) wish.excuse ??= 'the dialplan tries by itself, once';
    this.scenes.add('a guarded call is offered to a trunk');
    const { now } = this.exchange.clock;
    if ([...this.exchange.heldOpen.values()].some((held) => held > now))
      this.scenes.add('a guarded call leaves while a trunk may be held open');
    const until = this.exchange.heldOpen.get(trunk) ?? 0;
    if (until > now + 1_000) {
      this.break('timed', `${near.id} is offered to ${trunk}`);
    }
  }

  asked(what: keyof Telephony, channel: string, more = ''): void {
    const leg = this.exchange.channels.get(channel);
    if (what === 'hangUp') {
      if (leg) leg.unwanted = true;
      return;
    }
    if (more === 'emergency') this.sentOn.add(channel);
    const call = this.calls.has(channel) ? channel : (callOf(channel) ?? channel);
    const known = this.calls.get(call);
    if (known && known.finished > 0 && known.generation === this.exchange.generation)
      this.break('concluded', `${call} was asked to ${what} after its conclusion`);
  }

  /** After everything that happens. */
  check(): void {
    this.checkDialled();
    this.checkDismissed();
    if (!this.exchange.changed) return;
    this.exchange.changed = false;
    for (const phone of this.exchange.of('phone')) {
      if (phone.isOpen) this.checkHeard(phone);
      if (phone.isOffered) this.checkAlone(phone);
    }
  }

  private wish(call: string, event: Dialled, generation: number): void {
    this.dialled.push(event);
    const channel = this.exchange.channels.get(call);
    const isUrgent = event.number.class === 'guarded' || event.number.class === 'emergency';
    for (const earlier of this.wishes)
      if (isUrgent && earlier.channel.line === event.line.id) earlier.excuse ??= 'the resident dialled another number';
    if (event.number.class !== 'guarded' || !channel) return;
    if (!channel.outgoing) channel.dialledAt = this.exchange.clock.now;
    this.wishes.push({ call, channel, generation, excuse: null });
  }

  /** Whoever is on the line when a guarded or an emergency number is dialled is asked off it in that very step. */
  private checkDialled(): void {
    for (const { line, number } of this.dialled.splice(0)) {
      if (number.class !== 'guarded' && number.class !== 'emergency') continue;
      for (const caller of this.exchange.of('caller', line.id)) {
        if (caller.trusted || !this.known.has(caller.id)) continue;
        this.scenes.add('a caller is dialled past');
        if (caller.unwanted) continue;
        this.break('cut', `${caller.id} was not hung up when ${number.number} was dialled`);
      }
    }
  }

  private checkDismissed(): void {
    const { now } = this.exchange.clock;
    this.dismissed = this.dismissed.filter(({ caller, generation, by }) => {
      if (!caller.isLive || caller.unwanted || generation !== this.exchange.generation) return false;
      if (now < by) return true;
      this.break('cut', `${caller.id} is still there after a guarded number was keyed`);
      return false;
    });
    for (const rogue of this.exchange.of('caller', '')) {
      const due = rogue.offeredAt + intruderMs;
      const near = [...(rogue.bridge ?? [])].find(({ kind }) => kind === 'phone');
      const watched = this.wishes.some((one) => one.channel === near && one.generation === this.exchange.generation);
      if (watched && rogue.unwanted) this.scenes.add('an intruder is found out');
      if (now > due && watched && this.troubledUntil < rogue.offeredAt - 3_000)
        this.break('intruder', `${rogue.id} was let in, and is still there`);
    }
  }

  /** Everybody whom this telephone hears over any of its calls. */
  private heardBy(phone: Channel): Set<Channel> {
    const seen = new Set<Channel>();
    const reach = (channel: Channel): void => {
      if (seen.has(channel)) return;
      seen.add(channel);
      for (const other of channel.bridge ?? []) reach(other);
      if (channel.kind !== 'phone') return;
      // The telephone may join all its calls to one another.
      for (const other of this.exchange.of('phone', channel.line)) if (other.isOpen) reach(other);
    };
    reach(phone);
    return seen;
  }

  private checkAlone(phone: Channel): void {
    for (const other of this.heardBy(phone)) {
      // Whom the resident calls besides, and later, is their own affair.
      const isEarlier = other.kind === 'far' && other.near !== phone && (other.near?.offeredAt ?? 0) < phone.dialledAt;
      const isSpared = other.near?.emergency === true;
      if ((other.kind === 'caller' && !other.rogue) || (isEarlier && !isSpared))
        this.break('alone', `${other.id} can be heard at the telephone of ${phone.id}`);
    }
  }

  private checkHeard(phone: Channel): void {
    for (const other of phone.bridge ?? []) {
      if (other.kind !== 'caller' || other.trusted || other.rogue) continue;
      this.scenes.add('a stranger speaks after the warning');
      if (other.far === phone || this.requests.warned.has(other.id)) continue;
      this.break('warned', `${other.id} can speak to ${phone.id}`);
    }
  }

  /** The leg, if what was keyed on it so far ends in an emergency number that has to leave at once. */
  private key(id: string, digit: string, at: number): Channel | null {
    const phone = this.exchange.channels.get(id);
    if (phone?.kind !== 'phone') return null;
    const before = this.digits.get(phone) ?? [];
    const keyed = [...before, { digit, at }].filter((key) => /\d/.test(key.digit) && at - key.at < 15_000);
    this.digits.set(phone, keyed);
    const caller = [...(phone.bridge ?? [])].find((one) => one.kind === 'caller' && !one.trusted);
    const talks = caller && callOf(id) === caller.id && !caller.unwanted && !phone.unwanted;
    if (!talks || this.interceptor.runner?.isRunning(caller.id) !== true) return null;
    const { generation, clock } = this.exchange;
    const text = keyed.map((key) => key.digit).join('');
    if (/(101|159)$/.test(text)) this.dismissed.push({ caller, generation, by: clock.now + restMs });
    return /(999|112)$/.test(text) ? phone : null;
  }

  private hungUp(channel: Channel): void {
    const near = channel.emergency ? channel : channel.near;
    if (near?.emergency && near.isLive) this.break('uncut', `${channel.id} is hung up`);
  }
}

function tellEvent(event: CallEvent): string {
  if (event.type === 'Dialled') return `Dialled ${event.number.number} (${event.by})`;
  if (event.type === 'LineInspected') return `LineInspected ${JSON.stringify(event.evidence)}`;
  if (event.type === 'Arrived') return `Arrived held ${event.held} engaged ${event.engaged}`;
  const { at: _, ...rest } = event;
  return JSON.stringify(rest);
}

function tellRest(event: ExchangeEvent): string {
  if (event.type === 'ChannelEntered') return `${event.args[0] ?? ''}`;
  if (event.type === 'DialTold') return `${event.peer} ${event.status}`;
  return 'playback' in event ? event.playback : 'digit' in event ? event.digit : '';
}
