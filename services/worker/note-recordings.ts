import type { RecordingQueue } from '../adapters/recording-queue.ts';
import type { FinishedCall } from '../core/record.ts';
import type { RecordingBook, RecordingFolder } from '../core/recordings.ts';
import type { FinishedRecordings } from '../facts.ts';
import type { Log } from '../log.ts';

/** After a call is on record: has what was recorded in it noted, once the files are whole. */
export function queueRecordings(
  save: (call: FinishedCall) => Promise<void>,
  recordings: Pick<RecordingQueue, 'put'>,
): (call: FinishedCall) => Promise<void> {
  return async (call) => {
    await save(call);
    const { id, recordings: names } = call.record;
    if (names?.length > 0) await recordings.put({ call: id, names });
  };
}

/**
 * The job "note-recordings": puts size and SHA-256 of each of a call's recordings on record. May be done any number of times; what
 * is noted already stays. A file that is not here is said of once: the worker may be on another machine than Asterisk.
 */
export function noteRecordings(
  folder: RecordingFolder,
  book: RecordingBook,
  now: () => number,
  log: Log,
): (made: FinishedRecordings) => Promise<void> {
  let told = false;
  return async ({ call, names }) => {
    for (const name of names) {
      const digest = await folder.digest(name);
      if (digest !== null) await book.note({ name, call, ...digest, seenAt: now() });
      else if (!told) {
        told = true;
        log.warn(
          { call },
          'a recording is not in the folder of recordings, so that a later change of it would not show',
        );
      }
    }
  };
}
