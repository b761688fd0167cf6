import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Who saw what; what each recording was when it was made; and what was removed because its time was up, or at a person's wish. */
export const retention: Migration = {
  up: async (db) => {
    await createAccessLog(db);
    await createRecordings(db);
    await createRuns(db);
    await db.schema.createIndex('sightings_oldest').on('sightings').columns(['at', 'call_id']).execute();
  },
};

async function createAccessLog(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('access_log')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('by_whom', 'text', (column) => column.notNull())
    .addColumn('what', 'text', (column) => column.notNull())
    .addColumn('item', 'text', (column) => column.notNull())
    .addColumn('why', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('access_log_newest').on('access_log').columns(['at', 'id']).execute();
  await db.schema.createIndex('access_log_item').on('access_log').columns(['item', 'at', 'id']).execute();
}

async function createRecordings(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('recordings')
    .addColumn('name', 'text', (column) => column.primaryKey().notNull())
    .addColumn('call_id', 'text', (column) => column.notNull())
    .addColumn('bytes', 'bigint')
    .addColumn('sha256', 'text')
    .addColumn('seen_at', 'bigint', (column) => column.notNull())
    .addColumn('doomed_by', 'text')
    .addColumn('fault', 'text')
    .execute();
  await db.schema.createIndex('recordings_call').on('recordings').columns(['call_id', 'name']).execute();
  await db.schema.createIndex('recordings_doomed').on('recordings').columns(['doomed_by', 'name']).execute();
}

async function createRuns(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('retention_runs')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('started_at', 'bigint', (column) => column.notNull())
    .addColumn('finished_at', 'bigint')
    .addColumn('by_whom', 'text', (column) => column.notNull())
    .addColumn('periods', 'text', (column) => column.notNull())
    .addColumn('fault', 'text')
    .execute();
  const counts = db.schema
    .createTable('retention_counts')
    .addColumn('run_id', 'text', (column) => column.notNull().references('retention_runs.id').onDelete('cascade'))
    .addColumn('kind', 'text', (column) => column.notNull());
  await ['removed', 'kept_linked', 'kept_held', 'failed', 'cursor_at', 'done']
    .reduce((table, name) => table.addColumn(name, 'bigint', (column) => column.notNull()), counts)
    .addColumn('oldest', 'bigint')
    .addColumn('newest', 'bigint')
    .addColumn('cursor_id', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('retention_counts_key', ['run_id', 'kind'])
    .execute();
  await db.schema
    .createTable('retention_lock')
    .addColumn('name', 'text', (column) => column.primaryKey().notNull())
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('until', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('erasures')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('by_whom', 'text', (column) => column.notNull())
    .addColumn('why', 'text', (column) => column.notNull())
    .addColumn('person', 'text', (column) => column.notNull())
    .addColumn('report', 'text', (column) => column.notNull())
    .execute();
}
