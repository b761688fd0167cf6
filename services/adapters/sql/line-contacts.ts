import type { Transaction } from 'kysely';
import type { Lists } from '../../core/contacts/lists.ts';
import type { LineContactsTable, Tables } from './schema.ts';
import { fromText, toText } from './text.ts';

/** A line's lists, a row a contact in the order in which they were given. `line` is as the database has it. */

export async function replaceContacts(trx: Transaction<Tables>, line: string, lists: Lists): Promise<void> {
  await trx.deleteFrom('line_contacts').where('line_id', '=', line).execute();
  const rows = rowsOf(line, lists);
  // SQLite takes 32,766 values a statement, and an address book may be longer.
  for (let from = 0; from < rows.length; from += mostAtOnce) {
    await trx
      .insertInto('line_contacts')
      .values(rows.slice(from, from + mostAtOnce))
      .execute();
  }
}

const mostAtOnce = 1_000;

export async function readContacts(trx: Transaction<Tables>, line: string): Promise<Lists> {
  const rows = await trx
    .selectFrom('line_contacts')
    .selectAll()
    .where('line_id', '=', line)
    .orderBy('position')
    .execute();
  const of = (kind: LineContactsTable['kind']) => rows.filter((row) => row.kind === kind);
  return {
    trusted: of('trusted').map(({ number, name }) => ({ number: fromText(number), name: fromText(name ?? '') })),
    blocked: of('blocked').map(({ number }) => fromText(number)),
  };
}

function rowsOf(line_id: string, { trusted, blocked }: Lists): LineContactsTable[] {
  return [
    ...trusted.map(
      ({ number, name }, position): LineContactsTable => ({
        line_id,
        kind: 'trusted',
        position,
        number: toText(number),
        name: toText(name),
      }),
    ),
    ...blocked.map(
      (number, position): LineContactsTable => ({
        line_id,
        kind: 'blocked',
        position,
        number: toText(number),
        name: null,
      }),
    ),
  ];
}
