import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Ari } from '../../../services/adapters/ari.ts';
import type { ExchangeEvent } from '../../../services/adapters/ari-events.ts';
import type { Config } from '../../../services/config.ts';
import { type InterceptorWatch, openInterceptorWatch } from '../../../services/interceptor/watch.ts';
import { createLog } from '../../../services/log.ts';
import { type TemporaryConfig, temporaryConfig } from '../../support/config.ts';
import { fakeFactQueue } from '../../support/fake-stores.ts';
import { finishedCall, finishedOutgoing } from '../../support/finished-call.ts';
import { freePort } from '../../support/stack.ts';
import { until } from '../../support/until.ts';

const secrets = { ari: 'ari-password', ami: 'ami-password', staffPhone: 'staff-password', watch: 'watch-password' };
let site: TemporaryConfig;
let config: Config;
let watch: InterceptorWatch;
let lines: Record<string, unknown>[];

beforeEach(async () => {
  site = temporaryConfig(`watch: { interceptorPort: ${await freePort()} }`);
  config = site.config;
  lines = [];
  const log = createLog(config, 'test', { write: (line) => lines.push(JSON.parse(line)) });
  watch = openInterceptorWatch(config, secrets, log);
});
afterEach(async () => {
  await watch.close();
  site.remove();
});

async function page(path: string): Promise<string> {
  const authorization = `Basic ${Buffer.from('clearline:watch-password').toString('base64')}`;
  const url = `http://127.0.0.1:${config.watch.interceptorPort}${path}`;
  return until('it answers', async () => (await fetch(url, { headers: { authorization } })).text());
}

const figures = async (of: string) =>
  (await page('/metrics')).split('\n').filter((line) => line.startsWith(of) && !line.endsWith(' 0'));

test('a call whose record has to be put twice is counted and told once', async () => {
  const queue = fakeFactQueue();
  const counted = watch.counted(queue);
  const call = finishedCall();
  await counted.put(call);
  await counted.put(call);
  // What its carrier made of our goodbye, or the dialplan of the rest.
  await counted.put({ ...call, revision: 2 });
  await counted.put(finishedOutgoing());
  const over = () => lines.filter(({ msg }) => msg === 'a call is over');
  await until('both are told', () => over().length === 2);
  expect(over()).toMatchObject([
    {
      call: '1795358400.17',
      direction: 'inbound',
      outcome: 'challenge-failed',
      by: 'clearline',
      seconds: 9,
      level: 30,
    },
    { call: '1795358400.31', direction: 'outgoing', outcome: 'connected', number: 'guarded', talkedSeconds: 57 },
  ]);
  expect(JSON.stringify(over())).not.toMatch(/Elsie|Jones|room-12|01923/);
  expect(await figures('clearline_inbound_calls_total')).toEqual([
    'clearline_inbound_calls_total{standing="unvouched",treatment="challenge",outcome="challenge-failed",by="clearline"} 1',
  ]);
});

test('a record that the queue refuses is refused all the same', async () => {
  const counted = watch.counted({ put: () => Promise.reject(new Error('away')) });
  await expect(counted.put(finishedCall())).rejects.toThrow('away');
});

test('a call that cannot be counted stops nothing', async () => {
  const counted = watch.counted(fakeFactQueue());
  await counted.put({ ...finishedCall(), journal: [null] as never });
  await until('it is said', () => lines.some(({ msg }) => msg === 'a call cannot be counted'));
});

test('alerts count by kind', async () => {
  const queued: string[] = [];
  const alerts = watch.countedAlerts({ put: async ({ id }) => void queued.push(id) });
  await alerts.put({ id: 'x-reported', kind: 'reported', at: 0, line: 'room-1', call: 'x' });
  expect(queued).toEqual(['x-reported']);
  expect(await figures('clearline_alerts_total')).toEqual(['clearline_alerts_total{kind="reported"} 1']);
});

test('reactions to arrivals and keys are measured, and no others', async () => {
  const at = Date.now();
  const entered = {
    type: 'ChannelEntered',
    at,
    channel: 'x',
    name: '',
    extension: '',
    callId: '',
    createdAt: at,
  } as const;
  const heard: readonly ExchangeEvent[] = [
    { ...entered, args: ['inbound'] },
    { ...entered, args: ['leg'] },
    { type: 'DigitReceived', at: at + 60_000, channel: 'x', digit: '1' },
    { type: 'ChannelGone', at, channel: 'x', cause: 16 },
  ];
  for (const event of heard) watch.hear(event);
  expect(await figures('clearline_reaction_seconds_count')).toEqual([
    'clearline_reaction_seconds_count{to="arrival"} 1',
    'clearline_reaction_seconds_count{to="key"} 1',
  ]);
  // A clock that is ahead measures nothing, rather than less.
  expect(await figures('clearline_reaction_seconds_sum{to="key"}')).toEqual([]);
});

test('refused callers count from where Asterisk stood, also when it begins again', async () => {
  watch.onRefused(100);
  watch.onRefused(103);
  watch.onRefused(103);
  watch.onRefused(2);
  expect(await figures('clearline_refused_callers_total')).toEqual(['clearline_refused_callers_total 5']);
});

test('from the start to the calls: starting, standing by, ready, lost, ready again', async () => {
  expect(await page('/readyz')).toBe('It is starting.\n');
  watch.standBy();
  expect(await page('/readyz')).toBe('It stands by: another interceptor has the calls.\n');
  expect(await page('/metrics')).toContain('clearline_owner 0\n');
  const events: Ari['events'] = new EventEmitter();
  let ami = true;
  const fullness = () => ({ bytes: 7, limitBytes: 100, inMemory: 0 });
  watch.own({
    ari: { events },
    ami: { isUp: () => ami },
    runner: { running: 3 },
    holds: { countHeld: () => 2 },
    lines: { size: 40 },
    facts: { redis: { status: 'reconnecting' } as never, spool: { fullness } as never },
  });
  expect(await page('/readyz')).toBe('ready\n');
  watch.onSql(false);
  events.emit('lost', 'x');
  ami = false;
  expect((await page('/readyz')).split('\n')).toHaveLength(3);
  const shown = await page('/metrics');
  for (const line of [
    'clearline_owner 1',
    'clearline_calls_running 3',
    'clearline_held_lines 2',
    'clearline_lines 40',
    'clearline_spool_bytes 7',
    'clearline_up{part="ari"} 0',
    'clearline_up{part="redis"} 0',
    'clearline_up{part="sql"} 0',
  ]) {
    expect(shown).toContain(`${line}\n`);
  }
  events.emit('reconnected');
  ami = true;
  expect(await page('/readyz')).toBe('ready\n');
  watch.leave();
  expect(await page('/readyz')).toMatch(/^It is stopping/);
});
