import { expect, test } from 'vitest';
import type { RaisedAlert } from '../../../services/core/ports.ts';
import { calmAlerts } from '../../../services/interceptor/calm-alerts.ts';

function queue() {
  const put: string[] = [];
  const alerts = calmAlerts({
    put: async ({ id }) => {
      put.push(id);
    },
  });
  const raise = (id: string, kind: RaisedAlert['kind'], at: number, line = 'room-12') =>
    alerts.put({ id, kind, at, line, call: id });
  return { put, raise };
}

test('staff hear once a minute of somebody who rings a held line again and again, for each line and kind', async () => {
  const { put, raise } = queue();
  await raise('1', 'call-while-held', 1_000);
  await raise('2', 'call-while-held', 2_000);
  await raise('3', 'returned-call', 3_000);
  await raise('4', 'call-while-held', 4_000, 'room-14');
  await raise('5', 'call-while-held', 60_999);
  await raise('6', 'call-while-held', 61_000);
  await raise('7', 'returned-call', 61_500);
  expect(put).toEqual(['1', '3', '4', '6']);
});

test('and once an hour of a telephone that calls more than it may', async () => {
  const { put, raise } = queue();
  await raise('1', 'too-many-calls', 1_000);
  await raise('2', 'too-many-calls', 3_600_000);
  await raise('3', 'too-many-calls', 3_601_000);
  expect(put).toEqual(['1', '3']);
});

test('every other alert is passed on, however often', async () => {
  const { put, raise } = queue();
  for (const id of ['1', '2', '3']) await raise(id, 'ghost-dial', 1_000);
  expect(put).toEqual(['1', '2', '3']);
});
