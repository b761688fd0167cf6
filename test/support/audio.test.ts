import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  babble,
  findMarker,
  findSound,
  firstSound,
  joined,
  loudnessOf,
  markers,
  noise,
  readWav,
  silence,
  tones,
  whichSound,
  writeWav,
} from './audio.ts';
import { decode, encode } from './phone/g711.ts';

const ms = (samples: number) => samples / 8;
/** What a telephone line does to audio. */
const line = (samples: Int16Array) => decode(encode(decode(encode(samples, 'PCMA'), 'PCMA'), 'PCMU'), 'PCMU');
const warning = babble(4000, 7);

test('G.711 keeps a sample within its step, and silence silent', () => {
  for (const codec of ['PCMU', 'PCMA'] as const) {
    for (const sample of [0, 1, -1, 100, -100, 5000, -5000, 30_000, -30_000]) {
      const back = decode(encode(Int16Array.of(sample), codec), codec)[0] ?? Number.NaN;
      expect(Math.abs(back - sample)).toBeLessThanOrEqual(8 + Math.abs(sample) / 16);
    }
  }
  // The values of ITU-T G.711: 0xff is zero in µ-law; 0xd5 is the least positive one in A-law.
  expect(encode(Int16Array.of(0, 32_767, -32_768), 'PCMU')).toEqual(Buffer.from([0xff, 0x80, 0x00]));
  expect(decode(Buffer.from([0xff, 0x80, 0x00]), 'PCMU')).toEqual(Int16Array.of(0, 32_124, -32_124));
  expect(decode(Buffer.from([0xd5, 0x55, 0xaa]), 'PCMA')).toEqual(Int16Array.of(8, -8, 32_256));
});

test('a WAV file gives back the samples it was written with', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clearline-wav-'));
  try {
    writeWav(join(folder, 'a.wav'), warning);
    expect(readWav(join(folder, 'a.wav'))).toEqual(warning);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a prompt is found where it begins and ends, after companding', () => {
  const found = findSound(warning, line(joined(silence(1234), warning, silence(700))));
  expect(found).toMatchObject({ start: 1234 * 8, complete: true });
  expect(found?.similarity).toBeGreaterThan(0.95);
  expect(ms(found?.end ?? 0)).toBeGreaterThan(5100);
  expect(ms(found?.end ?? 0)).toBeLessThanOrEqual(5234);
});

test('a prompt is found between others that sound alike', () => {
  const opening = babble(1500, 11);
  const wanted = joined(opening, babble(2000, 12));
  const other = joined(opening, babble(2500, 13));
  const found = findSound(wanted, line(joined(other, silence(300), wanted, silence(300), other)));
  expect(ms(found?.start ?? 0)).toBeCloseTo(4300, 0);
  expect(found?.similarity).toBeGreaterThan(0.9);
});

test('a prompt that was cut off is found, and known as incomplete', () => {
  const found = findSound(warning, line(joined(silence(500), warning.subarray(0, 1500 * 8), babble(3000, 99))));
  expect(found).toMatchObject({ start: 4000, complete: false });
  expect(ms(found?.end ?? 0)).toBeGreaterThan(1700);
  expect(ms(found?.end ?? 0)).toBeLessThan(2200);
  expect(found?.similarity).toBeLessThan(0.7);
});

test.each([
  ['another prompt', babble(6000, 8)],
  ['noise', noise(6000)],
  ['silence', silence(6000)],
  ['nothing at all', new Int16Array(0)],
])('a prompt is not found in %s', (_, capture) => {
  const found = findSound(warning, capture);
  expect(found?.similarity ?? 0).toBeLessThan(0.4);
  expect(found?.complete ?? false).toBe(false);
});

test('of ten spoken digits, the one that was said is told', () => {
  const digits = Object.fromEntries(Array.from({ length: 10 }, (_, digit) => [digit, babble(500, 40 + digit)]));
  for (const [digit, sound] of Object.entries(digits)) {
    expect(whichSound(digits, line(joined(babble(900, 3), silence(200), sound, silence(100))))).toBe(digit);
  }
  expect(whichSound(digits, line(babble(2000, 3)))).toBeNull();
});

test('a marker is found wherever it sounds, to within 30 ms', () => {
  const marker = tones(markers.caller, 500);
  const found = findMarker(markers.caller, line(joined(silence(300), marker, babble(800, 5), marker)));
  expect(found).toHaveLength(2);
  for (const [i, from] of [300, 1600].entries()) {
    expect(Math.abs(ms(found[i]?.start ?? 0) - from)).toBeLessThan(30);
    expect(Math.abs(ms(found[i]?.end ?? 0) - from - 500)).toBeLessThan(30);
  }
});

test('a marker is found under a prompt that is as loud', () => {
  const under = tones(markers.caller, 4000, 0.3);
  const capture = warning.map((sample, i) => sample + (under[i] ?? 0));
  expect(findMarker(markers.caller, line(capture)).length).toBeGreaterThan(0);
});

test.each([
  ['a prompt', warning],
  ['noise', noise(2000)],
  ['silence', silence(2000)],
  ['a dial tone', tones([350, 440], 2000)],
  ['the key 5', tones([770, 1336], 2000)],
  ["the resident's marker", tones(markers.resident, 2000)],
])('a marker is not found in %s', (_, capture) => {
  expect(findMarker(markers.caller, line(capture))).toEqual([]);
});

test('the first sound is where silence ends', () => {
  expect(ms(firstSound(line(joined(silence(640), tones([440], 100)))) ?? 0)).toBeCloseTo(630, -1.5);
  expect(firstSound(line(silence(1000)))).toBeNull();
  expect(loudnessOf(tones([1000], 1000, 1))).toBeCloseTo(-3, 0);
});
