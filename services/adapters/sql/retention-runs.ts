import type { Kysely, Transaction } from 'kysely';
import { type RetentionKind, retentionKinds } from '../../core/retention/periods.ts';
import {
  LostTurn,
  type RetentionCount,
  type RetentionRun,
  type RetentionStore,
  type Turn,
} from '../../core/retention/stores.ts';
import type { RetentionCountsTable, Tables } from './schema.ts';
import { fromText, toText } from './text.ts';

/** Runs of retention, what each did, and whose turn it is. */

export async function takeTurn(db: Kysely<Tables>, owner: string, now: number, until: number): Promise<boolean> {
  const taken = await db
    .insertInto('retention_lock')
    .values({ name: 'retention', owner, until: Math.round(until) })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet({ owner, until: Math.round(until) })
        .where(({ or, eb }) =>
          or([eb('retention_lock.until', '<=', Math.round(now)), eb('retention_lock.owner', '=', owner)]),
        ),
    )
    .returning('owner')
    .executeTakeFirst();
  return taken !== undefined;
}

export async function giveTurn(db: Kysely<Tables>, owner: string): Promise<void> {
  await db.deleteFrom('retention_lock').where('owner', '=', owner).execute();
}

/** The first thing a step does: it holds the turn's row, so that nobody else can be in a step. */
export async function keepTurn(trx: Transaction<Tables>, { owner, until }: Turn): Promise<void> {
  const { numUpdatedRows } = await trx
    .updateTable('retention_lock')
    .set({ until: Math.round(until) })
    .where('owner', '=', owner)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) throw new LostTurn('somebody else enforces the periods meanwhile');
}

export async function begin(
  db: Kysely<Tables>,
  { id, startedAt, by, periods }: Parameters<RetentionStore['begin']>[0],
): Promise<RetentionRun> {
  await db.transaction().execute(async (trx) => {
    const run = { id: toText(id), started_at: Math.round(startedAt), by_whom: toText(by) };
    const text = JSON.stringify(periods);
    await trx
      .insertInto('retention_runs')
      .values({ ...run, periods: text, finished_at: null, fault: null })
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet({ periods: text }).where('retention_runs.finished_at', 'is', null),
      )
      .execute();
    const none = { removed: 0, kept_linked: 0, kept_held: 0, failed: 0, oldest: null, newest: null, done: 0 };
    await trx
      .insertInto('retention_counts')
      .values(retentionKinds.map((kind) => ({ run_id: run.id, kind, ...none, cursor_at: beginning.at, cursor_id: '' })))
      .onConflict((conflict) => conflict.columns(['run_id', 'kind']).doNothing())
      .execute();
  });
  const begun = await find(db, id);
  if (!begun) throw new Error(`the run ${id} was begun, and is not on record`);
  return begun;
}

/** Before everything that has a time. */
export const beginning = { at: Number.MIN_SAFE_INTEGER, id: '' } as const;

export async function find(db: Kysely<Tables>, id: string): Promise<RetentionRun | null> {
  const [run] = await readRuns(
    db,
    await db.selectFrom('retention_runs').selectAll().where('id', '=', toText(id)).execute(),
  );
  return run ?? null;
}

export async function unfinished(db: Kysely<Tables>): Promise<RetentionRun | null> {
  const rows = await db
    .selectFrom('retention_runs')
    .selectAll()
    .where('finished_at', 'is', null)
    .orderBy('started_at')
    .limit(1)
    .execute();
  return (await readRuns(db, rows))[0] ?? null;
}

export async function runs(db: Kysely<Tables>, limit: number): Promise<readonly RetentionRun[]> {
  const rows = await db
    .selectFrom('retention_runs')
    .selectAll()
    .orderBy('started_at', 'desc')
    .orderBy('id', 'desc')
    .limit(Math.max(0, Math.trunc(limit)))
    .execute();
  return readRuns(db, rows);
}

async function readRuns(db: Kysely<Tables>, rows: readonly Tables['retention_runs'][]): Promise<RetentionRun[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const counts = await db.selectFrom('retention_counts').selectAll().where('run_id', 'in', ids).execute();
  return rows.map((row) => ({
    id: fromText(row.id),
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    by: fromText(row.by_whom),
    periods: JSON.parse(row.periods),
    fault: row.fault === null ? null : fromText(row.fault),
    counts: retentionKinds.flatMap((kind) =>
      counts.filter((count) => count.run_id === row.id && count.kind === kind).map((count) => countOf(kind, count)),
    ),
  }));
}

function countOf(kind: RetentionKind, row: RetentionCountsTable): RetentionCount {
  const { removed, kept_linked: linked, kept_held: held, failed, oldest, newest, done } = row;
  return { kind, removed, linked, held, failed, oldest, newest, done: done !== 0 };
}

/** What is to be added to a run's count of a kind. */
export interface Tally {
  readonly removedAt: readonly number[];
  readonly linked: number;
  readonly held: number;
}

export async function addTally(
  trx: Transaction<Tables>,
  run: string,
  kind: RetentionKind,
  { removedAt, linked, held }: Tally,
  changes: Partial<Pick<RetentionCountsTable, 'cursor_at' | 'cursor_id' | 'done'>> = {},
): Promise<void> {
  const row = await trx
    .selectFrom('retention_counts')
    .select(['oldest', 'newest'])
    .where('run_id', '=', toText(run))
    .where('kind', '=', kind)
    .executeTakeFirstOrThrow();
  const times = [...removedAt, ...[row.oldest, row.newest].filter((at) => at !== null)];
  await trx
    .updateTable('retention_counts')
    .set(({ eb }) => ({
      removed: eb('removed', '+', removedAt.length),
      kept_linked: eb('kept_linked', '+', linked),
      kept_held: eb('kept_held', '+', held),
      oldest: times.length === 0 ? null : Math.min(...times),
      newest: times.length === 0 ? null : Math.max(...times),
      ...changes,
    }))
    .where('run_id', '=', toText(run))
    .where('kind', '=', kind)
    .execute();
}
