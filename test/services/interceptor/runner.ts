import type { ExchangeEvent } from '../../../services/adapters/ari-events.ts';
import type { Reply, Telephony } from '../../../services/core/ports.ts';
import { HoldBook } from '../../../services/interceptor/hold-book.ts';
import { LoadedLines } from '../../../services/interceptor/line-book.ts';
import { CallRunner } from '../../../services/interceptor/run-calls.ts';
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
};

export function runner(changes: Partial<Telephony> = {}) {
  const asked: string[] = [];
  const told =
    (what: string) =>
    async (...args: readonly unknown[]): Promise<Reply> => {
      asked.push([what, ...args.filter((arg) => typeof arg !== 'object')].join(' '));
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
    ...changes,
  };
  const lines = new LoadedLines();
  const line = storedLine({ mode: 'announce' });
  const corrupt = { ...storedLine({ id: 'room-13', number: '+441923555013' }), trusted: null as never };
  lines.replaceBy([line, storedLine({ id: 'room-14', number: '+441923555014', mode: 'announce' }), corrupt]);
  /** What both witnesses list. */
  const channels = new Set<string>();
  const facts = fakeFactQueue();
  const log = memoryLog();
  const calls = new CallRunner({
    telephony,
    giveBack: told('give back'),
    witnesses: { ari: async () => [...channels], ami: async () => [...channels] },
    lines,
    holds: new HoldBook(),
    facts,
    rules,
    arrivals: { trunks: new Map(), doNotOriginate: new Set(), staffed: false },
    clearingOf: () => ({ clearing: 'proven', clearingSeconds: 0 }),
    routeAvoiding: (number) => `PJSIP/${number}@trunk-carrier`,
    staffEndpoint: null,
    clock: Date.now,
    random: () => 0.5,
    log,
  });
  const hear = (event: Bare<ExchangeEvent>) => calls.hear({ ...event, at: Date.now() });
  /** A call to 01923 5550`to` from this number comes in. */
  const arrives = (channel: string, to = 12, from = '02079460000') => {
    const args = ['inbound', `019235550${to}`, 'carrier', Buffer.from(`<sip:${from}@192.0.2.7>`).toString('base64')];
    channels.add(channel);
    hear({ type: 'ChannelEntered', channel, name: 'PJSIP/trunk-carrier-1', args, createdAt: Date.now() });
  };
  const answers = (channel: string) => {
    channels.add(channel);
    hear({ type: 'ChannelEntered', channel, name: 'PJSIP/room-12-1', args: ['leg'], createdAt: Date.now() });
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
  return { calls, asked, facts, log, channels, hear, arrives, answers, hangsUp, finishes, talks };
}
