import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connectAri } from '../../services/adapters/ari.ts';
import type { ExchangeEvent } from '../../services/adapters/ari-events.ts';
import type { PromptName } from '../../services/core/call.ts';
import { makeShortPrompts } from '../support/short-prompts.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: TestStack;
const cleanUp: (() => unknown)[] = [];

beforeAll(async () => {
  stack = await startTestStack({
    site: {
      'extensions.conf': `[listener]\nexten => s,1,Answer()\n same => n,Wait(60)
[marked]\nexten => s,1,MSet(GROUP(clearline-in)=room-1,CHANNEL(accountcode)=room-1)\n same => n,Wait(60)\n`,
    },
  });
});
afterEach(() => {
  for (const undo of cleanUp.splice(0).reverse()) undo();
});
afterAll(() => stack?.stop());

/** A way to Asterisk's HTTP port that can be cut and, until mended, takes connections and says nothing. */
async function fragileWay() {
  const open = new Set<Socket>();
  let silent = false;
  let knocks = 0;
  const server = createServer((near) => {
    const keep = (socket: Socket) => {
      open.add(socket);
      socket.on('error', () => {}).on('close', () => open.delete(socket));
    };
    keep(near);
    if (silent) {
      knocks += 1;
      return;
    }
    const far = createConnection(stack.config.asterisk.httpPort, '127.0.0.1');
    keep(far);
    near.pipe(far).pipe(near);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of open) socket.destroy();
    open.clear();
  };
  cleanUp.push(() => {
    cut();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    knocks: () => knocks,
    cut: () => {
      silent = true;
      cut();
    },
    mend: () => {
      silent = false;
      cut();
    },
  };
}

async function connected(url: string, soundsFolder = stack.config.paths.sounds) {
  const ari = await connectAri({
    url,
    user: 'clearline',
    password: stack.secrets.ari,
    application: 'clearline',
    soundsFolder,
  });
  cleanUp.push(() => ari.close());
  return ari;
}

describe('a websocket that is lost', () => {
  test('what is asked while nobody opens the new one is answered, not thrown, and it knocks again', async () => {
    const way = await fragileWay();
    const ari = await connected(way.url);
    let reconnected = false;
    ari.events.on('reconnected', () => {
      reconnected = true;
    });
    way.cut();
    await until('a new websocket knocks', () => way.knocks() > 0);
    expect(await ari.hangUp('nobody', 16)).toEqual({ ok: false, gone: false, why: expect.any(String) });
    await until('it gives up waiting and knocks again', () => way.knocks() > 1, 12_000);
    way.mend();
    await until('it is open', () => reconnected);
    expect(await ari.hangUp('nobody', 16)).toMatchObject({ ok: false, gone: true });
  });
});

test('a listener that throws is told of by what it threw, and the next event is heard', async () => {
  const ari = await connected(`http://127.0.0.1:${stack.config.asterisk.httpPort}`);
  const failures: unknown[] = [];
  const malformed: string[] = [];
  let gone = false;
  ari.events.on('unheard', (error) => failures.push(error));
  ari.events.on('malformed', (why) => malformed.push(why));
  ari.events.on('event', ({ type }) => {
    if (type === 'ChannelEntered') throw new Error('I cannot take this');
    if (type === 'ChannelGone') gone = true;
  });
  const leg = { channel: 'y-resident', call: 'y', leg: 'resident', showName: 'y', showNumber: null, seconds: 10 };
  await ari.dial({ ...leg, endpoint: 'Local/s@listener/n', originator: null });
  await until('it has entered', () => failures.length > 0);
  await ari.hangUp('y-resident', 16);
  await until('it is gone', async () => gone && (await stack.channels()).length === 0);
  expect(failures).toEqual([new Error('I cannot take this')]);
  expect(malformed).toEqual([]);
});

describe('a prompt whose sound is missing', () => {
  /** Whether Asterisk calls the playback of these prompts, of which the warning has no sound, a failure. */
  async function fails(...prompts: PromptName[]): Promise<boolean> {
    const { folder } = makeShortPrompts();
    cleanUp.push(() => rmSync(folder, { recursive: true }));
    rmSync(join(folder, 'whisper-warning.wav'));
    const ari = await connected(`http://127.0.0.1:${stack.config.asterisk.httpPort}`, folder);
    const heard: ExchangeEvent[] = [];
    ari.events.on('event', (event) => heard.push(event));
    const leg = { channel: 'x-resident', call: 'x', leg: 'resident', showName: 'x', showNumber: null, seconds: 10 };
    await ari.dial({ ...leg, endpoint: 'Local/s@listener/n', originator: null });
    await until('it is up', () => heard.some(({ type }) => type === 'ChannelEntered'));
    await ari.play(
      'x-resident',
      'x-p1',
      prompts.map((prompt) => ({ prompt })),
    );
    const ended = await until('it has ended', () => heard.find((event) => event.type === 'PlaybackEnded'));
    await ari.hangUp('x-resident', 16);
    await until('it is gone', async () => (await stack.channels()).length === 0);
    return ended.failed;
  }

  test('is a failure where it is the last, as the warning is for that reason', async () => {
    expect(await fails('whisper-unknown', 'whisper-warning')).toBe(true);
  });

  test('goes untold where another follows', async () => {
    expect(await fails('whisper-warning', 'whisper-keys')).toBe(false);
  });
});

test('sees who is on a line of which no channel is its own', async () => {
  const ari = await connected(`http://127.0.0.1:${stack.config.asterisk.httpPort}`);
  const question = { line: 'room-1', channel: null, own: new Map() };
  expect(await ari.look(question)).toMatchObject({ channels: [], peers: [] });
  await stack.asterisk.cli('channel originate Local/s@marked/n application Wait 60');
  const seen = await until('it is marked', async () => {
    const sighting = await ari.look(question);
    return sighting && sighting.channels.length > 0 && sighting;
  });
  expect(await stack.channels()).toContain(seen.channels[0]);
  await stack.asterisk.cli('channel request hangup all');
});
