import parsePhoneNumber from 'libphonenumber-js';
import type { CallingNumber } from '../../core/caller.ts';
import type { FinishedCall } from '../../core/record.ts';
import type { CallFactsTable, CallsTable } from './schema.ts';
import { toText } from './text.ts';

/** The one place that says which parts of a finished call can be searched. */
export function columnsOf({ record, journal }: FinishedCall): { calls: CallsTable; facts: CallFactsTable } {
  const id = toText(record.id);
  const { caller, verdict, ending } = record;
  const shown = caller.presentation ?? caller.network;
  return {
    calls: {
      id,
      direction: record.direction,
      line: textOrNull(record.line),
      area: textOrNull(record.area),
      arrived_at: Math.round(record.arrivedAt),
      ended_at: Math.round(record.endedAt),
      caller_number: textOrNull(shown?.e164 ?? shown?.written ?? null),
      caller_search: searchable([caller.presentation, caller.network]),
      caller_name: textOrNull(caller.name),
      standing: verdict?.standing ?? null,
      treatment: verdict?.treatment ?? null,
      outcome: ending.outcome,
      ended_by: ending.by,
    },
    // JSON.stringify writes NUL and lone surrogates as escapes (ECMA-262 25.5.2), so the text is plain for any database.
    facts: { call_id: id, record: JSON.stringify(record), journal: JSON.stringify(journal) },
  };
}

/**
 * What a person may have typed who looks for a caller: digits alone are compared with digits, so that spaces, brackets
 * and the plus do not matter; anything else with what the trunk wrote, whatever its case.
 */
export function searchTerm(from: string): string {
  const bare = from.replace(/[\s()+./-]/g, '');
  return toText(/^\d+$/.test(bare) ? bare.replace(/^00(?=[1-9])/, '') : from.trim().toLowerCase());
}

function searchable(numbers: readonly (CallingNumber | null)[]): string {
  const forms = new Set<string>();
  for (const number of numbers) {
    if (!number) continue;
    forms.add(toText(number.written.toLowerCase()));
    forms.add(digits(number.written));
    if (number.e164 === null) continue;
    forms.add(digits(number.e164));
    // Staff search for 01923…, not for +441923…
    forms.add(digits(parsePhoneNumber(number.e164)?.formatNational() ?? ''));
  }
  forms.delete('');
  return [...forms].join(' ');
}

function digits(written: string): string {
  return written.replace(/\D/g, '');
}

function textOrNull(value: string | null): string | null {
  return value === null ? null : toText(value);
}
