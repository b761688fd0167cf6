import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Ari } from '../../../services/adapters/ari.ts';
import type { ExchangeEvent } from '../../../services/adapters/ari-events.ts';
import type { Ears } from '../../../services/adapters/ears.ts';
import type { Reply } from '../../../services/core/ports.ts';
import { type Listening, openListening, type ToneHeard } from '../../../services/interceptor/exchange/listen.ts';
import { memoryLog } from '../../support/log.ts';

/** Asterisk and the ears, as far as listening asks them: what was asked is written down, replies are as the test says. */

const done: Reply = { ok: true };
const gone: Reply = { ok: false, gone: true, why: '404 Channel not found' };
const refused: Reply = { ok: false, gone: false, why: '500 no more ports' };

class Exchange {
  readonly events: Ari['events'] = new EventEmitter();
  readonly asked: string[] = [];
  readonly replies = new Map<string, Reply>();
  channels: readonly string[] | null = [];

  private reply(what: string): Promise<Reply> {
    this.asked.push(what);
    return Promise.resolve(this.replies.get(what.split(' ')[0] ?? '') ?? done);
  }
  snoop = (channel: string, ear: string) => this.reply(`snoop ${channel} ${ear}`);
  sendAudio = (wire: string, host: string, port: number) => this.reply(`sendAudio ${wire} ${host}:${port}`);
  connect = (bridge: string, inside: readonly string[], keys: boolean) =>
    this.reply(`connect ${bridge} ${inside.join('+')} ${keys}`);
  hangUp = (channel: string) => this.reply(`hangUp ${channel}`);
  removeBridge = (bridge: string) => this.reply(`removeBridge ${bridge}`);
  listChannels = async () => this.channels?.map((id) => ({ ...nothing, id })) ?? null;

  enter(channel: string): void {
    this.tell({ type: 'ChannelEntered', at: 1, channel, name: '', extension: '', callId: '', args: [], createdAt: 1 });
  }
  leave(channel: string): void {
    this.tell({ type: 'ChannelGone', at: 1, channel, cause: 16 });
  }
  private tell(event: ExchangeEvent): void {
    this.events.emit('event', event);
  }
}

const nothing = { name: '', line: '', context: '', extension: '', application: '', given: '', state: '' };

class FakeEars implements Ears {
  readonly events: Ears['events'] = new EventEmitter();
  readonly open = new Set<string>();
  failure: Error | null = null;
  listen = async (id: string) => {
    if (this.failure) throw this.failure;
    this.open.add(id);
    return { host: '127.0.0.1', port: 4000 };
  };
  stop = (id: string) => void this.open.delete(id);
  close = async () => {};
}

let exchange: Exchange;
let ears: FakeEars;
let log: ReturnType<typeof memoryLog>;
let listening: Listening;
let heard: ToneHeard[];

beforeEach(() => {
  vi.useFakeTimers();
  exchange = new Exchange();
  ears = new FakeEars();
  log = memoryLog();
  heard = [];
  listening = openListening({ ari: exchange, ears, log });
  listening.events.on('heard', (tone) => heard.push(tone));
});
afterEach(() => {
  listening.close();
  vi.useRealTimers();
});

const settle = () => vi.advanceTimersByTimeAsync(1);
const setUp = ['snoop 1.1 1.1-ear', 'sendAudio 1.1-wire 127.0.0.1:4000'];
const joined = 'connect 1.1-listen 1.1-ear+1.1-wire false';
const takenAway = ['hangUp 1.1-ear', 'hangUp 1.1-wire', 'removeBridge 1.1-listen'];

async function listened(): Promise<void> {
  listening.listen('1.1', '1.1');
  await settle();
  exchange.enter('1.1-wire');
  exchange.enter('1.1-ear');
  await settle();
}

test('asks for nothing before it returns', () => {
  listening.listen('1.1', '1.1');
  expect(exchange.asked).toEqual([]);
});

test('joins ear and wire once both have entered, in either order', async () => {
  listening.listen('1.1', '1.1');
  await settle();
  exchange.enter('1.1-ear');
  exchange.enter('2.2-wire');
  await settle();
  expect(exchange.asked).toEqual(setUp);
  exchange.enter('1.1-wire');
  await settle();
  expect(exchange.asked).toEqual([...setUp, joined]);
  expect(log.lines).toEqual([]);
});

test('a call that is listened to already stays so', async () => {
  await listened();
  listening.listen('1.1', '1.1');
  await settle();
  expect(exchange.asked).toEqual([...setUp, joined]);
});

test('a dial tone is told once, and everything is taken away', async () => {
  await listened();
  ears.events.emit('heard', '1.1', 77);
  ears.events.emit('heard', '1.1', 99);
  expect(heard).toEqual([{ type: 'ToneHeard', call: '1.1', channel: '1.1', at: 77 }]);
  expect(exchange.asked).toEqual([...setUp, joined, ...takenAway]);
  expect(ears.open).toEqual(new Set());
});

describe('everything is taken away, without a complaint', () => {
  test.each([
    ['the caller goes', () => exchange.leave('1.1')],
    ['the ear goes first, as when the caller hangs up', () => exchange.leave('1.1-ear')],
    ['the wire goes', () => exchange.leave('1.1-wire')],
    ['the call ends', () => listening.stop('1.1')],
    ['the interceptor stops', () => listening.close()],
  ])('when %s', async (_, happens) => {
    await listened();
    happens();
    exchange.leave('1.1');
    await settle();
    expect(exchange.asked).toEqual([...setUp, joined, ...takenAway]);
    expect(ears.open).toEqual(new Set());
    expect(log.lines).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('when the caller went before Asterisk was asked', async () => {
    listening.listen('1.1', '1.1');
    exchange.leave('1.1');
    await settle();
    expect(exchange.asked).toEqual([]);
    expect(ears.open).toEqual(new Set());
  });

  test.each(['snoop', 'connect'])('when the caller went meanwhile (%s finds nobody)', async (what) => {
    exchange.replies.set(what, gone);
    await listened();
    expect(exchange.asked.slice(-3)).toEqual(takenAway);
    expect(log.lines).toEqual([]);
  });
});

describe('a failure is one line of the log, and everything is taken away', () => {
  const complaint = [{ level: 'warn', message: 'a caller is not listened to for a dial tone; the call goes on' }];

  test.each(['snoop', 'sendAudio', 'connect'])('Asterisk refuses %s', async (what) => {
    exchange.replies.set(what, refused);
    await listened();
    expect(log.lines).toEqual(complaint);
    expect(exchange.asked.slice(-3)).toEqual(takenAway);
  });

  test('the ears have no port', async () => {
    ears.failure = new Error('no port');
    listening.listen('1.1', '1.1');
    await settle();
    expect(log.lines).toEqual(complaint);
    expect(exchange.asked).toEqual([]);
  });

  test('the channels do not come up', async () => {
    listening.listen('1.1', '1.1');
    await settle();
    exchange.enter('1.1-ear');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(log.lines).toEqual(complaint);
    expect(exchange.asked).toEqual([...setUp, ...takenAway]);
  });

  test('the thread that listens dies', async () => {
    await listened();
    ears.events.emit('deaf', ['1.1', '2.2'], new Error('out of memory'));
    expect(log.lines).toEqual(complaint);
    expect(exchange.asked.slice(-3)).toEqual(takenAway);
  });
});

describe('after a lost connection', () => {
  test('whoever is not in the list any more is listened to no more, the others are', async () => {
    await listened();
    listening.listen('2.2', '2.2');
    await settle();
    exchange.channels = ['2.2', '1.1-wire'];
    exchange.events.emit('reconnected');
    await settle();
    expect(exchange.asked.slice(-3)).toEqual(takenAway);
    expect(ears.open).toEqual(new Set(['2.2']));
  });

  test('without a list nobody is given up', async () => {
    await listened();
    exchange.channels = null;
    exchange.events.emit('reconnected');
    await settle();
    expect(ears.open).toEqual(new Set(['1.1']));
  });
});
