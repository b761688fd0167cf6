import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { RtpAudio } from '../../services/adapters/ears/rtp.ts';
import { type Ears, openEars } from '../../services/adapters/ears.ts';
import { silence } from '../support/audio.ts';
import { dialTone, hiss } from '../support/dial-tones.ts';
import { until } from '../support/until.ts';

interface Packet {
  readonly sequence: number;
  readonly samples: Int16Array;
  readonly payloadType?: number;
  readonly source?: number;
  /** Bits of the first octet: padding 0x20, extension 0x10, and the count of contributors. */
  readonly flags?: number;
  readonly between?: Buffer;
  readonly after?: Buffer;
}

function packet({ sequence, samples, payloadType = 10, source = 1, flags = 0, between, after }: Packet): Buffer {
  const head = Buffer.alloc(12);
  head[0] = 0x80 | flags;
  head[1] = payloadType;
  head.writeUInt16BE(sequence & 0xffff, 2);
  head.writeUInt32BE(source, 8);
  const body = Buffer.alloc(2 * samples.length);
  samples.forEach((sample, i) => {
    body.writeInt16BE(sample, 2 * i);
  });
  return Buffer.concat([head, between ?? Buffer.alloc(0), body, after ?? Buffer.alloc(0)]);
}

describe('the audio of a stream of packets', () => {
  const samples = Int16Array.of(1, -2, 32_767, -32_768);

  test('is what they hold, past contributors, an extension and padding', () => {
    const audio = new RtpAudio();
    expect(audio.read(packet({ sequence: 7, samples }))).toEqual(samples);
    const contributors = Buffer.alloc(8, 0xff);
    expect(audio.read(packet({ sequence: 8, samples, flags: 2, between: contributors }))).toEqual(samples);
    const extension = Buffer.from([0, 0, 0, 1, 9, 9, 9, 9]);
    expect(audio.read(packet({ sequence: 9, samples, flags: 0x10, between: extension }))).toEqual(samples);
    expect(audio.read(packet({ sequence: 10, samples, flags: 0x20, after: Buffer.from([0, 0, 3]) }))).toEqual(samples);
    expect(audio.read(packet({ sequence: 11, samples, payloadType: 0x80 | 11 }))).toEqual(samples);
  });

  test('is silence where up to five are lost, also where the numbers begin again', () => {
    const audio = new RtpAudio();
    audio.read(packet({ sequence: 65_534, samples }));
    expect(audio.read(packet({ sequence: 65_536 + 1, samples }))).toEqual(Int16Array.of(...silence(1), ...samples));
    expect(audio.read(packet({ sequence: 50, samples }))?.length).toBe(6 * samples.length);
  });

  test('has nothing of a packet that comes late or twice, and goes on with a new stream', () => {
    const audio = new RtpAudio();
    audio.read(packet({ sequence: 500, samples }));
    expect(audio.read(packet({ sequence: 500, samples }))).toBeNull();
    expect(audio.read(packet({ sequence: 450, samples }))).toBeNull();
    expect(audio.read(packet({ sequence: 60_000, samples }))).toEqual(samples);
    expect(audio.read(packet({ sequence: 60_001, samples }))).toEqual(samples);
    expect(audio.read(packet({ sequence: 59_990, samples, source: 0xffffffff }))).toEqual(samples);
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['eleven bytes', Buffer.alloc(11, 0x80)],
    ['another version', packet({ sequence: 1, samples }).fill(0x40, 0, 1)],
    ['another payload', packet({ sequence: 1, samples, payloadType: 8 })],
    ['no payload', packet({ sequence: 1, samples: new Int16Array(0) })],
    ['contributors that are not there', packet({ sequence: 1, samples, flags: 15 })],
    ['an extension that is not there', packet({ sequence: 1, samples: new Int16Array(0), flags: 0x10 })],
    [
      'an extension longer than the packet',
      packet({ sequence: 1, samples, flags: 0x10, between: Buffer.alloc(4, 0xff) }),
    ],
    ['padding longer than the packet', packet({ sequence: 1, samples, flags: 0x20, after: Buffer.from([255]) })],
    ['a payload too long for Asterisk', packet({ sequence: 1, samples: silence(101) })],
  ])('has nothing of %s', (_, datagram) => {
    expect(new RtpAudio().read(datagram)).toBeNull();
  });
});

describe('ears', () => {
  const cleanUp: (() => unknown)[] = [];
  afterEach(async () => {
    for (const undo of cleanUp.splice(0).reverse()) await undo();
  });

  function open(): { ears: Ears; heard: string[]; lost: string[] } {
    const ears = openEars();
    cleanUp.push(() => ears.close());
    const [heard, lost]: string[][] = [[], []];
    ears.events.on('heard', (id) => heard?.push(id));
    ears.events.on('deaf', (ids) => lost?.push(...ids));
    return { ears, heard: heard ?? [], lost: lost ?? [] };
  }

  async function mouth(): Promise<Socket> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    cleanUp.push(() => socket.close());
    return socket;
  }

  /** Sends the sound all at once: the thread does not go by the clock. */
  let source = 0;
  async function say(socket: Socket, to: { host: string; port: number }, sound: Int16Array): Promise<void> {
    source += 1;
    for (let at = 0, sequence = 0; at < sound.length; at += 160, sequence += 1) {
      const datagram = packet({ sequence, source, samples: sound.subarray(at, at + 160) });
      await new Promise((sent) => socket.send(datagram, to.port, to.host, sent));
    }
  }

  test('hear the channel that plays a dial tone, once, and no other', async () => {
    const { ears, heard } = open();
    const socket = await mouth();
    const [offender, talker] = await Promise.all([ears.listen('offender'), ears.listen('talker')]);
    expect(offender.host).toBe('127.0.0.1');
    await say(socket, talker, hiss(1000, -20));
    await say(socket, offender, dialTone({ ms: 900 }));
    await until('it is heard', () => heard.length > 0);
    await say(socket, offender, dialTone({ ms: 900 }));
    await say(socket, talker, dialTone({ ms: 900 }));
    await until('the other is heard', () => heard.length > 1);
    expect(heard).toEqual(['offender', 'talker']);
  });

  test('take no harm from what is no audio', async () => {
    const { ears, heard } = open();
    const socket = await mouth();
    const to = await ears.listen('1.1');
    for (let length = 0; length < 60; length += 1) {
      for (const fill of [0x00, 0x80, 0x9f, 0xb0, 0xff]) {
        const datagram = Buffer.alloc(length, fill);
        if (length > 1) datagram[1] = 10;
        await new Promise((sent) => socket.send(datagram, to.port, to.host, sent));
      }
    }
    // A busy machine may lose what is sent all at once.
    await until('it is heard', async () => {
      await say(socket, to, dialTone({ ms: 1200 }));
      return heard.length > 0;
    });
  });

  test('hear nothing of a channel they were told to stop', async () => {
    const { ears, heard } = open();
    const socket = await mouth();
    const stopped = await ears.listen('stopped');
    const other = await ears.listen('other');
    ears.stop('stopped');
    ears.stop('nobody');
    await say(socket, stopped, dialTone({ ms: 900 }));
    await say(socket, other, dialTone({ ms: 900 }));
    await until('the other is heard', () => heard.length > 0);
    expect(heard).toEqual(['other']);
  });

  test('closed, they say no to whoever waits', async () => {
    const { ears } = open();
    const waiting = ears.listen('1.1');
    await ears.close();
    await expect(waiting).rejects.toThrow('closed');
  });
});
