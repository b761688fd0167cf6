import type { Ami } from '../../adapters/ami.ts';
import { reloadableModules, writeAsteriskFiles } from '../../adapters/asterisk-files.ts';
import type { Config } from '../../config.ts';
import type { LineStore } from '../../core/ports.ts';
import type { Log } from '../../log.ts';
import type { Secrets } from '../../secrets.ts';
import type { LoadedLines } from './line-book.ts';

const lookMs = 2_000;

interface Parts {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly lines: LoadedLines;
  readonly store: LineStore;
  readonly ami: Pick<Ami, 'reload'>;
  readonly log: Log;
  /** Told after every look at SQL whether it answered. */
  readonly onLook?: (answered: boolean) => void;
}

export interface KeptLines {
  /** From now on Asterisk's generated files are this process's to write. Resolves when they are written; rejects as the first load. */
  own(): Promise<void>;
  stop(): void;
}

/**
 * Loads the lines into memory for the next call, and again whenever one changed; and once they are its own to write, into
 * Asterisk's generated files so that phones register. Rejects when they cannot be loaded the first time; a later failure keeps
 * what is loaded.
 */
export async function keepLinesLoaded(parts: Parts): Promise<KeptLines> {
  let write = false;
  let loaded = await load(parts, { write, again: false });
  let unread = false;
  let looking = false;
  const look = async () => {
    const revision = await parts.store.revision();
    if (revision === loaded.revision && loaded.taken) return;
    loaded = await load(parts, { write, again: !loaded.taken });
    if (loaded.taken) parts.log.info({ revision: loaded.revision }, 'lines changed: loaded anew');
    unread = false;
  };
  const timer = setInterval(async () => {
    if (looking) return;
    looking = true;
    try {
      await look();
      parts.onLook?.(true);
    } catch (err) {
      parts.onLook?.(false);
      if (!unread) parts.log.error({ err }, 'lines cannot be read; going on with those already loaded');
      unread = true;
    }
    looking = false;
  }, lookMs);
  return {
    async own() {
      write = true;
      loaded = await load(parts, { write, again: false });
    },
    stop: () => clearInterval(timer),
  };
}

interface Loaded {
  readonly revision: number;
  /** Whether Asterisk has read what was written for it, if anything. */
  readonly taken: boolean;
}

interface How {
  /** Asterisk's generated files as well. */
  readonly write: boolean;
  /** Asterisk has not read what was written the last time. */
  readonly again: boolean;
}

async function load({ config, secrets, lines, store, ami, log }: Parts, { write, again }: How): Promise<Loaded> {
  const revision = await store.revision();
  const all = await store.all();
  lines.replaceBy(all);
  if (!write) return { revision, taken: true };
  const changed = await writeAsteriskFiles(config, secrets, all, config.paths.sounds);
  const taken = !(changed || again) || (await ami.reload(reloadableModules));
  if (!taken && !again) log.error('Asterisk did not load the changed lines; asking it again until it does');
  return { revision, taken };
}
