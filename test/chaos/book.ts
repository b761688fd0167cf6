import type { PhoneCall } from '../support/phone/call.ts';
import type { PlacedCall } from '../support/phone/placed-call.ts';
import type { Phone } from '../support/phones.ts';

/** What the phones saw: the only account of a run that owes nothing to Asterisk or to Clearline. */

/** A call that a phone placed. */
export interface Entry {
  readonly direction: 'inbound' | 'outgoing';
  /** Who or what it was, as the plan calls it. */
  readonly kind: string;
  readonly call: PlacedCall;
  /** Of a call from a line. */
  readonly line: string | null;
  readonly dialled: string;
}

/** Two people who heard one another. Times on the clock of `now()`. */
export interface Talk {
  readonly kind: string;
  readonly legs: readonly [PhoneCall, PhoneCall];
  readonly from: number;
  /** Until either was to hang up, or a leg ended by itself. */
  to: number;
  /** `cut`: a leg ended that nobody hung up. `silent`: both legs stood, and somebody heard nothing any more. */
  end: 'as agreed' | 'cut' | 'silent' | null;
}

/** A guarded call that was connected: the resident's leg and the far end's, and everybody who may have been listening. */
export interface GuardedCall {
  readonly resident: PhoneCall;
  readonly far: PhoneCall;
  readonly suspects: readonly Suspect[];
  readonly residentPhone: Phone;
}

export interface Suspect {
  readonly call: PlacedCall;
  /** When our goodbye reached this phone, which may take no notice of it; null when none did. */
  goodbyeAt: number | null;
}

export interface Emergency {
  readonly line: string;
  readonly number: string;
  /** Each INVITE, the last of which got through or nothing did. */
  readonly tries: readonly { readonly call: PlacedCall; readonly reached: boolean; readonly givenUpAt: number }[];
}

export class Book {
  readonly placed: Entry[] = [];
  readonly talks: Talk[] = [];
  readonly guarded: GuardedCall[] = [];
  /** Guarded numbers that were dialled, connected or not. */
  guardedDialled = 0;
  readonly emergencies: Emergency[] = [];
}

/**
 * Whether Asterisk took the call, as its phone saw it: it rang, was answered or refused for a reason. `perhaps`: nothing was
 * heard but that the INVITE had come, or that Asterisk can take none now; then the call may be on record or not.
 */
export function wasTaken({ call }: Entry): 'yes' | 'perhaps' | 'no' {
  if (call.answeredAt !== null || call.ringingAt !== null) return 'yes';
  if (call.status === 503 || call.status === 401 || call.status === 407) return 'no';
  return call.status >= 300 && call.status !== 408 && call.status !== 500 ? 'yes' : 'perhaps';
}
