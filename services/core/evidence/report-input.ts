import type { Incident } from '../incident/incident.ts';
import type { FinishedCall } from '../record.ts';
import type { Style } from '../tell.ts';
import type { ChainHead, ChainLink } from './chain.ts';
import type { MadePack } from './stores.ts';

/** What the report of an evidence pack is written from. */

/** A call of the pack, as far as it is on record. */
export interface ReportedCall {
  /** Name of its file in the pack. */
  readonly file: string;
  readonly call: FinishedCall;
  /** Not of the incident itself: a guarded or emergency call from the same line about that time. */
  readonly beside: boolean;
}

export interface PackedFile {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
}

/** Something that ought to be in the pack and is not, and why. */
export interface MissingFile {
  readonly name: string;
  readonly why: string;
}

export interface Report {
  readonly incident: Incident;
  readonly site: { readonly name: string; readonly area: string };
  readonly calls: readonly ReportedCall[];
  /** In words, `null` where the incident belongs to none. */
  readonly campaign: string | null;
  /** Every file but the report, the manifest and what explains them. */
  readonly files: readonly PackedFile[];
  readonly missing: readonly MissingFile[];
  readonly chain: {
    readonly head: ChainHead;
    readonly links: readonly ChainLink[];
  };
  /** Where what is on record does not fit its digests, in sentences: the chain’s, or that of a recording. */
  readonly alarms: readonly string[];
  /** Packs of the same incident that were made before. */
  readonly former: readonly MadePack[];
  readonly made: {
    readonly at: number;
    readonly by: string;
    readonly version: string;
    /** Fingerprint of the key that signs the pack. */
    readonly key: string;
    readonly withoutConsentBecause: string | null;
  };
  readonly style: Style & { readonly timeZone: string };
}
