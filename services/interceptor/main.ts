import { ConfigError, readConfig } from '../config.ts';
import { createLog } from '../log.ts';
import { keepPulse, tellReady } from '../parent.ts';
import { prepare } from './prepare.ts';
import { takeCalls } from './take-calls.ts';

/**
 * Answers the calls. It takes the application `clearline` only when it knows the lines and their holds; until then, and
 * whenever it is gone, the dialplan's fallback answers. Tells its parent that it is ready once calls reach it, and then
 * that it lives: were it to hang, Asterisk would go on sending it every call.
 */

/** How long the calls in hand may take to end after SIGTERM, in milliseconds, before they are left to Asterisk. */
const drainMs = 5_000;

async function main(): Promise<void> {
  const config = readConfig();
  const log = createLog(config, 'interceptor');
  const onUncaught = (err: unknown) => {
    log.error({ err }, 'stopping after an unexpected error; the dialplan answers calls meanwhile');
    process.exit(1);
  };
  process.on('uncaughtException', onUncaught);
  process.on('unhandledRejection', onUncaught);
  /** Whoever can no longer hear the calls must not seem to answer them: the supervisor starts another. */
  const onDeaf = (why: string): never => {
    log.error({ why }, 'stopping; the dialplan answers calls meanwhile');
    process.exit(1);
  };
  keepPulse();

  const prepared = await prepare(config, log);
  const taken = await takeCalls(prepared, { token: () => null, onDeaf });
  log.info('answering calls');
  tellReady();

  await stopSignal();
  taken.hurry();
  const deadline = Date.now() + drainMs;
  while (taken.inHand() > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
  await taken.close();
  await prepared.close();
  log.info('stopped');
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
    // Whoever started us is gone, so nobody would ever stop us.
    process.once('disconnect', () => resolve());
  });
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof ConfigError ? error.message : error);
    process.exit(error instanceof ConfigError ? 2 : 1);
  },
);
