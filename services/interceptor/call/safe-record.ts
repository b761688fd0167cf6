import type { FactQueue } from '../../core/ports.ts';
import type { FinishedCall } from '../../core/record.ts';
import type { Log } from '../../log.ts';

/** How often the record of a call is offered again, once a second, before it is given up: calls in hand must not fill the memory. */
const tries = 600;

/** Puts a record where it is safe, however long that takes; `done` is called when it is, or when nothing ever took it. */
export function makeSafe(
  finished: FinishedCall,
  facts: FactQueue,
  log: Pick<Log, 'error'>,
  done: () => void,
  triesLeft = tries,
): void {
  const call = finished.record.id;
  facts.put(finished).then(done, (err: unknown) => {
    if (triesLeft === 0) {
      log.error({ err, call, record: finished.record }, 'THE RECORD OF A CALL IS LOST: nothing took it');
      return done();
    }
    log.error({ err, call }, 'neither queue, disk nor memory takes the record of a call; trying again');
    setTimeout(() => makeSafe(finished, facts, log, done, triesLeft - 1), 1_000);
  });
}
