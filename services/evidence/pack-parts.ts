import manifest from '../../package.json' with { type: 'json' };
import { openRecordingShelf } from '../adapters/recordings.ts';
import type { Store } from '../adapters/sql/store.ts';
import type { Config } from '../config.ts';
import type { PackParts } from './make-pack.ts';
import { ensureSiteKey } from './site-key.ts';

/** What a pack is made with, at this site. Makes the site's key where there is none yet; throws where that cannot be read. */
export function packParts(store: Store, config: Config): PackParts {
  const shelf = openRecordingShelf(config.paths.recordings, store.accessLog);
  return { store, shelf, key: ensureSiteKey(config), site: config.site, version: manifest.version };
}
