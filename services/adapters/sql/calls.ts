import { type Kysely, sql } from 'kysely';
import type { CallFilter, CallStore } from '../../core/ports.ts';
import type { CallRecord, FinishedCall } from '../../core/record.ts';
import { appendCall, lockChain, newestLink } from './chain.ts';
import { sha256 } from './chain-rows.ts';
import { columnsOf, searchTerm } from './columns.ts';
import type { Tables } from './schema.ts';
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
    const isChained =
      known?.revision === account.revision &&
      known.record_sha256 === sha256(account.record) &&
      known.journal_sha256 === sha256(account.journal);
    if (!isChained) await appendCall(trx, head, account);
  });
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
  let query = db.selectFrom('calls').innerJoin('call_facts', 'call_facts.call_id', 'calls.id').select('record');
  if (filter.line !== undefined) query = query.where('calls.line', '=', toText(filter.line));
  if (filter.outcome !== undefined) query = query.where('calls.outcome', '=', toText(filter.outcome));
  if (filter.standing !== undefined) query = query.where('calls.standing', '=', toText(filter.standing));
  if (filter.since !== undefined) query = query.where('calls.arrived_at', '>=', filter.since);
  if (filter.until !== undefined) query = query.where('calls.arrived_at', '<', filter.until);
  if (filter.direction !== undefined) query = query.where('calls.direction', '=', filter.direction);
  for (const [direction, number] of [
    ['inbound', filter.from],
    ['outgoing', filter.to],
  ] as const) {
    if (number === undefined) continue;
    const pattern = `%${searchTerm(number).replace(/[!%_]/g, '!$&')}%`;
    query = query
      .where('calls.direction', '=', direction)
      .where(sql<boolean>`calls.party_search like ${pattern} escape '!'`);
  }
  const rows = await query
    .orderBy('calls.arrived_at', 'desc')
    .orderBy('calls.id', 'desc')
    .limit(Math.max(0, Math.trunc(filter.limit)))
    .execute();
  return rows.map((row) => readRecord(row.record));
}

/** Gives records of the first release what they had no notion of. */
function readRecord(stored: string): CallRecord {
  const record = JSON.parse(stored);
  return record.direction === 'inbound' ? { alerts: [], released: null, ...record } : record;
}
