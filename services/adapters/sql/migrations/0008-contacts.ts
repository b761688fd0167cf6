import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Who is expected on a line, when its screening rests, and which numbers are not to be suggested for its list any more. */
export const contacts: Migration = {
  up: async (db) => {
    await createWindows(db);
    await createSuggestions(db);
  },
};

async function createWindows(db: Kysely<unknown>): Promise<void> {
  // Like lifted holds, pauses stay on record when their line has gone.
  await db.schema
    .createTable('line_pauses')
    .addColumn('line', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('until', 'bigint', (column) => column.notNull())
    .addColumn('by_whom', 'text', (column) => column.notNull())
    .addColumn('why', 'text', (column) => column.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('ended_by', 'text')
    .addPrimaryKeyConstraint('line_pauses_key', ['line', 'at'])
    .execute();
  await db.schema
    .createTable('line_expected')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('line_id', 'text', (column) => column.notNull().references('lines.id').onDelete('cascade'))
    .addColumn('number', 'text')
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('from_at', 'bigint', (column) => column.notNull())
    .addColumn('until', 'bigint', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('by_whom', 'text', (column) => column.notNull())
    .addColumn('cancelled_by', 'text')
    .execute();
  await db.schema.createIndex('line_expected_line').on('line_expected').columns(['line_id', 'until']).execute();
  await db.schema.createIndex('line_expected_until').on('line_expected').columns(['until']).execute();
}

async function createSuggestions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('suggestion_dismissals')
    .addColumn('line_id', 'text', (column) => column.notNull().references('lines.id').onDelete('cascade'))
    .addColumn('number', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('by_whom', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('suggestion_dismissals_key', ['line_id', 'number'])
    .execute();
  // Everything a number ever did, whatever the line; with the call's id, so that no row of the large table is read for it.
  await db.schema
    .createIndex('calls_party')
    .on('calls')
    .columns(['party_number', 'standing', 'outcome', 'id'])
    .execute();
  // Small parts of a table with a million rows. The conditions are those that suggestions.ts asks by, word for word: SQLite
  // takes such an index for no other.
  await db.schema
    .createIndex('calls_put_through')
    .on('calls')
    .columns(['line', 'party_number', 'arrived_at'])
    .where(sql<boolean>`outcome in ('talked', 'handled-by-staff') and standing = 'unvouched'`)
    .execute();
  await db.schema
    .createIndex('calls_forged_fraud')
    .on('calls')
    .columns(['party_search'])
    .where(sql<boolean>`outcome in ('reported', 'ghost-dialled', 'fake-dial-tone', 'returned-call')`)
    .where(sql<boolean>`standing in ('suspect', 'blocked')`)
    .execute();
}
