import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findAsterisk, findRedis } from '../../services/standalone/programs.ts';

let folder: string;
let env: NodeJS.ProcessEnv;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clearline-programs-'));
  env = { PATH: join(folder, 'bin'), CLEARLINE_CACHE: join(folder, 'cache') };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function has(path: string, prints = ''): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho "${prints}"\n`);
  chmodSync(file, 0o755);
  return file;
}

it.each(['20.14.0', '21.9.1', '22.4.0', '22.10.1~dfsg+~cs6.15', '23.0.0'])(
  'takes an Asterisk %s in the PATH',
  (version) => {
    const asterisk = has('bin/asterisk', `Asterisk ${version}`);
    expect(findAsterisk(env)).toMatchObject({ command: asterisk, prefix: [] });
  },
);

it.each(['18.26.4', '20.13.0', '21.8.9', '22.3.0', 'GIT-master'])(
  'leaves an Asterisk %s in the PATH alone',
  (version) => {
    has('bin/asterisk', `Asterisk ${version}`);
    has('cache/asterisk-22/usr/sbin/asterisk');
    const { command, prefix, modules } = findAsterisk(env);
    expect(command).toContain(join(folder, 'cache/asterisk-22/lib'));
    expect(prefix.at(-1)).toBe(join(folder, 'cache/asterisk-22/usr/sbin/asterisk'));
    expect(modules).toMatch(/cache\/asterisk-22\/usr\/lib\/.+\/asterisk\/modules$/);
  },
);

it('says how to come by an Asterisk and a Redis', () => {
  expect(() => findAsterisk(env)).toThrow(`none in ${join(folder, 'cache/asterisk-22')}. Run: npm run setup`);
  expect(() => findRedis(env)).toThrow(/No redis-server in the PATH .* Run: npm run setup$/);
});

it('prefers a redis-server in the PATH to the one that set-up linked', () => {
  const linked = has('cache/bin/redis-server');
  expect(findRedis(env)).toBe(linked);
  const installed = has('bin/redis-server');
  expect(findRedis(env)).toBe(installed);
});

it('looks for the cache where scripts/setup.sh puts it', () => {
  const linked = has('.cache/clearline/bin/redis-server');
  expect(findRedis({ PATH: '', HOME: folder })).toBe(linked);
  const elsewhere = has('xdg/clearline/bin/redis-server');
  expect(findRedis({ PATH: '', HOME: folder, XDG_CACHE_HOME: join(folder, 'xdg') })).toBe(elsewhere);
});
