import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../services/adapters/sql/store.ts';
import type { Account, AccountStore } from '../../services/core/accounts.ts';
import { monday } from '../support/finished-call.ts';
import { storeBackends } from '../support/stores.ts';

const real = storeBackends().filter(({ name }) => name !== 'fake');

describe.each(real)('AccountStore: $name', (backend) => {
  let store: Store;
  let accounts: AccountStore;
  beforeAll(() => backend.start());
  afterAll(() => backend.stop());
  beforeEach(async () => {
    store = await backend.open();
    accounts = store.accounts;
  });
  afterEach(() => store.close());

  const account = (name: string, changes: Partial<Account> = {}): Account => ({
    ...{ name, role: 'staff', hash: `hash of ${name}`, disabled: false, createdAt: monday },
    ...changes,
  });
  const limits = { idleMs: 60_000, longestMs: 300_000 };
  const begin = (digest: string, name: string, at = monday) =>
    accounts.beginSession({ digest, account: name, at }, limits);
  const use = (digest: string, at = monday) => accounts.useSession(digest, at, limits);

  test('keeps accounts by name, each name once', async () => {
    expect(await accounts.list()).toEqual([]);
    expect(await accounts.add(account('ben'))).toBe(true);
    expect(await accounts.add(account('anna', { role: 'admin', disabled: true }))).toBe(true);
    expect(await accounts.add(account('ben', { role: 'admin', hash: 'another' }))).toBe(false);
    expect(await accounts.list()).toEqual([account('anna', { role: 'admin', disabled: true }), account('ben')]);
    expect(await accounts.find('ben')).toEqual(account('ben'));
    expect(await accounts.find('Ben')).toBeNull();
    expect(await accounts.find('nobody\0')).toBeNull();
  });

  test('changes what is named, and nothing else', async () => {
    await accounts.add(account('ben'));
    expect(await accounts.change('ben', { role: 'admin' })).toBe(true);
    expect(await accounts.change('ben', { disabled: true })).toBe(true);
    expect(await accounts.change('ben', { hash: 'another' })).toBe(true);
    expect(await accounts.find('ben')).toEqual(account('ben', { role: 'admin', disabled: true, hash: 'another' }));
    expect(await accounts.change('carol', { role: 'admin' })).toBe(false);
  });

  test('a session is its account’s while it is used, up to its longest, and not after it was ended', async () => {
    await accounts.add(account('ben'));
    await begin('d1', 'ben');
    expect(await use('d1', monday + 50_000)).toEqual(account('ben'));
    expect(await use('d1', monday + 100_000)).toEqual(account('ben'));
    expect(await use('d1', monday + 200_000)).toBeNull();
    expect(await use('d2')).toBeNull();
    await begin('d3', 'ben');
    for (let at = monday; at <= monday + 300_000; at += 50_000) expect(await use('d3', at), String(at)).not.toBeNull();
    expect(await use('d3', monday + 300_001)).toBeNull();
    await begin('d4', 'ben');
    await accounts.endSession('d4');
    expect(await use('d4')).toBeNull();
  });

  test.each([
    ['another password', () => accounts.change('ben', { hash: 'another' })],
    ['being disabled', () => accounts.change('ben', { disabled: true })],
    ['being removed', () => accounts.remove('ben')],
  ])('%s ends an account’s sessions, and nobody else’s', async (_, change) => {
    for (const name of ['anna', 'ben']) await accounts.add(account(name));
    for (const [digest, name] of [
      ['d1', 'ben'],
      ['d2', 'ben'],
      ['d3', 'anna'],
    ] as const)
      await begin(digest, name);
    expect(await change()).toBe(true);
    await accounts.change('ben', { disabled: false });
    await accounts.add(account('ben'));
    expect(await Promise.all(['d1', 'd2', 'd3'].map((digest) => use(digest)))).toEqual([null, null, account('anna')]);
  });

  test('another role leaves them logged in; a second removal finds nobody', async () => {
    await accounts.add(account('ben'));
    await begin('d1', 'ben');
    await accounts.change('ben', { role: 'admin' });
    expect(await use('d1')).toEqual(account('ben', { role: 'admin' }));
    expect([await accounts.remove('ben'), await accounts.remove('ben')]).toEqual([true, false]);
  });
});
