import type { KeptHolds } from '../../adapters/ami-holds.ts';

/** Who left a hold. */
export interface LeftBy {
  /** The number they showed, in the form `readNumber` gives; null where they showed none. */
  readonly number: string | null;
  readonly trunk: string;
}

/** AstDB knows whole seconds, and the dialplan writes before Asterisk tells of the hang-up: in another second, now and then. */
const roundingSeconds = 1;

/** A moment in the life of the book: what was entered after it is newer than what was asked of AstDB then. */
export type Mark = number;

interface Hold {
  readonly until: number;
  readonly by: LeftBy | null;
}

interface Fresh {
  /** In ms since the epoch. */
  readonly until: number;
  readonly entered: Mark;
  readonly late: boolean;
}

interface TimedTrunk {
  readonly trunk: string;
  readonly until: number;
}

/**
 * Which lines are held, in memory, so that nothing on the call path has to ask. The truth is in AstDB, where the dialplan
 * writes it whatever becomes of this process; the book is read from there at the start and every few seconds, since staff
 * may lift a hold there.
 */
export class HoldBook {
  private readonly holds = new Map<string, Hold>();
  /** Holds that calls left since AstDB was last read. */
  private readonly fresh = new Map<string, Fresh>();
  /** The number shown by whoever left the hold, as AstDB has it. */
  private callers: ReadonlyMap<string, string> = new Map();
  /** Trunks that a far end may hold open: until when, in ms since the epoch, and when that was entered. */
  private timed: (TimedTrunk & { readonly entered: Mark })[] = [];
  private entries: Mark = 0;

  /** `at` is ms since the epoch. */
  isHeld(line: string, at: number): boolean {
    return (this.holds.get(line)?.until ?? 0) > at;
  }

  /** How many lines are held at a time in ms since the epoch. */
  countHeld(at: number): number {
    return [...this.holds.values()].filter(({ until }) => until > at).length;
  }

  /**
   * Holds a line until a time in ms since the epoch; never shortens a hold. `late`: the caller had gone, so that the dialplan
   * cannot have written it.
   */
  hold(line: string, until: number, by: LeftBy | null = null, late = false): void {
    this.entries += 1;
    const known = this.holds.get(line);
    if (until > (known?.until ?? 0)) this.holds.set(line, { until, by });
    const entered = this.entries;
    this.fresh.set(line, { until: Math.max(until, this.fresh.get(line)?.until ?? 0), entered, late });
  }

  /** Who left the hold that stands: the number they showed, and their trunk where this process saw them go. */
  leftBy(line: string): { readonly number: string | null; readonly trunk: string | null } {
    const by = this.holds.get(line)?.by;
    return { number: by?.number ?? this.callers.get(line) ?? null, trunk: by?.trunk ?? null };
  }

  /**
   * A caller's leg on a timed trunk has ended; the trunk may be held open until a time in ms since the epoch. Whichever line
   * they called: it is the trunk that their far end holds, and any line's guarded call would reach them over it.
   */
  holdTrunk(trunk: string, until: number): void {
    this.entries += 1;
    this.timed.push({ trunk, until, entered: this.entries });
  }

  /** The trunks that a far end may still hold open, with the milliseconds left. */
  timedTrunks(at: number): { readonly trunk: string; readonly leftMs: number }[] {
    const left = new Map<string, number>();
    for (const { trunk, until } of this.timed) {
      if (until > at) left.set(trunk, Math.max(until - at, left.get(trunk) ?? 0));
    }
    return [...left].map(([trunk, leftMs]) => ({ trunk, leftMs }));
  }

  /** To be taken before AstDB is asked. */
  mark(): Mark {
    return this.entries;
  }

  /**
   * What calls left before the mark, since AstDB was last read, and is longer than what it says now: line id to epoch
   * seconds. A hold read from AstDB itself is not in it: somebody may have lifted that by hand.
   */
  missingIn({ until: seconds }: Pick<KeptHolds, 'until'>, mark: Mark): ReadonlyMap<string, number> {
    const left = [...this.fresh].flatMap(([line, { until, entered }]) =>
      entered <= mark ? [[line, Math.floor(until / 1000)] as const] : [],
    );
    const known = (line: string) => seconds.get(line) ?? Number.NEGATIVE_INFINITY;
    return new Map(left.filter(([line, until]) => until > known(line) + roundingSeconds));
  }

  /** The last hold of the line was made when its caller had gone: it is no wonder that AstDB lacks it. */
  isLate(line: string): boolean {
    return this.fresh.get(line)?.late ?? false;
  }

  /** Takes over what AstDB said when it was asked at the mark. */
  replaceBy({ until: seconds, callers, timed }: KeptHolds, mark: Mark): void {
    this.callers = callers;
    const before = new Map(this.holds);
    this.holds.clear();
    for (const [line, { entered }] of this.fresh) {
      const hold = before.get(line);
      if (entered > mark && hold) this.holds.set(line, hold);
      else this.fresh.delete(line);
    }
    for (const [line, until] of seconds) {
      const known = before.get(line);
      const same = known !== undefined && Math.abs(Math.floor(known.until / 1000) - until) <= roundingSeconds;
      if (until * 1000 > (this.holds.get(line)?.until ?? 0))
        this.holds.set(line, { until: Math.max(until * 1000, same ? known.until : 0), by: same ? known.by : null });
    }
    this.timed = this.timed.filter(({ entered }) => entered > mark);
    for (const [trunk, until] of timed) this.timed.push({ trunk, until: until * 1000, entered: mark });
  }
}
