import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { processesOf } from '../support/stack.ts';
import { until } from '../support/until.ts';

const demo = fileURLToPath(new URL('../../scripts/demo.ts', import.meta.url));
const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

/** Runs the demo with a folder of its own for temporary files, so that whatever it leaves is seen. */
async function startDemo() {
  const folder = await mkdtemp(join(tmpdir(), 'clearline-test-'));
  cleanUp.push(() => rm(folder, { recursive: true, force: true }));
  const child = spawn(process.execPath, [demo], { env: { ...process.env, TMPDIR: folder } });
  cleanUp.push(async () => child.kill('SIGTERM'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  return { child, folder, ended, output: () => output };
}

test('npm run demo tells five calls in their order, what staff got and did of the fraud among them, and leaves nothing', async () => {
  const { folder, ended, output } = await startDemo();
  expect(await ended, output()).toBe(0);
  const told = [
    'Imported 3 lines',
    '1. Anna rings her mother',
    'Clearline decides: trusted (Anna); the phone rings.',
    'The resident’s phone rings and shows: Trusted: Anna',
    'The call is over: caller and resident talked',
    '2. A number rings that Margaret’s family has put on the blocked list.',
    'The caller hears: “We are sorry, this call cannot be put through',
    'The call is over: refused',
    '3. “Fraud Squad” rings Margaret.',
    'The call is over: the caller gave up',
    '4. The number beside it rings Edith',
    'The resident hears: “Clearline. A caller we do not know',
    'The call is over: caller and resident talked; ended by the resident',
    '5. The next but one rings Arthur',
    'The caller hears: “This is Clearline, an automatic service.',
    'The caller’s name is recorded',
    'The resident hears: “Clearline. A caller we do not know”',
    'The caller and the resident can speak with one another.',
    'The resident presses *.',
    'The resident hears: “The call has been ended and reported',
    'The call is over: the resident reported it',
    'His voice first reached Arthur’s telephone',
    'What is on record now',
    'What staff got by mail:',
    'Subject: Clearline: a call was reported at Cedar House',
    'Line: Arthur Bell (room-2)',
    'Subject: Clearline: fraudsters are ringing the area at Cedar House',
    'The campaign:',
    'to 3 lines in Rickmansworth',
    'Numbers that differ in their last two digits only',
    'rang 3 lines (3 calls) in Rickmansworth',
    'The incident, after the warden has asked Arthur about it',
    'Claimed to be the police',
    'The evidence pack',
    'Written: ',
    'Verified: Nothing was changed.',
    'changed.zip is not as it was made:',
    'was changed somewhere in its bytes',
    'No call, no program and no file of the demo is left.',
  ];
  // What is too wide goes on in the next line, under the words.
  const text = output().replaceAll(/(?:\n {2,14}| {2,})/g, ' ');
  let from = 0;
  for (const line of told) {
    const at = text.indexOf(line, from);
    expect(at, `“${line}” is told, and after what stands before it, in:\n${text}`).toBeGreaterThanOrEqual(from);
    from = at + line.length;
  }
  expect(text).toMatch(/room-1 trusted caller and resident talked/);
  expect(await readdir(folder)).toEqual([]);
  expect(await processesOf(folder)).toEqual([]);
}, 180_000);

test('a demo that is interrupted says so, and leaves nothing either', async () => {
  const { child, folder, ended, output } = await startDemo();
  await until('a call is told', () => output().includes('arrives for Margaret Ellis'), 30_000);
  child.kill('SIGINT');
  expect(await ended, output()).toBe(130);
  expect(output()).toContain('Interrupted (SIGINT).');
  expect(await readdir(folder)).toEqual([]);
  expect(await processesOf(folder)).toEqual([]);
}, 60_000);
