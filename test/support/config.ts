import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, parseConfig } from '../../services/config.ts';

/** A configuration whose data lies in a temporary folder of its own. `source` is YAML, without `data`. */
export function temporaryConfig(source = ''): { readonly config: Config; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'clearline-test-'));
  return {
    config: parseConfig(source, join(folder, 'clearline.yaml')),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
