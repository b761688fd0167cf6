import { type Kysely, type SelectQueryBuilder, sql, type Transaction } from 'kysely';
import type { CallFilter, CallStore } from '../../core/ports.ts';
import type { CallRecord, FinishedCall } from '../../core/record.ts';
import { keysOf, type Wanted, wantedBy } from './call-keys.ts';
import { appendCall, lockChain, newestLink } from './chain.ts';
import { sha256 } from './chain-rows.ts';
import { columnsOf } from './columns.ts';
import type { CallsTable, Tables } from './schema.ts';
import { toText } from './text.ts';

/**
 * Calls on record, in SQL. Rejects with the database's own error when it is locked or lost: the worker's queue holds the
 * call and tries again.
 */
export function sqlCallStore(db: Kysely<Tables>): CallStore {
  return {
    save: (call) => save(db, call),
    find: (id) => find(db, id),
    list: (filter) => list(db, filter),
  };
}

async function save(db: Kysely<Tables>, call: FinishedCall): Promise<void> {
  const { calls, facts } = columnsOf(call);
  const { id: _id, ...changedCall } = calls;
  const { call_id: _callId, ...changedFacts } = facts;
  const account = { call: facts.call_id, revision: calls.revision, record: facts.record, journal: facts.journal };
  await db.transaction().execute(async (trx) => {
    const head = await lockChain(trx);
    const known = await newestLink(trx, facts.call_id);
    // A job that is repeated must not bring back what a person had erased.
    if (known?.kind === 'removal') return;
    // Both databases compare with the row as it is once no other writer has it, so of two accounts that are saved at the
    // same moment the later one stands (PostgreSQL waits for the row's lock, SQLite has one writer).
    const written = await trx
      .insertInto('calls')
      .values(calls)
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet(changedCall).where('calls.revision', '<=', calls.revision),
      )
      .returning('id')
      .executeTakeFirst();
    if (!written) return;
    await trx
      .insertInto('call_facts')
      .values(facts)
      .onConflict((conflict) => conflict.column('call_id').doUpdateSet(changedFacts))
      .execute();
    await putKeys(trx, calls, known !== undefined);
    const isChained =
      known?.revision === account.revision &&
      known.record_sha256 === sha256(account.record) &&
      known.journal_sha256 === sha256(account.journal);
    if (!isChained) await appendCall(trx, head, account);
  });
}

/** `anew`: it may have others. */
async function putKeys(trx: Transaction<Tables>, { id, party_search, arrived_at }: CallsTable, anew: boolean) {
  if (anew) await trx.deleteFrom('call_keys').where('call_id', '=', id).execute();
  const rows = keysOf(party_search).map((key) => ({ call_id: id, ...key, arrived_at }));
  if (rows.length > 0) await trx.insertInto('call_keys').values(rows).execute();
}

async function find(db: Kysely<Tables>, id: string): Promise<FinishedCall | null> {
  const row = await db
    .selectFrom('call_facts')
    .innerJoin('calls', 'calls.id', 'call_facts.call_id')
    .select(['record', 'journal', 'revision'])
    .where('call_id', '=', toText(id))
    .executeTakeFirst();
  if (!row) return null;
  const call = { record: readRecord(row.record), journal: JSON.parse(row.journal) };
  return row.revision === 0 ? call : { ...call, revision: row.revision };
}

async function list(db: Kysely<Tables>, filter: CallFilter): Promise<readonly CallRecord[]> {
  const limit = Math.max(0, Math.trunc(filter.limit));
  const wanted = wantedOf(filter);
  const newest = fitting(db, filter, wanted === null ? limit : newestRead);
  if (wanted === null) return readRecords(db, newest);
  const found = await readRecords(db, withWanted(db.selectFrom(newest.as('calls')).selectAll(), wanted).limit(limit));
  if (found.length === limit) return found;
  // It is rare, or old: then its keys are few.
  return readRecords(db, withWanted(fitting(db, filter, limit), wanted).where('calls.id', 'in', keyed(db, wanted)));
}

/** So many of the newest calls are read before a number is looked up by its keys: of "07" there are half a million. */
const newestRead = 4000;

/** Newest first. */
function fitting(db: Kysely<Tables>, filter: CallFilter, limit: number) {
  let query = db.selectFrom('calls').select(['calls.id', 'calls.arrived_at', 'calls.party_search']);
  if (filter.line !== undefined) query = query.where('calls.line', '=', toText(filter.line));
  if (filter.outcome !== undefined) query = query.where('calls.outcome', '=', toText(filter.outcome));
  if (filter.standing !== undefined) query = query.where('calls.standing', '=', toText(filter.standing));
  if (filter.since !== undefined) query = query.where('calls.arrived_at', '>=', filter.since);
  if (filter.until !== undefined) query = query.where('calls.arrived_at', '<', filter.until);
  if (filter.direction !== undefined) query = query.where('calls.direction', '=', filter.direction);
  if (filter.from !== undefined) query = query.where('calls.direction', '=', 'inbound');
  if (filter.to !== undefined) query = query.where('calls.direction', '=', 'outgoing');
  return query.orderBy('calls.arrived_at', 'desc').orderBy('calls.id', 'desc').limit(limit);
}

/** Null: no number is looked for. A call has one other party, so whoever asks for two finds none. */
function wantedOf({ from, to }: CallFilter): Wanted | null {
  const written = from ?? to;
  return written === undefined ? null : wantedBy(written);
}

type Found = SelectQueryBuilder<Tables, 'calls', Pick<CallsTable, 'id' | 'arrived_at' | 'party_search'>>;

function withWanted(query: Found, { patterns }: Wanted): Found {
  return query.where(({ or }) =>
    or(patterns.map((pattern) => sql<boolean>`' ' || calls.party_search || ' ' like ${pattern} escape '!'`)),
  );
}

function keyed(db: Kysely<Tables>, { ranges }: Wanted) {
  return db
    .selectFrom('call_keys')
    .select('call_id')
    .where(({ or, and, eb }) =>
      or(ranges.map(({ ends, from, to }) => and([eb('ends', '=', ends), eb('key', '>=', from), eb('key', '<', to)]))),
    );
}

async function readRecords(db: Kysely<Tables>, found: Found): Promise<readonly CallRecord[]> {
  const rows = await db
    .selectFrom(found.as('found'))
    .innerJoin('call_facts', 'call_facts.call_id', 'found.id')
    .select('record')
    .orderBy('found.arrived_at', 'desc')
    .orderBy('found.id', 'desc')
    .execute();
  return rows.map(({ record }) => readRecord(record));
}

/** Gives records of the first release what they had no notion of. */
function readRecord(stored: string): CallRecord {
  const record = JSON.parse(stored);
  return record.direction === 'inbound' ? { alerts: [], released: null, ...record } : record;
}
