import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../services/adapters/sql/store.ts';
import type { CallFilter } from '../../services/core/ports.ts';
import { callingNumber, finishedCall, finishedOutgoing, monday } from '../support/finished-call.ts';
import { storeBackends } from '../support/stores.ts';

describe.each(storeBackends())('CallStore: $name', (backend) => {
  let store: Store;
  beforeAll(() => backend.start());
  afterAll(() => backend.stop());
  beforeEach(async () => {
    store = await backend.open();
  });
  afterEach(() => store.close());

  const ids = async (filter: Partial<CallFilter> = {}) =>
    (await store.calls.list({ limit: 100, ...filter })).map((record) => record.id);

  test('a saved call is found whole: record and journal', async () => {
    const call = finishedCall();
    await store.calls.save(call);
    expect(await store.calls.find('1795358400.17')).toEqual(call);
    expect(await store.calls.list({ limit: 1 })).toEqual([call.record]);
  });

  test('a call that was never saved is null, and an empty store lists nothing', async () => {
    expect(await store.calls.find('1795358400.17')).toBeNull();
    expect(await store.calls.find('\0\ud800')).toBeNull();
    expect(await ids()).toEqual([]);
  });

  test('saving the same call again changes nothing', async () => {
    await store.calls.save(finishedCall());
    await store.calls.save(finishedCall());
    expect(await ids()).toEqual(['1795358400.17']);
    expect(await store.calls.find('1795358400.17')).toEqual(finishedCall());
  });

  test('saving a fuller account of a call replaces the earlier one everywhere', async () => {
    await store.calls.save(finishedCall());
    const fuller = finishedCall({ line: 'room-14', ending: { outcome: 'reported', by: 'resident', cause: 16 } });
    await store.calls.save(fuller);
    expect(await store.calls.find('1795358400.17')).toEqual(fuller);
    expect(await ids({ line: 'room-12' })).toEqual([]);
    expect(await ids({ line: 'room-14', outcome: 'reported' })).toEqual(['1795358400.17']);
  });

  test('an earlier account of a call never replaces a later one, in whatever order they come', async () => {
    const late = { ...finishedCall({ line: 'room-14' }), revision: 1 };
    await store.calls.save(finishedCall());
    await store.calls.save(late);
    await store.calls.save(finishedCall());
    expect(await store.calls.find('1795358400.17')).toEqual(late);
    expect([await ids({ line: 'room-12' }), await ids({ line: 'room-14' })]).toEqual([[], ['1795358400.17']]);
    await store.calls.save({ ...late, revision: 2, journal: [] });
    await Promise.all(Array.from({ length: 10 }, (_, revision) => store.calls.save({ ...late, revision })));
    expect(await store.calls.find('1795358400.17')).toEqual({ ...late, revision: 9 });
  });

  test('an account pieced together afterwards stands only where there is no other, whichever comes first', async () => {
    const [early, late] = ['1795358400.17', '1795358400.18'];
    const pieced = (id: string) => ({ ...finishedCall({ id, line: 'room-14', reconstructed: true }), revision: -1 });
    const watched = (id: string) => finishedCall({ id });
    await store.calls.save(pieced(early));
    expect(await store.calls.find(early)).toEqual(pieced(early));
    expect(await ids({ line: 'room-14' })).toEqual([early]);
    for (const account of [watched(early), watched(late), pieced(late), pieced(early)]) await store.calls.save(account);
    expect(await store.calls.find(early)).toEqual(watched(early));
    expect(await store.calls.find(late)).toEqual(watched(late));
    expect(await ids({ line: 'room-14' })).toEqual([]);
  });

  test('the same call saved many times at once is one call', async () => {
    await Promise.all(Array.from({ length: 20 }, () => store.calls.save(finishedCall())));
    expect(await ids()).toEqual(['1795358400.17']);
  });

  test('newest first, no more than the limit', async () => {
    for (const [id, minute] of [
      ['a', 1],
      ['c', 3],
      ['b', 2],
    ] as const) {
      await store.calls.save(finishedCall({ id, arrivedAt: monday + minute * 60_000 }));
    }
    expect(await ids()).toEqual(['c', 'b', 'a']);
    expect(await ids({ limit: 2 })).toEqual(['c', 'b']);
    expect(await ids({ limit: 0 })).toEqual([]);
  });

  test('filters by line, outcome and standing, and by all together', async () => {
    await store.calls.save(finishedCall({ id: 'a' }));
    await store.calls.save(finishedCall({ id: 'b', line: 'room-14' }));
    await store.calls.save(finishedCall({ id: 'c', ending: { outcome: 'talked', by: 'caller', cause: 16 } }));
    await store.calls.save(finishedCall({ id: 'd', verdict: null, line: null }));
    expect((await ids({ line: 'room-12' })).sort()).toEqual(['a', 'c']);
    expect(await ids({ outcome: 'talked' })).toEqual(['c']);
    expect((await ids({ standing: 'unvouched' })).sort()).toEqual(['a', 'b', 'c']);
    expect(await ids({ line: 'room-12', outcome: 'challenge-failed', standing: 'unvouched' })).toEqual(['a']);
    expect(await ids({ line: "room-12' or 1=1 --" })).toEqual([]);
  });

  test('filters by time: since is included, until is not', async () => {
    for (const minute of [1, 2, 3]) {
      await store.calls.save(finishedCall({ id: `m${minute}`, arrivedAt: monday + minute * 60_000 }));
    }
    expect(await ids({ since: monday + 120_000 })).toEqual(['m3', 'm2']);
    expect(await ids({ until: monday + 120_000 })).toEqual(['m1']);
    expect(await ids({ since: monday + 60_000, until: monday + 180_000 })).toEqual(['m2', 'm1']);
  });

  test.each([
    ['its E.164 form', '+441923555001'],
    ['its national form', '01923 555001'],
    ['how it begins', '01923 5550'],
    ['how it begins, with its country', '+44 1923'],
    ['how it ends', '555001'],
    ['as written with brackets', '(01923) 555-001'],
    ['an international prefix', '00441923555001'],
    ['the number the network asserted', '07700 900123'],
  ])('finds a caller by %s', async (_, from) => {
    const { caller } = finishedCall().record;
    const network = callingNumber('+447700900123', '+447700900123');
    const presentation = callingNumber('+441923555001', '+441923555001');
    await store.calls.save(finishedCall({ id: 'hit', caller: { ...caller, presentation, network } }));
    const other = callingNumber('01494555002', '+441494555002');
    await store.calls.save(finishedCall({ id: 'miss', caller: { ...caller, presentation: other, network: null } }));
    await store.calls.save(finishedCall({ id: 'none', caller: { ...caller, presentation: null, network: null } }));
    expect(await ids({ from })).toEqual(['hit']);
  });

  test('a call from a line is kept whole, and listed among the others', async () => {
    await store.calls.save(finishedCall());
    await store.calls.save(finishedOutgoing());
    expect(await store.calls.find('1795358400.31')).toEqual(finishedOutgoing());
    expect(await ids()).toEqual(['1795358400.31', '1795358400.17']);
    expect(await ids({ direction: 'outgoing' })).toEqual(['1795358400.31']);
    expect(await ids({ direction: 'inbound' })).toEqual(['1795358400.17']);
    expect(await ids({ standing: 'unvouched' })).toEqual(['1795358400.17']);
    expect(await ids({ outcome: 'connected', line: 'room-12' })).toEqual(['1795358400.31']);
  });

  test.each([
    ['how it was keyed', '1410300'],
    ['how it ends', '2040'],
    ['its national form', '0300 123 2040'],
    ['its E.164 form', '+443001232040'],
    ['whose it is', 'report'],
  ])('finds a number the resident dialled by %s, and never as a caller’s', async (_, to) => {
    const number = { class: 'guarded', number: '+443001232040', prefix: '141', name: 'Report Fraud' } as const;
    await store.calls.save(finishedOutgoing({ id: 'hit', dialled: '14103001232040', number }));
    await store.calls.save(finishedOutgoing({ id: 'miss' }));
    const caller = { ...finishedCall().record.caller, presentation: callingNumber('03001232040', '+443001232040') };
    await store.calls.save(finishedCall({ id: 'posing', caller }));
    expect(await ids({ to })).toEqual(['hit']);
    expect(await ids({ from: '0300 123 2040' })).toEqual(['posing']);
    expect(await ids({ from: '0300', to: '0300' })).toEqual([]);
  });

  test('what a search treats as a wildcard is looked for as it is', async () => {
    const { caller } = finishedCall().record;
    await store.calls.save(finishedCall({ id: 'plain' }));
    await store.calls.save(
      finishedCall({ id: 'odd', caller: { ...caller, presentation: callingNumber('a%b_!c\\d'), network: null } }),
    );
    for (const from of ['a%', 'A%b_', 'a%b_!', 'A%B_!c\\D']) expect(await ids({ from }), from).toEqual(['odd']);
    for (const from of ['%b_d', 'a_', 'a%d']) expect(await ids({ from }), from).toEqual([]);
  });

  test.each([
    ['NUL', 'PC\0Jones'],
    ['a lone high surrogate', 'PC \ud800 Jones'],
    ['a lone low surrogate', '\udc00'],
    ['line ends and quotes', `PC\r\nJones "'\\u0000\\`],
    ['emoji', '👮🏽‍♀️ Jones'],
    ['2,000 characters', '👮'.repeat(1000)],
  ])('loses nothing of text with %s', async (_, text) => {
    const { caller, signalling } = finishedCall().record;
    const call = finishedCall({
      caller: { ...caller, name: text, presentation: callingNumber(text) },
      signalling: { ...signalling, from: text },
      dialled: text,
      line: text,
      area: text,
    });
    await store.calls.save(call);
    expect(await store.calls.find(call.record.id)).toEqual(call);
    expect(await store.calls.list({ limit: 1, line: text, from: text })).toEqual([call.record]);
  });
});
