import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { CallRecord } from '../../services/core/record.ts';
import { isListening } from '../../services/interceptor/exchange/ids.ts';
import { markers, tones } from '../support/audio.ts';
import { faultsOf } from '../support/faults.ts';
import type { Phone, Phones } from '../support/phones.ts';
import { makeShortPrompts } from '../support/short-prompts.ts';
import { lineUp, networkAddress, type Site, startSite } from '../support/site.ts';
import { until } from '../support/until.ts';

/** Calls that nobody watched are on record all the same, once each, from what Asterisk itself noted. */

/** Each story has lines of its own: a caller leaves a hold. */
const lines = ['room-1', 'room-2', 'room-3', 'room-4', 'room-5', 'room-6', 'room-7'] as const;
const { folder } = makeShortPrompts();
let site: Site;
let faults: ReturnType<typeof faultsOf>;
let phones: Phones;
let network: Phone;

beforeAll(async () => {
  site = await startSite({
    carrier: true,
    lines: lines.map((id, index) => ({ id, number: `+44192355510${index + 1}`, mode: 'paused', ringSeconds: 5 })),
    settings: { screening: { holdSeconds: 3 } },
  });
  faults = faultsOf(site.stack);
  await site.stack.asterisk.cli(`dialplan set global CLEARLINE_SOUNDS ${folder}`);
});

afterAll(async () => {
  await site?.stop();
  rmSync(folder, { recursive: true });
});

beforeEach(async () => {
  phones = site.phones();
  network = await phones.trunk(networkAddress);
  site.carrier.onCall = { do: 'answer', afterMs: 0 };
});

afterEach(async () => {
  await site.stack.asterisk.cli('channel request hangup all');
  phones.close();
});

const records = () => site.store.calls.list({ limit: 1000 });

async function notes(): Promise<string[]> {
  const shown = await site.stack.asterisk.cli('database show clearline-ended');
  return shown.split('\n').filter((line) => line.startsWith('/clearline-ended/'));
}

/** Asterisk's own list: what Clearline listened with, like its bridges, stays until somebody takes it away. */
async function untilNobody(): Promise<void> {
  await until('nobody is left', async () => (await site.stack.channels()).every(isListening), 30_000);
}

/** What `during` adds to the calls on record, once there are so many and no note is left; oldest first. */
async function recorded(count: number, during: () => Promise<unknown>): Promise<CallRecord[]> {
  const before = new Set((await records()).map(({ id }) => id));
  await during();
  const added = async () => (await records()).filter(({ id }) => !before.has(id));
  await until(`${count} more calls are on record`, async () => (await added()).length >= count, 30_000);
  await until('Asterisk has no note left', async () => (await notes()).length === 0, 30_000);
  return (await added()).toReversed();
}

/** A call to a line in which the resident hears the caller; where nobody watches, the dialplan warns first. */
async function talk(resident: Phone, number: string, headers: Readonly<Record<string, string>> = {}) {
  const call = await network.call({ to: number, from: { name: 'PC Jones', number: '02079460999' }, headers });
  const rung = await resident.nextCall();
  rung.answer();
  await call.untilAnswered();
  void call.media.play(tones(markers.caller, 20_000));
  await until('the resident hears the caller', () => rung.heard.marker(markers.caller).length > 0, 30_000);
  return { call, rung };
}

test('calls that the dialplan handled alone', { timeout: 90_000 }, async () => {
  const [first, second, third] = await Promise.all(
    lines.slice(0, 3).map((line, i) => lineUp(phones, line, `127.0.0.${5 + i}`)),
  );
  if (!first || !second || !third) throw new Error('there are three telephones');
  const begun = Date.now();
  const calls = await recorded(8, async () => {
    await faults.interceptorKilled.begin();

    const headers = {
      'P-Asserted-Identity': '<sip:+442079460999@127.0.0.2>',
      Diversion: `<sip:${'9'.repeat(700)}@127.0.0.2>`,
      Identity: `e30.${'A'.repeat(2_000)}`,
      'User-Agent': 'x'.repeat(700),
    };
    const { call, rung } = await talk(first, '01923555101', headers);
    call.hangUp();
    await rung.untilEnded();

    const unanswered = await network.call({ to: '01923555102', from: { number: '02079460998' } });
    await second.nextCall();
    unanswered.hangUp();
    await unanswered.untilEnded();

    second.onCall = { do: 'refuse', status: 486 };
    await (await network.call({ to: '01923555102', from: { number: '02079460997' } })).untilEnded();
    await (await network.call({ to: '01923555999', from: { number: '02079460996' } })).untilEnded();

    const emergency = await third.call({ to: '9999' });
    await emergency.untilAnswered();
    emergency.hangUp();
    await untilNobody();

    const police = await third.call({ to: '141101' });
    await police.untilAnswered();
    police.hangUp();
    await untilNobody();

    const ordinary = await third.call({ to: '01923555002' });
    await ordinary.untilAnswered();
    site.carrier.received.at(-1)?.hangUp();
    await ordinary.untilEnded();

    site.carrier.onCall = { do: 'refuse', status: 486 };
    await (await third.call({ to: '01923555003' })).untilEnded();
    await untilNobody();

    expect(await notes()).toHaveLength(8);
    expect(Math.max(...(await notes()).map((note) => note.length))).toBeLessThan(3_000);
    await faults.interceptorKilled.mend();
  });

  const gist = calls.map((record) => ({
    line: record.line,
    dialled: record.dialled,
    number: record.direction === 'inbound' ? record.caller.presentation?.written : record.number.number,
    trunk: record.trunk,
    outcome: `${record.ending.outcome} by ${record.ending.by}, ${record.ending.cause}`,
    connected: record.connectedAt !== null,
  }));
  expect(gist).toEqual([
    {
      line: 'room-1',
      dialled: '01923555101',
      number: '02079460999',
      trunk: 'net',
      outcome: 'talked by caller, 16',
      connected: true,
    },
    {
      line: 'room-2',
      dialled: '01923555102',
      number: '02079460998',
      trunk: 'net',
      outcome: 'caller-gone by caller, 16',
      connected: false,
    },
    {
      line: 'room-2',
      dialled: '01923555102',
      number: '02079460997',
      trunk: 'net',
      outcome: 'busy by resident, 17',
      connected: false,
    },
    {
      line: null,
      dialled: '01923555999',
      number: '02079460996',
      trunk: 'net',
      outcome: 'unknown-number by clearline, 1',
      connected: false,
    },
    {
      line: 'room-3',
      dialled: '999',
      number: '999',
      trunk: 'net',
      outcome: 'connected by resident, 16',
      connected: true,
    },
    {
      line: 'room-3',
      dialled: '141101',
      number: '101',
      trunk: 'net',
      outcome: 'connected by resident, 16',
      connected: true,
    },
    {
      line: 'room-3',
      dialled: '01923555002',
      number: '+441923555002',
      trunk: 'net',
      outcome: 'connected by far, 16',
      connected: true,
    },
    {
      line: 'room-3',
      dialled: '01923555003',
      number: '+441923555003',
      trunk: null,
      outcome: 'not-connected by far, 17',
      connected: false,
    },
  ]);
  expect(calls.every(({ reconstructed }) => reconstructed)).toBe(true);
  for (const { arrivedAt, connectedAt, endedAt } of calls) {
    expect(arrivedAt).toBeGreaterThanOrEqual(begun);
    expect(connectedAt ?? arrivedAt).toBeGreaterThanOrEqual(arrivedAt);
    expect(endedAt).toBeGreaterThanOrEqual(connectedAt ?? arrivedAt);
    expect(endedAt).toBeLessThanOrEqual(Date.now());
  }
  const again = await recorded(0, async () => {
    await faults.interceptorKilled.begin();
    await faults.interceptorKilled.mend();
  });
  expect(again).toEqual([]);
});

test('a call whose interceptor was killed in it, and that ended while nobody watched', {
  timeout: 60_000,
}, async () => {
  const resident = await lineUp(phones, 'room-4');
  const calls = await recorded(1, async () => {
    const { call, rung } = await talk(resident, '01923555104');
    await faults.interceptorKilled.begin();
    call.hangUp();
    rung.hangUp();
    await untilNobody();
    expect(await notes()).toHaveLength(1);
    await faults.interceptorKilled.mend();
  });
  expect(calls).toMatchObject([{ line: 'room-4', trunk: 'net', reconstructed: true, ending: { outcome: 'talked' } }]);
});

test('a call that Asterisk took with it, while the interceptor lived', { timeout: 60_000 }, async () => {
  const resident = await lineUp(phones, 'room-5');
  const { asterisk } = site.stack;
  const calls = await recorded(1, async () => {
    await talk(resident, '01923555105');
    const killed = asterisk.pid;
    asterisk.kill('SIGKILL');
    await until('Asterisk is back', () => asterisk.pid && asterisk.pid !== killed, 30_000);
  });
  expect(calls).toMatchObject([{ line: 'room-5', ending: { outcome: 'talked' } }]);
  await until(
    'calls reach the interceptor again',
    async () => /clearline/.test(await asterisk.cli('ari show apps')),
    30_000,
  );
});

test('a call that was watched leaves no note, and one that ends while AMI is away leaves it until AMI is back', {
  timeout: 60_000,
}, async () => {
  const place = async (line: string, number: string, address: string) => {
    const resident = await lineUp(phones, line, address);
    const { call, rung } = await talk(resident, number);
    call.hangUp();
    rung.hangUp();
    await untilNobody();
  };
  expect(await recorded(1, () => place('room-6', '01923555106', '127.0.0.5'))).toMatchObject([
    { reconstructed: false, ending: { outcome: 'talked' } },
  ]);
  await recorded(1, async () => {
    await faults.amiRefused.begin();
    await place('room-7', '01923555107', '127.0.0.6');
    expect(await notes()).toHaveLength(1);
    await faults.amiRefused.mend();
  });
});
