import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, parseConfig } from '../../services/config.ts';

export interface TemporaryConfig {
  readonly config: Config;
  /** Where it is written, for a process started with CLEARLINE_CONFIG. */
  readonly file: string;
  /** Removes it with all its data. */
  remove(): void;
}

/** A configuration whose data lies in a temporary folder of its own. `source` is YAML, without `data`. */
export function temporaryConfig(source = ''): TemporaryConfig {
  const folder = mkdtempSync(join(tmpdir(), 'clearline-test-'));
  const file = join(folder, 'clearline.yaml');
  writeFileSync(file, source);
  return { config: parseConfig(source, file), file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
