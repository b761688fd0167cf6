import { z } from 'zod';
import type { Sha256 } from '../core/evidence/chain.ts';

/** What manifest.json of an evidence pack says: every other file with its digest, and where its calls stand in the chain. */

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);

const link = z.strictObject({
  seq: count,
  at: z.number(),
  kind: z.enum(['call', 'removal']),
  call: z.string(),
  revision: z.int(),
  record: digest.nullable(),
  journal: digest.nullable(),
  by: z.string().nullable(),
  why: z.string().nullable(),
  previous: digest,
  hash: digest,
});

export const manifest = z.strictObject({
  format: z.literal('clearline-evidence-1'),
  incident: z.string(),
  site: z.strictObject({ name: z.string(), area: z.string() }),
  /** ISO 8601, UTC. */
  madeAt: z.string(),
  madeBy: z.string(),
  software: z.string(),
  consent: z.strictObject({ agreed: z.boolean().nullable(), withoutConsentBecause: z.string().nullable() }),
  key: z.strictObject({ algorithm: z.literal('Ed25519'), publicKey: z.string(), fingerprint: digest }),
  chain: z.strictObject({ head: z.strictObject({ seq: count, hash: digest }), links: z.array(link) }),
  /** In the order in which they stand in the pack. */
  files: z.array(z.strictObject({ name: z.string(), size: count, sha256: digest })),
  /** What did not fit its digest already when the pack was made. */
  alarms: z.array(z.string()),
  missing: z.array(z.strictObject({ name: z.string(), why: z.string() })),
});
export type Manifest = z.output<typeof manifest>;

export const manifestName = 'manifest.json';
export const signatureName = 'manifest.sig';
/** More than the manifest of any pack has, and little enough to be read whole. */
export const mostManifestBytes = 64 * 1024 * 1024;

export function writeManifest(made: Manifest): string {
  return `${JSON.stringify(made, null, 1)}\n`;
}

/** The manifest, or what is wrong with it. */
export function readManifest(text: string): Manifest | { readonly wrong: string } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { wrong: 'it is no JSON' };
  }
  const read = manifest.safeParse(parsed);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  return { wrong: `${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'not as expected'}` };
}

/** The name in the pack of the file about this call or recording: its id where that is plain, else with `_` and four digits. */
export function fileName(folder: 'calls' | 'recordings', id: string): string {
  const plain = id.replace(/[^A-Za-z0-9.-]|^\./g, (found) => `_${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `${folder}/${plain}.${folder === 'calls' ? 'json' : 'wav'}`;
}

/** The name of a call's file must not be too long for a file system: then it is a digest of the id. */
export function callFileName(call: string, sha256: Sha256): string {
  const name = fileName('calls', call);
  return name.length > 120 ? `calls/${sha256(call)}.json` : name;
}
