/** What a WAV file holds. `samples` are the channels interleaved; the telephone's files have one. */
export interface Wave {
  readonly rate: number;
  readonly channels: number;
  readonly bits: number;
  readonly samples: Int16Array;
}

const headerBytes = 44;
const pcm = 1;

/** One channel of 16-bit PCM under the plain 44-byte header, the only form that Asterisk's format_wav reads. */
export function encodeWav(samples: Int16Array, rate: number): Buffer {
  const file = Buffer.alloc(headerBytes + samples.length * 2);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(pcm, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(rate * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(samples.length * 2, 40);
  writePcm(samples).copy(file, headerBytes);
  return file;
}

/** @throws Error on anything that is not 16-bit PCM in RIFF WAVE. */
export function decodeWav(file: Buffer): Wave {
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE') throw new Error('not WAV');
  const format = findChunk(file, 'fmt ');
  const data = findChunk(file, 'data');
  const bits = format.readUInt16LE(14);
  if (format.readUInt16LE(0) !== pcm || bits !== 16) throw new Error('not 16-bit PCM');
  return { channels: format.readUInt16LE(2), rate: format.readUInt32LE(4), bits, samples: readPcm(data) };
}

/** Signed 16-bit little-endian bytes to samples, whatever this machine's byte order. */
export function readPcm(bytes: Buffer): Int16Array {
  return Int16Array.from({ length: Math.floor(bytes.length / 2) }, (_, i) => bytes.readInt16LE(i * 2));
}

export function writePcm(samples: Int16Array): Buffer {
  const bytes = Buffer.alloc(samples.length * 2);
  for (const [i, sample] of samples.entries()) bytes.writeInt16LE(sample, i * 2);
  return bytes;
}

function findChunk(file: Buffer, name: string): Buffer {
  let at = 12;
  while (at + 8 <= file.length) {
    const size = file.readUInt32LE(at + 4);
    if (file.toString('latin1', at, at + 4) === name) return file.subarray(at + 8, at + 8 + size);
    at += 8 + size + (size % 2);
  }
  throw new Error(`WAV without ${name.trim()} chunk`);
}
