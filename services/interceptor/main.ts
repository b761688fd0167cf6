import { ConfigError, readConfig } from '../config.ts';
import { createLog } from '../log.ts';
import { keepPulse, tellReady } from '../parent.ts';
import { drainCalls } from './drain.ts';
import { CallOwnership } from './ownership/own-calls.ts';
import { isDead } from './ownership/who.ts';
import { prepare } from './prepare.ts';
import { listenForStop } from './stop-signal.ts';
import { takeCalls } from './take-calls.ts';

/**
 * How long closing may take, in milliseconds: what it asks of a Redis or an Asterisk that dies meanwhile may never be answered, and
 * whoever starts next waits for this process to let go of the data folder, for ten seconds with the drain (standalone/lock.ts).
 */
const closeMs = 4_000;

/**
 * Answers the calls. It takes the application `clearline` only when it knows the lines and their holds, and only when no other
 * interceptor has it; until then, and whenever it is gone, the dialplan's fallback answers. Tells its parent that it is ready once
 * calls reach it, or would reach it when the other dies, and then that it lives: were it to hang, Asterisk would go on sending it
 * every call.
 */
async function main(): Promise<void> {
  const config = readConfig();
  const stop = listenForStop();
  const log = createLog(config, 'interceptor');
  const onUncaught = (err: unknown) => {
    log.error({ err }, 'stopping after an unexpected error; the dialplan answers calls meanwhile');
    process.exit(1);
  };
  process.on('uncaughtException', onUncaught);
  process.on('unhandledRejection', onUncaught);
  /** Whoever has the calls no more, or cannot hear them, must not seem to answer them: the supervisor starts another. */
  const onLost = (why: string): never => {
    log.error({ why }, 'stopping; another, or the dialplan, answers calls');
    process.exit(1);
  };
  keepPulse();
  let answering = false;
  // One that has no calls has nothing to wait for.
  void stop.asked.then(() => answering || process.exit(0));

  const prepared = await prepare(config, log);
  const ownership = new CallOwnership({
    lease: prepared.lease,
    isTaken: () => prepared.http.isTaken('clearline'),
    isDead,
    clock: Date.now,
    onStandBy() {
      prepared.watch.standBy();
      tellReady();
    },
    exit: onLost,
    log,
  });
  await ownership.ours;
  await prepared.own();
  const taken = await takeCalls(prepared, ownership, onLost);
  answering = true;
  log.info('answering calls');
  tellReady();

  await stop.asked;
  await drainCalls(taken, ownership, stop, config.stop.drainSeconds, log);
  setTimeout(() => {
    log.error('stopping although not all could be closed; what was observed is on the disk or in Redis');
    process.exit(1);
  }, closeMs);
  await ownership.letGo(() => taken.close());
  await prepared.close();
  log.info('stopped');
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof ConfigError ? error.message : error);
    process.exit(error instanceof ConfigError ? 2 : 1);
  },
);
