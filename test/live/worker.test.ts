import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openAlertQueue } from '../../services/adapters/alert-queue.ts';
import { type CallQueue, openCallQueue } from '../../services/adapters/queues.ts';
import { connectRedis, type RedisClient } from '../../services/adapters/redis.ts';
import { openSpool } from '../../services/adapters/spool.ts';
import { openStore, type Store } from '../../services/adapters/sql/store.ts';
import { screenCaller } from '../../services/core/screen.ts';
import { type TemporaryConfig, temporaryConfig } from '../support/config.ts';
import { callingNumber, finishedCall, monday, storedLine } from '../support/finished-call.ts';
import { memoryLog } from '../support/log.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { startWorker, type TestWorker } from '../support/worker.ts';

/** The facts' whole way, with real processes that die at the worst moment. */

let site: TemporaryConfig;
let redis: TestRedis;
let producer: RedisClient;
let queue: CallQueue;
let workers: TestWorker[];

const call = (index: number) => finishedCall({ id: `1795358400.${index}`, arrivedAt: monday + index });
const range = (count: number) => Array.from({ length: count }, (_, index) => index);
const ids = (count: number) => range(count).map((index) => call(index).record.id);

async function setUp(source = ''): Promise<void> {
  site = temporaryConfig(source);
  redis = await startRedis(site.config.paths.redisSocket);
  producer = connectRedis(site.config, 'producer', memoryLog());
  queue = openCallQueue(producer);
  workers = [];
}

afterEach(async () => {
  for (const worker of workers) worker.kill('SIGKILL');
  await Promise.all(workers.map((worker) => worker.ended));
  await queue.close();
  producer.disconnect();
  await redis.stop();
  site.remove();
});

function work(): TestWorker {
  const worker = startWorker(site.file);
  workers.push(worker);
  return worker;
}

/** The ids on record, oldest first; a row that came twice would show. */
async function recorded(store: Store): Promise<string[]> {
  const records = await store.calls.list({ limit: 10_000 });
  return records.map((record) => record.id).reverse();
}

function untilRecorded(store: Store, count: number, ms = 60_000): Promise<string[]> {
  return until(
    `${count} calls are on record`,
    async () => {
      const found = await recorded(store);
      return found.length >= count && found;
    },
    ms,
  );
}

describe('with SQLite', () => {
  let store: Store;
  beforeEach(async () => {
    await setUp();
    store = await openStore(site.config);
  });
  afterEach(() => store.close());

  test('a worker killed in the middle of 200 calls: its successor records each of them once', async () => {
    for (const index of range(200)) await queue.put(call(index));
    const first = work();
    await untilRecorded(store, 1);
    first.kill('SIGKILL');
    expect(await first.ended).toBe('SIGKILL');
    const before = (await recorded(store)).length;
    expect(before).toBeLessThan(200);

    work();
    expect(await untilRecorded(store, 200)).toEqual(ids(200));
    expect(await store.calls.find(call(100).record.id)).toEqual(call(100));
  });

  test('a worker asked to stop finishes what it has in hand, and leaves the rest queued', async () => {
    for (const index of range(200)) await queue.put(call(index));
    const first = work();
    await untilRecorded(store, 1);
    first.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    const saved = (await recorded(store)).length;
    expect(saved).toBeLessThan(200);
    expect(await producer.zcard('bull:calls:completed')).toBe(saved);
    expect(await producer.llen('bull:calls:active')).toBe(0);

    work();
    expect(await untilRecorded(store, 200)).toEqual(ids(200));
  });

  test('alerts are filed beside the calls, each once', async () => {
    const alerts = openAlertQueue(producer);
    const alert = { id: '17.1-reported', kind: 'reported', at: monday, line: 'room-12', call: '17.1' } as const;
    for (const id of ['17.1-reported', '17.1-reported', '17.2-reported']) await alerts.put({ ...alert, id });
    work();
    const filed = await until(
      'two alerts are on record',
      async () => {
        const found = await store.alerts.list({ line: 'room-12', limit: 10 });
        return found.length >= 2 && found;
      },
      20_000,
    );
    expect(filed).toEqual([{ ...alert, id: '17.2-reported' }, alert]);
    await alerts.close();
  });

  test('reported calls open an incident each, and money at risk raises one alert, although workers are killed', async () => {
    const lastCall = 39;
    const reported = (index: number) =>
      finishedCall({
        ...call(index).record,
        line: `room-${index}`,
        ending: { outcome: 'reported', by: 'resident', cause: 16 },
      });
    const opened = async () => (await store.incidents.list({ limit: 1000 })).map(({ id }) => id).toReversed();
    for (const index of range(lastCall + 1)) await queue.put(reported(index));
    const first = work();
    await until('an incident is open', async () => (await opened()).length > 0, 60_000);
    first.kill('SIGKILL');
    expect(await first.ended).toBe('SIGKILL');

    // Done already or not, each is done again: its carrier answered, so there is another account of it.
    for (const index of range(lastCall + 1)) await queue.put({ ...reported(index), revision: 1 });
    work();
    await until('all are open', async () => (await opened()).length > lastCall, 60_000);
    const enterAgreed = async () => {
      const [newest] = await store.incidents.list({ limit: 1 });
      if (!newest) return false;
      // The campaign that these calls are is entered meanwhile.
      return store.incidents.change({ ...newest, outcome: 'agreed', version: newest.version + 1 }, 'Anna', monday);
    };
    await until('staff have entered it', enterAgreed, 30_000);
    const alerted = async () =>
      (await store.alerts.list({ limit: 100 })).map(({ id }) => id).filter((id) => id.startsWith('money'));
    await until('staff are alerted', async () => (await alerted()).length > 0, 30_000);
    await until('nothing is left to do', async () => (await producer.llen('bull:suspects:wait')) === 0, 30_000);
    expect(await opened()).toEqual(ids(lastCall + 1).map((id) => `incident-${id}`));
    expect(await alerted()).toEqual([`money-at-risk-incident-${call(lastCall).record.id}`]);
  });

  test('one number rings three lines: two workers find one campaign, alert once, and the next stranger meets the guard', async () => {
    await store.lines.upsert([storedLine({ id: 'room-9', area: 'Oxhey', number: '+441923555009' })]);
    const rings = (index: number) => finishedCall({ ...call(index).record, line: `room-${index}`, area: 'Oxhey' });
    work();
    work();
    for (const revision of [0, 1]) for (const index of range(3)) await queue.put({ ...rings(index), revision });
    const campaignAlerts = async () =>
      (await store.alerts.list({ limit: 100 })).filter(({ kind }) => kind === 'campaign');
    await until('staff are alerted of the campaign', async () => (await campaignAlerts()).length > 0, 30_000);
    const followed = async () => Number(await producer.zcard('bull:suspects:completed'));
    await until('every account of every call is followed up', async () => (await followed()) === 6, 30_000);
    const [found, ...others] = await store.campaigns.list({ limit: 10 });
    expect(others).toEqual([]);
    expect(found).toMatchObject({ calls: 3, lines: 3, areas: ['Oxhey'] });
    const { id } = found?.campaign ?? {};
    expect((await campaignAlerts()).map((alert) => alert.id)).toEqual([`campaign-${id}`]);

    // What interceptors load within two seconds of a change.
    const [line] = await store.lines.all();
    if (!line) throw new Error('the line is stored');
    const stranger = { ...finishedCall().record.caller, presentation: callingNumber('x', '+442079460000') };
    const screened = (at: number) => screenCaller(stranger, line, { at, held: false }).treatment;
    expect(screened(monday + 3_600_000)).toBe('staff-or-message');
    expect(screened(monday + 86_400_000)).toBe('challenge');
  });

  test('a worker whose parent is gone stops too', async () => {
    const worker = work();
    await worker.untilReady();
    worker.disconnect();
    // In order, and then hard: see onOrphaned.
    expect(await worker.ended).toBe('SIGKILL');
    await until('its last word is that it stopped', () => worker.output.at(-1)?.includes('"msg":"stopped"'));
  });

  test('Redis killed and started again while calls end: all reach the record, through the spool', async () => {
    const worker = work();
    await worker.untilReady();
    const queues = { calls: queue, alerts: { put: async () => {} } };
    const folder = site.config.paths.spool;
    const spool = await openSpool({ folder, queues, log: memoryLog(), retryMs: 50, limitBytes: 2 ** 29 });
    const { put } = spool.calls;
    for (const index of range(100)) await put(call(index));
    const killed = redis.kill();
    for (const index of range(100)) await put(call(100 + index));
    await killed;
    expect(spool.fullness().bytes).toBeGreaterThan(0);

    const back = redis.start();
    for (const index of range(100)) await put(call(200 + index));
    await back;
    expect(await untilRecorded(store, 300)).toEqual(ids(300));
    await until('the spool is empty', () => spool.fullness().bytes === 0);
    await spool.close();
  });

  test('SQLite locked by somebody else for a while: the calls wait and then arrive', async () => {
    const worker = work();
    await worker.untilReady();
    const other = new DatabaseSync(site.config.paths.database);
    other.exec('begin immediate');
    for (const index of range(20)) await queue.put(call(index));
    await until(
      'the worker was refused',
      () => worker.output.some((line) => line.includes('database is locked')),
      20_000,
    );
    expect(await recorded(store)).toEqual([]);
    other.exec('commit');
    other.close();
    expect(await untilRecorded(store, 20)).toEqual(ids(20));
  });
});

describe('with PostgreSQL', () => {
  let server: TestPostgres;
  let database: string;
  let store: Store | undefined;
  beforeEach(async () => {
    server = await startPostgres();
    const url = await server.freshDatabase();
    database = new URL(url).pathname.slice(1);
    await setUp(`database: { url: "${url}" }`);
  });
  afterEach(async () => {
    await store?.close();
    await server.stop();
  });

  test('it comes late, and later cuts every connection: the calls wait and then arrive', async () => {
    await server.administer(`drop database ${database}`);
    const worker = work();
    for (const index of range(200)) await queue.put(call(index));
    await until(
      'the worker found no database',
      () => worker.output.some((line) => line.includes('does not exist')),
      20_000,
    );

    await server.administer(`create database ${database}`);
    await worker.untilReady();
    store = await openStore(site.config);
    await untilRecorded(store, 1);
    await server.administer(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}'`);
    expect(await untilRecorded(store, 200)).toEqual(ids(200));
    expect(worker.output.join('\n')).toMatch(/lost an idle connection|cannot save a call/);
    worker.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
  });
});
