import type { CallEvent, Ending, Leg, Route } from '../call.ts';
import type { CallInStages } from '../step.ts';

/** What a site may tune; config.outgoing is one. */
export interface OutboundRules {
  readonly premium: 'connect' | 'refuse';
  readonly ordinaryWhileHeld: 'connect' | 'warn' | 'refuse';
  /** How long a resident waits for a guarded number when the line cannot be shown to be clear. */
  readonly waitSeconds: number;
  readonly abroad: 'connect' | 'refuse';
  /** Calls of any kind that one line may have at once, this one included. */
  readonly callsAtOnce: number;
  /** Ordinary and premium calls that one line may make in an hour, and premium ones among them. */
  readonly callsPerHour: number;
  readonly premiumCallsPerHour: number;
}

/** Where an outgoing call is on its way. Each stage but a conversation has a deadline, so none can be stuck. */
export type Stage =
  | { readonly name: 'arriving' }
  /** An ordinary number on a held line: the resident hears whom to beware of. */
  | { readonly name: 'warning' }
  /** A guarded number, until the line is clear and a trunk takes it. How it stands is in `OutboundCall.guard`. */
  | { readonly name: 'checking' }
  /**
   * The dialplan has the resident's leg, and dials or waits. `heard`: something was heard of its dialling. `asked` is how
   * often it was asked.
   */
  | { readonly name: 'gone-on'; readonly route: Route; readonly heard: boolean; readonly asked: number }
  | { readonly name: 'connected'; readonly audit: Audit | null }
  | { readonly name: 'ringing-staff' }
  | { readonly name: 'with-staff' }
  /** A call back was asked for, and the resident is told so; if nothing else is heard by `keptAt`, ms since the epoch, it is promised. */
  | { readonly name: 'promising'; readonly keptAt: number }
  /** Last words to the resident, then the end. */
  | { readonly name: 'parting'; readonly ending: Ending }
  /** Every leg is being hung up, or ends by itself. */
  | { readonly name: 'closing'; readonly ending: Ending }
  | { readonly name: 'ended'; readonly ending: Ending };

/** What is remembered of a guarded call while its line is looked at, words are said and trunks are tried. */
export interface Guard {
  /** One look at a time. `stale`: something happened since it was asked for, so its answer counts for nothing. */
  readonly look: 'none' | 'asked' | 'stale';
  /** Looks answered since something last changed: they grow rarer. */
  readonly looks: number;
  /** Since when the line is not known to be clear, in ms since the epoch; null when the last look found it clear. */
  readonly unclearSince: number | null;
  /** When the first of the trunks that may be held open may be used, in ms since the epoch; null when it is not those that hold the call. */
  readonly timedUntil: number | null;
  /** Staff have been told that the line is not clear. */
  readonly raised: boolean;
  /** What plays is one sentence that the resident is to hear to its end before they are put through. */
  readonly sentence: boolean;
  /** The resident has heard how things stand and which keys there are: from then on keys count. */
  readonly told: boolean;
  /** Trunks that did not take the call in this round. */
  readonly failed: readonly string[];
  /** Every trunk has been tried: a pause before the next round. */
  readonly exhausted: boolean;
}

/** The looks at a line after the guarded call has been connected: one at once, a last one a little later. */
export interface Audit {
  readonly phase: 'first' | 'last' | 'over';
  readonly looks: number;
  /** Looks that a witness left unanswered. */
  readonly silent: number;
  /** How often each channel that does not belong there was seen. */
  readonly seen: Readonly<Record<string, number>>;
}

export type DialledFacts = Omit<Extract<CallEvent, { type: 'Dialled' }>, 'type'>;

/** One outgoing call as the core knows it: plain data, so that it can be stored and taken up again. */
export interface OutboundCall extends CallInStages<Stage> {
  readonly rules: OutboundRules;
  /** Known from the dialling on. */
  readonly facts: DialledFacts | null;
  /** Null unless the number is guarded. */
  readonly guard: Guard | null;
  /** The Q.850 cause for which the far end, or a trunk, last refused the call. */
  readonly refusedWith: number | null;
}

/** A call nobody has told us anything about yet. Its id is that of the resident's channel. */
export function newOutboundCall(id: string, rules: OutboundRules): OutboundCall {
  const legs: Record<Leg, 'none'> = { caller: 'none', resident: 'none', staff: 'none', far: 'none' };
  return {
    id,
    rules,
    stage: { name: 'arriving' },
    legs,
    played: 0,
    playing: null,
    facts: null,
    guard: null,
    refusedWith: null,
  };
}
