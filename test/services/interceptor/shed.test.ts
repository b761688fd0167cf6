import { expect, test } from 'vitest';
import type { RaisedAlert } from '../../../services/core/ports.ts';
import { eventLoopLoad, Shedder } from '../../../services/interceptor/shed.ts';
import { memoryLog } from '../../support/log.ts';
import { until } from '../../support/until.ts';

/** A shedder whose world is told second by second. */
function shedding() {
  let at = 1_000_500;
  let delay = 0;
  let count: string | null = '';
  const said: string[] = [];
  const alerts: RaisedAlert[] = [];
  const log = memoryLog();
  const shedder = new Shedder({
    ami: {
      readGlobal: async () => count,
      setGlobal: async (name, value) => {
        said.push(`${name}=${value}`);
        return { ok: true };
      },
    },
    alerts: { put: async (alert) => void alerts.push(alert) },
    load: { delayMs: () => delay, close: () => {} },
    clock: () => at,
    log,
  });
  const second = async (world: { delay?: number; refused?: string | null } = {}) => {
    at += 1_000;
    delay = world.delay ?? 0;
    if (world.refused !== undefined) count = world.refused;
    await shedder.look();
  };
  return { second, said, alerts, log };
}

test('while it cannot keep up, callers are refused for three seconds more each second, and staff hear of it once', async () => {
  const { second, said, alerts, log } = shedding();
  for (const delay of [150, 150, 150, 0, 0, 0, 0, 0, 0]) await second({ delay });
  const until = [1005, 1006, 1007, 1008, 1009, 1010];
  expect(said).toEqual(until.map((time) => `CLEARLINE_SHED_UNTIL=${time}`));
  expect(alerts).toMatchObject([{ kind: 'overloaded', line: '', call: null }]);
  expect(log.lines.map(({ level }) => level)).toEqual(['error', 'info']);
});

test('nothing is set while it keeps up', async () => {
  const { second, said, alerts, log } = shedding();
  for (const delay of [0, 500, 0, 90, 500, 0]) await second({ delay });
  expect([...said, ...alerts, ...log.lines]).toEqual([]);
});

test('callers whom the dialplan refused are told of every ten seconds, and staff once for as long as it lasts', async () => {
  const { second, alerts, log } = shedding();
  const warned = () => log.lines.filter(({ level }) => level === 'warn').length;
  await second({ refused: '7' });
  expect(alerts).toEqual([]);
  for (let refused = 8; refused < 40; refused += 1) await second({ refused: String(refused) });
  expect(warned()).toBe(4);
  expect(alerts).toHaveLength(1);
  for (let quiet = 0; quiet < 75; quiet += 1) await second();
  await second({ refused: '41' });
  expect(alerts).toHaveLength(2);
});

test('a count that begins again is that of a new Asterisk, and no answer is no count', async () => {
  const { second, alerts } = shedding();
  await second({ refused: '7' });
  await second({ refused: null });
  await second({ refused: '' });
  expect(alerts).toEqual([]);
  await second({ refused: '2' });
  expect(alerts).toHaveLength(1);
});

test('knows a busy event loop from an idle one', async () => {
  const load = eventLoopLoad();
  try {
    await until('a turn was late', () => {
      const end = performance.now() + 150;
      while (performance.now() < end);
      return load.delayMs() >= 100;
    });
    await until('turns come in time again', () => load.delayMs() < 30);
  } finally {
    load.close();
  }
});
