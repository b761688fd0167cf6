import type { Migration } from 'kysely/migration';

/**
 * Calls have another party, which is the caller no more but in calls to a line; lines listen for dial tones; and alerts and
 * lifted holds are kept.
 */
export const outgoingAndAlerts: Migration = {
  up: async (db) => {
    for (const column of ['number', 'search', 'name']) {
      await db.schema.alterTable('calls').renameColumn(`caller_${column}`, `party_${column}`).execute();
    }
    await db.schema
      .alterTable('lines')
      .addColumn('tone_watch', 'integer', (column) => column.notNull().defaultTo(1))
      .execute();
    await db.schema
      .createTable('alerts')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('line', 'text', (column) => column.notNull())
      .addColumn('call_id', 'text')
      .execute();
    await db.schema.createIndex('alerts_newest').on('alerts').columns(['at', 'id']).execute();
    await db.schema.createIndex('alerts_line').on('alerts').columns(['line', 'at', 'id']).execute();
    await db.schema
      .createTable('hold_lifts')
      .addColumn('line', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('by_whom', 'text', (column) => column.notNull())
      .addColumn('why', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('hold_lifts_key', ['line', 'at'])
      .execute();
  },
};
