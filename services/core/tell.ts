import type { JournalEntry } from './call.ts';
import type { FinishedCall } from './record.ts';
import { tellEffect } from './tell/effects.ts';
import { tellEvent } from './tell/events.ts';
import { british, clockTime, newSeen, type Style } from './tell/style.ts';

/** Puts calls into words that staff can follow: one sentence a thing that happened. */

export { tellAlert, tellEnding, tellOutcome, tellVerdict } from './tell/effects.ts';
export { tellAssessment, tellBeside, tellSighting } from './tell/looks.ts';
export { capital, clockTime, duration, type Style, tellCaller, tellDialled } from './tell/style.ts';

/**
 * A call's timeline from its journal, one line a happening: `14:02:11.250  The caller hears: …`. A reason stands under
 * its verdict, indented. What only concerns Clearline itself (timers, cut-off playbacks) is left out.
 */
export function tellCall({ record, journal }: FinishedCall, style: Style = british): string[] {
  return journal.flatMap(tellerOf(record.id, style));
}

/** The same, entry by entry, of a call that still goes on. Entries must come in their order. */
export function tellerOf(call: string, style: Style = british): (entry: JournalEntry) => string[] {
  const seen = newSeen();
  return (entry) => {
    const sentences =
      'event' in entry ? tellEvent(entry.event, call, seen, style) : tellEffect(entry.effect, seen, style);
    // A journal on record may come from a later release, with events this one has no words for.
    return (sentences ?? []).map((sentence, index) =>
      index === 0 ? `${clockTime(entry.at, style)}  ${sentence}` : indent + sentence,
    );
  };
}

const indent = ' '.repeat('14:02:11.250  '.length);
