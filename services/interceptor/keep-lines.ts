import type { Ami } from '../adapters/ami.ts';
import { reloadableModules, writeAsteriskFiles } from '../adapters/asterisk-files.ts';
import type { Config } from '../config.ts';
import type { LineStore } from '../core/ports.ts';
import type { Log } from '../log.ts';
import type { Secrets } from '../secrets.ts';
import type { LoadedLines } from './line-book.ts';

const lookMs = 2_000;

interface Parts {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly lines: LoadedLines;
  readonly store: LineStore;
  readonly ami: Ami;
  readonly log: Log;
}

/**
 * Loads the lines, and again whenever one changed: into memory for the next call, and into Asterisk's generated files so
 * that phones register. Rejects when they cannot be loaded the first time; a later failure keeps what is loaded. Answers
 * how to stop.
 */
export async function keepLinesLoaded(parts: Parts): Promise<() => void> {
  let loaded = await load(parts);
  let unread = false;
  const timer = setInterval(async () => {
    try {
      if ((await parts.store.revision()) === loaded) return;
      loaded = await load(parts);
      parts.log.info({ revision: loaded }, 'lines changed: loaded anew');
      unread = false;
    } catch (err) {
      if (!unread) parts.log.error({ err }, 'lines cannot be read; going on with those already loaded');
      unread = true;
    }
  }, lookMs);
  return () => clearInterval(timer);
}

async function load({ config, secrets, lines, store, ami, log }: Parts): Promise<number> {
  const revision = await store.revision();
  const all = await store.all();
  lines.replaceBy(all);
  const changed = await writeAsteriskFiles(config, secrets, all, config.paths.sounds);
  if (changed && !(await ami.reload(reloadableModules))) log.error('Asterisk did not load the changed lines');
  return revision;
}
