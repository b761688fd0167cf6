import { fileURLToPath } from 'node:url';
import type { Config } from '../config.ts';
import { type Child, type ChildOptions, startChild, untilReady } from './child.ts';

/** The Node processes of the stack. */
export const serviceNames = ['worker', 'interceptor', 'console'] as const;
export type ServiceName = (typeof serviceNames)[number];

export function isServiceName(name: string): name is ServiceName {
  return serviceNames.some((known) => known === name);
}

/**
 * How long a service may give no sign of life, in milliseconds, before it is killed. While the interceptor hangs, whoever calls or is
 * called waits in silence, so it is as short as can be without killing one that is only slow: SQLite, locked by another process,
 * stops it for two seconds at a time (adapters/sql/sqlite.ts). Nobody who calls waits for the others, which meet SQLite far more often.
 */
const silenceMs: Readonly<Record<ServiceName, number>> = {
  interceptor: 5_000,
  worker: 30_000,
  console: 30_000,
};

/** How long a service may take to become ready, in milliseconds, beside an upgrade of the database. */
const startMs = 30_000;

/** Those that this site wants. */
export function servicesOf(config: Pick<Config, 'console'>): ServiceName[] {
  return serviceNames.filter((name) => name !== 'console' || config.console.enabled);
}

/** Starts a service and waits until it is ready. From then on it is killed when it hangs. `stopped`: nobody wants it any more. */
export async function startService(
  name: ServiceName,
  env: NodeJS.ProcessEnv,
  options: Pick<ChildOptions, 'lock' | 'onLine' | 'silenceMs'>,
  stopped: AbortSignal,
): Promise<Child> {
  const main = fileURLToPath(new URL(`../${name}/main.ts`, import.meta.url));
  const child = await startChild({
    silenceMs: silenceMs[name],
    ...options,
    name,
    command: process.execPath,
    args: [main],
    env,
    ipc: true,
  });
  let ready = false;
  // One that is not ready yet has no calls to see to an end, and may be deaf.
  stopped.addEventListener('abort', () => (ready ? child.kill('SIGTERM') : void child.stop()), { once: true });
  void child.ready.then(() => {
    ready = true;
  });
  await untilReady(child, async () => ready, startMs);
  return child;
}
