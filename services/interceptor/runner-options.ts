import type { InboundRules } from '../core/inbound.ts';
import type { FactQueue, LineBook, Reply, Telephony } from '../core/ports.ts';
import type { Log } from '../log.ts';
import type { ArrivalRules } from './arrival.ts';
import type { HoldBook } from './hold-book.ts';

/** How a trunk shows that a far end is gone; see LineEvidence. */
export interface TrunkClearing {
  readonly clearing: 'proven' | 'timed';
  readonly clearingSeconds: number;
}

/** Asks one witness for a fresh list of every channel's id; null when it does not answer within a second. */
export type Witness = () => Promise<readonly string[] | null>;

/** All that running calls needs of the world. */
export interface RunnerOptions {
  readonly telephony: Telephony;
  /** Sends a caller on to the dialplan's fallback, which takes over the call. */
  readonly giveBack: (channel: string) => Promise<Reply>;
  readonly witnesses: { readonly ari: Witness; readonly ami: Witness };
  readonly lines: LineBook;
  readonly holds: HoldBook;
  readonly facts: FactQueue;
  readonly rules: InboundRules;
  readonly arrivals: ArrivalRules;
  readonly clearingOf: (trunk: string) => TrunkClearing;
  /** Dial string for a guarded number, over a trunk other than the one named where there is one; null without trunks. */
  readonly routeAvoiding: (number: string, trunk: string) => string | null;
  readonly staffEndpoint: string | null;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly log: Log;
}
