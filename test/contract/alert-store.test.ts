import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../services/adapters/sql/store.ts';
import type { HoldLift, RaisedAlert } from '../../services/core/ports.ts';
import { monday } from '../support/finished-call.ts';
import { storeBackends } from '../support/stores.ts';

const alert = (changes: Partial<RaisedAlert> = {}): RaisedAlert => ({
  id: '17.1-ghost-dial',
  kind: 'ghost-dial',
  at: monday,
  line: 'room-12',
  call: '17.1',
  ...changes,
});

const lift = (changes: Partial<HoldLift> = {}): HoldLift => ({
  line: 'room-12',
  at: monday,
  by: 'Anna',
  why: 'It was her bank, which I rang back.',
  ...changes,
});

describe.each(storeBackends())('$name', (backend) => {
  let store: Store;
  beforeAll(() => backend.start());
  afterAll(() => backend.stop());
  beforeEach(async () => {
    store = await backend.open();
  });
  afterEach(() => store.close());

  const ids = async (line?: string, limit = 100) =>
    (await store.alerts.list({ limit, ...(line !== undefined && { line }) })).map(({ id }) => id);

  describe('AlertStore', () => {
    test('an alert comes back whole, with its call or without', async () => {
      const alone = alert({ id: 'alone', call: null, at: monday + 1 });
      await store.alerts.save(alert());
      await store.alerts.save(alone);
      expect(await store.alerts.list({ limit: 10 })).toEqual([alone, alert()]);
    });

    test('an alert saved again, and many times at once, is one alert', async () => {
      await store.alerts.save(alert({ kind: 'reported' }));
      await Promise.all(Array.from({ length: 20 }, () => store.alerts.save(alert())));
      expect(await store.alerts.list({ limit: 10 })).toEqual([alert()]);
    });

    test('newest first, of one line or of all, no more than the limit', async () => {
      for (const [id, minute, line] of [
        ['a', 1, 'room-12'],
        ['c', 3, 'room-14'],
        ['b', 2, 'room-12'],
      ] as const) {
        await store.alerts.save(alert({ id, line, at: monday + minute * 60_000 }));
      }
      expect(await ids()).toEqual(['c', 'b', 'a']);
      expect(await ids('room-12')).toEqual(['b', 'a']);
      expect(await ids(undefined, 1)).toEqual(['c']);
      expect(await ids("room-12' or 1=1 --")).toEqual([]);
    });

    test('loses nothing of text with NUL, surrogates and quotes', async () => {
      const odd = alert({ id: 'a\0\ud800"\'\\u0000\\', line: '\0', call: '\udc00' });
      await store.alerts.save(odd);
      expect(await store.alerts.list({ limit: 1, line: '\0' })).toEqual([odd]);
    });
  });

  describe('HoldLiftStore', () => {
    test('a line’s lifted holds, newest first', async () => {
      await store.lifts.put(lift());
      await store.lifts.put(lift({ at: monday + 1, by: 'Tom', why: 'Wrong number.\0' }));
      await store.lifts.put(lift({ line: 'room-14' }));
      expect(await store.lifts.list('room-12', 10)).toEqual([
        lift({ at: monday + 1, by: 'Tom', why: 'Wrong number.\0' }),
        lift(),
      ]);
      expect(await store.lifts.list('room-12', 1)).toHaveLength(1);
      expect(await store.lifts.list('room-99', 10)).toEqual([]);
    });
  });
});
