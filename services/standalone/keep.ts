import { readConfig } from '../config.ts';
import { maskSentence } from '../log.ts';
import { isServiceName, startService } from './service.ts';
import { supervise } from './supervise.ts';

/**
 * Keeps one service running where something else starts the programs, such as a container: started again when it dies, killed
 * when it hangs. `node services/standalone/keep.ts interceptor`. Ends on SIGTERM and SIGINT; a first start that fails ends it too.
 */
async function main(name = ''): Promise<void> {
  if (!isServiceName(name)) throw new Error(`No service ${name || 'was named'}: interceptor or worker.`);
  const asked = Promise.withResolvers<void>();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => asked.resolve());
  const config = readConfig();
  const say = (message: string) => console.log(maskSentence(config, message));
  const start = (stopped: AbortSignal) => startService(name, process.env, { onLine: say }, stopped);
  const service = await supervise(name, start, say);
  await asked.promise;
  await service.stop();
}

try {
  await main(process.argv[2]);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
