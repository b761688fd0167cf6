import { EventEmitter } from 'node:events';
import type { Ari } from '../../../services/adapters/ari.ts';
import type { ExchangeEvent } from '../../../services/adapters/ari-events.ts';
import type { JournalEntry } from '../../../services/core/call.ts';
import type { CallBack, CallKeeper, KeptEntry, Telephony } from '../../../services/core/ports.ts';
import type { FinishedCall } from '../../../services/core/record.ts';
import { CallBacks } from '../../../services/interceptor/call-backs.ts';
import { joinExchange } from '../../../services/interceptor/exchange/exchange.ts';
import { HoldBook } from '../../../services/interceptor/line/hold-book.ts';
import { holdMender } from '../../../services/interceptor/line/mend-holds.ts';
import { gateEvents, type Hold } from '../../../services/interceptor/ownership/gate.ts';
import { takeOverLeftCalls } from '../../../services/interceptor/reconcile.ts';
import { catchUp, takeUp } from '../../../services/interceptor/restart/take-up.ts';
import { CallRunner } from '../../../services/interceptor/run-calls.ts';
import type { RunnerOptions } from '../../../services/interceptor/runner-options.ts';
import type { Log } from '../../../services/log.ts';
import { safeNumbers } from './dialplan.ts';
import type { Exchange } from './exchange.ts';
import { lines } from './home.ts';
import type { Requests } from './requests.ts';

/** What the model hears from inside Clearline. */
export interface Listener {
  /** A call's journal, entry by entry. */
  noted(call: string, entry: JournalEntry): void;
  finished(call: FinishedCall): void;
  failed(why: string): void;
  /** Calls of an earlier process that this one goes on with. */
  tookUp(calls: readonly string[]): void;
  /** What is asked of the exchange, in the step that asks it. */
  asked(what: keyof Telephony, channel: string, more?: string): void;
}

/** What outlives the process: Redis. */
export interface Redis {
  away: boolean;
  readonly callBacks: CallBack[];
  /** What is kept of each call, as text. */
  readonly kept: Map<string, string[]>;
}

const quiet = () => {};
const ok = async () => ({ ok: true }) as const;

/** The interceptor as services/interceptor/main.ts puts it together, on the model's exchange; it may die and come back. */
export class Interceptor {
  runner: CallRunner | null = null;
  readonly redis: Redis = { away: false, callBacks: [], kept: new Map() };
  /** Channels that are listened to for a dial tone, by call. */
  readonly listened = new Map<string, string>();
  private callBacks: CallBacks | null = null;
  private stop = quiet;
  private reconnect: () => Promise<void> = async () => {};
  private readonly exchange: Exchange;
  private readonly requests: Requests;
  private readonly listener: Listener;

  constructor(exchange: Exchange, requests: Requests, listener: Listener) {
    this.exchange = exchange;
    this.requests = requests;
    this.listener = listener;
  }

  start(): void {
    const { exchange, requests } = this;
    const holds = new HoldBook();
    const log = this.log();
    const mender = holdMender(holds, requests, log);
    const events: Ari['events'] = new EventEmitter();
    const { answer, alert, play, stopPlaying, record, recordBridge, dial } = requests;
    const { connect, removeBridge, hangUp, continueInDialplan, listChannels, listBridges, isOver } = requests;
    const own = { answer, alert, play, stopPlaying, record, recordBridge, dial, connect, removeBridge, hangUp };
    const look = requests.witness('ari');
    const lists = { listChannels, listBridges, isOver, look };
    const ari: Ari = { events, ...own, ...lists, continueInDialplan, snoop: ok, sendAudio: ok, close: quiet };
    const options = this.options(
      this.overheard(joinExchange(ari, requests, mender.mendSoon)),
      holds,
      () => mender.mend(0),
      log,
    );
    const runner = new CallRunner(options);
    const callBacks = new CallBacks(runner, options, { callBackTries: 2, callBackEverySeconds: 20 });
    runner.newcomers = callBacks.hear;
    this.runner = runner;
    this.callBacks = callBacks;
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    let hold: Hold = () => begun;
    const hear = gateEvents(
      () => hold(),
      runner.hear.bind(runner),
      (err) => this.listener.failed(String(err)),
    );
    events.on('event', hear);
    exchange.application = (event: ExchangeEvent) => events.emit('event', event);
    const takeOver = () => takeOverLeftCalls(ari, requests, (call) => runner.isRunning(call), log);
    const taking = {
      runner,
      ari,
      noteOf: async () => null,
      clock: () => exchange.clock.now,
      log,
      given: new Set<string>(),
    };
    this.reconnect = async () => {
      await catchUp(taking);
      await mender.mend(0);
      await takeOver();
    };
    this.stop = mender.keepMending();
    const comeBack = async () => {
      await mender.mend(0);
      const kept = this.redis.away ? [] : [...this.redis.kept];
      const read = new Map(kept.map(([call, texts]) => [call, texts.map((text) => JSON.parse(text) as KeptEntry)]));
      await takeUp(read, { ...taking, adopting: true }, () => {
        this.listener.tookUp(runner.all.map(({ id }) => id));
        hold = () => null;
        begin();
      });
      for (const call of runner.all)
        if (call.opening.type === 'Dialled' && call.opening.by === 'call-back') callBacks.goOn(call);
      await takeOver();
    };
    void comeBack();
  }

  get isUp(): boolean {
    return this.runner !== null;
  }

  /** All that it knew is lost; what it asked for is done all the same. */
  die(): void {
    this.stop();
    this.runner = null;
    this.callBacks = null;
    this.exchange.application = null;
    this.exchange.generation += 1;
    this.exchange.clock.cancelAll('node');
    this.listened.clear();
  }

  /** The connection to the exchange is lost for a while; nothing that happens there is ever heard. */
  loseConnection(ms: number): void {
    const { exchange } = this;
    const { application, generation } = exchange;
    if (application === null) return;
    exchange.application = null;
    exchange.clock.after(ms, () => {
      if (exchange.generation !== generation) return;
      exchange.application = (event) => application(event);
      void this.reconnect();
    });
  }

  private overheard(telephony: Telephony): Telephony {
    const { listener } = this;
    const told =
      <A extends readonly unknown[], R>(what: keyof Telephony, ask: (id: string, ...more: A) => R) =>
      (id: string, ...more: A) => {
        listener.asked(what, id, String(more[0]));
        return ask(id, ...more);
      };
    return {
      ...telephony,
      answer: told('answer', telephony.answer),
      play: told('play', telephony.play),
      record: told('record', telephony.record),
      dial: (request) => told('dial', () => telephony.dial(request))(request.channel),
      connect: told('connect', telephony.connect),
      hangUp: told('hangUp', telephony.hangUp),
      continueInDialplan: told('continueInDialplan', telephony.continueInDialplan),
    };
  }

  private options(telephony: Telephony, holds: HoldBook, readHolds: () => Promise<boolean>, log: Log): RunnerOptions {
    const { requests, exchange, redis } = this;
    const { site, clock, chance } = exchange;
    const trunks = site.trunks.map((trunk) => ({ ...trunk, clearingSeconds: site.clearingSeconds }));
    return {
      telephony,
      witnesses: { ari: requests.witness('ari'), ami: requests.witness('ami') },
      lines: lines(),
      holds,
      readHolds,
      keeper: this.keeper(),
      facts: { put: async (call) => this.listener.finished(call) },
      tolls: { lastHour: () => ({ lastHour: 0, premiumLastHour: 0 }) },
      alerts: { put: async () => {} },
      callBacks: {
        promise: async (callBack) => {
          await new Promise((resolve) => setTimeout(resolve, redis.away ? 1_000 : 5));
          if (redis.away) throw new Error('Redis did not take a call back');
          this.keepPromise(callBack, 1_000);
        },
        drop: quiet,
      },
      rules: { inbound: { ...inboundRules, holdSeconds: site.holdSeconds, safeNumbers }, outgoing: outboundRules },
      numbers: safeNumbers,
      arrivals: { trunks: new Map(), doNotOriginate: new Set(), staffed: true },
      trunks,
      staffEndpoint: 'PJSIP/office',
      listening: {
        listen: (call, channel) => void this.listened.set(call, channel),
        stop: (call) => void this.listened.delete(call),
      },
      releaseOf: () => 'unknown',
      clock: () => clock.now,
      random: chance.next,
      log,
    };
  }

  /** As kept-calls.ts does it: a moment later, so that a process that dies has not kept its last word; all anew after an outage. */
  private keeper(): CallKeeper {
    const { redis, exchange } = this;
    let behind = false;
    let waiting: (() => void)[] = [];
    const anew = () => {
      redis.kept.clear();
      for (const { id, kept, isOver } of this.runner?.all ?? [])
        if (!isOver)
          redis.kept.set(
            id,
            kept.map((entry) => JSON.stringify(entry)),
          );
    };
    const flush = () => {
      const changes = waiting;
      waiting = [];
      if (redis.away) behind = true;
      else if (behind) anew();
      else for (const change of changes) change();
      if (!redis.away) behind = false;
    };
    const write = (change: () => void) => {
      if (waiting.length === 0) exchange.clock.after(20, flush, 'node');
      waiting.push(change);
    };
    return {
      keep: (call, entries) => {
        const texts = entries.map((entry) => JSON.stringify(entry));
        write(() => redis.kept.set(call, [...(redis.kept.get(call) ?? []), ...texts]));
      },
      drop: (call) => void write(() => redis.kept.delete(call)),
      load: async () => null,
    };
  }

  /** Redis keeps it while nobody is there to make it, and has it made again when whoever made it is gone. */
  private keepPromise(callBack: CallBack, inMs: number): void {
    const { exchange, redis } = this;
    redis.callBacks.push(callBack);
    const again = (value: CallBack, ms: number) => {
      redis.callBacks.splice(redis.callBacks.indexOf(callBack), 1);
      this.keepPromise(value, ms);
    };
    exchange.clock.after(inMs, () => {
      const { generation } = exchange;
      if (redis.away || this.callBacks === null) return again(callBack, 5_000);
      void this.callBacks.make(callBack).then((later) => {
        if (later !== null) again(later.value, later.inMs);
        else redis.callBacks.splice(redis.callBacks.indexOf(callBack), 1);
      });
      const watch = () => {
        if (!redis.callBacks.includes(callBack)) return;
        if (exchange.generation === generation) exchange.clock.after(10_000, watch);
        else again(callBack, 1_000);
      };
      exchange.clock.after(10_000, watch);
    });
  }

  private log(): Log {
    return {
      debug: (...said: readonly unknown[]) => {
        const { call, entry } = said[0] as { call: string; entry: JournalEntry };
        this.listener.noted(call, entry);
      },
      info: quiet,
      warn: quiet,
      error: (...said: readonly unknown[]) => this.listener.failed(said.map(tell).join(': ')),
    };
  }
}

function tell(said: unknown): string {
  if (typeof said === 'string') return said;
  return JSON.stringify(said, (_, value: unknown) => (value instanceof Error ? value.stack : value));
}

const inboundRules = {
  nameSeconds: 2,
  challengeSeconds: 4,
  messageSeconds: 8,
  reminderSeconds: 40,
  reportedHoldSeconds: 60,
};

const outboundRules = {
  premium: 'connect',
  ordinaryWhileHeld: 'warn',
  waitSeconds: 30,
  abroad: 'connect',
  callsAtOnce: 9,
  callsPerHour: 9_999,
  premiumCallsPerHour: 9_999,
} as const;
