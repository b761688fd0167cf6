import type { Later } from '../adapters/bullmq.ts';
import type { CallStore } from '../core/ports.ts';
import { lastNight, mayBeWrong } from '../core/retention/nights.ts';
import type { RetentionRun } from '../core/retention/stores.ts';
import type { Log } from '../log.ts';
import { enforce, type RetentionParts } from '../retention.ts';

/** How long one go lasts, in milliseconds: a worker that is to stop waits no longer than that for it. */
const goMs = 2000;
/** When it is tried again while another worker has the turn. */
const busyMs = 2000;

/** What the nightly run needs beside what every run does. */
export interface NightlyParts extends RetentionParts {
  readonly calls: Pick<CallStore, 'list'>;
}

export interface Nightly {
  /** `HH:MM` in the IANA zone `zone`. */
  readonly at: string;
  readonly zone: string;
}

/**
 * The job "enforce-retention": works on the last night's run, and says when it is to be asked again until that is done. May be
 * done any number of times for the same night.
 */
export function enforceRetention(
  parts: NightlyParts,
  { at, zone }: Nightly,
  log: Log,
): () => Promise<Later<object> | null> {
  return async () => {
    const { id } = lastNight(parts.now(), at, zone);
    if (mayBeWrong(parts.now(), await newestOnRecord(parts))) {
      log.error(
        { run: id },
        'nothing is on record of the last month: if the clock is right, run: clearline retention run',
      );
      return null;
    }
    const progress = await enforce(parts, { id, by: 'clearline' }, goMs);
    if (progress.state === 'busy') return { value: {}, inMs: busyMs };
    if (progress.state === 'more') return { value: {}, inMs: 1 };
    tell(progress.run, log);
    return null;
  };
}

/**
 * The night to catch up with, where no worker was there when it came; null where none was missed. A site that never had a run
 * waits for its first night, so that whoever set a period wrongly has until then to see it.
 */
export async function missedNight(
  { store, now }: Pick<RetentionParts, 'store' | 'now'>,
  { at, zone }: Nightly,
): Promise<string | null> {
  const night = lastNight(now(), at, zone);
  const [newest] = await store.runs(1);
  if (newest === undefined) return null;
  const found = await store.find(night.id);
  return found === null || found.finishedAt === null ? night.id : null;
}

async function newestOnRecord({ calls, store }: NightlyParts): Promise<readonly number[]> {
  const [[call], [run]] = await Promise.all([calls.list({ limit: 1 }), store.runs(1)]);
  return [...(call ? [call.arrivedAt] : []), ...(run ? [run.startedAt] : [])];
}

function tell({ id, counts, fault }: RetentionRun, log: Log): void {
  const removed = Object.fromEntries(
    counts.filter((count) => count.removed > 0).map((count) => [count.kind, count.removed]),
  );
  log.info({ run: id, removed }, 'what was past its period is removed');
  const failed = counts.reduce((sum, count) => sum + count.failed, 0);
  if (fault !== null || failed > 0) log.error({ run: id, fault, failed }, 'some recordings could not be removed');
}
