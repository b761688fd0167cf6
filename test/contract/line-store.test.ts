import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../services/adapters/sql/store.ts';
import { storedLine } from '../support/finished-call.ts';
import { storeBackends } from '../support/stores.ts';

describe.each(storeBackends())('LineStore: $name', (backend) => {
  let store: Store;
  beforeAll(() => backend.start());
  afterAll(() => backend.stop());
  beforeEach(async () => {
    store = await backend.open();
  });
  afterEach(() => store.close());

  test('a new store has no lines', async () => {
    expect(await store.lines.all()).toEqual([]);
  });

  test('lines come back whole, in the order of their ids', async () => {
    const bare = storedLine({
      id: 'room-09',
      trusted: [],
      blocked: [],
      recordCalls: true,
      toneWatch: false,
      mode: 'paused',
    });
    await store.lines.upsert([storedLine(), bare]);
    expect(await store.lines.all()).toEqual([bare, storedLine()]);
  });

  test('contacts keep the order they were given in', async () => {
    const trusted = [9, 1, 5].map((digit) => ({ number: `+44192355510${digit}`, name: `Carer ${digit}` }));
    const blocked = ['+441923555669', '+441923555661', '+441923555665'];
    await store.lines.upsert([storedLine({ trusted, blocked })]);
    expect(await store.lines.all()).toEqual([storedLine({ trusted, blocked })]);
  });

  test('upsert replaces the lines it names, contacts and all, and leaves the others', async () => {
    await store.lines.upsert([storedLine(), storedLine({ id: 'room-14' })]);
    const changed = storedLine({ mode: 'trusted-only', trusted: [{ number: '202', name: 'Desk' }], blocked: [] });
    await store.lines.upsert([changed]);
    expect(await store.lines.all()).toEqual([changed, storedLine({ id: 'room-14' })]);
  });

  test('of a line named twice in one upsert the later stands', async () => {
    await store.lines.upsert([storedLine({ resident: 'Early' }), storedLine({ resident: 'Late' })]);
    expect((await store.lines.all()).map((line) => line.resident)).toEqual(['Late']);
  });

  test('remove says whether there was such a line', async () => {
    await store.lines.upsert([storedLine(), storedLine({ id: 'room-14' })]);
    expect(await store.lines.remove('room-12')).toBe(true);
    expect(await store.lines.remove('room-12')).toBe(false);
    expect((await store.lines.all()).map((line) => line.id)).toEqual(['room-14']);
  });

  test('a removed line that comes back has none of its old contacts', async () => {
    await store.lines.upsert([storedLine()]);
    await store.lines.remove('room-12');
    const back = storedLine({ trusted: [], blocked: [] });
    await store.lines.upsert([back]);
    expect(await store.lines.all()).toEqual([back]);
  });

  test('the revision changes whenever a line does, and only then', async () => {
    const seen = [await store.lines.revision()];
    await store.lines.upsert([storedLine()]);
    seen.push(await store.lines.revision());
    await store.lines.upsert([storedLine({ mode: 'announce' })]);
    seen.push(await store.lines.revision());
    await store.lines.remove('room-12');
    seen.push(await store.lines.revision());
    expect(new Set(seen).size).toBe(4);
    await store.lines.all();
    expect(await store.lines.revision()).toBe(seen[3]);
  });

  test('writers at the same moment all get their change and its revision', async () => {
    const before = await store.lines.revision();
    await Promise.all(
      Array.from({ length: 10 }, (_, room) => store.lines.upsert([storedLine({ id: `room-${room}` })])),
    );
    expect(await store.lines.all()).toHaveLength(10);
    expect(await store.lines.revision()).toBeGreaterThanOrEqual(before + 10);
  });

  test('loses nothing of a name with NUL, surrogates, quotes or emoji', async () => {
    const odd = `Els\0ie \ud800 "O'Brown" \\u0000 \\ 👵🏽\r\n`;
    const line = storedLine({
      resident: odd,
      area: odd,
      phoneSecret: odd,
      trusted: [{ number: odd, name: odd }],
      blocked: [odd],
    });
    await store.lines.upsert([line]);
    expect(await store.lines.all()).toEqual([line]);
  });

  test('an upsert that fails half-way changes nothing', async () => {
    await store.lines.upsert([storedLine()]);
    const before = await store.lines.revision();
    const broken = {
      ...storedLine({ id: 'room-14' }),
      get ringSeconds(): number {
        throw new Error('unreadable line');
      },
    };
    await expect(store.lines.upsert([storedLine({ mode: 'paused' }), broken])).rejects.toThrow('unreadable line');
    expect(await store.lines.all()).toEqual([storedLine()]);
    expect(await store.lines.revision()).toBe(before);
  });
});
