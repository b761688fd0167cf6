import { writeAsteriskFiles } from '../adapters/asterisk-files.ts';
import { openStore } from '../adapters/sql/store.ts';
import type { Config } from '../config.ts';
import type { Secrets } from '../secrets.ts';

/** The files Asterisk includes must stand before it starts: its phones register even if no service ever comes up. */
export async function writeGenerated(config: Config, secrets: Secrets): Promise<void> {
  const store = await openStore(config);
  try {
    await writeAsteriskFiles(config, secrets, await store.lines.all(), config.paths.sounds);
  } finally {
    await store.close();
  }
}
