import { type Kysely, sql } from 'kysely';
import type { CallOfPerson, IncidentOfPerson, Person, Reason } from '../../core/person/person.ts';
import { mentions } from '../../core/person/person.ts';
import type { ContactOfPerson, PersonStore } from '../../core/person/stores.ts';
import type { RaisedAlert } from '../../core/ports.ts';
import { judgeCall, judgeIncident } from '../../core/retention/periods.ts';
import type { Cursor } from '../../core/retention/stores.ts';
import { sqlAccessLog } from './access-log.ts';
import { sqlCallStore } from './calls.ts';
import { searchTerm } from './columns.ts';
import {
  deletedFile,
  doomedBy,
  emptyIncidents,
  erasures,
  putErasure,
  removeAlerts,
  removeCalls,
  removeContacts,
} from './person-erase.ts';
import type { Tables } from './schema.ts';
import { fromText, toText } from './text.ts';

/** Everything about a person, in SQL: looked for in whole tables, which nobody does often. */
export function sqlPersonStore(db: Kysely<Tables>): PersonStore {
  return {
    calls: (person, after, most) => calls(db, person, after, most),
    incidents: (person, ids, digits) => incidents(db, person, ids, digits),
    alerts: (ids, line) => alerts(db, ids, line),
    contacts: (numbers) => contacts(db, numbers),
    accesses: async (items) => {
      const parts = await inParts(items, (part) => sqlAccessLog(db).list({ items: part, limit: 1_000_000 }));
      return parts.toSorted((a, b) => b.at - a.at);
    },
    removeCalls: (ids, cause) => removeCalls(db, ids, cause),
    emptyIncidents: (ids) => emptyIncidents(db, ids),
    removeAlerts: (ids) => removeAlerts(db, ids),
    removeContacts: (numbers) => removeContacts(db, numbers),
    doomed: (erasure) => doomedBy(db, erasure),
    deleted: (name, fault) => deletedFile(db, name, fault),
    putErasure: (erasure) => putErasure(db, erasure),
    erasures: (limit) => erasures(db, limit),
  };
}

async function calls(db: Kysely<Tables>, person: Person, after: Cursor | null, most: number) {
  const terms = person.numbers.map(searchTerm);
  let query = db
    .selectFrom('calls')
    .leftJoin('incident_calls', 'incident_calls.call_id', 'calls.id')
    .leftJoin('incidents', 'incidents.id', 'incident_calls.incident_id')
    .select(['calls.id', 'arrived_at', 'calls.line', 'party_search', 'incidents.id as incident', 'legal_hold'])
    .where(({ or, eb }) =>
      or([
        eb('calls.line', '=', toText(person.line ?? '')),
        ...terms.map(
          (term) => sql<boolean>`calls.party_search like ${`%${term.replace(/[!%_]/g, '!$&')}%`} escape '!'`,
        ),
      ]),
    );
  if (after) {
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('arrived_at', 'calls.id'), '>', tuple(after.at, after.id)),
    );
  }
  const rows = await query.orderBy('arrived_at').orderBy('calls.id').limit(most).execute();
  const found: CallOfPerson[] = [];
  for (const row of rows) {
    const reason = reasonOf(row, person, terms);
    const call = reason && (await sqlCallStore(db).find(fromText(row.id)));
    if (!call || (reason === 'line' && isAnothers(call.record.resident, person))) continue;
    const ties = row.incident === null ? [] : [{ incident: row.incident, held: row.legal_hold !== 0 }];
    const incident = row.incident === null ? null : fromText(row.incident);
    found.push({ call, reason, judgement: judgeCall(ties), incident });
  }
  const last = rows.at(-1);
  return { found, next: last && rows.length === most ? { at: last.arrived_at, id: last.id } : null };
}

/** Part of a longer number is not the number. */
function reasonOf(
  row: { readonly line: string | null; readonly party_search: string },
  person: Person,
  terms: readonly string[],
): Reason | null {
  if (person.line !== null && row.line === toText(person.line)) return 'line';
  const words = row.party_search.split(' ');
  return terms.some((term) => words.includes(term)) ? 'number' : null;
}

function isAnothers(resident: string | null, person: Person): boolean {
  return person.resident !== null && resident !== person.resident;
}

async function incidents(
  db: Kysely<Tables>,
  person: Person,
  ids: readonly string[],
  digits: readonly string[],
): Promise<readonly IncidentOfPerson[]> {
  const mine = new Set(ids);
  const found: IncidentOfPerson[] = [];
  let after: string | null = null;
  for (;;) {
    let query = db.selectFrom('incidents').select(['id', 'document', 'legal_hold', 'status']).orderBy('id').limit(200);
    if (after !== null) query = query.where('id', '>', after);
    const rows: { id: string; document: string; legal_hold: number; status: string }[] = await query.execute();
    for (const { document, legal_hold, status } of rows) {
      const incident = JSON.parse(document);
      const ofLine = person.line !== null && incident.line === person.line && !isAnothers(incident.resident, person);
      const ofNumber =
        incident.calls.some((call: string) => mine.has(call)) || digits.some((each) => mentions(incident, each));
      if (!ofLine && !ofNumber) continue;
      const judgement = judgeIncident({ open: status === 'open', held: legal_hold !== 0 });
      found.push({ incident, reason: ofLine ? 'line' : 'number', judgement });
    }
    after = rows.at(-1)?.id ?? null;
    if (rows.length < 200) return found;
  }
}

async function alerts(
  db: Kysely<Tables>,
  ids: readonly string[],
  line: string | null,
): Promise<readonly RaisedAlert[]> {
  const all = db.selectFrom('alerts').select(['id', 'kind', 'at', 'line', 'call_id', 'incident']);
  const ofCalls = await inParts(ids.map(toText), (part) => all.where('call_id', 'in', part).execute());
  const ofLine = line === null ? [] : await all.where('line', '=', toText(line)).where('call_id', 'is', null).execute();
  return [...ofCalls, ...ofLine]
    .sort((a, b) => a.at - b.at)
    .map((row) => ({
      id: fromText(row.id),
      kind: row.kind as RaisedAlert['kind'],
      at: row.at,
      line: fromText(row.line),
      call: row.call_id === null ? null : fromText(row.call_id),
      ...(row.incident !== null && { incident: fromText(row.incident) }),
    }));
}

async function contacts(db: Kysely<Tables>, numbers: readonly string[]): Promise<readonly ContactOfPerson[]> {
  if (numbers.length === 0) return [];
  const wanted = numbers.map(toText);
  const listed = await db.selectFrom('line_contacts').selectAll().where('number', 'in', wanted).execute();
  const expected = await db.selectFrom('line_expected').selectAll().where('number', 'in', wanted).execute();
  return [
    ...listed.map((row) => ({ ...row, number: row.number, name: row.name ?? '' })),
    ...expected.map((row) => ({ ...row, kind: 'expected' as const, number: row.number ?? '' })),
  ].map(({ line_id, kind, number, name }) => {
    return { line: fromText(line_id), kind, number: fromText(number), name: fromText(name) };
  });
}

/** Both databases bear far more in one statement. */
async function inParts<T, R>(items: readonly T[], ask: (part: readonly T[]) => Promise<readonly R[]>): Promise<R[]> {
  const found: R[] = [];
  for (let begin = 0; begin < items.length; begin += 500) found.push(...(await ask(items.slice(begin, begin + 500))));
  return found;
}
