import type { Ending, JournalEntry, Opening } from './call.ts';
import { causes } from './causes.ts';
import { type FinishedCall, foldRecord } from './record.ts';

/**
 * What Asterisk's dialplan notes of a call when its first leg ends ([caller-left], [resident-left]), and the record that is made
 * of it when nobody watched the call: Clearline was away, or died in it.
 */

interface NoteOfAnyCall {
  /** Milliseconds since the epoch; of an older call that no arrival was timed for, its second. */
  readonly begunAt: number;
  readonly endedAt: number;
  /** Q.850, as Asterisk has it of the first leg; 0 where it has none. */
  readonly cause: number;
  /** The first leg was up. */
  readonly answered: boolean;
  /** Clearline had the call for a while. */
  readonly watched: boolean;
  /** DIALSTATUS of the dialplan's last Dial(); empty where it dialled nobody. */
  readonly dialStatus: string;
  /** How long the two parties were connected by the dialplan, in milliseconds; 0 where they were not. */
  readonly talkedMs: number;
  /** The name of the channel that took the dialplan's call; empty where none did. */
  readonly peer: string;
  /** The name of the channel whose far end hung up, or `dialplan/builtin`; empty where Asterisk does not know. */
  readonly endedBy: string;
}

export interface InboundNote extends NoteOfAnyCall {
  readonly direction: 'inbound';
  readonly dialled: string;
  readonly trunk: string;
  /** Seconds for which the line is held; null for a trusted caller, who neither sets nor lifts a hold. */
  readonly holdSeconds: number | null;
  /** Base64, in the order in which [caller-left] tells them; cut, and without the codecs. */
  readonly facts: readonly string[];
}

export interface OutgoingNote extends NoteOfAnyCall {
  readonly direction: 'outgoing';
  readonly line: string;
  /** As it was keyed, prefix and all. */
  readonly written: string;
  /** The dialplan took it for an emergency number. */
  readonly emergency: boolean;
}

export type CallNote = InboundNote | OutgoingNote;

/** Reads a note, as dialplan/extensions.conf writes it: `1 inbound begun=1795381889.026 …`. Null for anything else. */
export function readNote(text: string): CallNote | null {
  const [version, direction, ...words] = text.split(' ');
  if (version !== '1') return null;
  const found = new Map(words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]));
  const value = (name: string) => found.get(name) ?? '';
  const endedAt = milliseconds(value('ended'));
  const begunAt = milliseconds(value('begun'));
  if (endedAt === null || begunAt === null) return null;
  const common = {
    // Asterisk's clock may have been put back meanwhile.
    begunAt: Math.min(begunAt, endedAt),
    endedAt,
    cause: count(value('cause')),
    answered: value('state') === 'Up',
    watched: value('stasis') === 'SUCCESS',
    dialStatus: value('dial'),
    talkedMs: Math.min(count(value('talked')), Math.max(0, endedAt - begunAt)),
    peer: value('peer'),
    endedBy: value('by'),
  };
  if (direction === 'inbound') return { ...common, ...inboundPart(value) };
  if (direction === 'outgoing' && value('line') !== '') return { ...common, ...outgoingPart(value) };
  return null;
}

type Part<N extends CallNote> = Omit<N, keyof NoteOfAnyCall>;

const factNames = ['from', 'asserted', 'privacy', 'diversion', 'identity', 'call-id', 'agent', 'source', '', 'number'];

function inboundPart(value: (name: string) => string): Part<InboundNote> {
  const hold = value('hold');
  return {
    direction: 'inbound',
    dialled: value('dialled'),
    trunk: value('trunk'),
    holdSeconds: hold === 'trusted' ? null : count(hold),
    facts: factNames.map(value),
  };
}

function outgoingPart(value: (name: string) => string): Part<OutgoingNote> {
  const emergency = value('emergency');
  return {
    direction: 'outgoing',
    line: value('line'),
    written: value('written') || value('number') || emergency,
    emergency: emergency !== '',
  };
}

/**
 * The account of a call that nobody watched to its end, put together from its note. `opening` is its beginning as the note tells
 * it; `trunk` took the call that the resident made.
 */
export function reconstruct(id: string, note: CallNote, opening: Opening, trunk: string | null): FinishedCall {
  const { begunAt, endedAt } = note;
  const journal: readonly JournalEntry[] = [
    { at: begunAt, event: opening },
    { at: begunAt, event: { type: 'TakenOver', at: begunAt } },
    ...middleOf(note, opening, trunk),
    { at: endedAt, effect: { do: 'Conclude', ending: endingOf(note, opening) } },
  ];
  return { record: foldRecord(id, journal), journal, revision: -1 };
}

/** What happened between the beginning and the end. */
export function middleOf(note: CallNote, opening: Opening, trunk: string | null): readonly JournalEntry[] {
  return note.direction === 'inbound' ? inboundMiddle(note, opening) : outgoingMiddle(note, trunk);
}

function inboundMiddle(note: InboundNote, { line }: Opening): JournalEntry[] {
  const { begunAt, endedAt, cause, holdSeconds } = note;
  const hold = { do: 'Hold', seconds: holdSeconds ?? 0, vouched: holdSeconds === null } as const;
  return [
    // The dialplan answers at once; when Clearline did, nobody knows.
    ...(note.answered && !note.watched ? [{ at: begunAt, effect: { do: 'Answer', leg: 'caller' } } as const] : []),
    ...(note.talkedMs > 0
      ? [
          {
            at: endedAt - note.talkedMs,
            effect: { do: 'Connect', legs: ['caller', 'resident'], watchKeys: false },
          } as const,
        ]
      : []),
    { at: endedAt, event: { type: 'HungUp', at: endedAt, leg: 'caller', cause } },
    ...(line === null ? [] : [{ at: endedAt, effect: hold }]),
  ];
}

function outgoingMiddle({ endedAt, cause, talkedMs }: OutgoingNote, trunk: string | null): JournalEntry[] {
  const answeredAt = endedAt - talkedMs;
  const answered: JournalEntry[] = [
    ...(trunk === null ? [] : [{ at: answeredAt, event: { type: 'Dialling', at: answeredAt, trunk } } as const]),
    { at: answeredAt, event: { type: 'Answered', at: answeredAt, leg: 'far' } },
  ];
  return [
    ...(talkedMs > 0 ? answered : []),
    { at: endedAt, event: { type: 'HungUp', at: endedAt, leg: 'resident', cause } },
  ];
}

/** How it ended, and who ended it. */
export function endingOf(note: CallNote, opening: Opening): Ending {
  if (note.direction === 'outgoing') return outgoingEnding(note);
  if (opening.line === null) return { outcome: 'unknown-number', by: 'clearline', cause: causes.unallocated };
  return note.dialStatus === '' ? undialledEnding(note) : inboundEnding(note);
}

/** The dialplan rang the resident's phone. */
function inboundEnding(note: InboundNote): Ending {
  if (note.talkedMs > 0) return { outcome: 'talked', by: endedBy(note, 'caller', 'resident'), cause: causes.normal };
  switch (note.dialStatus) {
    case 'BUSY':
      return { outcome: 'busy', by: 'resident', cause: causes.busy };
    case 'NOANSWER':
      return { outcome: 'no-answer', by: 'resident', cause: causes.noAnswer };
    case 'CANCEL':
      return callerGone;
    case 'ANSWER':
      // A resident who could not be warned is never connected; the caller hears that nobody answered.
      return note.cause === causes.noAnswer
        ? { outcome: 'no-answer', by: 'clearline', cause: causes.noAnswer }
        : callerGone;
    default:
      return { outcome: 'not-reachable', by: 'clearline', cause: causes.absent };
  }
}

const callerGone: Ending = { outcome: 'caller-gone', by: 'caller', cause: causes.normal };

/**
 * The dialplan rang nobody. What Clearline had done before it died shows in the hold: none until the parties are connected,
 * and a trusted caller's leg is answered only then.
 */
function undialledEnding({ watched, answered, holdSeconds, cause }: InboundNote): Ending {
  if (!watched) {
    return cause === causes.busy ? { outcome: 'engaged', by: 'clearline', cause } : callerGone;
  }
  if (answered && holdSeconds !== 0) return { outcome: 'talked', by: 'caller', cause: causes.normal };
  return cause === causes.rejected ? { outcome: 'refused', by: 'clearline', cause } : callerGone;
}

/** DIALSTATUS that says no trunk took the call, with the cause where the leg's own says nothing. */
const untakenCauses: Readonly<Record<string, number>> = {
  BUSY: causes.busy,
  NOANSWER: causes.noAnswer,
  CHANUNAVAIL: causes.absent,
  CONGESTION: causes.unspecified,
};
/** Causes of a leg that simply ended, or whose end says nothing (RFC 3398). */
const untoldCauses = new Set([0, causes.normal, 127]);

function outgoingEnding(note: OutgoingNote): Ending {
  const { dialStatus, cause, talkedMs } = note;
  if (talkedMs > 0) return { outcome: 'connected', by: endedBy(note, 'resident', 'far'), cause: causes.normal };
  const untaken = untakenCauses[dialStatus];
  if (untaken !== undefined) {
    return { outcome: 'not-connected', by: 'far', cause: untoldCauses.has(cause) ? untaken : cause };
  }
  if (dialStatus === '' && cause === causes.rejected) return { outcome: 'not-allowed', by: 'clearline', cause };
  return { outcome: 'given-up', by: 'resident', cause: causes.normal };
}

/** Who ended a conversation; Asterisk names no channel where it was told to end it, and by whom. */
function endedBy<L extends 'caller' | 'resident' | 'far'>(note: CallNote, own: L, other: L): L | 'clearline' {
  if (note.endedBy === note.peer) return other;
  return note.endedBy.startsWith('PJSIP/') ? own : 'clearline';
}

/** Seconds with three decimals, as milliseconds; null for anything else. */
function milliseconds(text: string): number | null {
  return /^\d{9,11}\.\d{3}$/.test(text) ? Math.round(Number(text) * 1000) : null;
}

/** 0 for what is no number. */
function count(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}
