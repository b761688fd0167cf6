import type { AlertKind, CallEvent, DialledBy, Effect, Ending, JournalEntry, Leg, PromptName } from './call.ts';
import type { CallerIdentity, Signalling } from './caller.ts';
import { type Assessment, assessDeparture, assessLine, type LineEvidence } from './clearance.ts';
import type { Dialled } from './number.ts';
import type { Verdict } from './screen.ts';

/** What is on record about any call, folded from its journal. Times are UTC milliseconds since the epoch. */
interface RecordOfAnyCall {
  readonly id: string;
  readonly line: string | null;
  readonly resident: string | null;
  readonly area: string | null;
  /** The number dialled: by the caller as the trunk wrote it, by the resident as it was keyed. */
  readonly dialled: string;
  /** Whose clock stamped the times. */
  readonly clock: 'asterisk';
  readonly arrivedAt: number;
  /** When the first leg was answered: a prompt may have been the one to answer. */
  readonly answeredAt: number | null;
  /** When the two parties first heard one another. */
  readonly connectedAt: number | null;
  readonly endedAt: number;
  readonly held: boolean;
  readonly promptsPlayed: readonly { readonly at: number; readonly leg: Leg; readonly prompt: PromptName }[];
  readonly keys: readonly { readonly at: number; readonly leg: Leg; readonly digit: string }[];
  /** Names of recordings made in this call: the caller's name, a message, the conversation. */
  readonly recordings: readonly string[];
  readonly alerts: readonly { readonly at: number; readonly alert: AlertKind }[];
  readonly ending: Ending;
  readonly faults: readonly string[];
  /** Nobody watched part of it: what happened then, or when and why it ended, was found out afterwards. */
  readonly reconstructed: boolean;
}

/** A call to a protected line. */
export interface InboundRecord extends RecordOfAnyCall {
  readonly direction: 'inbound';
  readonly trunk: string;
  /** When the caller's channel was seen to be gone. */
  readonly clearedAt: number | null;
  /** How the carrier answered our goodbye to the caller; null where it did not, or nobody looked. */
  readonly released: { readonly at: number; readonly status: number } | null;
  readonly caller: CallerIdentity;
  readonly signalling: Signalling;
  readonly verdict: Verdict | null;
  /** The hold this call leaves on the line, in seconds. */
  readonly holdSeconds: number;
}

/** A call from a protected line. */
export interface OutgoingRecord extends RecordOfAnyCall {
  readonly direction: 'outgoing';
  readonly number: Dialled;
  readonly by: DialledBy;
  /** The call out of which it was dialled. */
  readonly outOf: string | null;
  /** The trunk that took the call; null when none did. */
  readonly trunk: string | null;
  /** Each trunk the dialplan tried, in order. */
  readonly attempts: readonly { readonly at: number; readonly trunk: string }[];
  /** Each look at the line: what either witness saw, when, and what it was taken for. */
  readonly looks: readonly { readonly at: number; readonly evidence: LineEvidence; readonly assessment: Assessment }[];
  /** When the line was first found clear. */
  readonly clearedAt: number | null;
}

export type CallRecord = InboundRecord | OutgoingRecord;

/** A finished call as it travels to the worker: the fold and what it was folded from. */
export interface FinishedCall {
  readonly record: CallRecord;
  readonly journal: readonly JournalEntry[];
  /**
   * A later account of the same call has a higher one, and stands whichever of them reaches SQL last. Absent: 0, the account
   * made when the call ended. -1: put together from what Asterisk noted of a call that nobody watched, or whose end nobody heard.
   * -2: nobody knows when and how it ended.
   */
  readonly revision?: number;
}

/**
 * Folds a call's journal into its record. Throws when the journal has no beginning (Arrived or Dialled) or no conclusion: a
 * call is recorded once, when it is over.
 */
export function foldRecord(id: string, journal: readonly JournalEntry[]): CallRecord {
  const conclusion = effectsOf(journal, 'Conclude')[0];
  const beginning = eventsOf(journal, 'Arrived')[0] ?? eventsOf(journal, 'Dialled')[0];
  if (!beginning || !conclusion) throw new Error(`the journal of call ${id} is not that of a whole call`);
  const { line, held } = beginning;
  const common = {
    id,
    line: line?.id ?? null,
    resident: line?.resident ?? null,
    area: line?.area ?? null,
    clock: 'asterisk',
    arrivedAt: beginning.at,
    endedAt: conclusion.at,
    held,
    ...observed(journal),
    ending: conclusion.ending,
  } as const;
  return beginning.type === 'Arrived'
    ? { ...common, ...foldInbound(beginning, journal) }
    : { ...common, ...foldOutgoing(beginning, journal) };
}

/** What was played, pressed, recorded, told to staff, and went wrong. */
function observed(journal: readonly JournalEntry[]) {
  return {
    promptsPlayed: effectsOf(journal, 'Play').flatMap(({ at, leg, sounds }) =>
      sounds.flatMap((sound) => ('prompt' in sound ? [{ at, leg, prompt: sound.prompt }] : [])),
    ),
    keys: eventsOf(journal, 'KeyPressed').map(({ at, leg, digit }) => ({ at, leg, digit })),
    recordings: recordingsOf(journal),
    alerts: effectsOf(journal, 'Raise').map(({ at, alert }) => ({ at, alert })),
    reconstructed: eventsOf(journal, 'TakenOver').length > 0,
    faults: [
      ...eventsOf(journal, 'EffectFailed').map(({ effect, about, why }) => `${effect} ${about}: ${why}`),
      ...eventsOf(journal, 'BrokenOff').map(({ why }) => `broken off: ${why}`),
    ],
  };
}

type Own<R extends CallRecord> = Omit<R, keyof RecordOfAnyCall> & Pick<R, 'dialled' | 'answeredAt' | 'connectedAt'>;

function foldInbound(
  arrived: Extract<CallEvent, { type: 'Arrived' }>,
  journal: readonly JournalEntry[],
): Own<InboundRecord> {
  const { caller, signalling } = eventsOf(journal, 'Described').at(-1) ?? arrived;
  const released = eventsOf(journal, 'Released').find(({ leg }) => leg === 'caller');
  return {
    direction: 'inbound',
    dialled: arrived.dialled,
    trunk: arrived.trunk,
    answeredAt: effectsOf(journal, 'Answer')[0]?.at ?? null,
    connectedAt: connectedAt(journal),
    clearedAt: eventsOf(journal, 'HungUp').find(({ leg }) => leg === 'caller')?.at ?? null,
    released: released ? { at: released.at, status: released.status } : null,
    caller,
    // Once a codec is chosen, Asterisk no longer knows which were offered.
    signalling: { ...signalling, codecs: arrived.signalling.codecs },
    verdict: effectsOf(journal, 'Screen')[0]?.verdict ?? null,
    holdSeconds: effectsOf(journal, 'Hold').at(-1)?.seconds ?? 0,
  };
}

function connectedAt(journal: readonly JournalEntry[]): number | null {
  const connect = effectsOf(journal, 'Connect').find(({ legs }) => legs.includes('caller'));
  return connect?.at ?? eventsOf(journal, 'TakenOver').find(({ talking }) => talking !== undefined)?.at ?? null;
}

function foldOutgoing(
  dialled: Extract<CallEvent, { type: 'Dialled' }>,
  journal: readonly JournalEntry[],
): Own<OutgoingRecord> {
  const answer = journal.findIndex((entry) => 'event' in entry && isAnswer(entry.event));
  const connectedAt = journal[answer]?.at ?? null;
  const looks = eventsOf(journal, 'LineInspected').map(({ at, evidence }) => ({
    at,
    evidence,
    // Until somebody answers, a trunk that may be held open keeps the call from leaving; then it is the line alone.
    assessment:
      connectedAt === null || at < connectedAt ? assessDeparture(evidence, dialled.trunks) : assessLine(evidence),
  }));
  return {
    direction: 'outgoing',
    dialled: dialled.written,
    number: dialled.number,
    by: dialled.by,
    outOf: dialled.outOf,
    // The dialplan dials one trunk after the other: the last before the answer took the call.
    trunk: eventsOf(journal.slice(0, Math.max(answer, 0)), 'Dialling').at(-1)?.trunk ?? null,
    attempts: eventsOf(journal, 'Dialling').map(({ at, trunk }) => ({ at, trunk })),
    answeredAt: dialled.answered ? dialled.at : (effectsOf(journal, 'Answer')[0]?.at ?? connectedAt),
    connectedAt,
    looks,
    clearedAt: looks.find(({ assessment }) => assessment.state === 'clear')?.at ?? null,
  };
}

/** Whom the resident dialled has answered; the dialplan connects them at once. */
function isAnswer(event: CallEvent): boolean {
  return event.type === 'Answered' && event.leg === 'far';
}

/** Every recording that was begun: its end may be told only after the call's, when the caller hangs up in it. */
function recordingsOf(journal: readonly JournalEntry[]): string[] {
  const begun = [...effectsOf(journal, 'Record'), ...effectsOf(journal, 'RecordCall')];
  const failures = eventsOf(journal, 'EffectFailed').map(({ about }) => about);
  return begun.map(({ recording }) => recording).filter((recording) => !failures.includes(recording));
}

function eventsOf<T extends CallEvent['type']>(
  journal: readonly JournalEntry[],
  type: T,
): Extract<CallEvent, { type: T }>[] {
  const isType = (event: CallEvent): event is Extract<CallEvent, { type: T }> => event.type === type;
  return journal.flatMap((entry) => ('event' in entry && isType(entry.event) ? [entry.event] : []));
}

function effectsOf<D extends Effect['do']>(
  journal: readonly JournalEntry[],
  what: D,
): (Extract<Effect, { do: D }> & { readonly at: number })[] {
  const isWhat = (effect: Effect): effect is Extract<Effect, { do: D }> => effect.do === what;
  return journal.flatMap((entry) =>
    'effect' in entry && isWhat(entry.effect) ? [{ ...entry.effect, at: entry.at }] : [],
  );
}
