import type { SignKind } from '../caller.ts';

/** What is known of the caller: on the line's list, unknown, showing a sign of forgery, or on the blocked list. */
export type Standing = 'trusted' | 'unvouched' | 'suspect' | 'blocked';

/**
 * What happens to the call.
 * - `connect`: rings, nothing is said.
 * - `warn`: rings; the resident hears the warning before the caller can speak.
 * - `announce`: the caller hears that the line is protected, then as `warn`.
 * - `challenge`: announcement, the caller's name, a digit to press; then as `warn`.
 * - `staff-or-refuse`, `staff-or-message`: staff are rung if there are any; else a refusal, or a message is taken.
 * - `refuse`: a polite refusal in words.
 */
export type Treatment =
  | 'connect'
  | 'warn'
  | 'announce'
  | 'challenge'
  | 'staff-or-refuse'
  | 'staff-or-message'
  | 'refuse';

export type ReasonKind =
  | 'trusted-contact'
  | 'expected-caller'
  | 'blocked-number'
  | 'not-on-list'
  | 'withheld'
  | 'no-number'
  | 'line-held'
  | 'guard-raised'
  | 'line-paused'
  | 'returned-call'
  | 'mode'
  | SignKind;

export interface Reason {
  readonly kind: ReasonKind;
  /** One plain sentence for staff. */
  readonly text: string;
}

export interface Verdict {
  readonly standing: Standing;
  readonly treatment: Treatment;
  /** `strong` names the sign of fraud in the warning. */
  readonly wording: 'plain' | 'strong';
  /** The trusted contact's name, where one matched. */
  readonly trustedName: string | null;
  readonly reasons: readonly Reason[];
}
