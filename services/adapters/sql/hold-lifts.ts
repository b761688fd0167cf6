import type { Kysely } from 'kysely';
import type { HoldLift, HoldLiftStore } from '../../core/ports.ts';
import type { Tables } from './schema.ts';
import { fromText, toText } from './text.ts';

/** Who lifted which hold, in SQL. Rejects with the database's own error when it is locked or lost. */
export function sqlHoldLiftStore(db: Kysely<Tables>): HoldLiftStore {
  return {
    put: (lift) => put(db, lift),
    list: (line, limit) => list(db, line, limit),
  };
}

async function put(db: Kysely<Tables>, { line, at, by, why }: HoldLift): Promise<void> {
  await db
    .insertInto('hold_lifts')
    .values({ line: toText(line), at: Math.round(at), by_whom: toText(by), why: toText(why) })
    .execute();
}

async function list(db: Kysely<Tables>, line: string, limit: number): Promise<readonly HoldLift[]> {
  const rows = await db
    .selectFrom('hold_lifts')
    .selectAll()
    .where('line', '=', toText(line))
    .orderBy('at', 'desc')
    .limit(Math.max(0, Math.trunc(limit)))
    .execute();
  return rows.map((row) => ({
    line: fromText(row.line),
    at: row.at,
    by: fromText(row.by_whom),
    why: fromText(row.why),
  }));
}
