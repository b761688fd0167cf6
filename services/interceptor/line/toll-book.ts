import type { CallStore, FactQueue } from '../../core/ports.ts';
import type { CallRecord } from '../../core/record.ts';
import type { Log } from '../../log.ts';

/** What a line called in the last hour that costs money. */
export type TollsOfLine = Readonly<{ lastHour: number; premiumLastHour: number }>;

interface Toll {
  readonly line: string;
  readonly premium: boolean;
  /** Ms since the epoch. */
  readonly at: number;
}

const hourMs = 3_600_000;
/** As many as are read back at a start: a home's lines make far fewer in an hour. */
const mostRead = 10_000;

/**
 * The ordinary and premium calls of the last hour, line by line, in memory: nothing on a call's way waits for SQL. Known from the
 * records, so a call counts from its end on (before that it counts among those at once); after a start they are
 * read from SQL, where those still missing are the ones that wait in a queue.
 */
export class TollBook {
  /** By call id: a later account of the same call is no other call. */
  private readonly tolls = new Map<string, Toll>();

  /** The counts of a line at a time in ms since the epoch. */
  lastHour(line: string, at: number): TollsOfLine {
    this.forgetBefore(at - hourMs);
    const own = [...this.tolls.values()].filter((toll) => toll.line === line);
    return { lastHour: own.length, premiumLastHour: own.filter(({ premium }) => premium).length };
  }

  note(record: CallRecord): void {
    const toll = tollOf(record);
    if (toll !== null && !this.tolls.has(record.id)) this.tolls.set(record.id, toll);
  }

  /** The same queue, of which each record is noted. */
  noting(facts: FactQueue): FactQueue {
    return {
      put: (call) => {
        this.note(call.record);
        return facts.put(call);
      },
    };
  }

  /** Reads what was called before this process was. Without SQL nothing is known of it, and nobody is refused for it. */
  async recall(calls: Pick<CallStore, 'list'>, now: number, log: Log): Promise<void> {
    try {
      const records = await calls.list({ direction: 'outgoing', since: now - hourMs, limit: mostRead });
      for (const record of records) this.note(record);
    } catch (err) {
      log.warn({ err }, 'the calls of the last hour cannot be read: the limits of calls an hour count from now on');
    }
  }

  private forgetBefore(at: number): void {
    for (const [id, toll] of this.tolls) if (toll.at <= at) this.tolls.delete(id);
  }
}

/** A call that was refused costs nothing, and must not keep a resident from calling for another hour. */
function tollOf(record: CallRecord): Toll | null {
  if (record.direction !== 'outgoing' || record.line === null) return null;
  const { class: kind } = record.number;
  if ((kind !== 'ordinary' && kind !== 'premium') || record.ending.outcome === 'not-allowed') return null;
  return { line: record.line, premium: kind === 'premium', at: record.arrivedAt };
}
