import type { By } from '../stores.ts';
import type { Periods, RecordingName, RetentionKind } from './periods.ts';

/** What enforces the periods needs of the world. Times are UTC milliseconds since the epoch. */

/** What a run did to one kind of data. Times are those of what was removed; null where nothing was. */
export interface RetentionCount {
  readonly kind: RetentionKind;
  readonly removed: number;
  /** Kept although their time is up: they belong to an incident that goes on, and to one with a legal hold. */
  readonly linked: number;
  readonly held: number;
  /** Files that could not be deleted, and are tried again by the next run. */
  readonly failed: number;
  readonly oldest: number | null;
  readonly newest: number | null;
  /** Everything of this kind that was due is judged. */
  readonly done: boolean;
}

/** One enforcement of the periods, and its report. */
export interface RetentionRun {
  /** `night-2026-11-23`, or minted where a person asked for it. */
  readonly id: string;
  /** What was due by then is removed, however long the run takes. */
  readonly startedAt: number;
  readonly finishedAt: number | null;
  readonly by: By;
  readonly periods: Periods;
  /** What else went wrong, in a sentence. */
  readonly fault: string | null;
  readonly counts: readonly RetentionCount[];
}

/** A recording's file, as the folder has it. */
export interface RecordingFile extends RecordingName {
  /** When it was last written. */
  readonly at: number;
}

/** Some of the files of a kind. */
export interface ShelfPart {
  readonly files: readonly RecordingFile[];
  /** Every file of the kind up to this name is judged then. */
  readonly upTo: string;
  /** There are none after it. */
  readonly last: boolean;
}

/** Whose turn it is, in which run. */
export interface Turn {
  readonly run: string;
  readonly owner: string;
  /** Until when the turn is taken, unless it is used again before. */
  readonly until: number;
}

export interface Due {
  readonly removed: number;
  readonly linked: number;
  readonly held: number;
}

/** Thrown where somebody else has the turn meanwhile: what was being done in it is undone. */
export class LostTurn extends Error {}

export interface RetentionStore {
  /** Takes the turn to enforce the periods, or keeps it; false where another has it that is not run out. */
  takeTurn(owner: string, now: number, until: number): Promise<boolean>;
  giveTurn(owner: string): Promise<void>;
  /** The run that was begun and not finished, oldest first; null where there is none. */
  unfinished(): Promise<RetentionRun | null>;
  /** Begins a run, or goes on with the one of this id: what is on record of it. */
  begin(run: Pick<RetentionRun, 'id' | 'startedAt' | 'by' | 'periods'>): Promise<RetentionRun>;
  find(id: string): Promise<RetentionRun | null>;
  /** Newest first. */
  runs(limit: number): Promise<readonly RetentionRun[]>;
  /**
   * Judges the next `most` of what is older than `before`, removes what is to go and counts it, all or nothing. True once there
   * is no more. Rejects with LostTurn.
   */
  step(turn: Turn, kind: RowKind, before: number, most: number): Promise<boolean>;
  /** Judges these files as `step` does; those that are to go are doomed. */
  stepFiles(turn: Turn, kind: FileKind, before: number, shelf: ShelfPart): Promise<void>;
  /** The name after which `stepFiles` goes on; empty before the first. */
  fileCursor(run: string, kind: FileKind): Promise<string>;
  /** Recordings that are to be deleted and come after this name, in order. */
  doomed(after: string, limit: number): Promise<readonly string[]>;
  /** Tells what became of a doomed file: null where it is gone, else why it is not. */
  deleted(turn: Turn, name: string, fault: string | null): Promise<void>;
  finish(turn: Turn, at: number, fault: string | null): Promise<void>;
  /** What a step would do now to the next `most`, from `cursor` on; the cursor for the next, null after the last. */
  survey(
    kind: RowKind,
    before: number,
    cursor: Cursor | null,
    most: number,
  ): Promise<{ readonly due: Due; readonly next: Cursor | null }>;
  surveyFiles(before: number, files: readonly RecordingFile[]): Promise<Due>;
}

export type FileKind = RecordingName['kind'];
export type RowKind = Exclude<RetentionKind, FileKind>;

export interface Cursor {
  readonly at: number;
  readonly id: string;
}
