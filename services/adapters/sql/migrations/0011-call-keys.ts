import { type Kysely, PostgresAdapter, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { keysOf } from '../call-keys.ts';
import type { CallsTable, Tables } from '../schema.ts';

/** What calls are looked for by: see call-keys.ts. */
export const callKeys: Migration = {
  up: async (db) => {
    // Keys are compared byte by byte, whatever the language of the server: only then do those that begin alike stand together.
    const bytewise = db.getExecutor().adapter instanceof PostgresAdapter ? sql`collate "C"` : sql``;
    await db.schema
      .createTable('call_keys')
      .addColumn('call_id', 'text', (column) => column.notNull().references('calls.id').onDelete('cascade'))
      .addColumn('ends', 'integer', (column) => column.notNull())
      .addColumn('key', 'text', (column) => column.notNull().modifyEnd(bytewise))
      .addColumn('arrived_at', 'bigint', (column) => column.notNull())
      .execute();
    await fill(db as Kysely<Tables>);
    await db.schema
      .createIndex('call_keys_key')
      .on('call_keys')
      .columns(['ends', 'key', 'arrived_at', 'call_id'])
      .execute();
    await db.schema.createIndex('call_keys_call').on('call_keys').column('call_id').execute();
    // Half of all calls have the same outcome: it is looked for together with something else.
    await db.schema.createIndex('calls_direction').on('calls').columns(['direction', 'arrived_at', 'id']).execute();
    for (const [one, other] of [
      ['outcome', 'standing'],
      ['direction', 'outcome'],
    ] as const) {
      await db.schema
        .createIndex(`calls_${one}_${other}`)
        .on('calls')
        .columns([one, other, 'arrived_at', 'id'])
        .execute();
    }
  },
};

/** Calls at a time. */
const batch = 1000;

async function fill(db: Kysely<Tables>): Promise<void> {
  let last: Pick<CallsTable, 'id' | 'arrived_at'> | undefined;
  for (;;) {
    const after: typeof last = last;
    const rows: Pick<CallsTable, 'id' | 'arrived_at' | 'party_search'>[] = await db
      .selectFrom('calls')
      .select(['id', 'arrived_at', 'party_search'])
      .$if(after !== undefined, (query) =>
        query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('arrived_at', 'id'), '>', tuple(after?.arrived_at ?? 0, after?.id ?? '')),
        ),
      )
      .orderBy('arrived_at')
      .orderBy('id')
      .limit(batch)
      .execute();
    last = rows.at(-1);
    if (last === undefined) return;
    const keys = rows.flatMap(({ id, arrived_at, party_search }) =>
      keysOf(party_search).map((key) => ({ call_id: id, ...key, arrived_at })),
    );
    for (let from = 0; from < keys.length; from += 2 * batch) {
      await db
        .insertInto('call_keys')
        .values(keys.slice(from, from + 2 * batch))
        .execute();
    }
  }
}
