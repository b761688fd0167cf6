import {
  appendFileSync,
  mkdirSync,
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
import { openSpool, type Spool, type SpoolOptions } from '../../services/adapters/spool.ts';
import type { RaisedAlert } from '../../services/core/ports.ts';
import type { FinishedCall } from '../../services/core/record.ts';
import { type FakeFactQueue, fakeFactQueue } from '../support/fake-stores.ts';
import { finishedCall } from '../support/finished-call.ts';
import { limitFiles } from '../support/full-disk.ts';
import { memoryLog } from '../support/log.ts';
import { until } from '../support/until.ts';

let folder: string;
let queue: FakeFactQueue;
let log: ReturnType<typeof memoryLog>;
let alerts: RaisedAlert[];
let spool: Spool | null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clearline-spool-'));
  queue = fakeFactQueue();
  log = memoryLog();
  alerts = [];
});
afterEach(async () => {
  await spool?.close();
  spool = null;
  rmSync(folder, { recursive: true, force: true });
});

/** Both queues: they come and go together, as in one Redis. */
const queues: SpoolOptions['queues'] = {
  calls: { put: (each) => queue.put(each) },
  alerts: {
    async put(alert) {
      if (queue.away) throw new Error('the queue is away');
      alerts.push(alert);
    },
  },
};

interface Opened extends Spool {
  put(call: FinishedCall): Promise<void>;
  waiting(): number;
}

async function open(options: Partial<SpoolOptions> = {}): Promise<Opened> {
  const opened = await openSpool({ folder, queues, log, retryMs: 10, limitBytes: 2 ** 29, ...options });
  spool = opened;
  return { ...opened, put: opened.calls.put, waiting: () => opened.fullness().bytes };
}

const call = (index: number) => finishedCall({ id: `1795358400.${index}` });
const range = (count: number) => Array.from({ length: count }, (_, index) => index);
const arrived = () => queue.calls.map((each) => each.record.id);
const idsOf = (count: number) => range(count).map((index) => `1795358400.${index}`);
const files = () => readdirSync(folder).sort();
const errors = () => log.lines.filter((line) => line.level === 'error').map((line) => line.message);
const empty = (opened: Opened) => until('the spool is empty', () => opened.waiting() === 0 && files().length === 0);

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
  const second = await open({ queues: { ...queues, calls: flaky } });
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
  const calls = { put: () => (taken++ < 4 ? Promise.resolve() : never) };
  await openSpool({ folder, log, retryMs: 10, limitBytes: 2 ** 29, queues: { ...queues, calls } });
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
  const [kept = ''] = files();
  expect(kept).toMatch(/^\d+-\w+\.jsonl\.unreadable$/);
  expect(readFileSync(join(folder, kept), 'utf8')).toContain(JSON.stringify(call(99)).slice(0, 50));
  expect(errors()).toEqual(['lines of the spool cannot be read; the file is set aside']);
});

test('JSON that is no call does not block those behind it', async () => {
  writeFileSync(join(folder, '000000000001.jsonl'), `{"record":{"id":5}}\nnull\n${JSON.stringify(call(0))}\n`);
  const opened = await open();
  await until('the rest is drained', () => opened.waiting() === 0 && files().length === 1);
  expect(arrived()).toEqual(idsOf(1));
  expect(files()).toEqual([expect.stringMatching(/^000000000001-\w+\.jsonl\.unreadable$/)]);
  queue.away = true;
  await opened.put(call(1));
  expect(files()[1]).toBe('000000000002.jsonl');
});

test('other files in the folder are left alone', async () => {
  writeFileSync(join(folder, 'notes.jsonl'), 'mine');
  const opened = await open();
  await opened.put(call(0));
  expect(files()).toEqual(['notes.jsonl']);
});

test('alerts take the same way as calls: one spool for both', async () => {
  const alert = { id: '17.1-reported', kind: 'reported', at: 5, line: 'room-12', call: '17.1' } as const;
  queue.away = true;
  const opened = await open({ retryMs: 60_000 });
  await opened.put(call(0));
  await opened.alerts.put(alert);
  await opened.put(call(1));
  expect(files()).toHaveLength(1);
  await opened.close();
  queue.away = false;
  await empty(await open());
  expect([arrived(), alerts]).toEqual([idsOf(2), [alert]]);
});

const size = Buffer.byteLength(JSON.stringify(call(0))) + 1;
const saysFilling = 'THE SPOOL FILLS: the queue is away, and call facts fill four fifths of the disk they may use';
const saysFull = 'THE SPOOL IS FULL: call facts wait in memory, and are lost if this process ends';
const saysNowhere = 'A CALL FACT HAS NOWHERE TO GO: neither queue, disk nor memory takes it';

test('a spool four fifths full says so loudly, once, and staff hear of it when the queue is back', async () => {
  queue.away = true;
  const opened = await open({ limitBytes: 10 * size });
  for (const index of range(7)) await opened.put(call(index));
  expect(errors()).toEqual([]);
  await opened.put(call(7));
  await opened.put(call(8));
  expect(errors()).toEqual([saysFilling]);
  queue.away = false;
  await empty(opened);
  expect(arrived()).toEqual(idsOf(9));
  expect(alerts).toMatchObject([{ kind: 'spool-filling', line: '', call: null }]);
  await until('the alarm is over', () => log.lines.some(({ message }) => message === 'the spool has room again'));
});

test('when it is full, the oldest stay; new ones wait in memory, unanswered, and arrive all the same', async () => {
  queue.away = true;
  const opened = await open({ limitBytes: 2 * size });
  await opened.put(call(0));
  await opened.put(call(1));
  let answered = 0;
  const late = range(5).map((index) => opened.put(call(2 + index)).then(() => (answered += 1)));
  await until('all are held', () => opened.fullness().inMemory >= 5);
  expect([answered, errors()]).toEqual([0, [saysFilling, saysFull]]);
  expect(opened.waiting()).toBeLessThanOrEqual(2 * size);
  queue.away = false;
  await Promise.all(late);
  await empty(opened);
  expect(arrived()).toEqual(idsOf(7));
  expect(alerts.map(({ kind }) => kind).sort()).toEqual(['spool-filling', 'spool-full']);
});

test('what even memory does not take is refused, loudly; what it has is not thrown away for it', async () => {
  queue.away = true;
  const opened = await open({ limitBytes: size, memoryBytes: 2 * size + 200 });
  await opened.put(call(0));
  const held = range(2).map((index) => opened.put(call(1 + index)));
  // The alarm's own alert is the third.
  await until('both are held', () => opened.fullness().inMemory === 3);
  await expect(opened.put(call(3))).rejects.toThrow('3 facts wait in memory already');
  expect(errors()).toContain(saysNowhere);
  queue.away = false;
  await Promise.all(held);
  await empty(opened);
  await opened.put(call(3));
  expect(arrived().sort()).toEqual(idsOf(4));
});

test('what is in memory goes to the disk as soon as that takes it, and at the end; else whoever put it is told', async () => {
  queue.away = true;
  const opened = await open();
  rmSync(folder, { recursive: true });
  const held = opened.put(call(0));
  await until('it is held', () => opened.fullness().inMemory > 0);
  mkdirSync(folder);
  await held;
  expect(opened.waiting()).toBeGreaterThan(size);

  rmSync(folder, { recursive: true });
  const [saved, refused] = [opened.put(call(1)), opened.put(call(2))];
  const lost = expect(refused).rejects.toThrow('stopped before');
  await until('both are held', () => opened.fullness().inMemory >= 2);
  // Something stands where the folder was.
  writeFileSync(folder, '');
  await Promise.all([expect(saved).rejects.toThrow('stopped before'), opened.close(), lost]);
  rmSync(folder);
});

test('a segment that somebody deletes does not stop those behind it', async () => {
  queue.away = true;
  const first = await open();
  await first.put(call(0));
  await first.close();
  const second = await open();
  await second.put(call(1));
  rmSync(join(folder, files()[0] ?? ''));
  queue.away = false;
  await empty(second);
  expect(arrived()).toEqual(['1795358400.1']);
  expect(errors()).toEqual(['A FILE OF THE SPOOL IS GONE, and with it the call facts that waited there']);
});

test('a disk that takes only part of a line: the rest is not found there later, and nothing is doubled', async () => {
  queue.away = true;
  const opened = await open();
  await opened.put(call(0));
  limitFiles(process.pid, Math.round(size / 2));
  const held = opened.put(call(1));
  try {
    await until('it is held', () => opened.fullness().inMemory > 0);
    const lines = files().flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'));
    expect(lines.filter((line) => line.includes('"record"'))).toEqual([JSON.stringify(call(0))]);
  } finally {
    limitFiles(process.pid);
  }
  await held;
  queue.away = false;
  await empty(opened);
  expect(arrived()).toEqual(idsOf(2));
});

test('what is written by one that slept while another took its place is not lost, whichever file it meant', async () => {
  queue.away = true;
  const asleep = await open({ retryMs: 60_000 });
  await asleep.put(call(0));
  const next = await open({ retryMs: 60_000 });
  // Into a file that is the other's by now, and is read and removed before anybody would look into it again.
  await asleep.put(call(1));
  await next.put(call(2));
  expect(new Set(files()).size).toBe(3);
  queue.away = false;
  await next.put(call(3));
  await until('what the other knows of is drained', () => next.waiting() === 0);
  await asleep.close();
  await next.close();
  const last = await open();
  await empty(last);
  expect([...new Set(arrived())].sort()).toEqual(idsOf(4));
});
