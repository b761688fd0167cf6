import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Queue } from 'bullmq';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openCallQueue } from '../../services/adapters/queues.ts';
import { connectRedis, type RedisClient } from '../../services/adapters/redis.ts';
import { openStore, type Store } from '../../services/adapters/sql/store.ts';
import { periodsOf } from '../../services/settings/retention.ts';
import { type TemporaryConfig, temporaryConfig } from '../support/config.ts';
import { finishedCall } from '../support/finished-call.ts';
import { openedIncident } from '../support/incidents.ts';
import { memoryLog } from '../support/log.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { startWorker, type TestWorker } from '../support/worker.ts';

/** Retention and the noting of recordings by real workers, which die at the worst moment. */

const day = 86_400_000;
let site: TemporaryConfig;
let redis: TestRedis;
let producer: RedisClient;
let store: Store;
let workers: TestWorker[];

beforeEach(async () => {
  site = temporaryConfig('retention: { at: "02:15" }');
  redis = await startRedis(site.config.paths.redisSocket);
  producer = connectRedis(site.config, 'producer', memoryLog());
  store = await openStore(site.config);
  mkdirSync(site.config.paths.recordings, { recursive: true });
  workers = [];
});
afterEach(async () => {
  for (const worker of workers) worker.kill('SIGKILL');
  await Promise.all(workers.map((worker) => worker.ended));
  await store.close();
  producer.disconnect();
  await redis.stop();
  site.remove();
});

function work(): TestWorker {
  const worker = startWorker(site.file);
  workers.push(worker);
  return worker;
}

function record(name: string, text: string, at = Date.now()): void {
  const path = join(site.config.paths.recordings, `${name}.wav`);
  writeFileSync(path, text);
  utimesSync(path, at / 1000, at / 1000);
}

async function hadARunBefore(): Promise<void> {
  const at = Date.now() - 3 * day;
  await store.retention.takeTurn('test', at, at);
  await store.retention.begin({ id: 'long-ago', startedAt: at, by: 'test', periods: periodsOf(site.config.retention) });
  await store.retention.finish({ run: 'long-ago', owner: 'test', until: at }, at, null);
}

const calls = async () => (await store.calls.list({ limit: 10_000 })).map(({ id }) => id);
const newest = async () => (await store.retention.runs(1))[0];

test('two workers that are killed in the middle of the night’s run: it is made up for, once, and each thing counted once', async () => {
  const old = Date.now() - 500 * day;
  const total = 400;
  for (let index = 0; index < total; index += 1) {
    await store.calls.save(finishedCall({ id: `17.${index}`, arrivedAt: old + index, endedAt: old + index }));
    if (index % 10 === 0) record(`17.${index}-message`, 'hello', old);
  }
  const legalHold = { since: old, by: 'anna', why: 'the police asked' };
  await store.incidents.open(openedIncident({ calls: ['17.7', '17.20'], status: 'closed', legalHold }));
  await hadARunBefore();

  const first = [work(), work()];
  await until('some calls are removed', async () => (await calls()).length < total);
  for (const worker of first) worker.kill('SIGKILL');
  await Promise.all(first.map(({ ended }) => ended));
  work();
  const run = await until('the run is done', async () => {
    const found = await newest();
    return found?.id.startsWith('night-') && found.finishedAt !== null && found;
  });

  expect((await calls()).sort()).toEqual(['17.20', '17.7']);
  expect(run.counts.find(({ kind }) => kind === 'calls')).toMatchObject({ removed: total - 2, held: 2 });
  expect(run.counts.find(({ kind }) => kind === 'messages')).toMatchObject({
    removed: total / 10 - 1,
    held: 1,
    failed: 0,
  });
  expect(readdirSync(site.config.paths.recordings)).toEqual(['17.20-message.wav']);
  expect((await store.chain.verify()).faults).toEqual([]);
  const queue = new Queue('retention', { connection: producer });
  const schedulers = await queue.getJobSchedulers();
  expect(schedulers).toMatchObject([{ key: 'enforce-retention', pattern: '0 15 2 * * *', tz: 'Europe/London' }]);
  await queue.close();
});

test('a site that never had a run removes nothing before its first night; recordings are noted as they were made', async () => {
  await store.calls.save(finishedCall({ id: 'old', arrivedAt: Date.now() - 900 * day }));
  record('17.1-name', 'PC Jones');
  const queue = openCallQueue(producer);
  const recordings = ['17.1-name', '17.1-message'];
  await queue.put(finishedCall({ id: '17.1', arrivedAt: Date.now(), recordings }));
  const worker = work();
  await until('the recording is noted', async () => (await store.recordings.of(['17.1'])).length === 1);
  expect(await store.recordings.of(['17.1'])).toMatchObject([
    { name: '17.1-name', bytes: 8, sha256: 'e2fa742c32d9232957033e74254475160c02058028b2641992be6ee274a35218' },
  ]);
  await until('the missing one is told of', () => worker.output.some((line) => line.includes('is not in the folder')));
  expect(await calls()).toContain('old');
  expect(await newest()).toBeUndefined();
  await queue.close();
});
