import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../services/adapters/sql/store.ts';
import type { Access } from '../../services/core/stores.ts';
import { monday } from '../support/finished-call.ts';
import { storeBackends } from '../support/stores.ts';

describe.each(storeBackends())('AccessLog: $name', (backend) => {
  let store: Store;
  beforeAll(() => backend.start());
  afterAll(() => backend.stop());
  beforeEach(async () => {
    store = await backend.open();
  });
  afterEach(() => store.close());

  const access = (changes: Partial<Access> = {}): Access => ({
    at: monday,
    by: 'anna',
    what: 'recording',
    item: '17.1-name',
    why: 'PC Smith asked for it\0',
    ...changes,
  });

  test('an empty log lists nothing; what was noted is listed as it was, the same twice over', async () => {
    expect(await store.accessLog.list({ limit: 10 })).toEqual([]);
    await store.accessLog.note(access());
    await store.accessLog.note(access());
    expect(await store.accessLog.list({ limit: 10 })).toEqual([access(), access()]);
  });

  test('newest first, no more than asked for, by kind, item, person and time', async () => {
    const first = access({ at: monday + 1 });
    const second = access({ at: monday + 2, by: 'ben', item: '17.2-name' });
    const third = access({ at: monday + 3, what: 'evidence-pack', item: 'incident-17.1' });
    for (const each of [second, third, first]) await store.accessLog.note(each);
    const { list } = store.accessLog;
    expect(await list({ limit: 2 })).toEqual([third, second]);
    expect(await list({ what: 'recording', limit: 9 })).toEqual([second, first]);
    expect(await list({ items: ['17.1-name', 'incident-17.1'], limit: 9 })).toEqual([third, first]);
    expect(await list({ items: [], limit: 9 })).toEqual([]);
    expect(await list({ by: 'ben', limit: 9 })).toEqual([second]);
    expect(await list({ since: monday + 2, until: monday + 3, limit: 9 })).toEqual([second]);
  });
});
