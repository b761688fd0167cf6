import { type EndedNotes, notePages } from '../../adapters/ami-ended.ts';
import type { Opening } from '../../core/call.ts';
import { completed, isLetGo } from '../../core/let-go-call.ts';
import { type CallNote, type InboundNote, type OutgoingNote, readNote, reconstruct } from '../../core/noted-call.ts';
import { classifyDialled, type NumberRules, readNumber } from '../../core/number.ts';
import { gb } from '../../core/packs/gb.ts';
import type { FactQueue, LineBook } from '../../core/ports.ts';
import type { FinishedCall } from '../../core/record.ts';
import type { Log } from '../../log.ts';
import { trunkOf } from '../call/call-legs.ts';
import { type ArrivalRules, describe } from '../exchange/arrival.ts';
import { callOf } from '../exchange/ids.ts';
import { asEmergency } from '../exchange/outgoing.ts';

/**
 * Asterisk notes every call when it ends. The note of a call whose record is safe is taken away; one that is left tells of a
 * call that nobody watched, and becomes its record. So there is a record of every call, whoever was dead.
 */

/** How long after its end a note of an unknown call is left alone, in milliseconds: its record may be on its way. */
const settleMs = 3_000;
/** How often the notes are gone through, in milliseconds. */
const lookMs = 5_000;
/** How soon after its record the note of a call is taken away, in milliseconds: its channel may outlive it a little. */
const tidyMs = 500;
/** So many calls whose record is safe are remembered, the oldest forgotten first: a later note of one is of no use. */
const mostRemembered = 20_000;
/** So many calls that Clearline let go of are remembered until the dialplan notes their end. */
const mostLetGo = 1_000;

export interface NotedCallsOptions {
  readonly notes: EndedNotes;
  /** Where the records go. */
  readonly facts: FactQueue;
  readonly isRunning: (call: string) => boolean;
  readonly lines: LineBook;
  readonly numbers: NumberRules;
  readonly arrivals: ArrivalRules;
  /** In the site's order. */
  readonly trunks: readonly { readonly name: string }[];
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
}

export interface NoteOfEnd {
  readonly endedAt: number;
  readonly cause: number;
  /** What an INVITE said, in base64 and as `describe` reads it; null for a call from a line. */
  readonly facts: readonly string[] | null;
}

export class NotedCalls {
  private readonly options: NotedCallsOptions;
  /** Calls whose record is safe; each with its note where that is all the record was made of. */
  private readonly safe = new Map<string, CallNote | null>();
  /** The accounts of calls that went on without Clearline. */
  private readonly letGo = new Map<string, FinishedCall>();
  private readonly untidied = new Set<string>();
  private readonly told = new Set<string>();
  private readonly timers: NodeJS.Timeout[] = [];
  private looking = false;

  constructor(options: NotedCallsOptions) {
    this.options = options;
  }

  /** The same queue; the note of a call that it took is taken away soon after. */
  tidying(facts: FactQueue): FactQueue {
    return {
      put: async (call) => {
        await facts.put(call);
        // One whose end nobody knows yields to what Asterisk notes of it.
        if ((call.revision ?? 0) < -1) return;
        if (isLetGo(call)) this.awaitEnd(call);
        else this.forget(call.record.id);
      },
    };
  }

  /** The call's record is safe. */
  forget(call: string): void {
    this.remember(call, null);
    this.untidied.add(call);
  }

  /** The call's record is safe, and what the dialplan notes of its end may complete it. */
  private awaitEnd(call: FinishedCall): void {
    const { id } = call.record;
    this.remember(id, null);
    this.letGo.set(id, call);
    dropOldest(this.letGo, mostLetGo);
  }

  private remember(call: string, note: CallNote | null): void {
    this.safe.set(call, note);
    dropOldest(this.safe, mostRemembered);
  }

  /** When a call ended, in ms since the epoch, and its cause (Q.850), as Asterisk noted; null where it has not, or AMI is away. */
  async noteOf(call: string): Promise<NoteOfEnd | null> {
    const text = this.safe.get(call) ? null : await this.options.notes.read(call);
    const note = text === null ? (this.safe.get(call) ?? null) : readNote(text);
    return note && { endedAt: note.endedAt, cause: note.cause, facts: 'facts' in note ? note.facts : null };
  }

  /** Goes through the notes now, and every few seconds from then on. Calls of before must be running by then. */
  start(): void {
    void this.look();
    this.timers.push(
      setInterval(() => void this.look(), lookMs),
      setInterval(() => void this.tidy(), tidyMs),
    );
  }

  async close(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.tidy();
  }

  /** Puts on record what nobody watched. Stops where AMI or the queue is away: the notes wait. Never rejects. */
  async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    let recorded = 0;
    try {
      for (const page of notePages) {
        const notes = await this.options.notes.list(page);
        if (notes === null) return;
        for (const { call, text } of notes) if (await this.settle(call, text)) recorded += 1;
      }
    } catch (err) {
      this.options.log.warn(
        { err },
        'calls that nobody watched cannot be put on record yet; they stay noted in Asterisk',
      );
    } finally {
      this.looking = false;
      if (recorded > 0)
        this.options.log.info(
          { calls: recorded },
          'put on record, from what Asterisk noted, calls that nobody watched',
        );
    }
  }

  /** Takes away the notes of calls whose record is safe. What AMI does not do now, a later look does. */
  private async tidy(): Promise<void> {
    const calls = [...this.untidied];
    this.untidied.clear();
    for (const call of calls) await this.options.notes.remove(call);
  }

  /** True when the call is on record by its note. Rejects when the queue does not take it. */
  private async settle(call: string, text: string): Promise<boolean> {
    const { notes, facts, isRunning, clock, log } = this.options;
    if (isRunning(call)) return false;
    if (this.safe.has(call)) {
      await this.completeByNote(call, text);
      await notes.remove(call);
      return false;
    }
    const note = readNote(text);
    if (note !== null && note.endedAt + settleMs > clock()) return false;
    const opening = note && this.openingOf(call, note);
    if (note === null || opening === null) {
      // Not the note itself: it has the caller's name and number in base64, where no mask finds them.
      if (!this.told.has(call)) {
        log.error(
          { call },
          'no record can be made of a call that Asterisk noted; the note stays in AstDB (clearline-ended)',
        );
      }
      this.told.add(call);
      return false;
    }
    await facts.put(reconstruct(call, note, opening, trunkOf(note.peer)));
    this.remember(call, note);
    await notes.remove(call);
    return true;
  }

  /** Rejects when the queue does not take it: the note waits. */
  private async completeByNote(call: string, text: string): Promise<void> {
    const account = this.letGo.get(call);
    const note = account && readNote(text);
    const whole = account && note ? completed(account, note, trunkOf(note.peer)) : null;
    if (whole !== null) await this.options.facts.put(whole);
    this.letGo.delete(call);
  }

  /** How the call began, as its note tells. Null where its line is no more. */
  private openingOf(call: string, note: CallNote): Opening | null {
    return note.direction === 'inbound' ? this.arrivalOf(note) : this.diallingOf(call, note);
  }

  private arrivalOf(note: InboundNote): Opening {
    const { lines, arrivals } = this.options;
    const { dialled, trunk, begunAt: at } = note;
    return {
      type: 'Arrived',
      at,
      dialled,
      line: lines.byNumber(readNumber(dialled, gb).number),
      trunk,
      ...describe(note.facts, trunk, arrivals),
      held: false,
      engaged: false,
      calledBefore: false,
      staffed: arrivals.staffed,
      random: 0,
    };
  }

  private diallingOf(call: string, { line: id, written, emergency, begunAt: at }: OutgoingNote): Opening | null {
    const { lines, numbers, trunks, arrivals } = this.options;
    const line = lines.byId(id);
    if (line === null) return null;
    // A leg that Clearline rang, and that went on to dial by itself.
    const outOf = callOf(call);
    return {
      type: 'Dialled',
      at,
      line,
      number: emergency ? asEmergency(written, { numbers }) : classifyDialled(written, numbers),
      written,
      by: outOf === null ? 'phone' : 'ghost-dial',
      outOf,
      answered: outOf !== null,
      held: false,
      trunks: trunks.map(({ name }) => name),
      suspectTrunks: [],
      staffed: arrivals.staffed,
    };
  }
}

function dropOldest(map: Map<string, unknown>, most: number): void {
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}
