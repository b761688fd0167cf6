import type { CallEvent, Leg, Timer } from '../../core/call.ts';
import type { KeptEntry } from '../../core/ports.ts';
import { type Past, relive, timersDue } from '../restart/past.ts';
import type { CallJournal } from './call-journal.ts';
import type { CallLegs } from './call-legs.ts';
import type { Flow } from './flow.ts';
import type { Mailbox } from './mailbox.ts';
import type { Timers } from './timers.ts';
import type { Trace } from './trace.ts';

/** The parts of a call that have a past. */
interface Parts {
  readonly flow: Flow;
  readonly journal: CallJournal;
  readonly legs: CallLegs;
  readonly trace: Trace;
  readonly mailbox: Mailbox;
}

/** What a call that another process began has from that one. */
export class Inherited {
  private due: ReadonlyMap<Timer, number> = new Map();
  private readonly gone = new Set<Leg>();

  /** Brings the parts to where the other left them. Throws where that cannot be known. */
  relive({ flow, journal, legs, trace, mailbox }: Parts, past: Past, kept: readonly KeptEntry[]): void {
    relive(flow, past);
    journal.takeOver(kept, past.journal);
    for (const { channel, status } of past.dialled) legs.dials(channel, status);
    for (const entry of past.journal) {
      trace.relive(entry);
      if ('event' in entry) mailbox.relive(entry.event);
    }
    this.due = timersDue(past.journal);
  }

  /**
   * The call has been compared with Asterisk: `events` were missed. Timers run from now on and not before, lest one go off upon what
   * is no more so.
   */
  compared(events: readonly CallEvent[], timers: Timers, at: number): void {
    for (const event of events) if (event.type === 'HungUp') this.gone.add(event.leg);
    for (const [timer, due] of this.due) timers.set(timer, Math.max(0, due - at));
    this.due = new Map();
  }

  /** It was gone when the call was taken up: nothing is said to it. */
  isGone(leg: Leg): boolean {
    return this.gone.has(leg);
  }
}
