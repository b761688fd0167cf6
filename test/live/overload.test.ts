import { readFileSync, rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { PlacedCall } from '../support/phone/placed-call.ts';
import { type Phone, type Phones, runLoad } from '../support/phones.ts';
import { makeShortPrompts } from '../support/short-prompts.ts';
import { lineUp, networkAddress, type Site, startSite } from '../support/site.ts';
import { until } from '../support/until.ts';

/** More calls than there is room for, and more than a line may make. */

const anna = '+447700900123';
const spam = '+442079460999';
const abroad = '+34600000000';
const flood = { rate: 150, calls: 600, perSecond: 10 };

const prompts = makeShortPrompts();
let site: Site;
let phones: Phones;
let network: Phone;
let resident: Phone;

beforeAll(async () => {
  const trusted = [
    { number: anna, name: 'Anna' },
    { number: '+33123456789', name: 'Marie' },
  ];
  site = await startSite({
    carrier: true,
    lines: [
      { id: 'room-1', number: '+441923555101', trusted, blocked: [spam], mode: 'trusted-only' },
      { id: 'room-2', number: '+441923555102', trusted },
      { id: 'room-3', number: '+441923555103' },
    ],
    settings: {
      screening: { holdSeconds: 0 },
      outgoing: { callsAtOnce: 2, callsPerHour: 2, premiumCallsPerHour: 0 },
      sounds: { folder: prompts.folder },
    },
  });
});
afterAll(async () => {
  await site.stop();
  rmSync(prompts.folder, { recursive: true });
});

beforeEach(async () => {
  phones = site.phones();
  network = await phones.trunk(networkAddress);
  resident = await lineUp(phones, 'room-1');
  resident.onCall = { do: 'answer', afterMs: 0 };
});
afterEach(async () => {
  await setGlobal('CALLS', 10_000);
  await setGlobal('RATE', 10_000);
  await resident.unregister();
  phones.close();
  await site.stack.asterisk.cli('channel request hangup all');
  await site.untilQuiet(30_000);
});

const setGlobal = (name: string, value: number) =>
  site.stack.asterisk.cli(`dialplan set global CLEARLINE_${name} ${value}`);
const refusals = async () =>
  Number(/CLEARLINE_REFUSED=(\d+)/.exec(await site.stack.asterisk.cli('dialplan show globals'))?.[1] ?? 0);
const callIn = (from = anna) => network.call({ to: '01923555101', from: { number: from } });

async function getsIn(): Promise<PlacedCall> {
  const call = await callIn();
  await call.untilAnswered(30_000);
  return call;
}

async function isRefused(): Promise<void> {
  const call = await callIn();
  expect(await call.untilEnded()).toMatchObject({ by: 'them', how: 'refused', status: 503 });
}

/** The resident's own calls go out: 999, and 101. */
async function callsForHelp(): Promise<void> {
  const other = await lineUp(phones, 'room-2', '127.0.0.5');
  for (const number of ['999', '101']) {
    const call = await other.call({ to: number });
    const rings = () =>
      [site.carrier, site.police].some((far) =>
        far.received.some(({ invite, invitedAt }) => invitedAt > call.invitedAt && invite.uri.includes(`:${number}@`)),
      );
    await until(`${number} rings`, rings, 30_000);
    call.cancel();
    await call.untilEnded();
  }
  await other.unregister();
}

async function inboundOnRecord(): Promise<number> {
  return (await site.store.calls.list({ direction: 'inbound', limit: 10_000 })).length;
}

test('at the ceiling callers get 503 and leave nothing behind, while 999 and 101 go out; then there is room again', async () => {
  const before = await refusals();
  const first = await getsIn();
  await setGlobal('CALLS', 1);
  await isRefused();
  await isRefused();
  await callsForHelp();
  expect(first.ended).toBeNull();
  first.hangUp();
  await until('there is room again', async () => (await site.stack.channels()).length === 0);
  (await getsIn()).hangUp();
  expect(await refusals()).toBe(before + 2);
  await until('those two are on record', async () => (await inboundOnRecord()) === 2, 30_000);
  expect(resident.received).toHaveLength(2);
  const alerts = await until(
    'staff are told',
    async () => {
      const found = (await site.store.alerts.list({ limit: 100 })).filter(({ kind }) => kind === 'overloaded');
      return found.length > 0 && found;
    },
    30_000,
  );
  expect(alerts).toMatchObject([{ kind: 'overloaded', line: '', call: null }]);
});

test('while Clearline has callers shed they get 503, and get in again when it no longer says so', async () => {
  const soon = Math.floor(Date.now() / 1000) + 3;
  await setGlobal('SHED_UNTIL', soon);
  await isRefused();
  await callsForHelp();
  await until('the time is over', () => Date.now() / 1000 >= soon);
  (await getsIn()).hangUp();
});

test('no long queue makes Asterisk ignore an INVITE, which may be for 999', async () => {
  expect(await site.stack.asterisk.cli('pjsip show settings')).toMatch(/taskprocessor_overload_trigger +: none/);
});

test(`a flood of ${flood.rate} calls a second: ${flood.perSecond} get in each second and every one of them is on record; 999 and 101 go out meanwhile`, async () => {
  const pids = [site.stack.asterisk.pid, site.stack.service('interceptor')?.pid];
  const known = await until('the records are complete', inboundOnRecord);
  await setGlobal('RATE', flood.perSecond);
  const memory = memoryOf(pids[0]);
  const [host = '', port] = site.stack.sip.split(':');
  const rows = [{ to: '01923555101', name: 'Spam', number: spam }];
  const started = Date.now();
  const load = runLoad({
    asterisk: { host, port: Number(port) },
    address: '127.0.0.2',
    script: { patienceMs: 30_000 },
    rows,
    calls: flood.calls,
    rate: flood.rate,
    withinMs: 120_000,
  });
  await callsForHelp();
  const run = await load;
  const seconds = (Date.now() - started) / 1000;
  const admitted = run.calls.filter(({ status }) => status !== 503);
  expect(run.calls).toHaveLength(flood.calls);
  expect(new Set(run.calls.map(({ status }) => status))).toEqual(new Set([200, 503]));
  expect(admitted.length).toBeGreaterThanOrEqual(flood.perSecond);
  // Two that come at the very same moment may count as one.
  expect(admitted.length).toBeLessThanOrEqual(flood.perSecond * (seconds + 1) * 1.5);
  await site.untilQuiet(60_000);
  await until(
    'all that got in are on record',
    async () => (await inboundOnRecord()) === known + admitted.length,
    60_000,
  );
  expect([site.stack.asterisk.pid, site.stack.service('interceptor')?.pid]).toEqual(pids);
  expect(memoryOf(pids[0]) - memory).toBeLessThan(64);
  await setGlobal('RATE', 10_000);
  (await getsIn()).hangUp();
});

/** Megabytes that a process has in memory. */
function memoryOf(pid: number | null | undefined): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

test('a telephone makes so many calls at once, in an hour and abroad as it may, and staff hear of one more; 999 and 101 always', async () => {
  const caller = await lineUp(phones, 'room-3', '127.0.0.6');
  const goesOut = async (number: string) => {
    const before = site.carrier.received.length;
    const call = await caller.call({ to: number });
    await until(`${number} leaves`, () => site.carrier.received.length > before, 30_000);
    return call;
  };
  const hears = async (number: string, words: 'abroad-refused' | 'too-many-calls') => {
    const call = await caller.call({ to: number });
    await call.untilHeard(words, prompts.sounds[words]);
    expect(await call.untilEnded()).toMatchObject({ by: 'them', cause: 21 });
  };
  await hears(abroad, 'abroad-refused');
  await hears('09012345678', 'too-many-calls');
  const one = await goesOut('01923555777');
  const two = await goesOut('01923555778');
  await hears('01923555779', 'too-many-calls');
  for (const call of [one, two]) {
    call.cancel();
    await call.untilEnded();
  }
  await site.dialled('room-3', 5);
  await hears('01923555780', 'too-many-calls');
  await callsForHelp();
  const [newest] = await site.dialled('room-3', 6);
  expect(newest?.record).toMatchObject({ ending: { outcome: 'not-allowed' }, alerts: [{ alert: 'too-many-calls' }] });
  const raised = await site.store.alerts.list({ line: 'room-3', limit: 100 });
  expect(raised.map(({ kind }) => kind).toSorted()).toEqual(['abroad-refused', 'too-many-calls']);
  await caller.unregister();

  // The hour is known to whoever runs the calls next.
  const begun = () => site.stack.output.filter((line) => line.includes('answering calls')).length;
  const before = begun();
  process.kill(site.stack.service('interceptor')?.pid ?? 0, 'SIGKILL');
  await until('another answers', () => begun() > before, 30_000);
  const again = await lineUp(phones, 'room-3', '127.0.0.6');
  const first = await again.call({ to: '01923555781' });
  await first.untilHeard('too-many-calls', prompts.sounds['too-many-calls'], 30_000);
  await again.unregister();
});

test('a trusted contact abroad may be called', async () => {
  const caller = await lineUp(phones, 'room-2', '127.0.0.5');
  const call = await caller.call({ to: '0033123456789' });
  await until(
    'it leaves',
    () => site.carrier.received.find(({ invite }) => invite.uri.includes('33123456789')),
    30_000,
  );
  call.cancel();
  await call.untilEnded();
  await caller.unregister();
});
