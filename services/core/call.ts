import type { CallerIdentity, Signalling } from './caller.ts';
import type { LineEvidence } from './clearance.ts';
import type { ProtectedLine } from './line.ts';
import type { Verdict } from './screen.ts';

/**
 * The words in which a call is told. Events (past tense) are what the world did; effects (imperative) are what Clearline
 * asks of it. A call's journal is the two interleaved, in order, and everything on record is folded from it.
 */

/** One party's side of a call. The caller's channel is Asterisk's own; the others' ids are minted from the call id. */
export type Leg = 'caller' | 'resident' | 'staff' | 'police';

/** Times are milliseconds since the Unix epoch, on Asterisk's clock for events it raised. */
export type CallEvent = { readonly at: number } & (
  | {
      readonly type: 'Arrived';
      /** The number the caller dialled, as the trunk wrote it. */
      readonly dialled: string;
      /** Null when no protected line has that number. */
      readonly line: ProtectedLine | null;
      readonly trunk: string;
      readonly caller: CallerIdentity;
      readonly signalling: Signalling;
      /** The line is held after an earlier suspect call. */
      readonly held: boolean;
      /** Staff have a phone to ring. */
      readonly staffed: boolean;
      /** Fresh randomness for this call, 0 ≤ x < 1: the core has none of its own. */
      readonly random: number;
    }
  /** Everything the INVITE said, told when the caller's leg ends; at the arrival only what decides was read. */
  | { readonly type: 'Described'; readonly caller: CallerIdentity; readonly signalling: Signalling }
  | { readonly type: 'PromptFinished'; readonly playback: string }
  | { readonly type: 'KeyPressed'; readonly leg: Leg; readonly digit: string }
  | { readonly type: 'RecordingFinished'; readonly recording: string; readonly seconds: number }
  | { readonly type: 'Answered'; readonly leg: Leg }
  /** `cause` is Q.850 as Asterisk gives it: 16 normal, 17 busy, 19 no answer, 20 not registered, 21 rejected. */
  | { readonly type: 'HungUp'; readonly leg: Leg; readonly cause: number }
  | { readonly type: 'Woke'; readonly timer: Timer }
  /** What the two witnesses see of the line, the answer to InspectLine. */
  | { readonly type: 'LineInspected'; readonly evidence: LineEvidence }
  /** An effect came back refused or unanswered. A leg that was merely gone is a HungUp, never this. */
  | { readonly type: 'EffectFailed'; readonly effect: Effect['do']; readonly about: string; readonly why: string }
  /** Clearline itself failed in this call and let go of it. */
  | { readonly type: 'BrokenOff'; readonly why: string }
);

/** `deadline` ends a stage that hears nothing; `reminder` is for long calls with strangers. */
export type Timer = 'deadline' | 'reminder';

/** One piece of something played: a committed prompt, a spoken digit, what this call recorded, or a tone. */
export type Sound =
  | { readonly prompt: PromptName }
  | { readonly digit: string }
  | { readonly recording: string }
  | { readonly tone: 'ring' };

/** The committed prompts; dialplan/sounds/en_GB/prompts.yaml holds their wording under these names. */
export const promptNames = [
  'announcement',
  'announcement-strong',
  'recording-notice',
  'say-your-name',
  'press-to-continue',
  'press-digit',
  'wrong-digit',
  'please-wait',
  'refused',
  'no-answer',
  'busy',
  'not-reachable',
  'unknown-number',
  'leave-a-message',
  'message-saved',
  'whisper-unknown',
  'whisper-named',
  'whisper-strong',
  'whisper-warning',
  'whisper-keys',
  'whisper-staff',
  'passing-to-staff',
  'reminder',
  'reported',
  'caller-gone',
  'advice',
  'reaching-101',
  'line-not-clear',
  'cannot-reach',
  'hold-wait',
  'goodbye',
] as const;
export type PromptName = (typeof promptNames)[number];

export type Effect =
  | { readonly do: 'Screen'; readonly verdict: Verdict }
  /**
   * How long the line is held once the caller has gone; 0 leaves no hold. `vouched`: the caller is trusted, and even a
   * guarded call may leave beside theirs.
   */
  | { readonly do: 'Hold'; readonly seconds: number; readonly vouched: boolean }
  | { readonly do: 'Answer'; readonly leg: Leg }
  /** Tell the caller's network that the phone rings (180). */
  | { readonly do: 'Alert'; readonly leg: Leg }
  | { readonly do: 'Play'; readonly leg: Leg; readonly playback: string; readonly sounds: readonly Sound[] }
  | { readonly do: 'StopPlaying'; readonly playback: string }
  | {
      readonly do: 'Record';
      readonly leg: Leg;
      readonly recording: string;
      readonly maxSeconds: number;
      readonly silenceSeconds: number;
    }
  | {
      readonly do: 'Ring';
      readonly leg: Leg;
      /** What the phone shows: "Unknown caller", "Trusted: Anna". */
      readonly showName: string;
      readonly showNumber: string | null;
      readonly seconds: number;
    }
  /** Lets two legs hear one another. `watchKeys` keeps digits visible (it costs a little CPU; see adapters/ari.ts). */
  | { readonly do: 'Connect'; readonly legs: readonly [Leg, Leg]; readonly watchKeys: boolean }
  | { readonly do: 'RecordCall'; readonly recording: string }
  | { readonly do: 'HangUp'; readonly leg: Leg; readonly cause: number }
  /** Ask both witnesses, afresh, which channels of suspect calls to this line still exist: this call's and any other's. */
  | { readonly do: 'InspectLine' }
  /** Hang up these channels, whichever call they belong to; that call hears of it as of any hang-up. */
  | { readonly do: 'Cut'; readonly channels: readonly string[] }
  | { readonly do: 'Wake'; readonly timer: Timer; readonly afterMs: number }
  | { readonly do: 'Unwake'; readonly timer: Timer }
  | { readonly do: 'Conclude'; readonly ending: Ending };

export const outcomes = [
  'talked',
  'reported',
  'handled-by-staff',
  'message-left',
  'refused',
  'challenge-failed',
  'resident-refused',
  'busy',
  'no-answer',
  'not-reachable',
  'caller-gone',
  'unknown-number',
  'failed',
] as const;
export type Outcome = (typeof outcomes)[number];

/** How a call ended. `by` is who ended it; `cause` is Q.850. */
export interface Ending {
  readonly outcome: Outcome;
  readonly by: Leg | 'clearline';
  readonly cause: number;
}

export type JournalEntry = { readonly at: number } & ({ readonly event: CallEvent } | { readonly effect: Effect });
