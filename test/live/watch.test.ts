import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { amiRefused, type Fault, faultsOf } from '../support/faults.ts';
import type { Phones } from '../support/phones.ts';
import { makeShortPrompts } from '../support/short-prompts.ts';
import { lineUp, networkAddress, type Site, startSite } from '../support/site.ts';
import { until } from '../support/until.ts';

/** Clearline seen from outside, as Prometheus, a collector of traces and whoever reads its log see it. */

const spam = '+442079460999';
const prompts = makeShortPrompts();
let site: Site;
let phones: Phones;
let collector: Server;
let redis: Fault;
const traces: { readonly name: string; readonly traceId: string; readonly parentSpanId?: string }[] = [];

beforeAll(async () => {
  collector = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += String(part);
    for (const { scopeSpans } of JSON.parse(body).resourceSpans) traces.push(...scopeSpans[0].spans);
    response.end('{}');
  });
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const { port } = collector.address() as AddressInfo;
  site = await startSite({
    carrier: true,
    lines: [
      { id: 'room-1', number: '+441923555101', resident: 'Elsie Brown', mode: 'trusted-only', blocked: [spam] },
      { id: 'room-2', number: '+441923555102', resident: 'Arthur Bell' },
    ],
    settings: {
      sounds: { folder: prompts.folder },
      watch: { traces: `http://127.0.0.1:${port}/v1/traces` },
    },
  });
  redis = faultsOf(site.stack).redisKilled;
  phones = site.phones();
});
afterAll(async () => {
  phones?.close();
  await redis?.stop?.();
  await site?.stop();
  collector?.close();
  rmSync(prompts.folder, { recursive: true });
});

const portOf = (service: 'interceptor' | 'worker') => site.stack.config.watch[`${service}Port`];

async function page(service: 'interceptor' | 'worker', path: string): Promise<string> {
  const authorization = `Basic ${Buffer.from(`clearline:${site.stack.secrets.watch}`).toString('base64')}`;
  const response = await fetch(`http://127.0.0.1:${portOf(service)}${path}`, { headers: { authorization } });
  return `${response.status} ${await response.text()}`;
}

/** One figure; NaN where it is not shown. */
async function figure(service: 'interceptor' | 'worker', series: string): Promise<number> {
  const line = (await page(service, '/metrics')).split('\n').find((one) => one.startsWith(`${series} `));
  return Number(line?.split(' ').at(-1) ?? Number.NaN);
}

function untilFigure(service: 'interceptor' | 'worker', series: string, value: number): Promise<boolean> {
  return until(`${series} is ${value}`, async () => (await figure(service, series)) === value, 30_000);
}

/** An interceptor may stand by for a moment at its start, until it knows that nobody else has the calls. */
function untilReady(service: 'interceptor' | 'worker'): Promise<boolean> {
  return until(`the ${service} is ready`, async () => (await page(service, '/readyz')) === '200 ready\n', 30_000);
}

test('a screened call and a guarded one: counted, measured, traced, and told in one line of the log each', async () => {
  for (const service of ['interceptor', 'worker'] as const) {
    expect(await page(service, '/healthz')).toBe('200 alive\n');
    await untilReady(service);
  }
  expect(await figure('interceptor', 'clearline_outgoing_calls_total{number="emergency",outcome="connected"}')).toBe(0);
  const network = await phones.trunk(networkAddress);
  const refused = await network.call({ to: '01923555101', from: { name: 'PC Jones', number: spam } });
  await refused.untilEnded();
  const resident = await lineUp(phones, 'room-2');
  const call = await resident.call({ to: '101' });
  const rung = await site.carrier.nextCall();
  rung.answer();
  await call.untilAnswered();
  await untilFigure('interceptor', 'clearline_calls_running', 1);
  call.hangUp();
  await rung.untilEnded();

  await untilFigure('interceptor', 'clearline_outgoing_calls_total{number="guarded",outcome="connected"}', 1);
  const labels = 'standing="blocked",treatment="refuse",outcome="refused",by="clearline"';
  await untilFigure('interceptor', `clearline_inbound_calls_total{${labels}}`, 1);
  for (const series of [
    'clearline_clearing_seconds_count{what="caller"}',
    'clearline_clearing_seconds_count{what="line"}',
    'clearline_guarded_wait_seconds_count',
    'clearline_reaction_seconds_count{to="arrival"}',
  ]) {
    expect(await figure('interceptor', series), series).toBe(1);
  }
  expect(await figure('interceptor', 'clearline_guarded_wait_seconds_sum')).toBeLessThan(30);
  expect(await figure('interceptor', 'clearline_lines')).toBe(2);
  for (const part of ['ari', 'ami', 'redis', 'sql']) {
    expect(await figure('interceptor', `clearline_up{part="${part}"}`), part).toBe(1);
  }
  await untilFigure('worker', 'clearline_queue_jobs{queue="calls",state="waiting"}', 0);
  await until(
    'both were saved',
    async () => (await figure('worker', 'clearline_jobs_total{queue="calls",result="done"}')) >= 2,
    30_000,
  );

  const whole = await until('both calls are traced', () => {
    const found = traces.filter(({ parentSpanId }) => parentSpanId === undefined);
    return found.length === 2 && found;
  });
  expect(whole.map(({ name }) => name).sort()).toEqual(['call from a line', 'call to a line']);
  expect(traces.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['screening', 'cutting the caller', 'checking', 'talking']),
  );

  const told = site.stack.output.filter((line) => line.includes('a call is over'));
  expect(told).toHaveLength(2);
  for (const line of told) expect(line).toMatch(/"call":"[^"]+","direction":"(in|out)/);
});

test('nothing that is to be seen tells of anybody', async () => {
  const seen = [await page('interceptor', '/metrics'), await page('worker', '/metrics'), JSON.stringify(traces)];
  const logged = site.stack.output.join('\n');
  for (const personal of ['Elsie', 'Arthur', 'Jones', '9460999', '555101', String(site.stack.secrets.watch)]) {
    for (const text of [...seen, logged]) expect(text).not.toContain(personal);
  }
  for (const text of seen) expect(text).not.toContain('room-');
});

test('Redis killed: the worker is not ready and says why, the interceptor is, and both see it come back', async () => {
  await redis.begin();
  await untilFigure('interceptor', 'clearline_up{part="redis"}', 0);
  expect(await page('interceptor', '/readyz')).toBe('200 ready\n');
  expect(await page('worker', '/readyz')).toBe('503 Redis is away: records wait at the interceptor.\n');
  expect(await page('worker', '/healthz')).toBe('200 alive\n');
  // What is not known is not shown, rather than as it was.
  expect(await figure('interceptor', 'clearline_queue_jobs{queue="calls",state="waiting"}')).toBeNaN();
  await redis.mend();
  await untilFigure('interceptor', 'clearline_up{part="redis"}', 1);
  await untilReady('worker');
});

test('AMI refused: the interceptor is not ready, and says what that means', async () => {
  const ami = amiRefused(site.stack);
  await ami.begin();
  const told = '503 AMI is lost: no line counts as clear, and guarded calls wait.\n';
  await until('it is not ready', async () => (await page('interceptor', '/readyz')) === told, 30_000);
  expect(await figure('interceptor', 'clearline_up{part="ami"}')).toBe(0);
  await ami.mend();
  await untilReady('interceptor');
});
