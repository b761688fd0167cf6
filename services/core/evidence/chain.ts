/**
 * The chain over the call journal: one link for each account of a call that was put on record, and one for each call that was
 * removed. A link holds digests of what was stored and the hash of the link before it, so that nothing on record can be
 * changed, taken out or put in between without a link that no longer fits.
 */

/** SHA-256 of a text's UTF-8 bytes, as 64 lower-case hexadecimal digits. The core has no hash of its own: it is handed in. */
export type Sha256 = (text: string) => string;

/** What a link says. Texts are as the database has them; digests are null in a removal, `by` and `why` in a call. */
interface LinkFacts {
  /** 1 for the first. */
  readonly seq: number;
  /** UTC milliseconds when it was put on record. */
  readonly at: number;
  readonly kind: 'call' | 'removal';
  readonly call: string;
  readonly revision: number;
  /** Digest of the record's text exactly as it is stored. */
  readonly record: string | null;
  /** The same of the journal's. */
  readonly journal: string | null;
  readonly by: string | null;
  readonly why: string | null;
}

export interface ChainLink extends LinkFacts {
  /** Hash of the link before; zeros in the first. */
  readonly previous: string;
  readonly hash: string;
}

/** The newest link. Whoever keeps a copy of it elsewhere pins everything up to it. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}

/** What the first link follows. */
const noLink = '0'.repeat(64);
export const emptyChain: ChainHead = { seq: 0, hash: noLink };

/** A call's account as it is put on record. */
export interface StoredAccount {
  readonly call: string;
  readonly revision: number;
  readonly record: string;
  readonly journal: string;
}

/** The link for an account of a call. */
export function linkCall(head: ChainHead, account: StoredAccount, at: number, sha256: Sha256): ChainLink {
  const { call, revision, record, journal } = account;
  const digests = { record: sha256(record), journal: sha256(journal) };
  return close(head, { seq: head.seq + 1, at, kind: 'call', call, revision, ...digests, by: null, why: null }, sha256);
}

/** The link that says a call was taken off record, by whom and why. */
export function linkRemoval(
  head: ChainHead,
  removal: { readonly call: string; readonly by: string; readonly why: string },
  at: number,
  sha256: Sha256,
): ChainLink {
  const nothing = { revision: 0, record: null, journal: null };
  return close(head, { seq: head.seq + 1, at, kind: 'removal', ...nothing, ...removal }, sha256);
}

/** The hash a link ought to have: over one line of JSON with everything it says, in this order for good. */
export function hashOf(link: Omit<ChainLink, 'hash'>, sha256: Sha256): string {
  const { seq, at, kind, call, revision, record, journal, by, why, previous } = link;
  return sha256(
    JSON.stringify(['clearline-chain-1', seq, at, kind, call, revision, record, journal, by, why, previous]),
  );
}

function close(head: ChainHead, facts: LinkFacts, sha256: Sha256): ChainLink {
  const link = { ...facts, previous: head.hash };
  return { ...link, hash: hashOf(link, sha256) };
}
