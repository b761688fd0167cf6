import type { Migration } from 'kysely/migration';

/** Incidents, every version of each, and the calls of each. A call has at most one incident. */
export const incidents: Migration = {
  up: async (db) => {
    await db.schema
      .createTable('incidents')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('line', 'text')
      .addColumn('area', 'text')
      .addColumn('outcome', 'text')
      .addColumn('status', 'text', (column) => column.notNull())
      .addColumn('campaign', 'text')
      .addColumn('legal_hold', 'integer', (column) => column.notNull())
      .addColumn('version', 'integer', (column) => column.notNull())
      .addColumn('changed_at', 'bigint', (column) => column.notNull())
      .addColumn('at_risk', 'integer', (column) => column.notNull())
      .addColumn('told', 'integer', (column) => column.notNull().defaultTo(0))
      .addColumn('document', 'text', (column) => column.notNull())
      .execute();
    // The list is newest first, so each index ends in the order the list is given in.
    await db.schema.createIndex('incidents_newest').on('incidents').columns(['at', 'id']).execute();
    for (const filter of ['line', 'area', 'outcome', 'status', 'campaign']) {
      await db.schema.createIndex(`incidents_${filter}`).on('incidents').columns([filter, 'at', 'id']).execute();
    }
    // A count reads nothing but its index.
    await db.schema
      .createIndex('incidents_count')
      .on('incidents')
      .columns(['at', 'status', 'area', 'outcome'])
      .execute();
    await db.schema.createIndex('incidents_untold').on('incidents').columns(['told', 'at_risk', 'at']).execute();
    await db.schema
      .createTable('incident_versions')
      .addColumn('incident_id', 'text', (column) => column.notNull().references('incidents.id').onDelete('cascade'))
      .addColumn('version', 'integer', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('by_whom', 'text', (column) => column.notNull())
      .addColumn('document', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('incident_versions_key', ['incident_id', 'version'])
      .execute();
    await db.schema
      .createTable('incident_calls')
      .addColumn('call_id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('incident_id', 'text', (column) => column.notNull().references('incidents.id').onDelete('cascade'))
      .execute();
    await db.schema.createIndex('incident_calls_incident').on('incident_calls').columns(['incident_id']).execute();
  },
};
