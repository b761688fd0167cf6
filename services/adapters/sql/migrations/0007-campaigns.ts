import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Calls of strangers, narrow and indexed by what they may have in common, and the campaigns that are made of them. */
export const campaigns: Migration = {
  up: async (db) => {
    await createSightings(db);
    await createCampaigns(db);
    await db.schema.createIndex('line_contacts_vouching').on('line_contacts').columns(['number', 'kind']).execute();
    await db.schema.createIndex('incidents_changed').on('incidents').column('changed_at').execute();
    await db.schema.createIndex('lines_number').on('lines').column('number').execute();
  },
};

async function createSightings(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sightings')
    .addColumn('call_id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('line', 'text', (column) => column.notNull())
    .addColumn('area', 'text', (column) => column.notNull())
    .addColumn('shown', 'text')
    .addColumn('shown_block', 'text')
    .addColumn('network', 'text')
    .addColumn('network_block', 'text')
    .addColumn('claim', 'text')
    .addColumn('script', 'text')
    .addColumn('reported', 'integer', (column) => column.notNull())
    .addColumn('by_staff', 'integer', (column) => column.notNull())
    .addColumn('suspect', 'integer', (column) => column.notNull())
    .addColumn('counts', 'integer', (column) => column.notNull())
    .addColumn('incident_version', 'integer', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('sightings_area').on('sightings').columns(['area', 'at']).execute();
  for (const key of ['shown_block', 'network_block', 'claim', 'script']) {
    await db.schema
      .createIndex(`sightings_${key}`)
      .on('sightings')
      .columns([key, 'at'])
      .where(sql.ref(key), 'is not', null)
      .execute();
  }
  await db.schema
    .createTable('area_hours')
    .addColumn('area', 'text', (column) => column.notNull())
    .addColumn('hour', 'integer', (column) => column.notNull())
    .addColumn('calls', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('area_hours_key', ['area', 'hour'])
    .execute();
}

async function createCampaigns(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('campaigns')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('first_call', 'text', (column) => column.notNull())
    .addColumn('first_at', 'bigint', (column) => column.notNull())
    .addColumn('last_at', 'bigint', (column) => column.notNull())
    .addColumn('found_by', 'text', (column) => column.notNull())
    .addColumn('found_at', 'bigint', (column) => column.notNull())
    .addColumn('reasons', 'text', (column) => column.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('ended_by', 'text')
    .addColumn('ended_why', 'text')
    .execute();
  // Of two workers that find the same campaign at one moment by different first calls, one is refused here.
  await db.schema
    .createIndex('campaigns_going_on')
    .unique()
    .on('campaigns')
    .columns(['kind', 'key'])
    .where(sql.ref('ended_at'), 'is', null)
    .execute();
  await db.schema.createIndex('campaigns_key').on('campaigns').columns(['kind', 'key', 'last_at']).execute();
  await db.schema.createIndex('campaigns_newest').on('campaigns').columns(['last_at', 'id']).execute();
  await db.schema
    .createTable('campaign_calls')
    .addColumn('call_id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('campaign', 'text', (column) => column.notNull().references('campaigns.id').onDelete('cascade'))
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('line', 'text', (column) => column.notNull())
    .addColumn('area', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('campaign_calls_campaign').on('campaign_calls').columns(['campaign', 'at']).execute();
  await db.schema
    .createTable('area_guards')
    .addColumn('campaign', 'text', (column) => column.notNull().references('campaigns.id').onDelete('cascade'))
    .addColumn('area', 'text', (column) => column.notNull())
    .addColumn('until', 'bigint', (column) => column.notNull())
    .addColumn('raised_by', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('area_guards_key', ['campaign', 'area'])
    .execute();
}
