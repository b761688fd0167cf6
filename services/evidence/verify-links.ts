import { createHash } from 'node:crypto';
import { accountOf, readCallFile } from '../core/evidence/call-file.ts';
import { type ChainLink, hashOf } from '../core/evidence/chain.ts';
import type { ChainStore, PackStore } from '../core/evidence/stores.ts';
import type { Manifest } from './manifest.ts';

/** Whether the links of a pack hold together, fit its calls, and are those of the site's own chain. */

/** Faults of a pack whose files are all as they were signed: then what was signed did not hold together. */
export async function checkLinks(
  { chain, files }: Manifest,
  textOf: (name: string) => Promise<string | null>,
): Promise<string[]> {
  const faults = chain.links
    .filter((link) => hashOf(link, sha256) !== link.hash)
    .map(({ seq, call }) => `Link ${seq} (call ${call}) in the manifest: its hash does not fit what it says.`);
  const newest = new Map<string, ChainLink>(chain.links.map((link) => [link.call, link]));
  for (const { name } of files.filter((each) => each.name.startsWith('calls/'))) {
    const file = readCallFile((await textOf(name)) ?? '');
    if (typeof file === 'string') {
      faults.push(`${name} was no readable account of a call already when the pack was made.`);
      continue;
    }
    const link = newest.get(file.call);
    const account = accountOf(file);
    if (!link) faults.push(`${name}: the chain has no link for it.`);
    for (const what of ['record', 'journal'] as const) {
      const found = sha256(account[what]);
      if (!link || link[what] === found) continue;
      faults.push(
        `${name}: its ${what} did not fit link ${link.seq} of the chain already when the pack was made: expected SHA-256 ${link[what]}, found ${found}.`,
      );
    }
  }
  return faults;
}

/** What the site's own database says of a pack. */
export interface SiteCheck {
  readonly faults: readonly string[];
  /** Sentences on what was compared. */
  readonly told: readonly string[];
}

/** Compares a pack with the database of the site that made it. */
export async function compareWithSite(
  pack: { readonly sha256: string; readonly manifest: Manifest },
  store: { readonly packs: Pick<PackStore, 'find'>; readonly chain: Pick<ChainStore, 'link'> },
): Promise<SiteCheck> {
  const { chain } = pack.manifest;
  const faults: string[] = [];
  const made = await store.packs.find(pack.sha256);
  if (made === null) {
    faults.push(
      'The database has no pack with this digest: it was made by another site, or its custody was taken away.',
    );
  }
  const own = await Promise.all(chain.links.map(async (link) => [link, await store.chain.link(link.seq)] as const));
  for (const [link, found] of own) {
    if (found?.hash === link.hash) continue;
    faults.push(
      `Link ${link.seq} (call ${link.call}) of the pack is not the one in the database: expected ${link.hash}, found ${found?.hash ?? 'none'}.`,
    );
  }
  const head = chain.head.seq === 0 ? chain.head : await store.chain.link(chain.head.seq);
  if (head?.hash !== chain.head.hash) {
    faults.push(
      `The chain in the database is not the one that this pack was made from: its link ${chain.head.seq} should have the hash ${chain.head.hash}, and has ${head?.hash ?? 'gone'}.`,
    );
  }
  const when = made === null ? [] : [`On record: made ${new Date(made.at).toISOString()} by ${made.by}.`];
  return {
    faults,
    told: [
      ...when,
      `Compared with the database: ${own.length} ${own.length === 1 ? 'link' : 'links'}, and the head of the chain.`,
    ],
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
