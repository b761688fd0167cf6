import { Queue } from 'bullmq';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { consumeAlerts, openAlertQueue } from '../../services/adapters/alert-queue.ts';
import { consumeJobs, openJobQueue } from '../../services/adapters/bullmq.ts';
import { consumeCallBacks, openCallBackQueue } from '../../services/adapters/call-back-queue.ts';
import { consumeCalls, openCallQueue } from '../../services/adapters/queues.ts';
import { connectRedis, type RedisClient, type RedisRole } from '../../services/adapters/redis.ts';
import { temporaryConfig } from '../support/config.ts';
import { finishedCall } from '../support/finished-call.ts';
import { memoryLog } from '../support/log.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

/** Redis keeps everything in memory: what a queue leaves behind there must not grow with the calls it has carried. */

const site = temporaryConfig();
const log = memoryLog();
let redis: TestRedis;
let producer: RedisClient;
let closing: (() => Promise<void>)[];

beforeEach(async () => {
  redis = await startRedis();
  closing = [];
  producer = connect('producer');
});
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  await redis.stop();
  site.remove();
});

function connect(role: RedisRole): RedisClient {
  const client = connectRedis({ redis: {}, paths: { ...site.config.paths, redisSocket: redis.socket } }, role, log);
  closing.push(async () => client.disconnect());
  return client;
}

const range = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index);

/** Puts in handfuls, as calls end, not in one heap. */
async function putAll(count: number, from: number, put: (index: number) => Promise<void>): Promise<void> {
  for (let begin = from; begin < from + count; begin += 100) await Promise.all(range(begin, 100).map(put));
}

const usedBytes = async () => Number(/used_memory:(\d+)/.exec(await producer.info('memory'))?.[1]);

test('whatever calls, alerts and call backs have passed, Redis keeps a thousand of each', async () => {
  const calls = openCallQueue(producer);
  const alerts = openAlertQueue(producer);
  const callBacks = openCallBackQueue(producer, log);
  const raw = new Queue('call-backs', { connection: producer });
  const taken = { calls: 0, alerts: 0, callBacks: 0 };
  const take = (what: keyof typeof taken) => async () => {
    taken[what] += 1;
  };
  const consumers = [
    consumeCalls(connect('consumer'), take('calls'), log),
    consumeAlerts(connect('consumer'), take('alerts'), log),
    consumeCallBacks(connect('consumer'), take('callBacks'), log),
  ];
  for (const each of [calls, alerts, callBacks, raw, ...consumers]) closing.push(() => each.close());

  const pass = async (from: number, count: number) => {
    const number = { class: 'guarded', number: '101', prefix: null } as const;
    await putAll(count, from, (index) => calls.put(finishedCall({ id: `17.${index}` })));
    await putAll(count, from, (index) =>
      alerts.put({ id: `17.${index}-reported`, kind: 'reported', at: index, line: 'room-12', call: `17.${index}` }),
    );
    await putAll(count, from, (index) =>
      callBacks.promise({ id: `17.${index}`, line: 'room-12', number, promisedAt: index, tries: 0 }),
    );
    // They wait for 15 s otherwise.
    await raw.promoteJobs();
    const total = from + count;
    const all = () => Object.values(taken).every((each) => each === total);
    await until(`${total} of each are taken: ${JSON.stringify(taken)}`, all, 15_000);
    await until('all are done with', async () => (await producer.zcard('bull:calls:completed')) <= 1000);
    return { keys: await producer.dbsize(), bytes: await usedBytes() };
  };

  const [first, second] = [await pass(0, 2000), await pass(2000, 3000)];
  // Beside each job itself, a queue has a dozen keys at most.
  expect(second.keys).toBeLessThan(3 * (1000 + 12));
  expect(second.bytes).toBeLessThan(1.2 * first.bytes);
  for (const name of ['calls', 'alerts', 'call-backs']) {
    // Redis trims a stream by whole nodes of a hundred entries.
    expect(await producer.xlen(`bull:${name}:events`), name).toBeLessThan(1200);
  }
});

test('a queue with too many jobs undone takes no more, and takes them again when they are done', async () => {
  const names = { queue: 'backlog', job: 'wait', one: 'a job' };
  const queue = openJobQueue(producer, names, 500);
  closing.push(() => queue.close());
  await putAll(500, 0, (index) => queue.put(`job ${index}`, {}));
  let extra = 0;
  const refusal = await until(
    'a put is refused',
    async () => {
      try {
        await queue.put(`one more ${extra++}`, {});
        return false;
      } catch (error) {
        return String(error);
      }
    },
    5000,
  );
  expect(refusal).toMatch(/^Error: the queue "backlog" has \d+ jobs undone already$/);
  const kept = await producer.dbsize();
  await expect(queue.put('later', {})).rejects.toThrow('undone already');
  expect(await producer.dbsize()).toBe(kept);

  const consumer = consumeJobs(
    connect('consumer'),
    names,
    () => ({ value: {} }),
    async () => {},
    log,
  );
  closing.push(() => consumer.close());
  await until(
    'a put is taken',
    () =>
      queue
        .put('later', {})
        .then(() => true)
        .catch(() => false),
    10_000,
  );
});
