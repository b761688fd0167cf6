import { readConfig } from '../config.ts';
import { maskSentence } from '../log.ts';
import { isServiceName, startService } from './service.ts';
import { type Supervised, supervise } from './supervise.ts';

/** How long a service may take to end beside the calls that it waits for, in milliseconds. */
const stopMs = 10_000;

/**
 * Keeps one service running where something else starts the programs, such as a container: started again when it dies, killed
 * when it hangs. `node services/standalone/keep.ts interceptor`. Ends on SIGTERM and SIGINT; a first start that fails ends it too.
 */
async function main(name = ''): Promise<void> {
  if (!isServiceName(name)) throw new Error(`No service ${name || 'was named'}: interceptor, worker or console.`);
  const asked = Promise.withResolvers<void>();
  let service: Supervised | null = null;
  let askedBefore = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // Asked a second time, it is for the service to hear: it waits for calls no more.
      if (askedBefore) service?.kill('SIGTERM');
      askedBefore = true;
      asked.resolve();
    });
  }
  const config = readConfig();
  const say = (message: string) => console.log(maskSentence(config, message));
  const start = (stopped: AbortSignal) => startService(name, process.env, { onLine: say }, stopped);
  service = await supervise(name, start, say);
  await asked.promise;
  await service.stop(config.stop.drainSeconds * 1000 + stopMs);
}

try {
  await main(process.argv[2]);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
