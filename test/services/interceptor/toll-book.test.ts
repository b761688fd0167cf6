import { expect, test } from 'vitest';
import type { Outcome } from '../../../services/core/call.ts';
import type { DialledClass } from '../../../services/core/number.ts';
import { TollBook } from '../../../services/interceptor/line/toll-book.ts';
import { finishedOutgoing } from '../../support/finished-call.ts';
import { memoryLog } from '../../support/log.ts';

const hour = 3_600_000;
const now = Date.UTC(2026, 10, 23, 10);

function called(id: string, kind: DialledClass, { at = now, outcome = 'connected' as Outcome } = {}) {
  return finishedOutgoing({
    id,
    arrivedAt: at,
    number: { class: kind, number: '+441923555777', prefix: null },
    ending: { outcome, by: 'resident', cause: 16 },
  });
}

test('counts the ordinary and premium calls of an hour, each once, and none that was refused', async () => {
  const tolls = new TollBook();
  const put: string[] = [];
  const facts = tolls.noting({ put: async ({ record }) => void put.push(record.id) });
  const calls = [
    called('1', 'ordinary'),
    called('1', 'ordinary'),
    called('2', 'premium', { at: now + 10 }),
    called('3', 'guarded'),
    called('4', 'emergency'),
    called('5', 'premium', { outcome: 'not-allowed' }),
  ];
  for (const call of calls) await facts.put(call);
  expect(put).toEqual(['1', '1', '2', '3', '4', '5']);
  expect(tolls.lastHour('room-12', now + 20)).toEqual({ lastHour: 2, premiumLastHour: 1 });
  expect(tolls.lastHour('room-13', now + 20)).toEqual({ lastHour: 0, premiumLastHour: 0 });
  expect(tolls.lastHour('room-12', now + hour)).toEqual({ lastHour: 1, premiumLastHour: 1 });
  expect(tolls.lastHour('room-12', now + hour + 10)).toEqual({ lastHour: 0, premiumLastHour: 0 });
});

test('knows after a start what is on record', async () => {
  const tolls = new TollBook();
  const asked: unknown[] = [];
  const list = async (filter: unknown) => {
    asked.push(filter);
    return [called('2', 'premium').record, called('1', 'ordinary', { at: now - 10 }).record];
  };
  await tolls.recall({ list }, now, memoryLog());
  expect(asked).toMatchObject([{ direction: 'outgoing', since: now - hour }]);
  expect(tolls.lastHour('room-12', now)).toEqual({ lastHour: 2, premiumLastHour: 1 });
});

test('refuses nobody because SQL is away', async () => {
  const tolls = new TollBook();
  const log = memoryLog();
  const list = async () => {
    throw new Error('no database');
  };
  await tolls.recall({ list }, now, log);
  expect(tolls.lastHour('room-12', now)).toEqual({ lastHour: 0, premiumLastHour: 0 });
  expect(log.lines).toMatchObject([{ level: 'warn', message: expect.stringContaining('cannot be read') }]);
});
