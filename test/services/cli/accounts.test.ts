import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fitsPassword, hashPassword, passwordFault } from '../../../services/accounts.ts';
import { openStore } from '../../../services/adapters/sql/store.ts';
import { type Desk, desk } from './world.ts';

let cedar: Desk;
let answers: (string | null)[];
let input = '';
beforeEach(() => {
  answers = [];
  input = '';
  cedar = desk([], {
    openStore: async (config) => {
      mkdirSync(join(cedar.folder, 'data'), { recursive: true });
      return openStore(config);
    },
    askPassword: async () => answers.shift() ?? null,
    readInput: async () => new TextEncoder().encode(input),
  });
});
afterEach(() => cedar.remove());

describe('clearline accounts', () => {
  it('says how to make the first one', async () => {
    expect(await cedar.run('accounts')).toMatchObject({
      code: 0,
      out: expect.stringContaining('clearline accounts add NAME'),
    });
  });

  it('asks for a password twice, lists without it, and changes and removes', async () => {
    answers = ['correct horse battery', 'correct horse battery'];
    const added = await cedar.run('accounts', 'add', 'anna', '--role', 'admin');
    expect(added).toMatchObject({ code: 0, out: expect.stringContaining('http://127.0.0.1:8080') });
    const listed = await cedar.run('accounts', '--json');
    expect(JSON.parse(listed.out)).toMatchObject([{ name: 'anna', role: 'admin', disabled: false }]);
    expect(listed.out).not.toContain('scrypt');
    expect((await cedar.run('accounts', 'disable', 'anna')).code).toBe(0);
    expect((await cedar.run('accounts')).out).toMatch(/anna +admin +disabled/);
    expect((await cedar.run('accounts', 'enable', 'anna')).code).toBe(0);
    expect((await cedar.run('accounts', 'role', 'anna', '--role', 'staff')).code).toBe(0);
    expect((await cedar.run('accounts')).out).toMatch(/anna +staff +may log in/);
    expect((await cedar.run('accounts', 'remove', 'anna')).code).toBe(0);
    expect(await cedar.run('accounts', 'remove', 'anna')).toMatchObject({
      code: 1,
      err: 'There is no account anna. Which there are: clearline accounts',
    });
  });

  it('takes a password from standard input, and has no option for one', async () => {
    input = 'correct horse battery\n';
    expect((await cedar.run('accounts', 'add', 'ben')).code).toBe(0);
    expect(await cedar.run('accounts', 'add', 'ben')).toMatchObject({
      code: 1,
      err: expect.stringContaining('already'),
    });
    expect((await cedar.run('accounts', 'password', 'ben')).code).toBe(0);
    expect((await cedar.run('accounts', 'password', 'carol')).code).toBe(1);
    expect((await cedar.run('accounts', 'add', 'carol', 'correct horse battery')).code).toBe(2);
    expect((await cedar.run('accounts', 'add', 'carol', '--password', 'x')).code).toBe(2);
  });

  it('refuses passwords that are too short or not the same, and names that stand for others', async () => {
    input = 'short\n';
    expect(await cedar.run('accounts', 'add', 'ben')).toMatchObject({
      code: 2,
      err: expect.stringContaining('at least 12'),
    });
    answers = ['correct horse battery', 'correct horse batter'];
    expect(await cedar.run('accounts', 'add', 'ben')).toMatchObject({
      code: 2,
      err: expect.stringContaining('not the same'),
    });
    for (const name of ['clearline', 'resident', 'Ben', 'a b', '']) {
      expect((await cedar.run('accounts', 'add', name)).code, name).toBe(2);
    }
    expect((await cedar.run('accounts', '--json')).out).toBe('[]');
  });
});

describe('passwords', () => {
  it('fit their own hash alone, however their letters are typed, and nobody’s fits none', async () => {
    const hash = await hashPassword('caf\u00e9 horse battery');
    expect(hash).toMatch(/^scrypt:32768:8:1:/);
    expect(await fitsPassword('cafe\u0301 horse battery', hash)).toBe(true);
    expect(await fitsPassword('cafe horse battery', hash)).toBe(false);
    expect(await fitsPassword('caf\u00e9 horse battery', null)).toBe(false);
    expect(await fitsPassword('', null)).toBe(false);
    expect(await fitsPassword('caf\u00e9 horse battery', 'md5:1:2')).toBe(false);
  });

  it.each(['short', 'x'.repeat(201), 'aaaaaaaaaaaaaaaa'])('%s will not do', (password) => {
    expect(passwordFault(password)).not.toBeNull();
  });
});
