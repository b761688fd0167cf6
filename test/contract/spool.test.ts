import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSpooledQueue, type SpooledQueue, type SpoolOptions } from '../../services/adapters/spool.ts';
import { type FakeFactQueue, fakeFactQueue } from '../support/fake-stores.ts';
import { finishedCall } from '../support/finished-call.ts';
import { memoryLog } from '../support/log.ts';
import { until } from '../support/until.ts';

let folder: string;
let queue: FakeFactQueue;
let log: ReturnType<typeof memoryLog>;
let spool: SpooledQueue | null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clearline-spool-'));
  queue = fakeFactQueue();
  log = memoryLog();
});
afterEach(async () => {
  await spool?.close();
  spool = null;
  rmSync(folder, { recursive: true, force: true });
});

async function open(options: Partial<SpoolOptions> = {}): Promise<SpooledQueue> {
  spool = await openSpooledQueue({ folder, queue, log, retryMs: 10, ...options });
  return spool;
}

const call = (index: number) => finishedCall({ id: `1795358400.${index}` });
const range = (count: number) => Array.from({ length: count }, (_, index) => index);
const arrived = () => queue.calls.map((each) => each.record.id);
const idsOf = (count: number) => range(count).map((index) => `1795358400.${index}`);
const files = () => readdirSync(folder).sort();
const errors = () => log.lines.filter((line) => line.level === 'error').map((line) => line.message);
const empty = (opened: SpooledQueue) =>
  until('the spool is empty', () => opened.waiting() === 0 && files().length === 0);

test('while the queue is there, nothing touches the disk', async () => {
  const opened = await open();
  await opened.put(call(0));
  expect(arrived()).toEqual(idsOf(1));
  expect(files()).toEqual([]);
});

test('while the queue is away, calls are on the disk when put resolves, for the owner only', async () => {
  queue.away = true;
  const opened = await open();
  await opened.put(call(0));
  const [file = ''] = files();
  expect(JSON.parse(readFileSync(join(folder, file), 'utf8'))).toEqual(call(0));
  expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
  expect(opened.waiting()).toBeGreaterThan(0);
  expect(log.lines).toContainEqual({ level: 'warn', message: 'the queue is away: call facts go to the spool' });
});

test('when the queue is back, they go there in order, each once, and the disk is empty', async () => {
  queue.away = true;
  const opened = await open();
  for (const index of range(20)) await opened.put(call(index));
  queue.away = false;
  await empty(opened);
  expect(arrived()).toEqual(idsOf(20));
  expect(queue.calls[0]).toEqual(call(0));
});

test('calls that end while the spool is drained are kept in its order too', async () => {
  queue.away = true;
  const opened = await open();
  await Promise.all(range(200).map((index) => opened.put(call(index))));
  queue.away = false;
  const late = range(50).map((index) => opened.put(call(200 + index)));
  await Promise.all(late);
  await empty(opened);
  expect(arrived().sort()).toEqual(idsOf(250).sort());
});

test('what an earlier process left is drained at the next start', async () => {
  queue.away = true;
  const first = await open();
  await first.put(call(0));
  await first.put(call(1));
  await first.close();
  queue.away = false;
  const second = await open();
  await empty(second);
  expect(arrived()).toEqual(idsOf(2));
});

test('older calls go before newer ones across several starts', async () => {
  queue.away = true;
  for (const index of range(12)) {
    const opened = await open();
    await opened.put(call(index));
    await opened.close();
  }
  expect(files()).toHaveLength(12);
  queue.away = false;
  await empty(await open());
  expect(arrived()).toEqual(idsOf(12));
});

test('a queue that goes away in the middle of draining gets the rest later, nothing twice', async () => {
  queue.away = true;
  const first = await open();
  for (const index of range(10)) await first.put(call(index));
  await first.close();
  const seen: string[] = [];
  let budget = 4;
  const flaky = {
    put: async (each: ReturnType<typeof call>) => {
      if (budget === 0) throw new Error('away again');
      budget -= 1;
      seen.push(each.record.id);
    },
  };
  const second = await open({ queue: flaky });
  await until('four have gone', () => seen.length === 4);
  expect(second.waiting()).toBeGreaterThan(0);
  budget = 100;
  await empty(second);
  expect(seen).toEqual(idsOf(10));
});

test('a crash in the middle of draining loses nothing: the whole segment goes again', async () => {
  queue.away = true;
  // It tries only when told to: each try would begin another segment.
  const first = await open({ retryMs: 60_000 });
  for (const index of range(10)) await first.put(call(index));
  await first.close();
  let taken = 0;
  const never = new Promise<void>(() => {});
  // This process "dies" with four calls handed over: its fifth put never returns and its spool is never closed.
  await openSpooledQueue({ folder, log, retryMs: 10, queue: { put: () => (taken++ < 4 ? Promise.resolve() : never) } });
  await until('four have gone', () => taken === 5);
  queue.away = false;
  await empty(await open());
  expect(arrived()).toEqual(idsOf(10));
});

test('a line that a crash cut short is set aside, and its neighbours arrive', async () => {
  queue.away = true;
  const first = await open();
  await first.put(call(0));
  await first.close();
  appendFileSync(join(folder, files()[0] ?? ''), JSON.stringify(call(99)).slice(0, 50));
  const second = await open();
  await second.put(call(1));
  queue.away = false;
  await until('the rest is drained', () => second.waiting() === 0 && files().length === 1);
  expect(arrived()).toEqual(idsOf(2));
  expect(readFileSync(join(folder, 'unreadable.txt'), 'utf8')).toBe(`${JSON.stringify(call(99)).slice(0, 50)}\n`);
  expect(errors()).toEqual(['a line of the spool cannot be read; it is set aside']);
});

test('JSON that is no call does not block those behind it', async () => {
  writeFileSync(join(folder, '000000000001.jsonl'), `{"record":{"id":5}}\nnull\n${JSON.stringify(call(0))}\n`);
  const opened = await open();
  await until('the rest is drained', () => opened.waiting() === 0 && files().length === 1);
  expect(arrived()).toEqual(idsOf(1));
  expect(readFileSync(join(folder, 'unreadable.txt'), 'utf8')).toBe('{"record":{"id":5}}\nnull\n');
});

test('other files in the folder are left alone', async () => {
  writeFileSync(join(folder, 'notes.jsonl'), 'mine');
  const opened = await open();
  await opened.put(call(0));
  expect(files()).toEqual(['notes.jsonl']);
});

test('a full spool refuses, says so loudly, and takes calls again once it is drained', async () => {
  queue.away = true;
  const size = Buffer.byteLength(JSON.stringify(call(0))) + 1;
  const opened = await open({ limitBytes: 2 * size, retryMs: 60_000 });
  await opened.put(call(0));
  await opened.put(call(1));
  await expect(opened.put(call(2))).rejects.toThrow('is full');
  expect(errors()).toEqual(['A CALL FACT HAS NOWHERE TO GO: neither the queue nor the spool takes it']);
  queue.away = false;
  await opened.put(call(3));
  await empty(opened);
  expect(arrived().sort()).toEqual(['1795358400.0', '1795358400.1', '1795358400.3']);
  queue.away = true;
  await opened.put(call(4));
  expect(files()).toHaveLength(1);
});

test('a disk that cannot be written to makes put reject, and is used again when it can', async () => {
  queue.away = true;
  const opened = await open();
  rmSync(folder, { recursive: true });
  await expect(opened.put(call(0))).rejects.toThrow('ENOENT');
  expect(opened.waiting()).toBe(0);
  const { mkdirSync } = await import('node:fs');
  mkdirSync(folder);
  chmodSync(folder, 0o700);
  await opened.put(call(0));
  queue.away = false;
  await empty(opened);
  expect(arrived()).toEqual(idsOf(1));
});
