import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { CallRecord } from '../../services/core/record.ts';
import { markers, tones } from '../support/audio.ts';
import { faultsOf } from '../support/faults.ts';
import type { Phone, Phones } from '../support/phones.ts';
import { makeShortPrompts } from '../support/short-prompts.ts';
import { lineUp, networkAddress, type Site, startSite } from '../support/site.ts';
import { until } from '../support/until.ts';

/** Calls that nobody watched are on record all the same, once each, from what Asterisk itself noted. */

const lines = ['room-1', 'room-2', 'room-3'] as const;
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
  phones.close();
  await site.stack.asterisk.cli('channel request hangup all');
});

const records = () => site.store.calls.list({ limit: 1000 });

async function notes(): Promise<string[]> {
  const shown = await site.stack.asterisk.cli('database show clearline-ended');
  return shown.split('\n').filter((line) => line.startsWith('/clearline-ended/'));
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

/** A call to a line, answered, in which both parties are connected; the dialplan warns first. */
async function talk(resident: Phone, number: string, headers: Readonly<Record<string, string>> = {}) {
  const rung = resident.nextCall();
  const call = await network.call({ to: number, from: { name: 'PC Jones', number: '02079460999' }, headers });
  (await rung).answer();
  await call.untilAnswered();
  return { call, rung: await rung };
}

test('calls that the dialplan handled alone', { timeout: 90_000 }, async () => {
  const [first, second, third] = await Promise.all(lines.map((line, i) => lineUp(phones, line, `127.0.0.${5 + i}`)));
  if (!first || !second || !third) throw new Error('there are three telephones');
  const begun = Date.now();
  const calls = await recorded(8, async () => {
    await faults.interceptorKilled.begin();

    const headers = {
      'P-Asserted-Identity': '<sip:+442079460999@127.0.0.2>',
      Diversion: `<sip:${'9'.repeat(700)}@127.0.0.2>`,
      'User-Agent': 'x'.repeat(700),
    };
    const { call, rung } = await talk(first, '01923555101', headers);
    void call.media.play(tones(markers.caller, 20_000));
    await until('the resident hears the caller', () => rung.heard.marker(markers.caller).length > 0, 20_000);
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
    await site.untilQuiet();

    const police = await third.call({ to: '141101' });
    await police.untilAnswered();
    police.hangUp();
    await site.untilQuiet();

    const ordinary = await third.call({ to: '01923555002' });
    await ordinary.untilAnswered();
    site.carrier.received.at(-1)?.hangUp();
    await ordinary.untilEnded();

    site.carrier.onCall = { do: 'refuse', status: 486 };
    await (await third.call({ to: '01923555003' })).untilEnded();
    await site.untilQuiet();

    expect(await notes()).toHaveLength(8);
    expect(Math.max(...(await notes()).map((note) => note.length))).toBeLessThan(2_500);
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
