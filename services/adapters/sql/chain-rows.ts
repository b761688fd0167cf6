import { createHash } from 'node:crypto';
import type { ChainLink } from '../../core/evidence/chain.ts';
import type { JournalChainTable } from './schema.ts';

/** Links as their rows have them, texts untouched: they are what was hashed. */

export function toLink(row: JournalChainTable): ChainLink {
  const { seq, at, kind, call_id, revision, record_sha256, journal_sha256, by_whom, why, previous, hash } = row;
  const digests = { record: record_sha256, journal: journal_sha256 };
  return { seq, at, kind, call: call_id, revision, ...digests, by: by_whom, why, previous, hash };
}

export function toRow(link: ChainLink): JournalChainTable {
  const { seq, at, kind, call, revision, record, journal, by, why, previous, hash } = link;
  const digests = { record_sha256: record, journal_sha256: journal };
  return { seq, at, kind, call_id: call, revision, ...digests, by_whom: by, why, previous, hash };
}

/** SHA-256 of the text's UTF-8 bytes, in hexadecimal. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
