import { constants, setPriority } from 'node:os';
import { ConfigError, readConfig } from '../config.ts';
import { createLog } from '../log.ts';
import { openStoreWhenThere } from '../open-store.ts';
import { keepPulse, onOrphaned, tellReady } from '../parent.ts';
import { openConsole } from './server.ts';

/**
 * Serves staff's browsers and programs, from the database alone. Tells its parent when it does, and that it lives. SIGTERM, SIGINT or
 * the parent's death end it at once: whatever it had in hand was saved, or was not, and says so.
 */
async function main(): Promise<void> {
  const config = readConfig();
  // On a busy machine calls come first.
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  onOrphaned(() => stop.abort());
  const log = createLog(config, 'console');
  keepPulse();

  const store = await openStoreWhenThere(config, log, stop.signal);
  if (!store) return;
  const web = await openConsole({ store, config, now: Date.now, wrongMs: 1000 }, log);
  const { host, port } = config.console;
  await web.listen(host, port).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    throw new Error(
      `console.port: port ${port} on ${host} is taken by another program. Stop it, or set another console.port.`,
    );
  });
  log.info({ host, port }, 'the console is open');
  tellReady();

  if (!stop.signal.aborted)
    await new Promise((resolve) => stop.signal.addEventListener('abort', resolve, { once: true }));
  await web.close();
  await store.close();
  log.info('stopped');
}

main().then(
  // An open channel to the parent would keep the process alive.
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(error instanceof ConfigError ? 2 : 1);
  },
);
