import { expect, it } from 'vitest';
import { type Child, startChild, untilReady } from '../../services/standalone/child.ts';
import { supervise } from '../../services/standalone/supervise.ts';
import { until } from '../support/until.ts';

const shell = (script: string, onLine?: (line: string) => void): Promise<Child> =>
  startChild({ name: 'program', command: 'sh', args: ['-c', script], ...(onLine && { onLine }) });

it('starts a program again when it dies, waits longer each time, and shows its last words', async () => {
  const said: string[] = [];
  let starts = 0;
  const start = () => {
    starts += 1;
    return shell(starts < 3 ? 'echo the disk is full; exit 3' : 'exec sleep 60');
  };
  const program = await supervise('program', start, (message) => said.push(message));
  await until('it stays up', () => starts === 3 && said.filter((line) => line.endsWith('is up again.')).length === 2);
  expect(said).toEqual([
    'program ended (exit code 3). Its last words:\nthe disk is full',
    'Starting program again in 0.25 s.',
    'program is up again.',
    'program ended (exit code 3). Its last words:\nthe disk is full',
    'Starting program again in 0.5 s.',
    'program is up again.',
  ]);
  await program.stop();
  expect(program.pid).toBeNull();
  expect(said).toHaveLength(6);
});

it('tries again when a later start fails, and says why', async () => {
  const said: string[] = [];
  let starts = 0;
  const program = await supervise(
    'program',
    async () => {
      starts += 1;
      if (starts === 2) throw new Error('its port is taken');
      return shell('exec sleep 60');
    },
    (message) => said.push(message),
  );
  program.kill('SIGKILL');
  await until('it is up again', () => said.includes('program is up again.'));
  expect(said).toContain('its port is taken');
  await program.stop();
});

it('does not hide a first start that fails', async () => {
  await expect(
    supervise(
      'program',
      () => Promise.reject(new Error('no such file')),
      () => undefined,
    ),
  ).rejects.toThrow('no such file');
});

it('is patient with a first start that fails, where asked to be', async () => {
  const said: string[] = [];
  let starts = 0;
  const start = () => {
    starts += 1;
    return starts === 1 ? Promise.reject(new Error('no database yet')) : shell('exec sleep 60');
  };
  const program = await supervise('program', start, (message) => said.push(message), { patient: true });
  expect(program.pid).toBeNull();
  await until('it is up', () => program.pid !== null);
  expect(said).toEqual(['no database yet', 'Starting program again in 0.25 s.', 'program is up again.']);
  await program.stop();
});

it('stops a program whose start was under way', async () => {
  const under = Promise.withResolvers<void>();
  const going = Promise.withResolvers<void>();
  const children: Child[] = [];
  const program = await supervise(
    'program',
    async () => {
      if (children.length === 1) {
        under.resolve();
        await going.promise;
      }
      const child = await shell('exec sleep 60');
      children.push(child);
      return child;
    },
    () => undefined,
  );
  program.kill('SIGKILL');
  await under.promise;
  const stopped = program.stop();
  going.resolve();
  await stopped;
  expect(children.map((child) => child.alive)).toEqual([false, false]);
});

it('insists when a program will not end', async () => {
  const lines: string[] = [];
  const child = await shell('trap "" TERM; echo ready; while :; do sleep 0.05; done', (line) => lines.push(line));
  await until('it has set its trap', () => lines.includes('ready'));
  await child.stop(100);
  expect(await child.exited).toBe('signal SIGKILL');
});

it('says what a program wrote that died while it started, or never became ready', async () => {
  const dying = await shell('echo cannot bind >&2; exit 1');
  await expect(untilReady(dying, async () => false, 5000)).rejects.toThrow(
    'program ended while it started (exit code 1). Its last words:\ncannot bind',
  );
  const lines: string[] = [];
  const slow = await shell('echo still loading; exec sleep 60', (line) => lines.push(line));
  await until('it has spoken', () => lines.length > 0);
  await expect(untilReady(slow, async () => false, 100)).rejects.toThrow(
    'program did not become ready within 0.1 s. Its last words:\nstill loading',
  );
  expect(slow.alive).toBe(false);
});

it('ends a program whose readiness cannot be told', async () => {
  const child = await shell('exec sleep 60');
  await expect(untilReady(child, () => Promise.reject(new Error('wrong password')), 5000)).rejects.toThrow(
    'wrong password',
  );
  expect(child.alive).toBe(false);
});

it('says so when there is no such program', async () => {
  const child = await startChild({ name: 'ghost', command: '/nowhere/ghost', args: [] });
  await expect(untilReady(child, async () => false, 5000)).rejects.toThrow(
    /ghost ended while it started .*\n.*nowhere/,
  );
});

it('waits no longer for a first start that nobody waits for any more', async () => {
  const hurry = new AbortController();
  const said: string[] = [];
  const start = async (unwanted: AbortSignal) => {
    const child = await shell('exec sleep 60');
    unwanted.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
    hurry.abort();
    await untilReady(child, async () => false, 30_000);
    return child;
  };
  const program = await supervise('program', start, (message) => said.push(message), {
    patient: true,
    hurry: hurry.signal,
  });
  expect(said[0]).toBe('program ended while it started (signal SIGTERM).');
  await program.stop();
});
