import type { Migration } from 'kysely/migration';

/** Who may use the console, and who is logged in to it. */
export const accounts: Migration = {
  up: async (db) => {
    await db.schema
      .createTable('accounts')
      .addColumn('name', 'text', (column) => column.primaryKey().notNull())
      .addColumn('role', 'text', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .addColumn('disabled', 'integer', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('console_sessions')
      .addColumn('digest', 'text', (column) => column.primaryKey().notNull())
      .addColumn('account', 'text', (column) => column.notNull().references('accounts.name').onDelete('cascade'))
      .addColumn('begun_at', 'bigint', (column) => column.notNull())
      .addColumn('used_at', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('console_sessions_account').on('console_sessions').column('account').execute();
    await db.schema.createIndex('console_sessions_used').on('console_sessions').column('used_at').execute();
  },
};
