import type { Kysely } from 'kysely';
import type { Judgement, RetentionKind } from '../../core/retention/periods.ts';
import { readRecordingName } from '../../core/retention/periods.ts';
import type { Due, FileKind, RetentionStore, RowKind, ShelfPart, Turn } from '../../core/retention/stores.ts';
import { lockChain } from './chain.ts';
import { candidates, judgeFiles } from './retention-due.ts';
import { removals, removeBeside } from './retention-remove.ts';
import { addTally, begin, beginning, find, giveTurn, keepTurn, runs, takeTurn, unfinished } from './retention-runs.ts';
import type { Tables } from './schema.ts';
import { fromText, toText } from './text.ts';

/** Enforces the periods, in SQL. Rejects with the database's own error when it is locked or lost: the run goes on later. */
export function sqlRetentionStore(db: Kysely<Tables>): RetentionStore {
  return {
    takeTurn: (owner, now, until) => takeTurn(db, owner, now, until),
    giveTurn: (owner) => giveTurn(db, owner),
    unfinished: () => unfinished(db),
    begin: (run) => begin(db, run),
    find: (id) => find(db, id),
    runs: (limit) => runs(db, limit),
    step: (turn, kind, before, most) => step(db, turn, kind, before, most),
    stepFiles: (turn, kind, before, shelf) => stepFiles(db, turn, kind, before, shelf),
    fileCursor: async (run, kind) => fromText((await cursorOf(db, run, kind)).id),
    doomed: (after, limit) => doomed(db, after, limit),
    deleted: (turn, name, fault) => deleted(db, turn, name, fault),
    finish: (turn, at, fault) => finish(db, turn, at, fault),
    async survey(kind, before, cursor, most) {
      const found = await candidates[kind](db, before, cursor, most);
      const last = found.length < most ? null : (found.at(-1) ?? null);
      return { due: sum(found), next: last && { at: last.at, id: last.id } };
    },
    surveyFiles: async (before, files) => sum(await judgeFiles(db, before, files)),
  };
}

async function step(db: Kysely<Tables>, turn: Turn, kind: RowKind, before: number, most: number): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    await keepTurn(trx, turn);
    // Before they are looked for: what somebody erases at the same moment must not be removed twice.
    if (kind === 'calls') await lockChain(trx);
    const found = await candidates[kind](trx, before, await cursorOf(trx, turn.run, kind), most);
    const going = found.filter(({ judgement }) => judgement === 'remove');
    const ids = going.map(({ id }) => id);
    const why = `retention: older than its period (${turn.run})`;
    if (ids.length > 0) await removals[kind](trx, ids, { id: turn.run, by: 'clearline', why, at: Date.now() });
    const beside = await removeBeside(trx, kind, before);
    const last = found.at(-1);
    const { linked, held } = sum(found);
    await addTally(
      trx,
      turn.run,
      kind,
      { removedAt: [...going.map(({ at }) => at), ...beside], linked, held },
      { done: found.length < most ? 1 : 0, ...(last && { cursor_at: last.at, cursor_id: last.id }) },
    );
    return found.length < most;
  });
}

async function stepFiles(
  db: Kysely<Tables>,
  turn: Turn,
  kind: FileKind,
  before: number,
  { files, upTo, last }: ShelfPart,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await keepTurn(trx, turn);
    const judged = await judgeFiles(trx, before, files);
    const going = judged.filter(({ judgement }) => judgement === 'remove');
    for (const { file, at } of going) {
      const row = { name: toText(file.name), call_id: toText(file.call), seen_at: Math.round(at) };
      await trx
        .insertInto('recordings')
        .values({ ...row, bytes: null, sha256: null, doomed_by: toText(turn.run), fault: null })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ doomed_by: toText(turn.run) }))
        .execute();
    }
    const { linked, held } = sum(judged);
    await addTally(
      trx,
      turn.run,
      kind,
      { removedAt: [], linked, held },
      { done: last ? 1 : 0, cursor_id: toText(upTo) },
    );
  });
}

async function cursorOf(db: Kysely<Tables>, run: string, kind: RetentionKind) {
  const row = await db
    .selectFrom('retention_counts')
    .select(['cursor_at as at', 'cursor_id as id'])
    .where('run_id', '=', toText(run))
    .where('kind', '=', kind)
    .executeTakeFirst();
  return row ?? beginning;
}

async function doomed(db: Kysely<Tables>, after: string, limit: number): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('recordings')
    .select('name')
    .where('doomed_by', 'is not', null)
    .where('name', '>', toText(after))
    .orderBy('name')
    .limit(limit)
    .execute();
  return rows.map(({ name }) => fromText(name));
}

async function deleted(db: Kysely<Tables>, turn: Turn, name: string, fault: string | null): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await keepTurn(trx, turn);
    const of = trx.updateTable('recordings').where('name', '=', toText(name)).where('doomed_by', 'is not', null);
    if (fault !== null) return void (await of.set({ fault: toText(fault) }).execute());
    const gone = await trx
      .deleteFrom('recordings')
      .where('name', '=', toText(name))
      .where('doomed_by', 'is not', null)
      .returning('seen_at')
      .executeTakeFirst();
    const kind = readRecordingName(name)?.kind;
    if (!gone || kind === undefined) return;
    await addTally(trx, turn.run, kind, { removedAt: [gone.seen_at], linked: 0, held: 0 });
  });
}

async function finish(db: Kysely<Tables>, turn: Turn, at: number, fault: string | null): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await keepTurn(trx, turn);
    const left = await trx.selectFrom('recordings').select('name').where('doomed_by', 'is not', null).execute();
    const kinds = left.map(({ name }) => readRecordingName(fromText(name))?.kind);
    for (const kind of ['names', 'messages', 'conversations'] as const) {
      await trx
        .updateTable('retention_counts')
        .set({ failed: kinds.filter((each) => each === kind).length })
        .where('run_id', '=', toText(turn.run))
        .where('kind', '=', kind)
        .execute();
    }
    await trx
      .updateTable('retention_runs')
      .set({ finished_at: Math.round(at), fault: fault === null ? null : toText(fault) })
      .where('id', '=', toText(turn.run))
      .execute();
  });
}

function sum(judged: readonly { readonly judgement: Judgement | null }[]): Due {
  const count = (wanted: Judgement) => judged.filter(({ judgement }) => judgement === wanted).length;
  return { removed: count('remove'), linked: count('linked'), held: count('held') };
}
