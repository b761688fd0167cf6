import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { promptNames } from '../../services/core/call.ts';
import { joined, markers, readWav, silence, tones } from './audio.ts';
import { decode, encode } from './phone/g711.ts';
import { makeTonePrompts, readTonePrompts } from './tone-prompts.ts';

const prompts = makeTonePrompts();
afterAll(prompts.remove);

const asHeard = (samples: Int16Array) => decode(encode(samples, 'PCMA'), 'PCMA');
const read = (samples: Int16Array) => readTonePrompts(asHeard(samples)).map(({ name }) => name);

test('every prompt and digit is read as itself, wherever it begins', () => {
  const names = [...promptNames, ...Array.from({ length: 10 }, (_, digit) => `digit-${digit}`)];
  for (const name of names) {
    const sound = readWav(join(prompts.folder, `${name}.wav`));
    for (const ms of [0, 7, 13]) expect(read(joined(silence(ms), sound, silence(100)))).toEqual([name]);
  }
});

test.each(Object.entries(markers))('the marker of the %s is no prompt', (_, marker) => {
  expect(read(tones(marker, 1000, 0.5))).toEqual([]);
});
