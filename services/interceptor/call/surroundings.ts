import type { Effect } from '../../core/call.ts';
import type { LineEvidence } from '../../core/clearance.ts';
import type { FinishedCall } from '../../core/record.ts';

export type DialOut = Extract<Effect, { do: 'DialOut' }>;

/** What a call asks of those around it. */
export interface Surroundings<Call> {
  /** The resident's leg leaves this call and dials in one of its own. */
  readonly dialOut: (from: Call, effect: DialOut) => void;
  /** Ends every other call of this one's line. */
  readonly cutOthers: (of: Call) => void;
  readonly inspect: (of: Call) => Promise<LineEvidence>;
  /** Told once that the call is over; null when not even a record could be made. */
  readonly onFinished: (call: FinishedCall | null) => void;
}
