import { setTimeout as pause } from 'node:timers/promises';
import { openStore, type Store } from './adapters/sql/store.ts';
import type { Config } from './config.ts';
import type { Log } from './log.ts';
import { tellUpgrading } from './parent.ts';

/**
 * Opens the database, however long it takes to come: PostgreSQL may start after us, and calls wait in Redis meanwhile.
 * Null when `signal` says to stop first.
 */
export async function openStoreWhenThere(config: Config, log: Log, signal: AbortSignal): Promise<Store | null> {
  for (let waitMs = 500; !signal.aborted; waitMs = Math.min(waitMs * 2, 30_000)) {
    try {
      return await openStore(config, log, tellUpgrading);
    } catch (err) {
      log.error({ err, againInMs: waitMs }, 'the database cannot be opened; records wait in Redis meanwhile');
    }
    // Rejects only when the signal comes, which the loop sees for itself.
    await pause(waitMs, undefined, { signal }).catch(() => {});
  }
  return null;
}
