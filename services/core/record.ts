import type { Ending, JournalEntry, Leg, PromptName } from './call.ts';
import type { CallerIdentity, Signalling } from './caller.ts';
import type { Verdict } from './screen.ts';

/** Everything on record about one call, folded from its journal. Times are UTC milliseconds since the epoch. */
export interface CallRecord {
  readonly id: string;
  readonly direction: 'inbound';
  readonly line: string | null;
  readonly resident: string | null;
  readonly area: string | null;
  readonly dialled: string;
  readonly trunk: string;
  /** Whose clock stamped the times. */
  readonly clock: 'asterisk';
  readonly arrivedAt: number;
  /** When the caller's leg was answered: a prompt may have been the one to answer. */
  readonly answeredAt: number | null;
  /** When caller and resident (or staff) first heard one another. */
  readonly connectedAt: number | null;
  readonly endedAt: number;
  readonly caller: CallerIdentity;
  readonly signalling: Signalling;
  readonly verdict: Verdict | null;
  readonly held: boolean;
  readonly promptsPlayed: readonly { readonly at: number; readonly leg: Leg; readonly prompt: PromptName }[];
  readonly keys: readonly { readonly at: number; readonly leg: Leg; readonly digit: string }[];
  /** Names of recordings made in this call: the caller's name, a message, the conversation. */
  readonly recordings: readonly string[];
  readonly ending: Ending;
  /** The hold this call leaves on the line, in seconds. */
  readonly holdSeconds: number;
  readonly faults: readonly string[];
}

/** A finished call as it travels to the worker: the fold and what it was folded from. */
export interface FinishedCall {
  readonly record: CallRecord;
  readonly journal: readonly JournalEntry[];
}
