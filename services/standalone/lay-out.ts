import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readConfig } from '../config.ts';
import { ensureSecrets } from '../secrets.ts';
import { dialplanFolder, layOutAsterisk } from './asterisk-folders.ts';
import { writeGenerated } from './generated.ts';

/**
 * Lays out the data folder for an Asterisk that something else starts, such as a container: the links to the templates,
 * asterisk.conf, the generated files, and Redis's folder. Prints the path of asterisk.conf. May be run again at any time.
 */
async function layOut(): Promise<void> {
  const config = readConfig();
  await writeGenerated(config, ensureSecrets(config), (message) => console.error(message));
  await mkdir(dirname(config.paths.redisSocket), { recursive: true, mode: 0o700 });
  console.log(
    await layOutAsterisk(config, { command: 'asterisk', prefix: [], modules: null, share: null }, dialplanFolder),
  );
}

try {
  await layOut();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
