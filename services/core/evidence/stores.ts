import type { By } from '../stores.ts';
import type { ChainHead, ChainLink } from './chain.ts';
import type { ChainFault, LinkedAccount } from './check-chain.ts';

/** The chain over the call journal, beside the calls it is about. */
export interface ChainStore {
  head(): Promise<ChainHead>;
  /** What is on record of these calls, text by text, each with the newest link about it; by id. Those without a link are left out. */
  accountsOf(calls: readonly string[]): Promise<ReadonlyMap<string, LinkedAccount>>;
  /** Every link about these calls, in the chain's order. */
  linksOf(calls: readonly string[]): Promise<readonly ChainLink[]>;
  /** The link with this number; null where there is none. */
  link(seq: number): Promise<ChainLink | null>;
  /**
   * Compares the whole chain with what is on record, while calls may be saved. `told` is given the number of links read so
   * far now and then.
   */
  verify(told?: (links: number) => void): Promise<ChainReport>;
}

export interface ChainReport {
  readonly links: number;
  /** Calls on record that were compared. */
  readonly calls: number;
  readonly head: ChainHead;
  /** The first hundred, in the chain's order. */
  readonly faults: readonly ChainFault[];
  /** How many there are in all. */
  readonly faultCount: number;
}

/** An evidence pack that was made: who has it, or had it, is known from here on. */
export interface MadePack {
  /** SHA-256 of the whole file, in hexadecimal. */
  readonly sha256: string;
  readonly incident: string;
  /** UTC milliseconds. */
  readonly at: number;
  readonly by: By;
  /** Bytes. */
  readonly size: number;
  /** Fingerprint of the key that signed it. */
  readonly key: string;
  /** Why it was made although the victim had not agreed; null where the victim had. */
  readonly withoutConsentBecause: string | null;
}

/** Who made which pack when: kept for good. */
export interface PackStore {
  /** Nothing where the same pack is on record already. */
  add(pack: MadePack): Promise<void>;
  /** Oldest first. */
  of(incident: string): Promise<readonly MadePack[]>;
  find(sha256: string): Promise<MadePack | null>;
}
