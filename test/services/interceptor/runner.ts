import type { ExchangeEvent } from '../../../services/adapters/ari-events.ts';
import type { LineQuestion } from '../../../services/core/line-look.ts';
import { numberRules } from '../../../services/core/number.ts';
import { gb } from '../../../services/core/packs/gb.ts';
import type { RaisedAlert, Reply, Telephony } from '../../../services/core/ports.ts';
import { HoldBook } from '../../../services/interceptor/line/hold-book.ts';
import { LoadedLines } from '../../../services/interceptor/line/line-book.ts';
import { TollBook } from '../../../services/interceptor/line/toll-book.ts';
import { CallRunner } from '../../../services/interceptor/run-calls.ts';
import type { RunnerOptions } from '../../../services/interceptor/runner-options.ts';
import { fakeFactQueue } from '../../support/fake-stores.ts';
import { storedLine } from '../../support/finished-call.ts';
import { memoryLog } from '../../support/log.ts';

/** A runner before an exchange that says yes to everything and does nothing: the test tells what happens. */

type Bare<E> = E extends ExchangeEvent ? Omit<E, 'at'> : never;

const rules = {
  nameSeconds: 4,
  challengeSeconds: 8,
  messageSeconds: 60,
  reminderSeconds: 300,
  holdSeconds: 300,
  reportedHoldSeconds: 1800,
  safeNumbers: numberRules(gb, {
    emergency: [],
    guarded: [],
    premium: [],
    ordinary: [],
    abroadIsPremium: false,
    doNotOriginate: [],
  }),
};

const outgoingRules = {
  premium: 'connect',
  ordinaryWhileHeld: 'warn',
  waitSeconds: 300,
  abroad: 'connect',
  callsAtOnce: 2,
  callsPerHour: 60,
  premiumCallsPerHour: 5,
} as const;

export function runner(changes: Partial<Telephony> = {}, options: Partial<RunnerOptions> = {}) {
  const asked: string[] = [];
  const told =
    (what: string) =>
    async (...args: readonly unknown[]): Promise<Reply> => {
      asked.push([what, ...args.filter((arg) => arg !== undefined && typeof arg !== 'object')].join(' '));
      return { ok: true };
    };
  const telephony: Telephony = {
    answer: told('answer'),
    alert: told('alert'),
    play: told('play'),
    stopPlaying: told('stop'),
    record: told('record'),
    recordBridge: told('record'),
    dial: ({ channel }) => told('dial')(channel),
    connect: (bridge) => told('connect')(bridge),
    removeBridge: told('remove'),
    hangUp: told('hang up'),
    setVariable: told('set'),
    continueInDialplan: told('continue'),
    ...changes,
  };
  const lines = new LoadedLines();
  const line = storedLine({ mode: 'announce' });
  const corrupt = { ...storedLine({ id: 'room-13', number: '+441923555013' }), trusted: null as never };
  lines.replaceBy([line, storedLine({ id: 'room-14', number: '+441923555014', mode: 'announce' }), corrupt]);
  /** What both witnesses list, each with its line. */
  const channels = new Map<string, string>();
  let looks = 0;
  const look = async ({ line, own }: LineQuestion) => {
    looks += 1;
    const seen = [...channels].filter(([channel, of]) => of === line && !own.has(channel));
    return { at: Date.now(), tookMs: 1, channels: seen.map(([channel]) => channel), peers: [] };
  };
  const alerts: RaisedAlert[] = [];
  const facts = fakeFactQueue();
  const listened = new Set<string>();
  const log = memoryLog();
  const calls = new CallRunner({
    telephony,
    witnesses: { ari: look, ami: look },
    lines,
    holds: new HoldBook(),
    facts,
    tolls: new TollBook(),
    alerts: {
      put: async (alert) => {
        alerts.push(alert);
      },
    },
    callBacks: { promise: async () => {}, drop: () => {} },
    rules: { inbound: rules, outgoing: outgoingRules },
    numbers: rules.safeNumbers,
    arrivals: { trunks: new Map(), doNotOriginate: new Set(), staffed: false },
    trunks: ['carrier', 'second'].map((name) => ({ name, clearing: 'proven', clearingSeconds: 0 })),
    staffEndpoint: null,
    listening: {
      listen: (call) => void listened.add(call),
      stop: (call) => void listened.delete(call),
    },
    releaseOf: () => 'unknown',
    clock: Date.now,
    random: () => 0.5,
    log,
    ...options,
  });
  const hear = (event: Bare<ExchangeEvent>) => calls.hear({ ...event, at: Date.now() });
  const entry = { extension: 's', callId: 'a@b', createdAt: Date.now() };
  /** The telephone of a line dials. */
  const dials = (channel: string, number: string, line = 'room-12') => {
    channels.set(channel, line);
    const args = ['outgoing', number, line, number];
    hear({ type: 'ChannelEntered', channel, name: 'PJSIP/room-12-2', args, ...entry });
  };
  /** A call to 01923 5550`to` from this number comes in. */
  const arrives = (channel: string, to = 12, from = '02079460000') => {
    const args = ['inbound', `019235550${to}`, 'carrier', Buffer.from(`<sip:${from}@192.0.2.7>`).toString('base64')];
    channels.set(channel, `room-${to}`);
    hear({ type: 'ChannelEntered', channel, name: 'PJSIP/trunk-carrier-1', args, ...entry });
  };
  const answers = (channel: string) => {
    channels.set(channel, 'room-12');
    hear({ type: 'ChannelEntered', channel, name: 'PJSIP/room-12-1', args: ['leg'], ...entry });
  };
  const hangsUp = (channel: string) => {
    channels.delete(channel);
    hear({ type: 'ChannelGone', channel, cause: 16 });
  };
  const finishes = (...playbacks: string[]) => {
    for (const playback of playbacks) hear({ type: 'PlaybackEnded', playback, failed: false });
  };
  /** A stranger's call to an announcing line, as far as the conversation. */
  const talks = (channel: string, to = 12) => {
    arrives(channel, to);
    finishes(`${channel}-p1`);
    answers(`${channel}-resident`);
    finishes(`${channel}-p3`, `${channel}-p4`);
  };
  return {
    /** How often a witness was asked. */
    get looks() {
      return looks;
    },
    calls,
    asked,
    facts,
    log,
    /** Calls whose callers are listened to. */
    listened,
    channels,
    alerts,
    hear,
    arrives,
    dials,
    answers,
    hangsUp,
    finishes,
    talks,
  };
}
