import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DialToneDetector } from '../../services/core/dial-tone.ts';
import { joined, readWav, sampleRate, silence } from '../support/audio.ts';
import {
  added,
  cadence,
  dialTone,
  heardAfter,
  hiss,
  keys,
  louder,
  otherTones,
  through,
  withLoss,
} from '../support/dial-tones.ts';
import { music } from '../support/music.ts';

/** Rows of what must and must not be heard; test/bench/dial-tone.ts counts many more, and says how far it reaches. */

const laws = ['none', 'PCMA', 'PCMU'] as const;

describe('a dial tone is heard within 0.7 s', () => {
  const tones = fc.record({
    dBm0: fc.double({ min: -36, max: 0, noNaN: true }),
    twist: fc.double({ min: -6, max: 6, noNaN: true }),
    off: fc.double({ min: -0.02, max: 0.02, noNaN: true }),
  });

  test('at any level, twist and offset, through either law, in chunks of any length', () => {
    const any = fc.record({ tone: tones, law: fc.constantFrom(...laws), chunk: fc.integer({ min: 1, max: 800 }) });
    fc.assert(
      fc.property(any, ({ tone, law, chunk }) => {
        expect(heardAfter(through(law, dialTone({ ...tone, ms: 800 })), chunk)).toBeLessThan(700 + chunk / 8);
      }),
      { numRuns: 150 },
    );
  });

  test('with noise 15 dB below it', () => {
    const any = fc.record({ tone: tones, law: fc.constantFrom(...laws), seed: fc.integer({ min: 1, max: 1e6 }) });
    fc.assert(
      fc.property(any, ({ tone, law, seed }) => {
        const noisy = added(dialTone({ ...tone, ms: 1000 }), hiss(1000, tone.dBm0 - 15, seed));
        expect(heardAfter(through(law, noisy))).toBeLessThan(760);
      }),
      { numRuns: 150 },
    );
  });

  test.each(laws)('that lasts no longer than 600 ms, whenever it begins (%s)', (law) => {
    for (let early = 0; early < 20; early += 1) {
      const sound = joined(silence(100 + early), dialTone({ ms: 600 }), silence(300));
      expect(heardAfter(through(law, sound)), `after ${100 + early} ms`).not.toBeNull();
    }
  });

  test.each([
    ['down to -40 dBm0', dialTone({ dBm0: -40 })],
    ['overdriven by 12 dB', louder(dialTone({ dBm0: -3 }), 12)],
    ['as exchanges of old gave it, 350+450', cadence([[[350, 450], 1000]], 1000)],
    ['after speech-like noise', joined(hiss(1000, -20), dialTone({ dBm0: -30 }))],
  ])('%s', (_, sound) => {
    for (const law of laws) expect(heardAfter(through(law, sound))).not.toBeNull();
  });
});

describe('packets are lost', () => {
  test.each([
    [20, 200],
    [40, 400],
  ])('%i ms of every %i', (lostMs, everyMs) => {
    for (let phase = 0; phase < everyMs * 8; phase += 160) {
      const sound = withLoss(joined(silence(50), dialTone()), lostMs, everyMs, phase);
      expect(heardAfter(sound), `phase ${phase}`).not.toBeNull();
    }
  });
});

describe('in bursts, as where a message waits', () => {
  test.each([
    [100, 100],
    [120, 80],
    [100, 140],
  ])('%i ms on, %i ms off is heard within 1.8 s', (on, off) => {
    expect(
      heardAfter(
        cadence(
          [
            [[350, 440], on],
            [[], off],
          ],
          2000,
        ),
      ),
    ).toBeLessThan(1800);
  });

  test('five of them are not', () => {
    expect(
      heardAfter(
        cadence(
          [
            [[350, 440], 100],
            [[], 100],
          ],
          1000,
        ),
      ),
    ).toBeNull();
  });
});

test('it goes on telling while the tone goes on, and no longer', () => {
  const detector = new DialToneDetector();
  const sound = joined(dialTone({ ms: 1000 }), silence(1000));
  const told: number[] = [];
  for (let at = 0; at < sound.length; at += 160) {
    if (detector.feed(sound.subarray(at, at + 160))) told.push(at / 8);
  }
  expect(told[0]).toBeLessThan(700);
  expect(told.at(-1)).toBeGreaterThan(940);
  expect(told.at(-1)).toBeLessThan(1060);
});

describe('what is no dial tone is not heard', () => {
  const isHeard = (sound: Int16Array) => laws.filter((law) => heardAfter(through(law, sound)) !== null);

  test.each([400, 450, 500])('one of %i ms', (ms) => {
    expect(isHeard(joined(silence(107), dialTone({ ms }), silence(300)))).toEqual([]);
  });

  test.each(Object.entries(otherTones()))('%s', (_, sound) => {
    expect(isHeard(sound)).toEqual([]);
  });

  test('the keys of a telephone', () => {
    for (const [key, sound] of Object.entries(keys())) expect(isHeard(sound), key).toEqual([]);
  });

  test('noise', () => {
    for (const dBm0 of [-60, -40, -20, -3]) expect(isHeard(hiss(10_000, dBm0)), `${dBm0} dBm0`).toEqual([]);
  });

  const nearMusic = Object.entries(music()).filter(([piece]) => piece.includes('F and A'));
  test.each(nearMusic)('music: %s', (_, play) => {
    expect(heardAfter(play())).toBeNull();
  });

  test('every prompt, as it is and overdriven', () => {
    const files = globSync(fileURLToPath(new URL('../../dialplan/sounds/en_GB/*.wav', import.meta.url)));
    expect(files.length).toBeGreaterThan(40);
    for (const file of files) {
      const sound = readWav(file);
      expect(sound.length).toBeGreaterThan(sampleRate / 10);
      expect(heardAfter(through('PCMA', sound)), basename(file)).toBeNull();
      expect(heardAfter(louder(sound, 15)), basename(file)).toBeNull();
    }
  });

  test('both tones 9 dB apart, or 3 % off', () => {
    expect(isHeard(dialTone({ ms: 3000, twist: 9 }))).toEqual([]);
    expect(isHeard(dialTone({ ms: 3000, off: 0.03 }))).toEqual([]);
  });
});
