import type { LineEvidence } from '../core/clearance.ts';
import type { InboundRules } from '../core/inbound.ts';
import type { Witness } from '../core/line-look.ts';
import type { NumberRules } from '../core/number.ts';
import type { OutboundRules } from '../core/outbound.ts';
import type { AlertQueue, CallBackQueue, CallKeeper, FactQueue, LineBook, Telephony } from '../core/ports.ts';
import type { Log } from '../log.ts';
import type { ArrivalRules } from './exchange/arrival.ts';
import type { Listening } from './exchange/listen.ts';
import type { HoldBook } from './line/hold-book.ts';
import type { TollBook } from './line/toll-book.ts';

/** A trunk as the guard needs to know it. */
export interface GuardedTrunk {
  readonly name: string;
  /** How its far end shows that it is gone; see clearline.yaml. */
  readonly clearing: 'proven' | 'timed';
  readonly clearingSeconds: number;
}

type ReleaseState = LineEvidence['releases'][number]['state'];

/** All that running calls needs of the world. */
export interface RunnerOptions {
  readonly telephony: Telephony;
  readonly witnesses: { readonly ari: Witness; readonly ami: Witness };
  readonly lines: LineBook;
  readonly holds: HoldBook;
  /**
   * Takes over into `holds` what AstDB says now; false when it does not answer. Needed where a trunk is timed: only AstDB knows
   * of callers whom the dialplan had, or an interceptor before this one.
   */
  readonly readHolds?: () => Promise<boolean>;
  readonly facts: FactQueue;
  /** Where calls are kept for whoever may have to take them up; without it none is. */
  readonly keeper?: CallKeeper;
  readonly tolls: Pick<TollBook, 'lastHour'>;
  readonly alerts: AlertQueue;
  readonly callBacks: CallBackQueue & { drop(line: string, number: string): void };
  readonly rules: { readonly inbound: InboundRules; readonly outgoing: OutboundRules };
  readonly numbers: NumberRules;
  readonly arrivals: ArrivalRules;
  /** In the site's order. */
  readonly trunks: readonly GuardedTrunk[];
  readonly staffEndpoint: string | null;
  /** Watches, on behalf of a call, what a channel sends; `CallRunner.hearTone` is told of a dial tone in it. */
  readonly listening: Pick<Listening, 'listen' | 'stop'>;
  /** How the carrier answered our goodbye to a channel. */
  readonly releaseOf: (channel: string) => ReleaseState;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly log: Log;
}
