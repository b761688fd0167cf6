import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { readTold } from '../../services/parent.ts';
import { type Child, startChild, untilReady } from '../../services/standalone/child.ts';
import { Silence } from '../../services/standalone/pulse.ts';
import { supervise } from '../../services/standalone/supervise.ts';
import { until } from '../support/until.ts';

/** How long a program of these tests may be silent, in milliseconds; it says twice in that time that it lives. */
const silenceMs = 2_500;
const parent = fileURLToPath(new URL('../../services/parent.ts', import.meta.url));

const children: Child[] = [];
afterAll(async () => {
  for (const child of children) await child.stop(100);
});

/** A service that is ready and keeps its pulse, and does `then`. */
async function start(then = '', execArgs: readonly string[] = []): Promise<Child> {
  const script = `const { keepPulse, tellReady } = await import(${JSON.stringify(parent)});
    keepPulse(); tellReady(); setInterval(() => {}, 1e6); ${then}`;
  const child = await startChild({
    name: 'service',
    command: process.execPath,
    args: [...execArgs, '--input-type=module', '-e', script],
    ipc: true,
    silenceMs,
  });
  children.push(child);
  await child.ready;
  return child;
}

describe.concurrent('a service', () => {
  it('is killed when the kernel has stopped it', async () => {
    const child = await start();
    child.kill('SIGSTOP');
    expect(await child.exited).toBe('killed: no sign of life for 2.5 s');
    expect(child.hung).toBe(true);
  });

  it('is killed when its event loop stands still', async () => {
    const child = await start('setTimeout(() => { for (;;); }, 10);');
    expect(await child.exited).toBe('killed: no sign of life for 2.5 s');
  });

  it('is left alone while it lives, and when it dies by itself', async () => {
    const child = await start(`setTimeout(() => process.exit(3), ${2 * silenceMs});`);
    expect(await child.exited).toBe('exit code 3');
    expect(child.hung).toBe(false);
  });

  it('is left alone while somebody debugs it', async () => {
    const since = performance.now();
    const child = await start(
      `setTimeout(() => { const until = Date.now() + ${2 * silenceMs};
      while (Date.now() < until); process.exit(4); }, 1500);`,
      ['--inspect=127.0.0.1:0'],
    );
    expect(await child.exited).toBe('exit code 4');
    expect(performance.now() - since).toBeGreaterThan(2 * silenceMs);
  });

  it('is given the time that its database takes to be brought up to date, and no more', async () => {
    const script = `const { tellReady, tellUpgrading } = await import(${JSON.stringify(parent)});
      setInterval(() => {}, 1e6);
      await tellUpgrading(true);
      const until = Date.now() + 1000; while (Date.now() < until);
      await tellUpgrading(false);
      if (process.argv[1] === 'ready') tellReady();`;
    const upgrade = async (then: string) => {
      const args = ['--input-type=module', '-e', script, then];
      const child = await startChild({ name: 'service', command: process.execPath, args, ipc: true });
      children.push(child);
      await until('it has begun', () => child.upgrading);
      let ready = false;
      void child.ready.then(() => {
        ready = true;
      });
      return untilReady(child, async () => ready, 300);
    };
    await upgrade('ready');
    await expect(upgrade('')).rejects.toThrow('service did not become ready within 0.3 s');
  });

  it('that hung is started again at once, and later and later where it hangs again', async () => {
    const said: string[] = [];
    let starts = 0;
    const startNext = async () => {
      starts += 1;
      return start(starts < 3 ? 'setTimeout(() => { for (;;); }, 10);' : '');
    };
    const service = await supervise('service', startNext, (message) => said.push(message));
    await until('it stays up', () => starts === 3 && said.length === 6, 4 * silenceMs + 5_000);
    expect(said).toEqual([
      'service ended (killed: no sign of life for 2.5 s).',
      'Starting service again at once.',
      'service is up again.',
      'service ended (killed: no sign of life for 2.5 s).',
      'Starting service again in 0.5 s.',
      'service is up again.',
    ]);
    await service.stop();
  });
});

describe('silence', () => {
  /** Looks every half second from `from` to `to`; when it was found too long first, or null. */
  const looks = (silence: Silence, from: number, to: number): number | null => {
    for (let at = from; at <= to; at += 500) if (silence.isTooLong(at)) return at;
    return null;
  };

  it('is too long after its limit, counted from the last sign of life', () => {
    const silence = new Silence(5_000, 0);
    expect(looks(silence, 500, 3_000)).toBeNull();
    silence.hear(3_000, false);
    expect(looks(silence, 3_500, 20_000)).toBe(8_500);
  });

  it('is forgiven when whoever looks was stopped too, and counted from then on', () => {
    const silence = new Silence(5_000, 0);
    expect(looks(silence, 500, 4_500)).toBeNull();
    expect(looks(silence, 600_000, 605_000)).toBeNull();
    expect(silence.isTooLong(605_500)).toBe(true);
  });

  it('of a service that is debugged is never too long, until it is heard again', () => {
    const silence = new Silence(5_000, 0);
    silence.hear(1_000, true);
    expect(looks(silence, 1_500, 600_000)).toBeNull();
    silence.hear(600_000, false);
    expect(looks(silence, 600_500, 700_000)).toBe(605_500);
  });

  it('is broken by nothing but what a service says', () => {
    expect([null, 'alive', {}, { told: 'nothing' }].map(readTold)).toEqual([null, null, null, null]);
    expect(readTold({ told: 'upgrading' })).toEqual({ told: 'upgrading', still: false });
    expect(readTold({ told: 'alive' })).toEqual({ told: 'alive', debugged: false });
  });
});
