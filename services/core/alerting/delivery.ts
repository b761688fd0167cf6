import type { AlertKind } from '../call.ts';
import type { RaisedAlert } from '../ports.ts';

/** An alert on its way to somebody: what it is called, how it stands, and what must be kept of it. Times are UTC milliseconds. */

export const channels = ['email', 'webhook', 'push'] as const;
export type Channel = (typeof channels)[number];

/** Somebody who is told of alerts, as the settings name them. */
export interface Recipient {
  readonly name: string;
  readonly channel: Channel;
  /** A mail address, or the URL that is posted to (with its topic). */
  readonly to: string;
  /** Absent: every kind; of a recipient with `lines`, what concerns the resident. */
  readonly kinds?: readonly AlertKind[] | undefined;
  /** Only alerts of these lines. Empty: of all, and of none. */
  readonly lines: readonly string[];
  /** Only alerts of these areas. Empty: of all. */
  readonly areas: readonly string[];
  /** Kinds that wait neither for quiet hours to end nor for the limits. */
  readonly atOnce: readonly AlertKind[];
  /** At least so long between two messages. */
  readonly gapSeconds: number;
  readonly perHour: number;
  readonly quietHours?: QuietHours | undefined;
}

/** By the clock on the wall: `22:00` until `07:00`. */
export interface QuietHours {
  readonly from: string;
  readonly until: string;
}

/**
 * - `queued`: to be sent when it is due; `sending`: a worker is at it;
 * - `handed-over`: all of it is with the receiver but the last byte, which goes next; what follows is the receiver's answer;
 * - `sent`: the receiver has taken it;
 * - `unconfirmed`: whoever sent it ended after handing it over, without an answer: it may or may not have arrived;
 * - `failed`: refused for good, or tried in vain too often: a dead letter;
 * - `merged`: told in a message with others, the `digest`.
 */
export const deliveryStates = ['queued', 'sending', 'handed-over', 'sent', 'unconfirmed', 'failed', 'merged'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** One message to one recipient: of one alert, or of several that waited together. */
export interface Delivery {
  /** Of the alert and the recipient, or of the digest and when it is due: planned again, it is the same. */
  readonly id: string;
  /** Null: a digest. */
  readonly alert: string | null;
  readonly recipient: string;
  readonly channel: Channel;
  readonly state: DeliveryState;
  /** The digest that tells of it. */
  readonly digest: string | null;
  readonly plannedAt: number;
  /** When it is to be sent, or tried again. */
  readonly due: number;
  readonly attempts: number;
  /** When the receiver took it. */
  readonly sentAt: number | null;
  /** Why the last attempt came to nothing, in a sentence. */
  readonly fault: string | null;
}

/** When somebody is to hear of an alert. */
export interface Plan {
  readonly recipient: string;
  readonly channel: Channel;
  /** Null: at once. Otherwise then, together with what else waits until then. */
  readonly at: number | null;
}

/** When the messages to each recipient were planned for, of the last hour or of later; a digest that more may join is not among them. */
export type Recent = ReadonlyMap<string, readonly number[]>;

/** A worker's claim to a delivery: nobody else sends it until the claim ends. */
export interface Claim {
  readonly token: string;
  readonly until: number;
}

/** What became of an attempt. */
export type Settled =
  | { readonly state: 'sent'; readonly at: number }
  | { readonly state: 'failed' | 'unconfirmed'; readonly at: number; readonly fault: string }
  | { readonly state: 'queued'; readonly due: number; readonly fault: string };

/** Deliveries on record. Each change is made where the row still stands as its maker believes, and nowhere else. */
export interface DeliveryStore {
  /**
   * Files what `decide` plans for an alert on record, for each recipient that has no plan for it yet. Answers with every message
   * that is still to be sent for it, digests included: planning again plans nothing and answers the same.
   */
  plan(alert: string, now: number, decide: (recent: Recent) => readonly Plan[]): Promise<readonly Delivery[]>;
  /** Null unless it is queued and due, or was being sent under a claim that has ended. */
  claim(id: string, now: number, claim: Claim): Promise<Delivery | null>;
  /** False: the claim is lost. */
  renew(id: string, claim: Claim): Promise<boolean>;
  /** Written right before the last byte goes out. False: the claim is lost, and that byte must not go. */
  handOver(id: string, claim: Claim): Promise<boolean>;
  /** Files what became of an attempt, once. False: it is not ours any more. */
  settle(id: string, token: string, settled: Settled): Promise<boolean>;
  /** Marks as unconfirmed whatever was handed over under a claim that has ended. How many. */
  markUnconfirmed(now: number): Promise<number>;
  /** What a worker should see to now: due, or left by one that ended. The longest overdue first. */
  toDo(now: number, limit: number): Promise<readonly Delivery[]>;
  /** The alerts that a message tells of, oldest first. */
  alertsOf(delivery: Pick<Delivery, 'id' | 'alert'>): Promise<readonly RaisedAlert[]>;
  find(id: string): Promise<Delivery | null>;
  /** Newest first. */
  list(filter: DeliveryFilter): Promise<readonly Delivery[]>;
  /** Of these alerts; of one that was merged, the state, time and fault of its digest. */
  ofAlerts(alerts: readonly string[]): Promise<readonly Delivery[]>;
  /** Queues a failed or unconfirmed one once more, as if it were new; of one that was merged, its digest. False where it is neither. */
  retry(id: string, now: number): Promise<boolean>;
  /** How many stand so. */
  count(state: DeliveryState): Promise<number>;
}

export interface DeliveryFilter {
  readonly states?: readonly DeliveryState[];
  readonly recipient?: string;
  readonly limit: number;
}
