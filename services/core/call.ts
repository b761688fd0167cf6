import type { CallerIdentity, Signalling } from './caller.ts';
import type { LineEvidence } from './clearance.ts';
import type { ProtectedLine } from './line.ts';
import type { Dialled as DialledNumber } from './number.ts';
import type { Verdict } from './screen.ts';

/**
 * The words in which a call is told. Events (past tense) are what the world did; effects (imperative) are what Clearline
 * asks of it. A call's journal is the two interleaved, in order, and everything on record is folded from it.
 */

/**
 * One party's side of a call. A call's first channel is Asterisk's own and names the call: the caller's, or the resident's
 * in an outgoing call. `far` is whom the resident dialled, a channel that the dialplan makes; other ids are minted.
 */
export type Leg = 'caller' | 'resident' | 'staff' | 'far';

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
      /** The line is held after an earlier suspect call, or one is still going on. */
      readonly held: boolean;
      /** The resident is calling a guarded or an emergency number: nobody may come between. */
      readonly engaged: boolean;
      /** One who called while nobody vouched for them, and left the hold that still stands, showed the same number. */
      readonly calledBefore: boolean;
      /** Staff have a phone to ring. */
      readonly staffed: boolean;
      /** Fresh randomness for this call, 0 ≤ x < 1: the core has none of its own. */
      readonly random: number;
    }
  /** Everything the INVITE said, told when the caller's leg ends; at the arrival only what decides was read. */
  | { readonly type: 'Described'; readonly caller: CallerIdentity; readonly signalling: Signalling }
  /** The resident calls out: from the telephone, or by what they keyed inside or after another call. */
  | {
      readonly type: 'Dialled';
      readonly line: ProtectedLine;
      readonly number: DialledNumber;
      /** As it was keyed, prefix and all. */
      readonly written: string;
      readonly by: DialledBy;
      /** The call out of which it was keyed. */
      readonly outOf: string | null;
      /** The resident's leg is up already: Clearline rang it. */
      readonly answered: boolean;
      /** The line is held after a suspect call, or one is still going on. */
      readonly held: boolean;
      /** Trunks in the site's order, by name. */
      readonly trunks: readonly string[];
      /** The trunks over which those who are, or were last, suspect came in: taken last. */
      readonly suspectTrunks: readonly string[];
      readonly staffed: boolean;
      /** What else the line calls; absent in a journal from before it was counted. */
      readonly toll?: TollCounts;
    }
  /** The dialplan dials over this trunk. */
  | { readonly type: 'Dialling'; readonly trunk: string }
  | { readonly type: 'Ringing'; readonly leg: Leg }
  /** The dialplan gives the resident back: no trunk it was told to try took the call. `status` is Dial()'s DIALSTATUS. */
  | { readonly type: 'CameBack'; readonly status: string; readonly cause: number }
  /** 350 + 440 Hz for 600 ms or more in what this leg sends. */
  | { readonly type: 'DialToneHeard'; readonly leg: Leg }
  /** The carrier answered our goodbye to this leg (SIP 200, or 481: it knows of no such call). */
  | { readonly type: 'Released'; readonly leg: Leg; readonly status: number }
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
  /**
   * Nobody watched the call for a while: another interceptor took it up here, or its end was found out afterwards. `talking`:
   * nothing was kept of it, and this party was found in conversation with the caller.
   */
  | { readonly type: 'TakenOver'; readonly talking?: 'resident' | 'staff' }
  /** Clearline itself failed in this call and let go of it. */
  | { readonly type: 'BrokenOff'; readonly why: string }
);

/** Calls of one line: those it has now, this one included, and those of the last hour that cost money. */
export interface TollCounts {
  readonly atOnce: number;
  readonly lastHour: number;
  readonly premiumLastHour: number;
}

/** The event a call begins with. */
export type Opening = Extract<CallEvent, { type: 'Arrived' | 'Dialled' }>;

/** How an outgoing call began; `advice` is the key after a caller has gone, `call-back` the one that was promised. */
export type DialledBy = 'phone' | 'ghost-dial' | 'advice' | 'call-back';

/**
 * `deadline` ends a stage that hears nothing; `reminder` is for long calls with strangers; `inspect` looks at the line again;
 * `words` tells a resident who waits how things stand; `keys` waits for the rest of a number that is being keyed.
 */
export type Timer = 'deadline' | 'reminder' | 'inspect' | 'words' | 'keys';

/** What staff and relatives are to hear of at once; the worker takes it from there. */
export const alertKinds = [
  'ghost-dial',
  'fake-dial-tone',
  'returned-call',
  'call-while-held',
  'not-released',
  'line-not-clear',
  'audit-failed',
  'call-back-failed',
  'reported',
  'abroad-refused',
  'too-many-calls',
  'overloaded',
  'password-guessing',
  'spool-filling',
  'spool-full',
  'campaign',
  'money-at-risk',
] as const;
export type AlertKind = (typeof alertKinds)[number];

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
  'ghost-dialled',
  'fake-dial-tone',
  'connecting-you',
  'wait-up-to',
  'minutes',
  'one-minute',
  'under-a-minute',
  'several-minutes',
  'key-other-trunk',
  'key-call-back',
  'key-staff',
  'call-back-promised',
  'call-back-impossible',
  'call-back',
  'call-back-cannot',
  'held-warning',
  'held-refused',
  'premium-refused',
  'abroad-refused',
  'too-many-calls',
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
  /** Watch what this leg sends for a dial tone. */
  | { readonly do: 'Listen'; readonly leg: Leg }
  /**
   * The leg of the resident leaves this call and dials, in an outgoing call of its own. This call knows it no more: whatever
   * connected it here is undone.
   */
  | { readonly do: 'DialOut'; readonly leg: 'resident'; readonly number: string; readonly by: DialledBy }
  /** The dialplan takes the resident's leg and dials; Clearline goes on watching. */
  | { readonly do: 'PutThrough'; readonly number: DialledNumber; readonly route: Route }
  | { readonly do: 'CallBackLater'; readonly number: DialledNumber }
  | { readonly do: 'Raise'; readonly alert: AlertKind }
  | { readonly do: 'HangUp'; readonly leg: Leg; readonly cause: number }
  /** Ask both witnesses, afresh, which channels of this line exist beside this call's own, and who is connected to whom. */
  | { readonly do: 'InspectLine' }
  /** End every other call of the line that Clearline knows of: the first, quickest cut. */
  | { readonly do: 'CutOthers' }
  /** Hang up these channels, whichever call they belong to; that call hears of it as of any hang-up. */
  | { readonly do: 'Cut'; readonly channels: readonly string[] }
  | { readonly do: 'Wake'; readonly timer: Timer; readonly afterMs: number }
  | { readonly do: 'Unwake'; readonly timer: Timer }
  | { readonly do: 'Conclude'; readonly ending: Ending };

/**
 * `emergency` and `dialplan` are whole contexts of the dialplan that ask nobody; `dialplan` enforces the hold by itself.
 * `any` tries every trunk in turn; `over` one, and gives the resident back where that does not take the call.
 */
export type Route =
  | { readonly kind: 'emergency' }
  | { readonly kind: 'dialplan' }
  | { readonly kind: 'any' }
  | { readonly kind: 'over'; readonly trunk: string };

export const outcomes = [
  'talked',
  'reported',
  'ghost-dialled',
  'fake-dial-tone',
  'returned-call',
  'engaged',
  'connected',
  'not-connected',
  'not-allowed',
  'called-back-later',
  'given-up',
  'cut-by-audit',
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
