import { Buffer } from 'node:buffer';

/** A chunk of a HEP packet: vendor 0 unless told, and its length as it is unless a test lies about it. */
export function hepChunk(type: number, value: Uint8Array | readonly number[] | string, vendor = 0): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : Buffer.from([...value]);
  const head = Buffer.alloc(6);
  head.writeUInt16BE(vendor, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(bytes.length + 6, 4);
  return Buffer.concat([head, bytes]);
}

export function hepPacket(chunks: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(chunks);
  const head = Buffer.from('HEP3\0\0', 'latin1');
  head.writeUInt16BE(body.length + 6, 4);
  return Buffer.concat([head, body]);
}

export interface HepParts {
  readonly password: string;
  readonly callId: string;
  readonly payload: string;
  readonly from: readonly [address: string, port: number];
  readonly to: readonly [address: string, port: number];
  /** Seconds since the epoch. */
  readonly seconds?: number;
  readonly microseconds?: number;
}

/** The chunks as Asterisk 22.10's res_hep sends them, IPv4. */
export function hepChunks(parts: HepParts): Buffer[] {
  const { seconds = 1_800_000_000, microseconds = 0 } = parts;
  return [
    hepChunk(0x01, [2]),
    hepChunk(0x02, [17]),
    hepChunk(0x07, wide(parts.from[1], 2)),
    hepChunk(0x08, wide(parts.to[1], 2)),
    hepChunk(0x09, wide(seconds, 4)),
    hepChunk(0x0a, wide(microseconds, 4)),
    hepChunk(0x0b, [1]),
    hepChunk(0x0c, wide(0, 4)),
    hepChunk(0x03, parts.from[0].split('.').map(Number)),
    hepChunk(0x04, parts.to[0].split('.').map(Number)),
    hepChunk(0x0e, parts.password),
    hepChunk(0x11, parts.callId),
    hepChunk(0x0f, parts.payload),
  ];
}

function wide(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
}

/** A BYE of ours on the wire, or the answer to it. */
export function byeOf(callId: string, status: number | null = null): string {
  return [
    status === null ? 'BYE sip:phone@127.0.0.2:5060 SIP/2.0' : `SIP/2.0 ${status} Whatever`,
    'Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1',
    'From: "Room; tag=no" <sip:room@127.0.0.1;tag=nor-this>;tag=ours',
    'To: <sip:caller@127.0.0.2>;tag=theirs',
    `Call-ID: ${callId}`,
    'CSeq: 24833 BYE',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}
