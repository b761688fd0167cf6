import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeAsteriskFiles } from '../adapters/asterisk-files.ts';
import { openStore } from '../adapters/sql/store.ts';
import type { Config } from '../config.ts';
import type { StoredLine } from '../core/ports.ts';
import type { Secrets } from '../secrets.ts';

/**
 * The files Asterisk includes must stand before it starts: its phones register even if no service ever comes up. Where the
 * database is away, those of the last start serve; rejects where there are none.
 */
export async function writeGenerated(config: Config, secrets: Secrets, say: (message: string) => void): Promise<void> {
  const lines = await readLines(config).catch((error: Error) => {
    if (!existsSync(join(config.paths.generated, 'pjsip.conf'))) throw error;
    say(`${error.message}. Asterisk starts with the lines of the last start.`);
    return null;
  });
  if (lines !== null) await writeAsteriskFiles(config, secrets, lines, config.paths.sounds);
}

async function readLines(config: Config): Promise<readonly StoredLine[]> {
  const store = await openStore(config);
  try {
    return await store.lines.all();
  } finally {
    await store.close();
  }
}
