import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Access, AccessFilter, AccessKind, AccessLog } from '../../core/stores.ts';
import type { Tables } from './schema.ts';
import { fromText, toText } from './text.ts';

/** Who saw what, in SQL. Rejects with the database's own error when it is locked or lost: then nothing is to be shown. */
export function sqlAccessLog(db: Kysely<Tables>): AccessLog {
  return {
    note: (access) => note(db, access),
    list: (filter) => list(db, filter),
  };
}

async function note(db: Kysely<Tables>, { at, by, what, item, why }: Access): Promise<void> {
  await db
    .insertInto('access_log')
    .values({ id: randomUUID(), at: Math.round(at), by_whom: toText(by), what, item: toText(item), why: toText(why) })
    .execute();
}

async function list(db: Kysely<Tables>, filter: AccessFilter): Promise<readonly Access[]> {
  const { what, items, by, since, until, limit } = filter;
  if (items?.length === 0) return [];
  let query = db.selectFrom('access_log').selectAll();
  if (what !== undefined) query = query.where('what', '=', what);
  if (items !== undefined) query = query.where('item', 'in', items.map(toText));
  if (by !== undefined) query = query.where('by_whom', '=', toText(by));
  if (since !== undefined) query = query.where('at', '>=', since);
  if (until !== undefined) query = query.where('at', '<', until);
  const rows = await query
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(Math.max(0, Math.trunc(limit)))
    .execute();
  return rows.map((row) => ({
    at: row.at,
    by: fromText(row.by_whom),
    // A newer release may have written a kind this one has no words for; it is told by its name.
    what: row.what as AccessKind,
    item: fromText(row.item),
    why: fromText(row.why),
  }));
}
