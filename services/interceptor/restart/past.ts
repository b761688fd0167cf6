import type { CallEvent, Effect, JournalEntry, Opening, Timer } from '../../core/call.ts';
import type { KeptEntry } from '../../core/ports.ts';
import type { Flow } from '../call/flow.ts';

/** What was kept of a call, read: how it came to where it is. */

export interface Past {
  readonly opening: Opening;
  readonly journal: readonly JournalEntry[];
  /** Channels that the dialplan dialled, and how each fared, in order. */
  readonly dialled: readonly Extract<KeptEntry, { dialled: unknown }>['dialled'][];
}

/** Null where the beginning is missing: nothing can be made of the rest. */
export function readPast(kept: readonly KeptEntry[]): Past | null {
  const journal = kept.flatMap((entry) => ('dialled' in entry ? [] : [entry]));
  const [first] = journal;
  const opening = first !== undefined && 'event' in first ? first.event : null;
  if (opening?.type !== 'Arrived' && opening?.type !== 'Dialled') return null;
  return { opening, journal, dialled: kept.flatMap((entry) => ('dialled' in entry ? [entry.dialled] : [])) };
}

/** An event, and what it led to. */
interface Turn {
  readonly event: CallEvent;
  readonly effects: readonly Effect[];
}

function turnsOf(journal: readonly JournalEntry[]): Turn[] {
  const turns: { event: CallEvent; effects: Effect[] }[] = [];
  for (const entry of journal) {
    if ('event' in entry) turns.push({ event: entry.event, effects: [] });
    else turns.at(-1)?.effects.push(entry.effect);
  }
  return turns;
}

/**
 * Brings a new flow to where the call was. Throws where an event does not lead to what it led to then: another release of Clearline,
 * or other settings, may decide otherwise, and nobody knows then where the call is.
 */
export function relive(flow: Flow, { journal }: Pick<Past, 'journal'>): void {
  const turns = turnsOf(journal);
  for (const [index, { event, effects }] of turns.entries()) {
    const now = flow.relive(event, effects);
    // What was done again after a restart followed no event, and what was found in conversation never began here.
    const isOpen = event.type === 'TakenOver' || isFound(turns[index + 1]?.event);
    if (!isOpen && tell(now) !== tell(effects)) {
      throw new Error(
        `${event.type} led to ${tell(effects) || 'nothing'}, and would lead to ${tell(now) || 'nothing'}`,
      );
    }
  }
  flow.relived();
}

function isFound(event: CallEvent | undefined): boolean {
  return event?.type === 'TakenOver' && event.talking !== undefined;
}

/** What has to be the same: what is done, to whom, and what a caller was taken for, which decides whether the resident is warned. */
function tell(effects: readonly Effect[]): string {
  return effects.map((effect) => `${effect.do} ${aboutOf(effect)}`.trim()).join(', ');
}

function aboutOf(effect: Effect): string {
  switch (effect.do) {
    case 'Screen':
      return `${effect.verdict.standing} ${effect.verdict.treatment}`;
    case 'Connect':
      return effect.legs.join(' ');
    case 'PutThrough':
      return effect.route.kind;
    default:
      return 'leg' in effect ? effect.leg : '';
  }
}

/** When each timer that runs is due, in ms since the epoch. */
export function timersDue(journal: readonly JournalEntry[]): ReadonlyMap<Timer, number> {
  const due = new Map<Timer, number>();
  for (const entry of journal) {
    if ('event' in entry) {
      if (entry.event.type === 'Woke') due.delete(entry.event.timer);
    } else if (entry.effect.do === 'Wake') due.set(entry.effect.timer, entry.at + entry.effect.afterMs);
    else if (entry.effect.do === 'Unwake') due.delete(entry.effect.timer);
  }
  return due;
}
