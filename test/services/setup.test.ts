import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';

/**
 * scripts/setup.sh on machines that have this and lack that: its PATH holds the real small tools and, instead of npm, apt-get,
 * mmdebstrap …, scripts that write down how they were called and do what the test says.
 */
const repository = fileURLToPath(new URL('../..', import.meta.url));
const realTools =
  'sh cat cut cp date dirname flock grep head id ln ls mkdir mktemp mv rm sed sha256sum sleep tail touch chmod'.split(
    ' ',
  );

let folder: string;
let checkout: string;
let cache: string;
let bin: string;
const running: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clearline-setup-'));
  [checkout, cache, bin] = [join(folder, 'checkout'), join(folder, 'cache'), join(folder, 'bin')];
  for (const path of [checkout, bin]) mkdirSync(path);
  cpSync(join(repository, 'scripts'), join(checkout, 'scripts'), { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(repository, file), join(checkout, file));
  for (const tool of realTools) {
    symlinkSync(execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim(), join(bin, tool));
  }
  has(
    'npm',
    'mkdir -p node_modules/.bin; echo "echo v24.1.0" > node_modules/.bin/node; chmod +x node_modules/.bin/node',
  );
  has('sipp', '');
  has('redis-server', 'echo "Redis server v=7.0.15"');
  has('initdb', '');
  has('pdftotext', '');
  has('apt-get', 'case $* in *install*) exit 0 ;; esac');
  has('dpkg', '');
  has('mmdebstrap', unpacks);
});
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const unpacks =
  'for last; do :; done; mkdir -p "$last/usr/sbin"; touch "$last/usr/sbin/asterisk"; chmod +x "$last/usr/sbin/asterisk"';

/** Puts a program into the PATH that writes its name and arguments down, then runs `body`. */
function has(name: string, body: string): void {
  rmSync(join(bin, name), { force: true });
  writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >>"${folder}/calls"\n${body}\n`);
  chmodSync(join(bin, name), 0o755);
}
const lacks = (name: string) => rmSync(join(bin, name));
/** How programs were called, without the folder that differs each time. */
const calls = () => {
  const file = join(folder, 'calls');
  return existsSync(file) ? readFileSync(file, 'utf8').replaceAll(folder, '').trim().split('\n') : [];
};
const callsOf = (name: string) => calls().filter((line) => line.startsWith(`${name} `));

function start(what: string, env: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = spawn('/bin/sh', [join(checkout, 'scripts/setup.sh'), what], {
    env: { PATH: bin, HOME: folder, TMPDIR: folder, CLEARLINE_CACHE: cache, ...env },
    detached: true,
  });
  running.push(child);
  return child;
}

interface Ending {
  readonly code: number | null;
  readonly said: string;
}

async function ending(child: ChildProcess): Promise<Ending> {
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (data) => {
      said += data;
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, said };
}

const setup = (what: string, env?: NodeJS.ProcessEnv): Promise<Ending> => ending(start(what, env));

describe('on a machine with root and apt', () => {
  it('says a line a step, and nothing the second time', async () => {
    const first = await setup('calls');
    expect(first.said.trim().split('\n')).toEqual([
      expect.stringMatching(/^Clearline set-up: npm packages .* … done \(\d+ s\)$/),
      expect.stringMatching(/^Clearline set-up: Asterisk 22 into .* … done \(\d+ s\)$/),
    ]);
    const before = calls().length;
    expect(await setup('calls')).toEqual({ code: 0, said: '' });
    expect(calls()).toHaveLength(before);
  });

  it('never runs "npm ci", and leaves the lockfile alone', async () => {
    await setup('packages');
    expect(callsOf('npm')).toEqual(['npm install --no-save --include=dev --no-audit --no-fund --loglevel=error']);
  });

  it('installs the npm packages again when the lockfile has changed', async () => {
    await setup('packages');
    writeFileSync(join(checkout, 'package-lock.json'), '{}');
    await setup('packages');
    expect(callsOf('npm')).toHaveLength(2);
  });

  it('installs only what is missing, and brings the package lists up to date only when that fails', async () => {
    for (const program of ['sipp', 'redis-server', 'mmdebstrap']) lacks(program);
    has(
      'apt-get',
      `case $* in *update*) touch ${folder}/lists ;; *) [ -e ${folder}/lists ] && touch ${folder}/installed ;; esac`,
    );
    const { said } = await setup('calls');
    expect(said).toContain('Debian packages sip-tester redis-tools mmdebstrap debian-archive-keyring');
    const actions = callsOf('apt-get').map((line) => /install|update/.exec(line)?.[0]);
    expect(actions).toEqual(['install', 'update', 'install']);
    expect(callsOf('apt-get')[0]).toMatch(
      / --no-install-recommends sip-tester redis-tools mmdebstrap debian-archive-keyring$/,
    );
  });

  it('makes a Redis of redis-tools, which Debian ships without a service', async () => {
    lacks('redis-server');
    has('redis-check-rdb', 'case $0 in *redis-server) echo "Redis server v=7.0.15" ;; esac');
    expect((await setup('calls')).code).toBe(0);
    expect(callsOf('apt-get')).toEqual([]);
    expect(execFileSync(join(cache, 'bin/redis-server'), ['--version'], { encoding: 'utf8' })).toContain(
      'Redis server',
    );
  });

  it('says so where redis-check-rdb is not the server', async () => {
    lacks('redis-server');
    has('redis-check-rdb', 'echo "a checker"');
    const { code, said } = await setup('calls');
    expect(code).toBe(1);
    expect(said).toContain('Install a redis-server that is in the PATH');
    expect(existsSync(join(cache, 'bin/redis-server'))).toBe(false);
  });

  it.each([
    ['22.4.0', true],
    ['22.3.9', false],
    ['21.9.1', true],
    ['20.13.0', false],
    ['20.14.0~dfsg', true],
    ['23.0.0', true],
    ['18.26.4', false],
  ])('an Asterisk %s in the PATH is used: %s', async (version, used) => {
    has('asterisk', `echo "Asterisk ${version}"`);
    expect((await setup('calls')).code).toBe(0);
    expect(callsOf('mmdebstrap')).toHaveLength(used ? 0 : 1);
  });

  it('installs neither Asterisk nor Redis where the user names his own', async () => {
    lacks('redis-server');
    lacks('mmdebstrap');
    const env = { CLEARLINE_ASTERISK_URL: 'http://10.0.0.1:8088', CLEARLINE_REDIS_URL: 'redis://10.0.0.1' };
    expect((await setup('calls', env)).code).toBe(0);
    expect(callsOf('apt-get')).toEqual([]);
  });
});

describe('when it is interrupted', () => {
  it('does not take half an Asterisk for a whole one', async () => {
    has('mmdebstrap', `${unpacks}; exec sleep 60`);
    const child = start('calls');
    await until('mmdebstrap is at work', () => existsSync(join(cache, 'asterisk-22.new/usr/sbin/asterisk')));
    if (child.pid) process.kill(-child.pid, 'SIGKILL');
    await until('it is gone', () => child.signalCode !== null);
    expect(existsSync(join(cache, 'asterisk-22'))).toBe(false);
    has('mmdebstrap', unpacks);
    expect((await setup('calls')).code).toBe(0);
    expect(existsSync(join(cache, 'asterisk-22/usr/sbin/asterisk'))).toBe(true);
    expect(existsSync(join(cache, 'asterisk-22.new'))).toBe(false);
  });

  it.each([
    ['E: nothing there', 1],
    ['E: Release file for http://mirror/InRelease is expired (invalid since 3d)', 2],
  ])('shows the output when mmdebstrap fails with "%s", after %i tries', async (complaint, tries) => {
    has('mmdebstrap', `${unpacks}; echo "${complaint}"; exit 25`);
    const { code, said } = await setup('calls');
    expect(code).toBe(1);
    expect(said).toContain(complaint);
    expect(callsOf('mmdebstrap').map((line) => line.includes('Check-Valid-Until'))).toEqual(
      [false, true].slice(0, tries),
    );
    expect(existsSync(join(cache, 'asterisk-22'))).toBe(false);
  });

  it('says that it is safe to go on after Ctrl-C', async () => {
    has('mmdebstrap', 'exec sleep 60');
    const child = start('calls');
    const ended = ending(child);
    await until('mmdebstrap is at work', () => callsOf('mmdebstrap').length === 1);
    if (child.pid) process.kill(-child.pid, 'SIGINT');
    expect(await ended).toEqual({
      code: 130,
      said: expect.stringContaining('It is safe to run the same command again.'),
    });
  });

  it('does not take half the npm packages for all of them', async () => {
    has(
      'npm',
      'mkdir -p node_modules/.bin; echo "echo v24.1.0" > node_modules/.bin/node; chmod +x node_modules/.bin/node; exit 1',
    );
    expect((await setup('packages')).code).toBe(1);
    await setup('packages');
    expect(callsOf('npm')).toHaveLength(2);
  });
});

it('unpacks one Asterisk when two checkouts set up at once', async () => {
  has('mmdebstrap', `until [ -e "${folder}/go" ]; do sleep 0.05; done; ${unpacks}`);
  const first = setup('calls');
  await until('the first is at work', () => callsOf('mmdebstrap').length === 1);
  const second = setup('calls');
  writeFileSync(join(folder, 'go'), '');
  const results = await Promise.all([first, second]);
  expect(results.map((result) => result.code)).toEqual([0, 0]);
  expect(callsOf('mmdebstrap')).toHaveLength(1);
});

describe('where it may not install', () => {
  it('names the packages when it is not root', async () => {
    has('id', 'echo 1000');
    lacks('sipp');
    lacks('mmdebstrap');
    const { code, said } = await setup('calls');
    expect(code).toBe(1);
    expect(said).toContain('apt-get install --no-install-recommends sip-tester mmdebstrap debian-archive-keyring\n');
    expect(callsOf('apt-get')).toEqual([]);
  });

  it('names the programs when there is no apt', async () => {
    lacks('apt-get');
    lacks('sipp');
    const { code, said } = await setup('calls');
    expect(code).toBe(1);
    for (const word of ['no apt-get', 'SIPp', 'CLEARLINE_REDIS_URL', 'CLEARLINE_ASTERISK_URL'])
      expect(said).toContain(word);
  });

  it('says that the tests need PostgreSQL, which calls do not', async () => {
    lacks('apt-get');
    lacks('initdb');
    has('ls', 'exit 2');
    expect((await setup('calls')).code).toBe(0);
    const { code, said } = await setup('tests');
    expect(code).toBe(1);
    expect(said).toContain('CLEARLINE_TEST_POSTGRES_URL');
  });

  it('says that the tests need pdftotext, which calls do not', async () => {
    lacks('apt-get');
    lacks('pdftotext');
    expect((await setup('calls')).code).toBe(0);
    const { code, said } = await setup('tests');
    expect(code).toBe(1);
    expect(said).toContain('poppler-utils');
  });

  it('says so when npm is missing, or did not bring Node 24', async () => {
    has(
      'npm',
      'mkdir -p node_modules/.bin; echo "echo v20.1.0" > node_modules/.bin/node; chmod +x node_modules/.bin/node',
    );
    expect((await setup('packages')).said).toContain('did not bring Node 24');
    lacks('npm');
    expect((await setup('packages')).said).toContain('npm is missing');
  });
});
