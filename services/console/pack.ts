import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openRecordingShelf } from '../adapters/recordings.ts';
import type { Answer } from '../adapters/web.ts';
import type { Account } from '../core/accounts.ts';
import { cleanName } from '../core/caller.ts';
import { makePack, PackRefused } from '../evidence/make-pack.ts';
import { ensureSiteKey } from '../evidence/site-key.ts';
import { type ConsoleParts, checkAdmin, Refused } from './parts.ts';

/** Makes an evidence pack and hands it over; no copy stays. */
export async function makePackAnswer(
  { store, config, now }: ConsoleParts,
  incident: string,
  who: Account,
  body: unknown,
): Promise<Answer> {
  checkAdmin(who, 'take evidence away');
  const { why } = (body ?? {}) as { why?: unknown };
  const withoutConsentBecause = typeof why === 'string' ? cleanName(why, 500) || null : null;
  const folder = join(config.paths.data, 'console');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${randomUUID()}.zip`);
  const shelf = openRecordingShelf(config.paths.recordings, store.accessLog);
  const parts = { store, shelf, key: ensureSiteKey(config), site: config.site, version: ownVersion() };
  try {
    await makePack(parts, { incident, by: who.name, at: now(), withoutConsentBecause, file });
    const handle = await open(file);
    const name = `evidence-${incident.replace(/[^A-Za-z0-9.-]/g, '-').slice(0, 100)}.zip`;
    return {
      type: 'application/zip',
      body: handle.createReadStream(),
      headers: { 'content-disposition': `attachment; filename="${name}"` },
    };
  } catch (error) {
    if (error instanceof PackRefused) throw new Refused(422, error.message);
    throw error;
  } finally {
    // What is open can still be read.
    await rm(file, { force: true });
  }
}

function ownVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return String(version);
}
