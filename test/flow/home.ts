import { afterEach, beforeEach, expect, vi } from 'vitest';
import type { ExchangeEvent } from '../../services/adapters/ari-events.ts';
import { numberRules } from '../../services/core/number.ts';
import { gb } from '../../services/core/packs/gb.ts';
import type { CallBack, RaisedAlert, StoredLine } from '../../services/core/ports.ts';
import type { CallRecord, InboundRecord, OutgoingRecord } from '../../services/core/record.ts';
import { CallBacks } from '../../services/interceptor/call-backs.ts';
import { HoldBook } from '../../services/interceptor/line/hold-book.ts';
import { LoadedLines } from '../../services/interceptor/line/line-book.ts';
import { TollBook } from '../../services/interceptor/line/toll-book.ts';
import { CallRunner } from '../../services/interceptor/run-calls.ts';
import type { GuardedTrunk, RunnerOptions } from '../../services/interceptor/runner-options.ts';
import { type FakeFactQueue, fakeFactQueue } from '../support/fake-stores.ts';
import { type FakeChannel, FakeTelephony, type OnRing } from '../support/fake-telephony.ts';
import { storedLine } from '../support/finished-call.ts';
import { memoryLog } from '../support/log.ts';

/**
 * A home with the whole interceptor and the fake exchange; the time passes when the test says so, and each prompt lasts a
 * second. After every test nothing may be left: no channel, no bridge, no timer, and no command that held up the others.
 */

/** When each test begins. */
export const monday = Date.UTC(2026, 10, 23, 10);

const rules = {
  nameSeconds: 4,
  challengeSeconds: 8,
  messageSeconds: 60,
  reminderSeconds: 300,
  holdSeconds: 300,
  reportedHoldSeconds: 1800,
};

export interface HomeOptions {
  readonly lines?: readonly Partial<StoredLine>[];
  readonly staff?: OnRing;
  /** How the first trunk clears; the second is always proven. */
  readonly clearing?: Omit<GuardedTrunk, 'name'>;
  /** Names of the trunks: `first` and `second`. */
  readonly trunks?: readonly string[];
}

export interface CallOptions {
  /** The number shown; null withholds it. A stranger's by default. */
  readonly from?: string | null;
  readonly to?: string;
}

export const numbers = { anna: '01923555100', stranger: '02079460000', villain: '01923555666' };
const siteNumbers = {
  emergency: [],
  guarded: [],
  premium: [],
  ordinary: [],
  abroadIsPremium: false,
  doNotOriginate: [],
};
const outgoing = {
  premium: 'connect',
  ordinaryWhileHeld: 'warn',
  waitSeconds: 300,
  abroad: 'connect',
  callsAtOnce: 2,
  callsPerHour: 60,
  premiumCallsPerHour: 5,
  callBackTries: 3,
  callBackEverySeconds: 120,
} as const;

export class Home {
  readonly exchange: FakeTelephony;
  readonly runner: CallRunner;
  readonly callBacks: CallBacks;
  readonly holds = new HoldBook();
  readonly facts: FakeFactQueue = fakeFactQueue();
  readonly alerts: RaisedAlert[] = [];
  /** Call backs that wait. */
  readonly promised: CallBack[] = [];
  /** Redis is away: nothing can be promised. */
  forgetful = false;
  readonly log = memoryLog();
  /** Channels AMI says are on the line instead of the truth; null for no answer, `undefined` for the truth. */
  amiSays: readonly string[] | null | undefined;
  /** Events that the interceptor never hears. */
  isLost: (event: ExchangeEvent) => boolean = () => false;

  constructor({ lines = [{}], staff, clearing, trunks = ['first', 'second'] }: HomeOptions = {}) {
    const book = new LoadedLines();
    const stored = lines.map((line) => storedLine(line));
    book.replaceBy(stored);
    this.exchange = new FakeTelephony({
      hear: (event) => {
        if (!this.isLost(event)) this.runner.hear(event);
      },
      lineOf: (dialled) => stored.find(({ number }) => number === `+44${dialled.slice(1)}`)?.id ?? '',
    });
    for (const { id } of stored) this.exchange.phones.set(`PJSIP/${id}`, { do: 'ring' });
    if (staff) this.exchange.phones.set('PJSIP/office', staff);
    for (const trunk of trunks) {
      for (const number of ['101', '999']) this.onTrunk(number, trunk, { do: 'answer', afterMs: 3000 });
    }
    this.exchange.dialplan.trunks = trunks;
    const proven = { clearing: 'proven', clearingSeconds: 0 } as const;
    const numbers = numberRules(gb, siteNumbers);
    const options: RunnerOptions = {
      telephony: this.exchange,
      witnesses: {
        ari: async (question) => this.exchange.look(question),
        ami: async (question) => {
          const { amiSays } = this;
          if (amiSays === null) return null;
          const truth = this.exchange.look(question);
          return amiSays === undefined ? truth : { ...truth, channels: amiSays };
        },
      },
      lines: book,
      holds: this.holds,
      facts: this.facts,
      tolls: new TollBook(),
      alerts: {
        put: async (alert) => {
          this.alerts.push(alert);
        },
      },
      callBacks: {
        promise: async (callBack) => {
          if (this.forgetful) throw new Error('Redis did not take a call back');
          this.promised.push(callBack);
        },
        drop: (line, number) => {
          const kept = this.promised.filter((one) => one.line !== line || one.number.number !== number);
          this.promised.splice(0, this.promised.length, ...kept);
        },
      },
      rules: { inbound: { ...rules, safeNumbers: numbers }, outgoing },
      numbers,
      arrivals: { trunks: new Map(), doNotOriginate: new Set(), staffed: staff !== undefined },
      trunks: trunks.map((name) => ({ name, ...(name === 'first' ? (clearing ?? proven) : proven) })),
      staffEndpoint: staff ? 'PJSIP/office' : null,
      listening: { listen: () => {}, stop: () => {} },
      releaseOf: () => 'unknown',
      clock: Date.now,
      random: () => 0.5,
      log: this.log,
    };
    this.runner = new CallRunner(options);
    this.callBacks = new CallBacks(this.runner, options, outgoing);
    this.runner.newcomers = this.callBacks.hear;
    homes.push(this);
  }

  /** Who was sent on to the dialplan's fallback for callers. */
  get givenBack(): string[] {
    const visits = this.exchange.dialplan.visits.map((visit) => visit.split(' '));
    return visits.flatMap(([channel, context]) => (channel && context === 'fallback-inbound' ? [channel] : []));
  }

  /** What answers a number over a trunk. */
  onTrunk(number: string, trunk: string, what: OnRing): void {
    this.exchange.phones.set(`PJSIP/${number}@trunk-${trunk}`, what);
  }

  /** The line's telephone dials. */
  dial(number: string, line = 'room-12'): FakeChannel {
    return this.exchange.dialOut(line, number);
  }

  /** Whoever the dialplan dialled for this channel. */
  far(channel: FakeChannel): FakeChannel {
    return this.exchange.dialplan.farOf(channel);
  }

  /** Where the dialplan was told to take this channel, in order: `over-first 101`. */
  routes({ id }: FakeChannel): string[] {
    const visits = this.exchange.dialplan.visits.filter((visit) => visit.startsWith(`${id} `));
    return visits.map((visit) => visit.slice(id.length + 1));
  }

  /** A call comes in over the first trunk. */
  call({ from = numbers.stranger, to = '01923555012' }: CallOptions = {}): FakeChannel {
    const shown = from === null ? 'Anonymous <sip:anonymous@anonymous.invalid>' : `<sip:${from}@192.0.2.7>;tag=1`;
    return this.exchange.arrive(to, 'first', [Buffer.from(shown).toString('base64')]);
  }

  onRing(what: OnRing, line = 'room-12'): void {
    this.exchange.phones.set(`PJSIP/${line}`, what);
  }

  /** The channel of another party of this caller's call. */
  party(caller: FakeChannel, leg: 'resident' | 'staff'): FakeChannel {
    return this.exchange.channel(`${caller.id}-${leg}`);
  }

  /** What the telephone of a leg was shown, once it was rung. */
  shown(caller: FakeChannel, leg = 'resident'): string | undefined {
    return this.exchange.dialled.find(({ channel }) => channel === `${caller.id}-${leg}`)?.showName;
  }

  async pass(seconds: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(seconds * 1000);
  }

  /** The record of a caller's call. */
  record({ id }: FakeChannel): CallRecord {
    const found = this.facts.calls.filter(({ record }) => record.id === id);
    expect(found, `records of ${id}`).toHaveLength(1);
    return (found[0] as (typeof found)[number]).record;
  }

  /** The record of a call to a line. */
  inbound(caller: FakeChannel): InboundRecord {
    const record = this.record(caller);
    if (record.direction !== 'inbound') throw new Error(`${caller.id} is not a call to a line`);
    return record;
  }

  /** The record of a call from a line. */
  outgoing(resident: FakeChannel): OutgoingRecord {
    const record = this.record(resident);
    if (record.direction !== 'outgoing') throw new Error(`${resident.id} is not a call from a line`);
    return record;
  }

  /** A guarded line's stranger, as far as the ringing phone: says a name, and presses the digit that is asked for. */
  async passChallenge(caller: FakeChannel): Promise<void> {
    await this.pass(2);
    caller.speak(1000);
    await this.pass(3);
    await this.pass(2);
    caller.press(caller.heard.at(-1) ?? '');
    await this.pass(0);
  }

  /** A stranger on a line that announces, as far as the conversation. */
  async talk(): Promise<{ caller: FakeChannel; resident: FakeChannel }> {
    this.onRing({ do: 'answer', afterMs: 1000 });
    const caller = this.call();
    await this.pass(2);
    const resident = this.party(caller, 'resident');
    await this.pass(3);
    expect(resident.hears).toEqual([caller.id]);
    return { caller, resident };
  }
}

const homes: Home[] = [];

beforeEach(() => {
  vi.useFakeTimers({ now: monday, toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
});

afterEach(async () => {
  try {
    for (const { exchange, runner } of homes.splice(0)) {
      expect([...exchange.channels.keys()], 'channels left').toEqual([]);
      expect([...exchange.bridges.keys()], 'bridges left').toEqual([]);
      expect(runner.running, 'calls left').toBe(0);
      expect(exchange.stalls, 'commands that held up others').toEqual([]);
    }
    await vi.advanceTimersByTimeAsync(120_000);
    expect(vi.getTimerCount(), 'timers left').toBe(0);
  } finally {
    homes.length = 0;
    vi.useRealTimers();
  }
});
