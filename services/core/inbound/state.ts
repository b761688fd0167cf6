import type { Ending, Leg } from '../call.ts';
import type { CallerIdentity } from '../caller.ts';
import { type Keying, nothingKeyed } from '../ghost-dial.ts';
import type { ProtectedLine } from '../line.ts';
import type { NumberRules } from '../number.ts';
import type { Verdict } from '../screen.ts';
import type { LegState } from '../step.ts';

/** What a site may tune: durations in seconds, whose defaults config.ts gives, and its numbers. */
export interface InboundRules {
  readonly nameSeconds: number;
  readonly challengeSeconds: number;
  readonly messageSeconds: number;
  readonly reminderSeconds: number;
  readonly holdSeconds: number;
  readonly reportedHoldSeconds: number;
  /** `numberRules(gb, config.numbers)`: guarded and emergency numbers end a suspect call that they are keyed in. */
  readonly safeNumbers: NumberRules;
}

/** Where an inbound call is on its way. Each stage has a deadline, so none can be stuck. */
export type Stage =
  | { readonly name: 'arriving' }
  | { readonly name: 'announcing' }
  /** `since` is when the recording was asked for, in ms since the epoch; so in `taking-message`. */
  | { readonly name: 'naming'; readonly since: number }
  /** `asking` while the prompt plays, then the caller's time to press runs. */
  | {
      readonly name: 'challenging';
      readonly failures: number;
      readonly asking: boolean;
      readonly lastKey: LastKey | null;
    }
  | { readonly name: 'ringing'; readonly party: Party }
  /** The answering party hears who is calling, and a resident the warning, before the caller can speak. */
  | { readonly name: 'whispering'; readonly party: Party; readonly warned: boolean }
  | { readonly name: 'talking'; readonly party: Party }
  /** `since` is null while the caller is told how to leave a message. */
  | { readonly name: 'taking-message'; readonly since: number | null }
  /** The caller has gone; the resident is still on the phone. */
  | { readonly name: 'advising'; readonly ending: Ending; readonly repeats: number }
  /** Last words to one leg, then the end. */
  | { readonly name: 'parting'; readonly ending: Ending; readonly to: Leg }
  /** Every leg is being hung up. */
  | { readonly name: 'closing'; readonly ending: Ending }
  | { readonly name: 'ended'; readonly ending: Ending };

/** The wrong key pressed last: the same one again at once is the same press. */
export interface LastKey {
  readonly digit: string;
  readonly at: number;
}

/** Who answers a call: the resident, or the staff in their place. */
export type Party = 'resident' | 'staff';

/** One inbound call as the core knows it: plain data, so that it can be stored and taken up again. */
export interface InboundCall {
  readonly id: string;
  readonly rules: InboundRules;
  readonly stage: Stage;
  readonly legs: Readonly<Record<Leg, LegState>>;
  /** Known from the arrival on. */
  readonly facts: CallFacts | null;
  /** Playbacks minted so far. */
  readonly played: number;
  /** The playback whose end moves the call on, or that is cut short when the call moves on. */
  readonly playing: string | null;
  /** What the caller hears while waiting: stopped before they are connected. */
  readonly comfort: string | null;
  readonly nameRecording: string | null;
  /** How the call ends unless staff take it, where another than Clearline's plain refusal: the resident sent it away. */
  readonly refusal: Ending | null;
  /** What the resident has keyed in a warned call. It may hold a PIN: never on record, nor in a log. */
  readonly keying: Keying;
  /** The resident's leg has left for an outgoing call: its channel is that call's, and nothing here may touch it. */
  readonly handedOn: boolean;
}

export interface CallFacts {
  readonly line: ProtectedLine;
  readonly caller: CallerIdentity;
  readonly verdict: Verdict;
  readonly staffed: boolean;
  /** The digit this caller has to press. */
  readonly digit: string;
}

/** A call nobody has told us anything about yet. */
export function newInboundCall(id: string, rules: InboundRules): InboundCall {
  return {
    id,
    rules,
    stage: { name: 'arriving' },
    legs: { caller: 'none', resident: 'none', staff: 'none', far: 'none' },
    facts: null,
    played: 0,
    playing: null,
    comfort: null,
    nameRecording: null,
    refusal: null,
    keying: nothingKeyed,
    handedOn: false,
  };
}
