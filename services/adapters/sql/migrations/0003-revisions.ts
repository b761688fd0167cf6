import type { Migration } from 'kysely/migration';

/** A call is put on record when it ends, and once more when its carrier has answered: the order is kept by a number. */
export const revisions: Migration = {
  up: async (db) => {
    await db.schema
      .alterTable('calls')
      .addColumn('revision', 'integer', (column) => column.notNull().defaultTo(0))
      .execute();
  },
};
