import parsePhoneNumber from 'libphonenumber-js';
import type { CallingNumber } from '../../core/caller.ts';
import type { CallRecord, FinishedCall } from '../../core/record.ts';
import type { CallFactsTable, CallsTable } from './schema.ts';
import { toText } from './text.ts';

/** The one place that says which parts of a finished call can be searched. */
export function columnsOf({ record, journal, revision = 0 }: FinishedCall): {
  calls: CallsTable;
  facts: CallFactsTable;
} {
  const id = toText(record.id);
  const verdict = record.direction === 'inbound' ? record.verdict : null;
  return {
    calls: {
      id,
      direction: record.direction,
      line: textOrNull(record.line),
      area: textOrNull(record.area),
      arrived_at: Math.round(record.arrivedAt),
      ended_at: Math.round(record.endedAt),
      ...partyOf(record),
      standing: verdict?.standing ?? null,
      treatment: verdict?.treatment ?? null,
      outcome: record.ending.outcome,
      ended_by: record.ending.by,
      revision,
    },
    // JSON.stringify writes NUL and lone surrogates as escapes (ECMA-262 25.5.2), so the text is plain for any database.
    facts: { call_id: id, record: JSON.stringify(record), journal: JSON.stringify(journal) },
  };
}

function partyOf(record: CallRecord): Pick<CallsTable, 'party_number' | 'party_search' | 'party_name'> {
  if (record.direction === 'outgoing') {
    const { number, name = null } = record.number;
    const e164 = number.startsWith('+') ? number : null;
    const forms = searchable([
      { written: record.dialled, e164 },
      { written: number, e164 },
    ]);
    return {
      party_number: toText(number),
      party_search: name === null ? forms : `${forms} ${toText(name.toLowerCase())}`,
      party_name: textOrNull(name),
    };
  }
  const { presentation, network, name } = record.caller;
  const shown = presentation ?? network;
  return {
    party_number: textOrNull(shown?.e164 ?? shown?.written ?? null),
    party_search: searchable([presentation, network]),
    party_name: textOrNull(name),
  };
}

/**
 * What a person may have typed who looks for a number: digits alone are compared with digits, so that spaces, brackets
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
