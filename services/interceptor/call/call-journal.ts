import type { CallEvent, JournalEntry } from '../../core/call.ts';
import type { CallKeeper, KeptEntry } from '../../core/ports.ts';
import { furtherKeys } from '../../core/step.ts';
import type { Log } from '../../log.ts';

/** So many keys of a call are kept one by one. */
const mostKeys = 200;

/** What happens in one call, as it will stand on record, and as it is kept meanwhile for whoever may have to take the call up. */
export class CallJournal {
  readonly entries: JournalEntry[] = [];
  /** All that has to outlive this process. */
  readonly kept: KeptEntry[] = [];
  private readonly call: string;
  private readonly keeper: CallKeeper | undefined;
  private readonly log: Pick<Log, 'debug'>;
  private keys = 0;

  constructor(call: string, keeper: CallKeeper | undefined, log: Pick<Log, 'debug'>) {
    this.call = call;
    this.keeper = keeper;
    this.log = log;
  }

  /** Takes over what was kept of the call already. */
  takeOver(kept: readonly KeptEntry[], journal: readonly JournalEntry[]): void {
    this.kept.push(...kept);
    this.entries.push(...journal);
    this.keys = journal.filter((entry) => 'event' in entry && entry.event.type === 'KeyPressed').length;
  }

  /** At the level `debug` the log tells each call while it happens, entry by entry. */
  note(entry: JournalEntry): void {
    this.entries.push(entry);
    this.keep(entry);
    this.log.debug({ call: this.call, entry }, 'journal');
  }

  /** How a channel fares that the dialplan dials for the call. */
  noteDial(dialled: Extract<KeptEntry, { dialled: unknown }>['dialled'], at: number): void {
    this.keep({ at, dialled });
  }

  /**
   * Whoever leans on a key, or has a machine do so, must not fill the disk; every key is decided upon all the same. The answer
   * is to be called when such a key has led to something: then it has to be known, if the call is to be taken up.
   */
  noteEvent(event: CallEvent): (() => void) | null {
    const { at } = event;
    if (event.type === 'KeyPressed') this.keys += 1;
    if (event.type !== 'KeyPressed' || this.keys <= mostKeys) {
      this.note({ at, event });
      return null;
    }
    if (this.keys === mostKeys + 1) this.note({ at, event: { ...event, digit: furtherKeys } });
    return () => this.keep({ at, event });
  }

  private keep(entry: KeptEntry): void {
    this.kept.push(entry);
    this.keeper?.keep(this.call, [entry]);
  }
}
