import type { CallEvent, JournalEntry, Outcome } from '../../core/call.ts';
import { type FinishedCall, foldRecord } from '../../core/record.ts';
import type { Log } from '../../log.ts';
import type { CallJournal } from './call-journal.ts';

/** The account of one call: noted while the call lasts, and handed over once, when it is over. */
export class Account {
  /** As in FinishedCall, where it is not that of a call whose end was heard. */
  revision: number | undefined;
  private readonly call: string;
  private readonly journal: CallJournal;
  private readonly onFinished: (call: FinishedCall | null) => void;
  private readonly log: Pick<Log, 'error'>;
  private readonly settled = Promise.withResolvers<Outcome>();
  private closed = false;
  private finished = false;

  /** `onFinished` is told once; null when not even a record could be made. */
  constructor(
    call: string,
    journal: CallJournal,
    onFinished: (call: FinishedCall | null) => void,
    log: Pick<Log, 'error'>,
  ) {
    this.call = call;
    this.journal = journal;
    this.onFinished = onFinished;
    this.log = log;
  }

  /** What comes from now on, such as a hang-up beyond its deadline, is no part of it. */
  get isClosed(): boolean {
    return this.closed;
  }

  /** How it ended, or `connected` as soon as it is. */
  get outcome(): Promise<Outcome> {
    return this.settled.promise;
  }

  reach(): void {
    this.settled.resolve('connected');
  }

  note(entry: JournalEntry): void {
    if (!this.closed) this.journal.note(entry);
  }

  /** As CallJournal's. */
  noteEvent(event: CallEvent): (() => void) | null {
    return this.closed ? null : this.journal.noteEvent(event);
  }

  /** Clearline failed in the call. */
  noteFailure(err: unknown, at: number): void {
    this.note({ at, event: { type: 'BrokenOff', at, why: err instanceof Error ? err.message : String(err) } });
    this.note({ at, effect: { do: 'Conclude', ending: { outcome: 'failed', by: 'clearline', cause: 16 } } });
  }

  close(): void {
    this.closed = true;
  }

  /** Throws where no record can be made of the journal. */
  finish(): void {
    if (this.finished) return;
    const { call, revision } = this;
    const journal = this.journal.entries;
    const finished = { record: foldRecord(call, journal), journal, ...(revision !== undefined && { revision }) };
    this.finished = true;
    this.settled.resolve(finished.record.ending.outcome);
    this.onFinished(finished);
  }

  /** No record can be made of it, or nobody take it over. */
  giveUp(err: unknown): void {
    const { call, journal, log } = this;
    log.error({ err, call, journal: journal.entries }, 'the end of a call cannot be put on record');
    this.settled.resolve('failed');
    if (!this.finished) this.onFinished(null);
  }
}
