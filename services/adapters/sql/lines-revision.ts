import type { Kysely, Transaction } from 'kysely';
import type { Tables } from './schema.ts';

/**
 * The number by which running services see that a line changed. It is changed first in a transaction, so that two writers meet
 * on this row and not half-way through each other's lines.
 */
export async function bumpLines(trx: Transaction<Tables>): Promise<void> {
  await trx
    .updateTable('revisions')
    .set((eb) => ({ value: eb('value', '+', 1) }))
    .where('name', '=', 'lines')
    .execute();
}

export async function linesRevision(db: Kysely<Tables>): Promise<number> {
  const row = await db.selectFrom('revisions').select('value').where('name', '=', 'lines').executeTakeFirstOrThrow();
  return row.value;
}
