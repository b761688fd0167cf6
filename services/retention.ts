import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { RecordingFolder } from './core/recordings.ts';
import { firstStep, nextStep } from './core/retention/pace.ts';
import {
  dueBefore,
  type Periods,
  type RetentionKind,
  readRecordingName,
  retentionKinds,
} from './core/retention/periods.ts';
import {
  type Due,
  type FileKind,
  LostTurn,
  type RecordingFile,
  type RetentionRun,
  type RetentionStore,
  type RowKind,
  type Turn,
} from './core/retention/stores.ts';

/**
 * Enforces the periods, in small steps: each is one transaction that removes a little, counts it and says how far it has got, so
 * whoever is killed is gone on from there, and nobody else waits long for the database.
 */

/** How long whoever has the turn may be silent before another takes it, in milliseconds. */
const turnMs = 5_000;
const fileKinds: readonly RetentionKind[] = ['names', 'messages', 'conversations'];

export interface RetentionParts {
  readonly store: RetentionStore;
  readonly recordings: RecordingFolder;
  readonly periods: Periods;
  readonly now: () => number;
  /** Names this process among those that may enforce; minted where absent. */
  readonly owner?: string;
}

export type Progress =
  /** Somebody else does it. */
  | { readonly state: 'busy' }
  /** There is more to do. */
  | { readonly state: 'more' }
  | { readonly state: 'done'; readonly run: RetentionRun };

/**
 * Works on a run for about `budgetMs`. One that was left unfinished is finished first, whatever was asked for: then there is more
 * to do. A run that is done does nothing.
 */
export async function enforce(
  { store, recordings, periods, now, owner = randomUUID() }: RetentionParts,
  asked: { readonly id: string; readonly by: string },
  budgetMs: number,
): Promise<Progress> {
  if (!(await store.takeTurn(owner, now(), now() + turnMs))) return { state: 'busy' };
  try {
    const left = await store.unfinished();
    const begun = left ?? (await store.find(asked.id)) ?? { ...asked, startedAt: now() };
    const run = await store.begin({ id: begun.id, by: begun.by, startedAt: begun.startedAt, periods });
    const turn = (): Turn => ({ run: run.id, owner, until: now() + turnMs });
    if (run.finishedAt === null && !(await work({ store, recordings, run, turn, now }, budgetMs)))
      return { state: 'more' };
    const done = await store.find(run.id);
    return run.id === asked.id && done ? { state: 'done', run: done } : { state: 'more' };
  } catch (error) {
    if (error instanceof LostTurn) return { state: 'busy' };
    throw error;
  } finally {
    await store.giveTurn(owner);
  }
}

interface Work {
  readonly store: RetentionStore;
  readonly recordings: RecordingFolder;
  readonly run: RetentionRun;
  readonly turn: () => Turn;
  readonly now: () => number;
}

/** True once the run is finished. */
async function work(parts: Work, budgetMs: number): Promise<boolean> {
  const { store, recordings, run, turn, now } = parts;
  const pace = keepPace(budgetMs);
  let fault: string | null = null;
  for (const { kind } of run.counts.filter(({ done }) => !done)) {
    const before = dueBefore(kind, run.periods, run.startedAt);
    if (before === null) continue;
    if (!isFileKind(kind)) {
      if (!(await pace((most) => store.step(turn(), kind as RowKind, before, most)))) return false;
      continue;
    }
    const names = await recordings.names().catch((error: unknown) => {
      fault = error instanceof Error ? error.message : String(error);
      return [];
    });
    const of = names.filter((name) => readRecordingName(name)?.kind === kind);
    if (!(await pace((most) => stepFiles(parts, kind, before, of, most)))) return false;
  }
  let after = '';
  const swept = await pace(async (most) => {
    const doomed = await store.doomed(after, most);
    for (const name of doomed) await store.deleted(turn(), name, await recordings.remove(name));
    after = doomed.at(-1) ?? after;
    return doomed.length < most;
  });
  if (!swept) return false;
  await store.finish(turn(), now(), fault);
  return true;
}

function isFileKind(kind: RetentionKind): kind is FileKind {
  return fileKinds.includes(kind);
}

async function stepFiles(
  { store, recordings, run, turn }: Work,
  kind: FileKind,
  before: number,
  names: readonly string[],
  most: number,
): Promise<boolean> {
  const cursor = await store.fileCursor(run.id, kind);
  const next = names.filter((name) => name > cursor).slice(0, most);
  const last = next.length < most;
  const files = await lookAll(recordings, next);
  await store.stepFiles(turn(), kind, before, { files, upTo: next.at(-1) ?? cursor, last });
  return last;
}

async function lookAll(recordings: RecordingFolder, names: readonly string[]): Promise<RecordingFile[]> {
  const found = await Promise.all(names.map((name) => recordings.look(name)));
  return found.filter((file) => file !== null);
}

/**
 * Does step after step until one says that it was the last (true) or the budget is used up (false). Between two steps the
 * database is left to others for as long as the last one took, and each is as large as can be done in half of what it may take.
 */
function keepPace(budgetMs: number) {
  const began = performance.now();
  let most = firstStep;
  return async (step: (most: number) => Promise<boolean>): Promise<boolean> => {
    for (;;) {
      const stepBegan = performance.now();
      const last = await step(most);
      const took = performance.now() - stepBegan;
      if (last) return true;
      most = nextStep(most, took);
      if (performance.now() - began > budgetMs) return false;
      await pause(took);
    }
  };
}

/** What would go now, and what would stay although its time is up. Changes nothing. */
export async function survey({
  store,
  recordings,
  periods,
  now,
}: Omit<RetentionParts, 'owner'>): Promise<ReadonlyMap<RetentionKind, Due>> {
  const found = new Map<RetentionKind, Due>();
  for (const kind of retentionKinds) {
    const before = dueBefore(kind, periods, now());
    if (before === null) continue;
    found.set(
      kind,
      await (isFileKind(kind) ? surveyFiles(store, recordings, kind, before) : surveyRows(store, kind, before)),
    );
  }
  return found;
}

const atOnce = 500;
const nothing: Due = { removed: 0, linked: 0, held: 0 };

async function surveyRows(store: RetentionStore, kind: RowKind, before: number): Promise<Due> {
  let total = nothing;
  let cursor = null;
  do {
    const { due, next }: Awaited<ReturnType<RetentionStore['survey']>> = await store.survey(
      kind,
      before,
      cursor,
      atOnce,
    );
    total = add(total, due);
    cursor = next;
  } while (cursor !== null);
  return total;
}

async function surveyFiles(
  store: RetentionStore,
  recordings: RecordingFolder,
  kind: FileKind,
  before: number,
): Promise<Due> {
  const names = (await recordings.names()).filter((name) => readRecordingName(name)?.kind === kind);
  let total = nothing;
  for (let begin = 0; begin < names.length; begin += atOnce) {
    const files = await lookAll(recordings, names.slice(begin, begin + atOnce));
    total = add(total, await store.surveyFiles(before, files));
  }
  return total;
}

function add(a: Due, b: Due): Due {
  return { removed: a.removed + b.removed, linked: a.linked + b.linked, held: a.held + b.held };
}
