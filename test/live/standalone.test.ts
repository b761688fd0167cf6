import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { openStore } from '../../services/adapters/sql/store.ts';
import { readConfig } from '../../services/config.ts';
import { rotateWhenLarge } from '../../services/standalone/log-size.ts';
import { startStack } from '../../services/standalone/stack.ts';
import { Phones } from '../support/phones.ts';
import { makeShortPrompts } from '../support/short-prompts.ts';
import { lineUp, networkAddress } from '../support/site.ts';
import { freePort, processesOf, startTestStack, storeLines, type TestStack, writeConfig } from '../support/stack.ts';
import { until } from '../support/until.ts';

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

async function testStack(options?: Parameters<typeof startTestStack>[0]): Promise<TestStack> {
  const stack = await startTestStack(options);
  cleanUp.push(stack.stop);
  return stack;
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'clearline-test-'));
  cleanUp.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** `npm start`, as a process. */
function startMain(configFile: string): { readonly process: ChildProcess; output(): string } {
  const main = fileURLToPath(new URL('../../services/standalone/main.ts', import.meta.url));
  const child = spawn(process.execPath, [main], { env: { ...process.env, CLEARLINE_CONFIG: configFile } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  cleanUp.push(async () => child.kill('SIGKILL'));
  return { process: child, output: () => output };
}

async function running(main: ReturnType<typeof startMain>): Promise<void> {
  const isRunning = () => main.output().includes('Clearline is running.');
  await until('it is running, or has ended', () => isRunning() || ended(main.process), 30_000);
  expect(isRunning(), main.output()).toBe(true);
}

/** The one process of this folder with that in its command line. */
async function pidOf(folder: string, command: string): Promise<number> {
  const pids = await processesOf(folder);
  const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  const found = pids.filter((_, index) => commands[index]?.includes(command));
  expect(found, command).toHaveLength(1);
  return found[0] ?? Number.NaN;
}

const ended = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('a stack', () => {
  it('keeps Asterisk’s own log small: no notice in it, put aside when it is large, and two older ones', async () => {
    const { asterisk, config } = await testStack();
    const folder = join(config.paths.asterisk, 'log');
    // The path of the file is cut off in this list.
    expect(await asterisk.cli('logger show channels')).toMatch(/ File +default +Enabled +- WARNING ERROR *\n/);
    const kept = async () => (await readdir(folder)).filter((name) => name.startsWith('messages.log')).sort();
    const names = ['messages.log', 'messages.log.0', 'messages.log.1'];
    for (const [index, text] of ['one', 'two', 'three', 'four'].entries()) {
      await writeFile(join(folder, 'messages.log'), `${text}\n`.repeat(100));
      expect(await rotateWhenLarge(folder, asterisk.cli, 100)).toBe(true);
      expect(await kept()).toEqual(names.slice(0, index + 2));
    }
    expect(await readFile(join(folder, 'messages.log.0'), 'utf8')).toContain('four');
    expect(await readFile(join(folder, 'messages.log.1'), 'utf8')).toContain('three');
    expect(await rotateWhenLarge(folder, asterisk.cli, 1_000_000)).toBe(false);
  });

  it('answers on its own ports, knows its lines and trunks, and keeps its folders to itself', async () => {
    const stack = await testStack({
      lines: [{ id: 'room-12', number: '+441923555012' }],
      trunks: [{ name: 'carrier', address: '127.0.0.2' }],
    });
    const endpoints = await stack.asterisk.cli('pjsip show endpoints');
    expect(endpoints).toContain('room-12');
    expect(endpoints).toContain('trunk-carrier');
    expect(await stack.channels()).toEqual([]);
    const redis = new Redis({ path: stack.config.paths.redisSocket });
    expect(await redis.ping()).toBe('PONG');
    expect(await redis.config('GET', 'maxmemory-policy')).toContain('noeviction');
    redis.disconnect();
    for (const folder of [
      stack.config.paths.data,
      stack.config.paths.generated,
      join(stack.config.paths.data, 'redis'),
    ]) {
      expect(modeOf(folder), folder).toBe('700');
    }
    const processes = await processesOf(stack.folder);
    expect(processes).toEqual(expect.arrayContaining([stack.asterisk.pid, stack.redis?.pid]));
  });

  it('leaves no process, socket or folder behind', async () => {
    const stack = await testStack();
    await stack.stop();
    expect(await processesOf(stack.folder)).toEqual([]);
    expect(existsSync(stack.folder)).toBe(false);
  });

  it('starts Asterisk and Redis again when they die, and Redis still knows what it was told', async () => {
    const stack = await testStack();
    const told = new Redis({ path: stack.config.paths.redisSocket });
    await told.set('fact', 'kept');
    told.disconnect();
    const before = [stack.asterisk.pid, stack.redis?.pid];
    stack.asterisk.kill('SIGKILL');
    stack.redis?.kill('SIGKILL');
    await until(
      'both are up again',
      () => stack.output.filter((line) => line.endsWith(' is up again.')).length === 2,
      10_000,
    );
    expect([stack.asterisk.pid, stack.redis?.pid]).not.toEqual(before);
    expect(await stack.asterisk.cli('core show uptime')).toContain('System uptime');
    const asked = new Redis({ path: stack.config.paths.redisSocket });
    expect(await asked.get('fact')).toBe('kept');
    asked.disconnect();
    expect(stack.output).toContainEqual(expect.stringContaining('asterisk ended (signal SIGKILL).'));
  });

  it('starts Asterisk while the database is away: telephones and 999 need no more', async () => {
    const folder = await temporaryFolder();
    const trunks = [{ name: 'carrier', address: '127.0.0.2' }];
    const { configFile } = await writeConfig(folder, { trunks });
    const { database } = readConfig({ CLEARLINE_CONFIG: configFile }).paths;
    await (await startStack({ configFile, services: [], log: () => undefined })).stop();
    await writeFile(database, 'not a database');
    const said: string[] = [];
    const log = (message: string) => said.push(message);
    const stack = await startStack({ configFile, services: ['interceptor'], patient: true, log });
    cleanUp.push(stack.stop);
    expect(await stack.asterisk?.cli('pjsip show endpoints')).toContain('trunk-carrier');
    expect(said.join('\n')).toContain('Asterisk starts with the lines of the last start.');
    expect(said.join('\n')).toMatch(/interceptor ended while it started .*cannot open the database/s);
    await rm(database);
    await until('the interceptor has started', () => said.includes('interceptor is up again.'), 10_000);
  });

  it('names the setting of every port that is taken, and leaves nothing running', async () => {
    const folder = await temporaryFolder();
    const [httpPort, amiPort] = [await freePort(), await freePort()];
    for (const port of [httpPort, amiPort]) {
      const server = createServer().listen(port, '127.0.0.1');
      cleanUp.push(async () => server.close());
    }
    const { configFile } = await writeConfig(folder, { settings: { asterisk: { httpPort, amiPort } } });
    const start = () => startStack({ configFile, services: [], log: () => undefined });
    await expect(start()).rejects.toThrow(
      `asterisk.httpPort: TCP port ${httpPort} on 127.0.0.1 is taken by another program. Stop it, or set another ` +
        `asterisk.httpPort.\nasterisk.amiPort: TCP port ${amiPort} on 127.0.0.1 is taken`,
    );
    expect(await processesOf(folder)).toEqual([]);
    // The lock was let go: the second try meets the same ports, not a folder in use.
    await expect(start()).rejects.toThrow('asterisk.httpPort');
  });

  it("never touches the site's own files, and says so when one stands where a template belongs", async () => {
    const folder = await temporaryFolder();
    const { configFile } = await writeConfig(folder);
    const etc = join(readConfig({ CLEARLINE_CONFIG: configFile }).paths.asterisk, 'etc');
    const start = () => startStack({ configFile, services: [], log: () => undefined });
    await (await start()).stop();
    await writeFile(join(etc, 'site/extensions.conf'), '[site-own]\nexten => 1,1,NoOp()\n');
    const stack = await start();
    expect(await stack.asterisk?.cli('dialplan show site-own')).toContain('NoOp');
    await stack.stop();
    await rm(join(etc, 'extensions.conf'));
    await writeFile(join(etc, 'extensions.conf'), '; mine\n');
    await expect(start()).rejects.toThrow(/etc\/extensions\.conf is a file of its own; .*\/site\.$/);
    expect(await processesOf(folder)).toEqual([]);
  });
});

describe('npm start', () => {
  it('refuses a data folder that another Clearline holds, and says which process that is', async () => {
    const stack = await testStack();
    const second = startMain(stack.configFile);
    await until('the second start has ended', () => ended(second.process), 10_000);
    expect(second.process.exitCode).toBe(1);
    expect(second.output()).toContain(
      `${stack.config.paths.data} is in use by another Clearline (process ${process.pid}). Stop that one, or choose another`,
    );
    expect(await stack.asterisk.cli('core show uptime')).toContain('System uptime');
  });

  it('prints where it is, stops all of it at Ctrl-C, and starts again on the same data', async () => {
    const folder = await temporaryFolder();
    const { configFile, sipPort } = await writeConfig(folder);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const main = startMain(configFile);
      await running(main);
      expect(main.output()).toContain(`127.0.0.1:${sipPort} (UDP and TCP)`);
      expect(main.output()).toContain(join(folder, 'data'));
      expect(main.output()).toContain('clearline lines import');
      const console = `http://127.0.0.1:${readConfig({ CLEARLINE_CONFIG: configFile }).console.port}`;
      expect(main.output()).toContain(`Console    ${console}`);
      expect((await fetch(`${console}/readyz`)).status).toBe(200);
      expect(await (await fetch(console)).text()).toContain('accounts add NAME');
      main.process.kill(signal);
      await until('it has ended', () => ended(main.process), 20_000);
      expect(main.process.exitCode, main.output()).toBe(0);
      expect(await processesOf(folder)).toEqual([]);
    }
  });

  it('ends at Ctrl-C although it waits in vain for an Asterisk of the user’s own', async () => {
    const folder = await temporaryFolder();
    const asterisk = { url: `http://127.0.0.1:${await freePort()}`, amiPort: await freePort() };
    const { configFile } = await writeConfig(folder, { settings: { asterisk } });
    const main = startMain(configFile);
    await until('the interceptor waits', () => main.output().includes('AMI'), 30_000);
    main.process.kill('SIGINT');
    await until('it has ended', () => ended(main.process), 20_000);
    expect(main.output()).not.toMatch(/Clearline is running|did not become ready/);
    expect(main.process.exitCode, main.output()).toBe(0);
    expect(await processesOf(folder)).toEqual([]);
  });

  it('starts again whatever is killed, and says so; a call after that is screened, and on record', async () => {
    const folder = await temporaryFolder();
    const prompts = makeShortPrompts();
    cleanUp.push(() => rm(prompts.folder, { recursive: true }));
    const trunks = [{ name: 'net', address: networkAddress }];
    const { configFile, sipPort } = await writeConfig(folder, {
      trunks,
      settings: { sounds: { folder: prompts.folder } },
    });
    await storeLines(configFile, [{ id: 'room-1', number: '+441923555111', mode: 'announce' }]);
    const config = readConfig({ CLEARLINE_CONFIG: configFile });
    const main = startMain(configFile);
    await running(main);
    const store = await openStore(config);
    cleanUp.push(store.close);
    const phones = new Phones({ host: '127.0.0.1', port: sipPort });
    cleanUp.push(async () => phones.close());
    const [network, resident] = await Promise.all([phones.trunk(networkAddress), lineUp(phones, 'room-1')]);
    const isReady = async () => {
      const answer = await fetch(`http://127.0.0.1:${config.watch.interceptorPort}/readyz`).catch(() => null);
      return answer?.ok === true;
    };
    for (const [name, command] of [
      ['worker', 'worker/main.ts'],
      ['redis', 'redis-server'],
      ['interceptor', 'interceptor/main.ts'],
      ['asterisk', 'asterisk.conf'],
    ] as const) {
      process.kill(await pidOf(folder, command), 'SIGKILL');
      await until(`${name} is up again`, () => main.output().includes(`${name} is up again.`), 30_000);
      expect(main.output()).toContain(`${name} ended (signal SIGKILL).`);
      await until('the interceptor does its work', isReady, 30_000);
      if (name === 'asterisk') await resident.register();
      const placed = await network.call({ to: '01923555111', from: { number: '02079460991' } });
      const rung = await resident.nextCall();
      rung.answer();
      await placed.untilAnswered();
      rung.hangUp();
      await placed.untilEnded();
      const record = await until(`the call after the ${name} was killed is on record`, async () => {
        const found = await store.calls.list({ direction: 'inbound', limit: 10 });
        return found.find((each) => each.direction === 'inbound' && each.signalling.callId === placed.id);
      });
      expect(record, name).toMatchObject({ verdict: { treatment: 'announce' }, faults: [] });
      expect(record.reconstructed ?? false, name).toBe(false);
    }
    main.process.kill('SIGTERM');
    await until('it has ended', () => ended(main.process), 20_000);
  });

  it('takes its programs with it when it is killed outright, and the data is free again', async () => {
    const folder = await temporaryFolder();
    const { configFile } = await writeConfig(folder);
    const killed = startMain(configFile);
    await running(killed);
    expect((await processesOf(folder)).length).toBeGreaterThan(3);
    killed.process.kill('SIGKILL');
    const next = startMain(configFile);
    await running(next);
    next.process.kill('SIGTERM');
    await until('the next one has ended', () => ended(next.process), 20_000);
    await until('no process is left', async () => (await processesOf(folder)).length === 0);
  });

  it('takes its programs with it at whatever moment of its start it is killed', async () => {
    const commandsOf = async (folder: string) =>
      Promise.all((await processesOf(folder)).map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
    // A program's own, not yet setpriv's that starts it: Asterisk, for one, forgets a signal that comes while it starts.
    const isThere = (command: string) => async (folder: string) =>
      (await commandsOf(folder)).some((line) => line.includes(command) && !line.startsWith('setpriv'));
    const moments = [isThere('asterisk.conf'), isThere('redis-server'), isThere('interceptor/main.ts')];
    await Promise.all(
      moments.map(async (moment) => {
        const folder = await temporaryFolder();
        const { configFile } = await writeConfig(folder);
        const main = startMain(configFile);
        await until('it is the moment', () => moment(folder), 30_000);
        main.process.kill('SIGKILL');
        await until('no process is left', async () => (await processesOf(folder)).length === 0, 30_000);
      }),
    );
  });

  it('reports every fault of the configuration, and starts nothing', async () => {
    const folder = await temporaryFolder();
    const configFile = join(folder, 'clearline.yaml');
    await writeFile(configFile, 'sip:\n  port: none\n  bnid: 127.0.0.1\n');
    const main = startMain(configFile);
    await until('it has ended', () => ended(main.process), 10_000);
    expect(main.process.exitCode).toBe(1);
    expect(main.output()).toContain(`${configFile}:2: sip.port: found "none"`);
    expect(main.output()).toContain(`${configFile}:3: sip.bnid: found "127.0.0.1", expected no such setting`);
  });
});
