import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { type Hep, type HepOptions, listenHep } from '../../../services/adapters/hep.ts';
import type { SipSeen } from '../../../services/core/hep.ts';
import { byeOf, type HepParts, hepChunks, hepPacket } from '../../support/hep.ts';
import { freePort } from '../../support/stack.ts';
import { until } from '../../support/until.ts';

const password = 'f'.repeat(64);
const us = ['127.0.0.1', 5060] as const;
const them = ['127.0.0.2', 5060] as const;

interface Ear {
  readonly hep: Hep;
  readonly seen: SipSeen[];
  readonly troubles: string[];
  send(packet: Uint8Array): void;
}

async function listen(options: Partial<HepOptions> = {}, hear?: (seen: SipSeen) => void): Promise<Ear> {
  const port = options.port ?? (await freePort());
  const [seen, troubles]: [SipSeen[], string[]] = [[], []];
  const sip = { bind: '127.0.0.1', port: 5060 };
  const hep = listenHep({ port, password, sip, ...options }, hear ?? ((one) => seen.push(one)), (why) =>
    troubles.push(why),
  );
  const socket = createSocket('udp4');
  onTestFinished(() => {
    hep.close();
    socket.close();
  });
  return { hep, seen, troubles, send: (packet) => socket.send(packet, port, '127.0.0.1') };
}

function copy(changes: Partial<HepParts> = {}): Uint8Array {
  return hepPacket(hepChunks({ password, callId: 'a@b', payload: byeOf('a@b'), from: us, to: them, ...changes }));
}

/** Sends until it is heard: the socket may not be bound yet. */
async function sideOf(ear: Ear, changes: Partial<HepParts>): Promise<string | null> {
  const { length } = ear.seen;
  const { dropped } = ear.hep;
  ear.send(copy(changes));
  await until('the packet is heard or dropped', () => {
    if (ear.seen.length === length && ear.hep.dropped === dropped) ear.send(copy(changes));
    return ear.seen.length > length || ear.hep.dropped > dropped;
  });
  return ear.seen[length]?.sentBy ?? null;
}

test('says who sent a message by where it came from, whatever it says of itself', async () => {
  const ear = await listen();
  expect(await sideOf(ear, {})).toBe('us');
  expect(await sideOf(ear, { from: them, to: us })).toBe('them');
  expect(await sideOf(ear, { from: ['127.0.0.1', 40123], to: them }), 'over TCP we have another port').toBe('us');
  expect(await sideOf(ear, { from: us, to: ['127.0.0.1', 40123] }), 'a phone on this machine').toBe('us');
  expect(await sideOf(ear, { from: ['127.0.0.1', 40123], to: us })).toBe('them');
  expect(await sideOf(ear, { from: us, to: us })).toBeNull();
  expect(await sideOf(ear, { from: them, to: them })).toBeNull();
  expect(await sideOf(ear, { from: ['127.0.0.1', 1], to: ['127.0.0.1', 2] })).toBeNull();
});

test('knows its own addresses where Asterisk listens on all', async () => {
  const ear = await listen({ sip: { bind: '0.0.0.0', port: 5060 } });
  expect(await sideOf(ear, {})).toBe('us');
  expect(await sideOf(ear, { from: ['0.0.0.0', 5060] })).toBe('us');
  expect(await sideOf(ear, { from: ['192.0.2.77', 5060], to: us })).toBe('them');
});

test('drops and counts what is no copy, and tells of it a few times', async () => {
  const ear = await listen();
  await sideOf(ear, {});
  for (const packet of [Buffer.alloc(0), Buffer.from('HEP3'), Buffer.alloc(60_000, 0xff), copy({ password: 'x' })]) {
    const { dropped } = ear.hep;
    ear.send(packet);
    await until('it is dropped', () => ear.hep.dropped > dropped);
  }
  for (let i = 0; i < 50; i += 1) ear.send(Buffer.from('noise'));
  await until('all are dropped', () => ear.hep.dropped >= 54);
  expect(ear.troubles).toHaveLength(2);
  expect(await sideOf(ear, {}), 'and it goes on').toBe('us');
});

test('outlives a listener that throws', async () => {
  let calls = 0;
  const ear = await listen({}, () => {
    calls += 1;
    throw new Error('not today');
  });
  await sideOf(ear, {});
  await sideOf(ear, {});
  expect(calls).toBeGreaterThan(1);
  expect(ear.troubles.join()).toContain('not today');
});

test('says that its port is taken, and takes it when it is free', { timeout: 30_000 }, async () => {
  const port = await freePort();
  const other = createSocket('udp4').bind(port, '127.0.0.1');
  await once(other, 'listening');
  const ear = await listen({ port });
  await until('it is said', () => ear.troubles.length > 0);
  expect(ear.troubles[0]).toContain(`UDP port ${port}`);
  other.close();
  await until(
    'it listens',
    () => {
      ear.send(copy());
      return ear.seen.length > 0;
    },
    15_000,
  );
  expect(ear.troubles).toHaveLength(1);
});

test('can be closed while it waits for its port, and twice', async () => {
  const port = await freePort();
  const other = createSocket('udp4').bind(port, '127.0.0.1');
  await once(other, 'listening');
  onTestFinished(() => void other.close());
  const ear = await listen({ port });
  await until('it is said', () => ear.troubles.length > 0);
  ear.hep.close();
  expect(() => ear.hep.close()).not.toThrow();
});
