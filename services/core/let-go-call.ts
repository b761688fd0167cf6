import type { CallEvent, JournalEntry } from './call.ts';
import { type CallNote, endingOf, middleOf } from './noted-call.ts';
import { type FinishedCall, foldRecord } from './record.ts';

/** Above the carrier's answer to the goodbye, which makes an account of its own out of the first (interceptor/call/await-release.ts). */
const revision = 2;

/** Whether Clearline failed in the call and let go of it: what the dialplan made of it after that is not in this account. */
export function isLetGo({ record, journal }: FinishedCall): boolean {
  return record.ending.outcome === 'failed' && journal.some((entry) => eventOf(entry)?.type === 'BrokenOff');
}

/**
 * The account of such a call with what the dialplan noted of its rest; null where the dialplan dialled nobody, so that it ended as
 * the account says. `trunk` took the call that the resident made.
 */
export function completed(
  { record, journal }: FinishedCall,
  note: CallNote,
  trunk: string | null,
): FinishedCall | null {
  const [opening] = journal.flatMap((entry) => eventOf(entry) ?? []);
  if (note.dialStatus === '' || (opening?.type !== 'Arrived' && opening?.type !== 'Dialled')) return null;
  const begun = journal.filter((entry) => !('effect' in entry && entry.effect.do === 'Conclude'));
  const isNews = begun.some(isAnswer) ? (entry: JournalEntry) => !isAnswer(entry) && !isDialling(entry) : () => true;
  const { endedAt } = note;
  const whole: readonly JournalEntry[] = [
    ...begun,
    { at: record.endedAt, event: { type: 'TakenOver', at: record.endedAt } },
    ...middleOf(note, opening, trunk).filter(isNews),
    { at: endedAt, effect: { do: 'Conclude', ending: endingOf(note, opening) } },
  ];
  return { record: foldRecord(record.id, whole), journal: whole, revision };
}

function eventOf(entry: JournalEntry): CallEvent | null {
  return 'event' in entry ? entry.event : null;
}

/** Clearline had heard whom the resident dialled answer before it failed. */
function isAnswer(entry: JournalEntry): boolean {
  const event = eventOf(entry);
  return event?.type === 'Answered' && event.leg === 'far';
}

function isDialling(entry: JournalEntry): boolean {
  return eventOf(entry)?.type === 'Dialling';
}
