import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { type ChainHead, emptyChain, linkCall } from '../../../core/evidence/chain.ts';
import type { CallFactsTable, CallsTable, JournalChainTable, Tables } from '../schema.ts';

/** The chain over the journal, begun with the calls there are, oldest first; and the book of evidence packs. */
export const journalChain: Migration = {
  up: async (db) => {
    await createChain(db);
    await createPacks(db);
    await chainWhatIsThere(db as Kysely<Tables>);
  },
};

async function createChain(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('journal_chain')
    .addColumn('seq', 'bigint', (column) => column.primaryKey().notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('call_id', 'text', (column) => column.notNull())
    .addColumn('revision', 'integer', (column) => column.notNull())
    .addColumn('record_sha256', 'text')
    .addColumn('journal_sha256', 'text')
    .addColumn('by_whom', 'text')
    .addColumn('why', 'text')
    .addColumn('previous', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('journal_chain_call').on('journal_chain').columns(['call_id', 'seq']).execute();
  await db.schema
    .createTable('journal_chain_head')
    .addColumn('name', 'text', (column) => column.primaryKey().notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .execute();
}

async function createPacks(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('evidence_packs')
    .addColumn('sha256', 'text', (column) => column.primaryKey().notNull())
    .addColumn('incident', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('by_whom', 'text', (column) => column.notNull())
    .addColumn('size', 'bigint', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('without_consent_because', 'text')
    .execute();
  await db.schema.createIndex('evidence_packs_incident').on('evidence_packs').columns(['incident', 'at']).execute();
}

/** Calls at a time: some 4 MB of them. */
const batch = 200;

async function chainWhatIsThere(db: Kysely<Tables>): Promise<void> {
  const at = Date.now();
  let head = emptyChain;
  let last: Pick<CallsTable, 'id' | 'arrived_at'> | null = null;
  for (;;) {
    const rows: Account[] = await accountsAfter(db, last);
    if (rows.length === 0) break;
    const links = rows.map((row) => {
      const made = linkCall(head, { ...row, call: row.id }, at, sha256);
      head = made;
      return toRow(made);
    });
    await db.insertInto('journal_chain').values(links).execute();
    last = rows.at(-1) ?? null;
  }
  await db.insertInto('journal_chain_head').values({ name: 'head', seq: head.seq, hash: head.hash }).execute();
}

type Account = Pick<CallsTable, 'id' | 'arrived_at' | 'revision'> & Pick<CallFactsTable, 'record' | 'journal'>;

function accountsAfter(db: Kysely<Tables>, last: Pick<CallsTable, 'id' | 'arrived_at'> | null): Promise<Account[]> {
  let query = db
    .selectFrom('calls')
    .innerJoin('call_facts', 'call_facts.call_id', 'calls.id')
    .select(['calls.id', 'calls.arrived_at', 'calls.revision', 'record', 'journal']);
  if (last) {
    const { id, arrived_at } = last;
    query = query.where(({ and, or, eb }) =>
      or([eb('arrived_at', '>', arrived_at), and([eb('arrived_at', '=', arrived_at), eb('calls.id', '>', id)])]),
    );
  }
  return query.orderBy('arrived_at').orderBy('calls.id').limit(batch).execute();
}

/** A migration that has shipped stays as it is, so it shares none of this with the code that may change. */
function toRow(link: ReturnType<typeof linkCall> & ChainHead): JournalChainTable {
  const { seq, at, kind, call, revision, record, journal, by, why, previous, hash } = link;
  const digests = { record_sha256: record, journal_sha256: journal };
  return { seq, at, kind, call_id: call, revision, ...digests, by_whom: by, why, previous, hash };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
