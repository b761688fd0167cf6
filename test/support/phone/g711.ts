import { Buffer } from 'node:buffer';

/** The two codecs of the telephone network (ITU-T G.711), by their RTP names (RFC 3551). */
export type Codec = 'PCMU' | 'PCMA';

function muLawToLinear(byte: number): number {
  const inverted = ~byte & 0xff;
  const magnitude = (((inverted & 0x0f) << 3) + 0x84) << ((inverted & 0x70) >> 4);
  return inverted & 0x80 ? 0x84 - magnitude : magnitude - 0x84;
}

function aLawToLinear(byte: number): number {
  const even = byte ^ 0x55;
  const segment = (even & 0x70) >> 4;
  const step = (even & 0x0f) << 4;
  const magnitude = segment === 0 ? step + 8 : (step + 0x108) << (segment - 1);
  return even & 0x80 ? magnitude : -magnitude;
}

function decodingTable(linear: (byte: number) => number): Int16Array {
  return Int16Array.from({ length: 256 }, (_, byte) => linear(byte));
}

/** For each of the 65,536 sample values, the code whose value lies nearest. */
function encodingTable(decoding: Int16Array): Uint8Array {
  const codes = [...decoding.keys()].sort((a, b) => (decoding[a] ?? 0) - (decoding[b] ?? 0));
  const table = new Uint8Array(65_536);
  let nearest = 0;
  for (let sample = -32_768; sample <= 32_767; sample++) {
    const distance = (i: number) => Math.abs((decoding[codes[i] ?? 0] ?? 0) - sample);
    while (nearest + 1 < codes.length && distance(nearest + 1) <= distance(nearest)) nearest++;
    table[sample + 32_768] = codes[nearest] ?? 0;
  }
  return table;
}

const decoding: Record<Codec, Int16Array> = { PCMU: decodingTable(muLawToLinear), PCMA: decodingTable(aLawToLinear) };
const encoding: Record<Codec, Uint8Array> = {
  PCMU: encodingTable(decoding.PCMU),
  PCMA: encodingTable(decoding.PCMA),
};

export function encode(samples: Int16Array, codec: Codec): Buffer {
  const table = encoding[codec];
  return Buffer.from(Uint8Array.from(samples, (sample) => table[sample + 32_768] ?? 0));
}

export function decode(payload: Uint8Array, codec: Codec): Int16Array {
  const table = decoding[codec];
  return Int16Array.from(payload, (byte) => table[byte] ?? 0);
}
