import type { Kysely, Transaction } from 'kysely';
import type { Expectation, Pause } from '../../core/contacts/windows.ts';
import type { ExpectedCaller, ProtectedLine } from '../../core/line.ts';
import { bumpLines } from './lines-revision.ts';
import type { LineExpectedTable, LinePausesTable, Tables } from './schema.ts';
import { fromText, toText } from './text.ts';

/** What a line allows for a while: a pause, and callers who are expected. Each ends by itself; no row is needed for that. */

type Windows = Pick<ProtectedLine, 'pausedUntil' | 'expected'>;

/** The event's own time decides what is in force, and Asterisk's clock may differ from this machine's by a little. */
const slackMs = 3_600_000;

/** What is on or still to come, by line; a line without either is not in it. */
export async function readWindows(db: Kysely<Tables>, now: number): Promise<ReadonlyMap<string, Windows>> {
  const [pauses, expected] = await Promise.all([
    db
      .selectFrom('line_pauses')
      .select(['line', 'until'])
      .where('ended_at', 'is', null)
      .where('until', '>', now - slackMs)
      .execute(),
    db
      .selectFrom('line_expected')
      .selectAll()
      .where('until', '>', now - slackMs)
      .orderBy('from_at')
      .orderBy('id')
      .execute(),
  ]);
  const windows = new Map<string, Windows>(pauses.map(({ line, until }) => [line, { pausedUntil: until }]));
  for (const [line, rows] of Map.groupBy(expected, ({ line_id }) => line_id)) {
    windows.set(line, { ...windows.get(line), expected: rows.map(expectedOf) });
  }
  return windows;
}

function expectedOf({ number, name, from_at, until }: LineExpectedTable): ExpectedCaller {
  return { number: number === null ? null : fromText(number), name: fromText(name), from: from_at, until };
}

/** Ends the pause that is on. `line` is as the database has it. */
export async function endPause(trx: Transaction<Tables>, line: string, at: number, by: string): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('line_pauses')
    .set({ ended_at: at, ended_by: toText(by) })
    .where('line', '=', line)
    .where('ended_at', 'is', null)
    .where('until', '>', at)
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

export async function pause(db: Kysely<Tables>, { line, at, until, by, why }: NewPause): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    await bumpLines(trx);
    if (!(await isLine(trx, line))) return false;
    await endPause(trx, toText(line), at, by);
    const row = {
      line: toText(line),
      at,
      until,
      by_whom: toText(by),
      why: toText(why),
      ended_at: null,
      ended_by: null,
    };
    await trx.insertInto('line_pauses').values(row).execute();
    return true;
  });
}

type NewPause = Omit<Pause, 'endedAt' | 'endedBy'>;

export async function resume(db: Kysely<Tables>, line: string, at: number, by: string): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    await bumpLines(trx);
    return endPause(trx, toText(line), at, by);
  });
}

export async function listPauses(db: Kysely<Tables>, line: string, limit: number): Promise<readonly Pause[]> {
  const rows = await db
    .selectFrom('line_pauses')
    .selectAll()
    .where('line', '=', toText(line))
    .orderBy('at', 'desc')
    .limit(Math.max(0, Math.trunc(limit)))
    .execute();
  return rows.map(pauseOf);
}

function pauseOf({ line, at, until, by_whom, why, ended_at, ended_by }: LinePausesTable): Pause {
  return {
    line: fromText(line),
    at,
    until,
    by: fromText(by_whom),
    why: fromText(why),
    endedAt: ended_at,
    endedBy: ended_by === null ? null : fromText(ended_by),
  };
}

export async function expectCaller(db: Kysely<Tables>, wanted: Omit<Expectation, 'cancelledBy'>): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    await bumpLines(trx);
    if (!(await isLine(trx, wanted.line))) return false;
    const row: LineExpectedTable = {
      id: toText(wanted.id),
      line_id: toText(wanted.line),
      number: wanted.number === null ? null : toText(wanted.number),
      name: toText(wanted.name),
      from_at: wanted.from,
      until: wanted.until,
      at: wanted.at,
      by_whom: toText(wanted.by),
      cancelled_by: null,
    };
    await trx
      .insertInto('line_expected')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
    return true;
  });
}

export async function cancel(db: Kysely<Tables>, id: string, at: number, by: string): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    await bumpLines(trx);
    const { numUpdatedRows } = await trx
      .updateTable('line_expected')
      .set({ until: at, cancelled_by: toText(by) })
      .where('id', '=', toText(id))
      .where('until', '>', at)
      .executeTakeFirstOrThrow();
    return numUpdatedRows > 0n;
  });
}

export async function listExpected(db: Kysely<Tables>, line: string, at: number): Promise<readonly Expectation[]> {
  const rows = await db
    .selectFrom('line_expected')
    .selectAll()
    .where('line_id', '=', toText(line))
    .where('until', '>', at)
    .orderBy('from_at')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    ...expectedOf(row),
    id: fromText(row.id),
    line: fromText(row.line_id),
    at: row.at,
    by: fromText(row.by_whom),
    cancelledBy: row.cancelled_by === null ? null : fromText(row.cancelled_by),
  }));
}

async function isLine(trx: Transaction<Tables>, id: string): Promise<boolean> {
  const row = await trx.selectFrom('lines').select('id').where('id', '=', toText(id)).executeTakeFirst();
  return row !== undefined;
}
