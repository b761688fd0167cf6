import { type ChainHead, type ChainLink, emptyChain, hashOf, type Sha256, type StoredAccount } from './chain.ts';

/** Compares the chain with what is on record. Link by link, so that a million of them take no more room than one. */

/** A place where chain and record do not agree. Digests are null where there is nothing to compare. */
export interface ChainFault {
  /** Number of the link; null where a call has none. */
  readonly link: number | null;
  readonly call: string | null;
  readonly what: 'link' | 'record' | 'journal' | 'revision' | 'row' | 'head';
  /** A sentence for a person, with link and call. */
  readonly why: string;
  readonly expected: string | null;
  readonly found: string | null;
}

/** A link, and what is on record of its call where this is the newest link of it. */
export interface LinkedAccount {
  readonly link: ChainLink;
  /** No later link is about the same call: `stored` has to be what this link says. */
  readonly newest: boolean;
  /** Null where the call is not on record. */
  readonly stored: (Omit<StoredAccount, 'revision'> & { readonly revision: number | null }) | null;
}

/** As far as the chain was read: the newest link, and the hash it ought to have where that is another. */
export interface ReadSoFar extends ChainHead {
  readonly right: string;
}

/** Before the first link. */
export const nothingRead: ReadSoFar = { ...emptyChain, right: emptyChain.hash };

/** What is wrong with the link that ought to come next, and with what is on record of its call. */
export function checkLink(
  before: ReadSoFar,
  next: LinkedAccount,
  sha256: Sha256,
): { readonly read: ReadSoFar; readonly faults: readonly ChainFault[] } {
  const { link } = next;
  const right = hashOf(link, sha256);
  const faults = [...linkFaults(before, link, right), ...(next.newest ? rowFaults(next, sha256) : [])];
  return { read: { seq: link.seq, hash: link.hash, right }, faults };
}

function linkFaults(before: ReadSoFar, link: ChainLink, right: string): ChainFault[] {
  const { seq, call, previous, hash } = link;
  const faults: ChainFault[] = [];
  const gap = seq - before.seq - 1;
  if (gap > 0) {
    const which = gap === 1 ? `Link ${seq - 1} is` : `Links ${before.seq + 1} to ${seq - 1} are`;
    faults.push(fault('row', before.seq + 1, null, `${which} missing from the chain.`));
  }
  if (hash !== right) {
    const why = `Link ${seq} (call ${call}) was changed: its hash does not fit what it says.`;
    faults.push(fault('link', seq, call, why, right, hash));
  } else if (gap === 0 && previous !== before.hash && previous !== before.right) {
    // Where only the hash of the link before was changed, this one still names the right one, and is in order.
    const why = `Link ${seq} (call ${call}) does not follow link ${before.seq}: one of them was replaced.`;
    faults.push(fault('link', seq, call, why, before.hash, previous));
  }
  return faults;
}

/** What is wrong with what is on record of a call, by the newest link about it. */
export function rowFaults({ link, stored }: LinkedAccount, sha256: Sha256): readonly ChainFault[] {
  const { seq, call } = link;
  if (link.kind === 'removal') {
    if (stored === null) return [];
    return [fault('row', seq, call, `Call ${call} was removed by link ${seq}, and yet it is on record.`)];
  }
  if (stored === null) {
    return [fault('row', seq, call, `Call ${call} of link ${seq} is not on record, and no link says it was removed.`)];
  }
  const faults: ChainFault[] = [];
  for (const what of ['record', 'journal'] as const) {
    const found = sha256(stored[what]);
    if (found === link[what]) continue;
    faults.push(
      fault(what, seq, call, `The ${what} of call ${call} is not the one of link ${seq}.`, link[what], found),
    );
  }
  if (stored.revision !== link.revision) {
    const why = `Call ${call} is on record with another revision than link ${seq} has.`;
    faults.push(fault('revision', seq, call, why, String(link.revision), String(stored.revision)));
  }
  return faults;
}

/** What is wrong when the chain that was read ends at `last`, and the head kept beside it is `kept`. */
export function checkEnd(last: ChainHead, kept: ChainHead | null): readonly ChainFault[] {
  if (kept === null) return [fault('head', null, null, 'The head of the chain, which is kept beside it, is missing.')];
  if (kept.seq === last.seq && kept.hash === last.hash) return [];
  const why =
    last.seq < kept.seq
      ? `The chain ends at link ${last.seq}, but its head says that there are ${kept.seq}: the end was cut off.`
      : `The chain’s last link is ${last.seq}, but the head kept beside it says ${kept.seq}, or has another hash.`;
  return [fault('head', last.seq + 1, null, why, kept.hash, last.hash)];
}

/** A call on record that no link is about. */
export function unlinkedFault(call: string): ChainFault {
  return fault('row', null, call, `Call ${call} is on record, but no link of the chain is about it.`);
}

function fault(
  what: ChainFault['what'],
  link: number | null,
  call: string | null,
  why: string,
  expected: string | null = null,
  found: string | null = null,
): ChainFault {
  return { link, call, what, why, expected, found };
}
