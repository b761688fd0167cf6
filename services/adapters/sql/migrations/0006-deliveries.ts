import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Alerts know what they are about beside a call, and each message that tells somebody of one is a row. */
export const deliveries: Migration = {
  up: async (db) => {
    for (const column of ['area', 'incident', 'campaign']) {
      await db.schema.alterTable('alerts').addColumn(column, 'text').execute();
    }
    await createDeliveries(db);
    const seeded = db as Kysely<{ revisions: { name: string; value: number } }>;
    await seeded.insertInto('revisions').values({ name: 'deliveries', value: 0 }).execute();
  },
};

async function createDeliveries(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('deliveries')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('alert', 'text')
    .addColumn('recipient', 'text', (column) => column.notNull())
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('digest', 'text')
    .addColumn('planned_at', 'bigint', (column) => column.notNull())
    .addColumn('planned_for', 'bigint', (column) => column.notNull())
    .addColumn('due', 'bigint', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('claim', 'text')
    .addColumn('claimed_until', 'bigint')
    .addColumn('sent_at', 'bigint')
    .addColumn('fault', 'text')
    .execute();
  const indexes = {
    alert: ['alert'],
    digest: ['digest'],
    newest: ['planned_at', 'id'],
    recent: ['planned_for'],
    state: ['state', 'due'],
    recipient: ['recipient', 'planned_for'],
  };
  for (const [name, columns] of Object.entries(indexes)) {
    await db.schema.createIndex(`deliveries_${name}`).on('deliveries').columns(columns).execute();
  }
}
