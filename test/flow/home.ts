import { afterEach, beforeEach, expect, vi } from 'vitest';
import type { ExchangeEvent } from '../../services/adapters/ari-events.ts';
import type { StoredLine } from '../../services/core/ports.ts';
import type { CallRecord } from '../../services/core/record.ts';
import { HoldBook } from '../../services/interceptor/hold-book.ts';
import { LoadedLines } from '../../services/interceptor/line-book.ts';
import { CallRunner } from '../../services/interceptor/run-calls.ts';
import type { TrunkClearing } from '../../services/interceptor/runner-options.ts';
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
  readonly clearing?: TrunkClearing;
}

export interface CallOptions {
  /** The number shown; null withholds it. A stranger's by default. */
  readonly from?: string | null;
  readonly to?: string;
}

export const numbers = { anna: '01923555100', stranger: '02079460000', villain: '01923555666' };
const police = 'PJSIP/101@trunk-second';

export class Home {
  readonly exchange: FakeTelephony;
  readonly runner: CallRunner;
  readonly holds = new HoldBook();
  readonly facts: FakeFactQueue = fakeFactQueue();
  readonly log = memoryLog();
  /** Callers who were sent on to the dialplan's fallback. */
  readonly givenBack: string[] = [];
  /** What AMI says instead of the truth; `undefined` for the truth. */
  amiSays: readonly string[] | null | undefined;
  /** Events that the interceptor never hears. */
  isLost: (event: ExchangeEvent) => boolean = () => false;

  constructor({ lines = [{}], staff, clearing = { clearing: 'proven', clearingSeconds: 0 } }: HomeOptions = {}) {
    this.exchange = new FakeTelephony({
      hear: (event) => {
        if (!this.isLost(event)) this.runner.hear(event);
      },
    });
    const book = new LoadedLines();
    const stored = lines.map((line) => storedLine(line));
    book.replaceBy(stored);
    for (const { id } of stored) this.exchange.phones.set(`PJSIP/${id}`, { do: 'ring' });
    if (staff) this.exchange.phones.set('PJSIP/office', staff);
    this.exchange.phones.set(police, { do: 'answer', afterMs: 3000 });
    const channels = () => [...this.exchange.channels.keys()];
    this.runner = new CallRunner({
      telephony: this.exchange,
      giveBack: async (channel) => {
        this.givenBack.push(channel);
        return { ok: true };
      },
      witnesses: {
        ari: async () => channels(),
        ami: async () => (this.amiSays === undefined ? channels() : this.amiSays),
      },
      lines: book,
      holds: this.holds,
      facts: this.facts,
      rules,
      arrivals: { trunks: new Map(), doNotOriginate: new Set(), staffed: staff !== undefined },
      clearingOf: () => clearing,
      routeAvoiding: (number, avoided) => `PJSIP/${number}@trunk-${avoided === 'first' ? 'second' : 'first'}`,
      staffEndpoint: staff ? 'PJSIP/office' : null,
      clock: Date.now,
      random: () => 0.5,
      log: this.log,
    });
    homes.push(this);
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
  party(caller: FakeChannel, leg: 'resident' | 'staff' | 'police'): FakeChannel {
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
