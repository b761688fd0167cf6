import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Calls with what they were derived from, and lines with their contacts. Written in what SQLite and PostgreSQL share. */
export const callsAndLines: Migration = {
  up: async (db) => {
    await createCalls(db);
    await createLines(db);
  },
};

async function createCalls(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('calls')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('direction', 'text', (column) => column.notNull())
    .addColumn('line', 'text')
    .addColumn('area', 'text')
    .addColumn('arrived_at', 'bigint', (column) => column.notNull())
    .addColumn('ended_at', 'bigint', (column) => column.notNull())
    .addColumn('caller_number', 'text')
    .addColumn('caller_search', 'text', (column) => column.notNull())
    .addColumn('caller_name', 'text')
    .addColumn('standing', 'text')
    .addColumn('treatment', 'text')
    .addColumn('outcome', 'text', (column) => column.notNull())
    .addColumn('ended_by', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('call_facts')
    .addColumn('call_id', 'text', (column) => column.primaryKey().notNull().references('calls.id').onDelete('cascade'))
    .addColumn('record', 'text', (column) => column.notNull())
    .addColumn('journal', 'text', (column) => column.notNull())
    .execute();
  // Every list is newest first, so each index ends in the order the list is given in.
  await db.schema.createIndex('calls_newest').on('calls').columns(['arrived_at', 'id']).execute();
  for (const filter of ['line', 'outcome', 'standing']) {
    await db.schema.createIndex(`calls_${filter}`).on('calls').columns([filter, 'arrived_at', 'id']).execute();
  }
}

async function createLines(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('lines')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('number', 'text', (column) => column.notNull())
    .addColumn('resident', 'text', (column) => column.notNull())
    .addColumn('area', 'text', (column) => column.notNull())
    .addColumn('mode', 'text', (column) => column.notNull())
    .addColumn('record_calls', 'integer', (column) => column.notNull())
    .addColumn('ring_seconds', 'integer', (column) => column.notNull())
    .addColumn('phone_secret', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('line_contacts')
    .addColumn('line_id', 'text', (column) => column.notNull().references('lines.id').onDelete('cascade'))
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('position', 'integer', (column) => column.notNull())
    .addColumn('number', 'text', (column) => column.notNull())
    .addColumn('name', 'text')
    .addPrimaryKeyConstraint('line_contacts_key', ['line_id', 'kind', 'position'])
    .execute();
  await db.schema
    .createTable('revisions')
    .addColumn('name', 'text', (column) => column.primaryKey().notNull())
    .addColumn('value', 'bigint', (column) => column.notNull())
    .execute();
  const seeded = db as Kysely<{ revisions: { name: string; value: number } }>;
  await seeded.insertInto('revisions').values({ name: 'lines', value: 0 }).execute();
}
