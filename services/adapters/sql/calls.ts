import { type AliasableExpression, type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import type { CallFilter, CallStore } from '../../core/ports.ts';
import type { CallRecord, FinishedCall } from '../../core/record.ts';
import { keysOf, type Wanted, wantedBy } from './call-keys.ts';
import { appendCall, lockChain, newestLink } from './chain.ts';
import { sha256 } from './chain-rows.ts';
import { columnsOf } from './columns.ts';
import type { CallKeysTable, CallsTable, Tables } from './schema.ts';
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
  if (wanted === null) return readRecords(db, inOrder(fitting(db, filter)).limit(limit));
  const newest = inOrder(fitting(db, filter)).limit(newestRead).as('newest');
  const among = db.selectFrom(newest).selectAll().where(fits('newest.party_search', wanted));
  const found = await readRecords(db, inOrder(among).limit(limit));
  if (found.length === limit || (await isFewer(db, fitting(db, filter), newestRead))) return found;
  return listKeyed(db, filter, wanted, limit);
}

async function isFewer(db: Kysely<Tables>, calls: ReturnType<typeof fitting>, than: number): Promise<boolean> {
  const [row] = await db
    .selectFrom(calls.limit(than).as('some'))
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .execute();
  return (row?.count ?? 0) < than;
}

/** Of a number that is rare, or called long ago: its keys are few, and have all that is needed to begin with the newest. */
async function listKeyed(
  db: Kysely<Tables>,
  filter: CallFilter,
  wanted: Wanted,
  limit: number,
): Promise<readonly CallRecord[]> {
  const found: CallRecord[] = [];
  for (let keys = await readKeys(db, filter, wanted, null); keys.length > 0; ) {
    const ids = keys.map(({ call_id }) => call_id);
    const among = fitting(db, filter, false).where('calls.id', 'in', ids).where(fits('calls.party_search', wanted));
    found.push(...(await readRecords(db, among)).slice(0, limit - found.length));
    const last = keys.at(-1);
    if (found.length === limit || keys.length < keysAtOnce || last === undefined) break;
    keys = await readKeys(db, filter, wanted, last);
  }
  return found;
}

const keysAtOnce = 100;

type CallKey = Pick<CallKeysTable, 'call_id' | 'arrived_at'>;

/** Newest first, after `last`; each call once. */
function readKeys(
  db: Kysely<Tables>,
  { since, until }: CallFilter,
  { ranges }: Wanted,
  last: CallKey | null,
): Promise<CallKey[]> {
  let query = db
    .selectFrom('call_keys')
    .select(['call_id', 'arrived_at'])
    .distinct()
    .where(({ or, and, eb }) =>
      or(ranges.map(({ ends, from, to }) => and([eb('ends', '=', ends), eb('key', '>=', from), eb('key', '<', to)]))),
    );
  if (since !== undefined) query = query.where('arrived_at', '>=', since);
  if (until !== undefined) query = query.where('arrived_at', '<', until);
  if (last !== null) {
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('arrived_at', 'call_id'), '<', tuple(last.arrived_at, last.call_id)),
    );
  }
  return query.orderBy('arrived_at', 'desc').orderBy('call_id', 'desc').limit(keysAtOnce).execute();
}

/** So many of the newest calls are read before a number is looked up by its keys: of "07" there are half a million. */
const newestRead = 4000;

/**
 * Of conditions that have an index each SQLite may take any: a line has few calls and an outcome half of them, so beside a line
 * the others are written so that they have none. `byIndex` false: all of them are.
 */
function fitting(db: Kysely<Tables>, filter: CallFilter, byIndex = true) {
  const { line, outcome, standing, since, until, from, to, direction } = filter;
  const directions = [direction, from === undefined ? from : 'inbound', to === undefined ? to : 'outgoing'];
  let query = db.selectFrom('calls').select(['calls.id', 'calls.arrived_at', 'calls.party_search']);
  for (const [column, value] of [
    ['calls.line', line],
    ['calls.outcome', outcome],
    ['calls.standing', standing],
    ...directions.map((each) => ['calls.direction', each] as const),
  ] as const) {
    if (value === undefined) continue;
    const stored = toText(value);
    query = query.where(
      byIndex && (line === undefined || column === 'calls.line')
        ? sql<boolean>`${sql.ref(column)} = ${stored}`
        : sql<boolean>`coalesce(${sql.ref(column)}, '') = ${stored}`,
    );
  }
  if (since !== undefined) query = query.where('calls.arrived_at', '>=', since);
  if (until !== undefined) query = query.where('calls.arrived_at', '<', until);
  return query;
}

function inOrder<Query extends { orderBy(column: 'arrived_at' | 'id', way: 'desc'): Query }>(query: Query): Query {
  return query.orderBy('arrived_at', 'desc').orderBy('id', 'desc');
}

/** Null: no number is looked for. A call has one other party, so whoever asks for two finds none. */
function wantedOf({ from, to }: CallFilter): Wanted | null {
  const written = from ?? to;
  return written === undefined ? null : wantedBy(written);
}

function fits(column: string, { patterns }: Wanted): RawBuilder<boolean> {
  const search = sql.ref(column);
  return sql<boolean>`(${sql.join(
    patterns.map((pattern) => sql`' ' || ${search} || ' ' like ${pattern} escape '!'`),
    sql` or `,
  )})`;
}

async function readRecords(
  db: Kysely<Tables>,
  found: AliasableExpression<Pick<CallsTable, 'id' | 'arrived_at'>>,
): Promise<readonly CallRecord[]> {
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
