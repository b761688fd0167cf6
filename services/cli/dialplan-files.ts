import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config.ts';

/** The dialplan's files where `check` finds them. */

const templates = fileURLToPath(new URL('../../dialplan', import.meta.url));

/** Templates, what Clearline generates, and the site's own additions, under the names by which they include one another. */
export function readTemplates(config: Config, generated: ReadonlyMap<string, string>): Map<string, string> {
  const files = new Map(confFiles(templates).map((name) => [name, readFileSync(join(templates, name), 'utf8')]));
  for (const [name, text] of generated) files.set(`generated/${name}`, text);
  const site = join(config.paths.asterisk, 'etc/site');
  for (const name of confFiles(site)) files.set(`site/${name}`, readFileSync(join(site, name), 'utf8'));
  return files;
}

function confFiles(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.conf')) : [];
}

/** The prompts in a folder, with their endings; none where there is no such folder. */
export function soundNames(folder: string): Set<string> {
  return new Set(existsSync(folder) ? readdirSync(folder).filter((name) => /\.wav(16)?$/.test(name)) : []);
}

/** Holds what lies in the generated folder against what configuration and lines call for. */
export function generatedFaults(config: Config, expected: ReadonlyMap<string, string>): string[] {
  const folder = config.paths.generated;
  return [...expected].flatMap(([name, text]) => {
    const file = join(folder, name);
    if (!existsSync(file)) return [`${file}: not there. Clearline writes it when it starts: npm start`];
    const faults: string[] = [];
    if (readFileSync(file, 'utf8') !== text) {
      faults.push(
        `${file}: is not what configuration and lines call for. Clearline, while it runs, corrects it within seconds; ` +
          'settings need a restart, and changes of your own belong into the site folder.',
      );
    }
    if ((statSync(file).mode & 0o077) !== 0) {
      faults.push(`${file}: others may read it, and it holds passwords. Correct it: chmod 600 ${file}`);
    }
    return faults;
  });
}
