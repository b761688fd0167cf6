import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isFromAsterisk, readHep } from '../../services/core/hep.ts';
import { byeOf, type HepParts, hepChunk, hepChunks, hepPacket } from '../support/hep.ts';

const password = 'a'.repeat(64);
const bye: HepParts = {
  password,
  callId: 'ca924adc@127.0.0.2',
  payload: byeOf('ca924adc@127.0.0.2'),
  from: ['127.0.0.1', 5060],
  to: ['127.0.0.2', 45455],
};
const packet = (changes: Partial<HepParts> = {}) => hepPacket(hepChunks({ ...bye, ...changes }));
const read = (bytes: Uint8Array) => readHep(bytes, password);
const seenAs = (...lines: string[]) => read(packet({ payload: `${lines.join('\r\n')}\r\n\r\n` }));

test.for([
  ['an intact copy', packet(), true],
  ['a copy of a message nobody can read', packet({ payload: 'INVITE without anything' }), true],
  ['another password', packet({ password: 'b'.repeat(64) }), false],
  ['no HEP at all', Buffer.from('INVITE sip:x SIP/2.0'), false],
] as const)('%s is from our Asterisk, or not', ([, bytes, expected]) => {
  expect(isFromAsterisk(bytes, password)).toBe(expected);
});

describe('an intact copy', () => {
  test('of a request says what, when, whose, and between whom', () => {
    expect(read(packet({ seconds: 1_800_000_001, microseconds: 234_567 }))).toEqual({
      at: 1_800_000_001_234,
      source: { family: 'ipv4', address: '127.0.0.1', port: 5060 },
      destination: { family: 'ipv4', address: '127.0.0.2', port: 45455 },
      callId: 'ca924adc@127.0.0.2',
      method: 'BYE',
      status: null,
      sequence: 24833,
      fromTag: 'ours',
      toTag: 'theirs',
    });
  });

  test('of a response names the request it answers', () => {
    expect(read(packet({ payload: byeOf('x', 481) }))).toMatchObject({ method: 'BYE', status: 481, sequence: 24833 });
  });

  test('takes the Call-ID from Asterisk, not from the message', () => {
    expect(read(packet({ payload: byeOf('another') }))?.callId).toBe('ca924adc@127.0.0.2');
  });

  test('may speak of IPv6', () => {
    const [four, six] = [0x03, 0x05].map((type, index) => [
      ...hepChunks(bye).filter((chunk) => ![0x03, 0x04].includes(chunk[3] ?? 0)),
      ...(index === 0 ? [] : [hepChunk(type, ipv6(1)), hepChunk(0x06, ipv6(0xff02))]),
    ]);
    expect(read(hepPacket(six ?? []))?.source).toEqual({ family: 'ipv6', address: '2001:db8:0:0:0:0:0:1', port: 5060 });
    expect(read(hepPacket(six ?? []))?.destination.address).toBe('2001:db8:0:0:0:0:0:ff02');
    expect(read(hepPacket(four ?? [])), 'without an address').toBeNull();
  });

  test('may have chunks nobody has heard of, of Asterisk or of another vendor', () => {
    const chunks = [
      hepChunk(0x99, 'new'),
      hepChunk(0x11, 'not Asterisk’s', 7),
      ...hepChunks(bye),
      hepChunk(0x0f, '', 9),
    ];
    expect(read(hepPacket(chunks))).toEqual(read(packet()));
  });

  test('may be written as RFC 3261 allows', () => {
    const written = seenAs(
      'SIP/2.0 200',
      'f : <sip:a@b> ; TAG = one;x=y',
      't:\tsip:c@d;tag=two',
      'cSEQ:',
      '  7',
      '\tBYE',
      'X: tag=no',
    );
    expect(written).toMatchObject({ method: 'BYE', status: 200, sequence: 7, fromTag: 'one', toTag: 'two' });
  });

  test('needs neither tags nor an end', () => {
    const payload = 'INVITE sip:1@2 SIP/2.0\r\nFrom: <sip:a@b>\r\nTo: <sip:c@d>\r\nCSeq: 1 INVITE';
    expect(read(packet({ payload }))).toMatchObject({ method: 'INVITE', fromTag: '', toTag: '' });
  });
});

describe('nothing is read from', () => {
  const headers = ['From: <sip:a@b>;tag=1', 'To: <sip:c@d>;tag=2', 'CSeq: 1 BYE'];
  const start = 'BYE sip:a@b SIP/2.0';

  test('a packet without our password, or with another', () => {
    expect(read(packet({ password: '' }))).toBeNull();
    expect(read(packet({ password: `${password}a` }))).toBeNull();
    expect(read(hepPacket(hepChunks(bye).filter((chunk) => chunk[3] !== 0x0e)))).toBeNull();
  });

  test('what is not SIP', () => {
    expect(read(packet({ payload: '\r\n\r\n' }))).toBeNull();
    expect(read(packet({ payload: '' }))).toBeNull();
    expect(
      read(hepPacket(hepChunks(bye).map((chunk) => (chunk[3] === 0x0b ? hepChunk(0x0b, [5]) : chunk)))),
    ).toBeNull();
  });

  test.each([
    ['no CSeq', [start, ...headers.slice(0, 2)]],
    ['no From', [start, ...headers.slice(1)]],
    ['two CSeq', [start, ...headers, 'CSeq: 2 BYE']],
    ['two From, one of them short', [start, ...headers, 'f: <sip:a@b>;tag=3']],
    ['two To', [start, ...headers, 'to : <sip:a@b>;tag=3']],
    ['a CSeq of another method', [start.replace('BYE', 'ACK'), ...headers]],
    ['a CSeq that is no number', [start, ...headers.slice(0, 2), 'CSeq: one BYE']],
    ['a start line of another kind', ['BYE sip:a@b HTTP/1.1', ...headers]],
    ['a status of four digits', ['SIP/2.0 2000 OK', ...headers]],
  ])('a message with %s', (_, lines) => {
    expect(seenAs(start, ...headers)).not.toBeNull();
    expect(seenAs(...lines)).toBeNull();
  });

  test('a call without a Call-ID, or with one nobody would write', () => {
    expect(read(packet({ callId: '' }))).toBeNull();
    expect(read(packet({ callId: 'x'.repeat(1024) }))).not.toBeNull();
    expect(read(packet({ callId: 'x'.repeat(1025) }))).toBeNull();
  });

  test('a packet cut short anywhere', () => {
    const whole = packet();
    for (let length = 0; length < whole.length; length += 1)
      expect(read(whole.subarray(0, length)), `${length}`).toBeNull();
  });

  test('a chunk that claims to be empty, or longer than the packet', () => {
    for (const length of [0, 5, 7, 65_535]) {
      const lying = hepChunk(0x99, '');
      lying.writeUInt16BE(length, 4);
      expect(read(hepPacket([...hepChunks(bye), lying])), `${length}`).toBeNull();
    }
  });
});

describe('whatever comes', () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  const anyChunk = fc
    .tuple(fc.constantFrom(1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 15, 17, 0x99), bytes)
    .map(([type, value]) => hepChunk(type, value));

  test('random bytes, with or without the marks of a packet, are no copy and no error', () => {
    fc.assert(fc.property(bytes, (noise) => read(noise) === null));
    fc.assert(fc.property(fc.array(anyChunk), (chunks) => read(hepPacket(chunks)) === null));
  });

  test('a copy with a few bytes changed is read or dropped, never thrown at', () => {
    const change = fc.tuple(fc.nat(packet().length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const changed = Buffer.from(packet());
        for (const [at, byte] of changes) changed[at] = byte;
        const copy = read(changed);
        expect(copy === null || typeof copy.callId === 'string').toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('any message within an intact packet is read or dropped', () => {
    const line = fc.oneof(
      fc.constantFrom('BYE sip:a SIP/2.0', 'SIP/2.0 200 OK', 'CSeq: 1 BYE', 'From: ;tag=', 'To: >;tag=<', ' ', '\t>'),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const copy = read(packet({ payload: lines.join('\r\n') }));
        expect(copy === null || /^[A-Z]+$/.test(copy.method)).toBe(true);
      }),
    );
  });

  test.each([
    ['spaces', `BYE ${' '.repeat(60_000)}`],
    ['folded lines', `BYE sip:a SIP/2.0\r\nCSeq:${'\r\n '.repeat(20_000)}1 BYE`],
    ['tags', `BYE sip:a SIP/2.0\r\nCSeq: 1 BYE\r\nTo: x\r\nFrom: ${';tag '.repeat(12_000)}`],
    ['headers', `BYE sip:a SIP/2.0\r\n${'To:\r\n'.repeat(12_000)}`],
  ])('60 kB of %s take no time', (_, payload) => {
    const begun = performance.now();
    for (let i = 0; i < 20; i += 1) read(packet({ payload }));
    expect(performance.now() - begun).toBeLessThan(1_000);
  });
});

function ipv6(last: number): number[] {
  return [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last >> 8, last & 0xff];
}
