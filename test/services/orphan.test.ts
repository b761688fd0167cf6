import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';

/** What becomes of a program when Clearline, which started it, is killed outright. */

const at = (path: string) => JSON.stringify(fileURLToPath(new URL(`../../services/${path}`, import.meta.url)));
const clearlines: ChildProcess[] = [];
const programs: number[] = [];
afterAll(() => {
  for (const one of clearlines) one.kill('SIGKILL');
  for (const pid of programs) if (signal(pid, 0)) signal(pid, 'SIGKILL');
});

function signal(pid: number, which: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, which);
  } catch {
    return false;
  }
}

/** A Clearline that has started a Node program with this script; answers the program's pid once it has said `here`. */
async function startBoth(script: string): Promise<{ readonly clearline: ChildProcess; readonly program: number }> {
  const starts = `const { startChild } = await import(${at('standalone/child.ts')});
    const child = await startChild({ name: 'program', command: process.execPath, ipc: true,
      args: ['--input-type=module', '-e', ${JSON.stringify(script)}],
      onLine: (line) => line === 'here' && console.log(child.pid) });`;
  const clearline = spawn(process.execPath, ['--input-type=module', '-e', starts], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  clearlines.push(clearline);
  const [pid] = await once(clearline.stdout as NodeJS.ReadableStream, 'data');
  const program = Number(String(pid));
  programs.push(program);
  expect(signal(program, 0)).toBe(true);
  return { clearline, program };
}

async function isGone(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
  return /^.*\) Z/.test(stat);
}

describe.concurrent('a program whose Clearline is killed', () => {
  it('is ended although it hears no signal, and its event loop stands still', async () => {
    const { clearline, program } = await startBoth(
      `process.on('SIGTERM', () => {}); process.stdout.write('here\\n', () => { for (;;); });`,
    );
    clearline.kill('SIGKILL');
    await until('it is ended', () => isGone(program), 20_000);
  }, 30_000);

  it('is ended although it was stopped', async () => {
    const { clearline, program } = await startBoth(`console.log('here'); setInterval(() => {}, 1e6);`);
    signal(program, 'SIGSTOP');
    clearline.kill('SIGKILL');
    await until('it is ended', () => isGone(program), 20_000);
  }, 30_000);

  it('is told so, although that happened while it was still loading, and ends by itself, with lines left to log', async () => {
    const { clearline, program } = await startBoth(`
      process.on('SIGTERM', () => {});
      await new Promise((resolve) => { process.once('disconnect', resolve); console.log('here'); });
      const { onOrphaned } = await import(${at('parent.ts')});
      const { createLog } = await import(${at('log.ts')});
      const log = createLog({ log: { level: 'info', maskPersonalData: true } }, 'service');
      onOrphaned(() => { log.info('the one line'); process.exit(0); });`);
    const since = performance.now();
    clearline.kill('SIGKILL');
    await until('it has ended', () => isGone(program), 20_000);
    // Later it would have been ended by force.
    expect(performance.now() - since).toBeLessThan(8_000);
  }, 30_000);

  it('is left alone as long as that lives', async () => {
    const { program } = await startBoth(
      `import { setTimeout as pause } from 'node:timers/promises'; console.log('here'); await pause(1e6);`,
    );
    await expect(until('it is ended', () => isGone(program), 2_000)).rejects.toThrow('waited 2000 ms');
  }, 30_000);
});
