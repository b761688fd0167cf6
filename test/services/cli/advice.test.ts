import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { promptsFolder } from '../../../services/sounds.ts';
import { decodeWav } from '../../../services/wav.ts';
import { type Desk, desk } from './world.ts';

const config = `
site: { name: Rose Court }
numbers:
  guarded: [{ number: "0345 600 2323", name: Our bank }]
`;

let site: Desk;
afterEach(() => site.remove());

test('advice writes a page of two sides and a recording that ends with goodbye', async () => {
  site = desk([], {}, config);
  const { code, out } = await site.run('advice', '--out', join(site.folder, 'to/hand/out'));
  expect(code).toBe(0);
  const page = readFileSync(join(site.folder, 'to/hand/out/advice.pdf'), 'latin1');
  expect(page.startsWith('%PDF-')).toBe(true);
  expect(page.match(/\/Type \/Page\n/g)).toHaveLength(2);
  const spoken = decodeWav(readFileSync(join(site.folder, 'to/hand/out/advice.wav')));
  const goodbye = decodeWav(readFileSync(join(promptsFolder, 'goodbye.wav16')));
  expect(spoken.rate).toBe(16_000);
  const ending = spoken.samples.subarray(-goodbye.samples.length - 0.7 * 16_000);
  expect(ending.subarray(0, goodbye.samples.length)).toEqual(goodbye.samples);
  expect(out).toContain(join(site.folder, 'to/hand/out/advice.wav'));
});

test('the same settings give the same page', async () => {
  site = desk([], {}, config);
  for (const folder of ['one', 'other']) await site.run('advice', '--out', join(site.folder, folder));
  const page = (folder: string) => readFileSync(join(site.folder, folder, 'advice.pdf'));
  expect(page('one').equals(page('other'))).toBe(true);
});

test('a folder that cannot be had is named, with what to do', async () => {
  site = desk([], {}, config);
  writeFileSync(join(site.folder, 'taken'), '');
  const { code, err } = await site.run('advice', '--out', join(site.folder, 'taken'));
  expect(code).toBe(1);
  expect(err).toMatch(/cannot be written into .*taken: .*--out/s);
});
