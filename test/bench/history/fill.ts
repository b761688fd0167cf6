import { hour } from '../../support/sightings.ts';
import type { Bulk } from './bulk.ts';
import type { MadeHistory, Rows } from './made.ts';

/** Calls made and written at a time. */
const batch = 5000;

/** Writes the whole history into each database, which must have its tables and nothing in them. */
export async function fill(history: MadeHistory, databases: readonly Bulk[]): Promise<void> {
  const { calls } = history.size;
  await write(history.base(), databases);
  for (let from = 0; from < calls; from += batch) {
    await write(history.batch(from, Math.min(batch, calls - from)), databases);
  }
  const { seq, hash } = history.chainHead;
  for (const database of databases) {
    await database.run(`update journal_chain_head set seq = ${seq}, hash = '${hash}'`);
    await database.run(
      `insert into area_hours (area, hour, calls) select area, at / ${hour}, count(*) from sightings where counts = 1 group by 1, 2`,
    );
  }
}

async function write(rows: Rows, databases: readonly Bulk[]): Promise<void> {
  for (const [table, its] of Object.entries(rows) as [keyof Rows, never[]][]) {
    if (its.length === 0) continue;
    await Promise.all(databases.map((database) => database.insert(table, its)));
  }
}
