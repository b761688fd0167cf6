import { z } from 'zod';
import type { CallKeeper, KeptEntry } from '../core/ports.ts';
import type { Log } from '../log.ts';

/** `<token> <owner>`, as lease.ts writes it. */
const ownerKey = 'clearline:owner';
/** The ids of kept calls; each has a list at `clearline:call:<id>`, whose elements are JSON arrays of entries, as they were written. */
const setKey = 'clearline:calls';
const listPrefix = 'clearline:call:';
/** Nothing lingers: what no interceptor takes up within a day is of no use to a call. */
const keptSeconds = 86_400;
/** What comes within so many milliseconds is written at once: a call's entries come in bursts, and each write costs two processes. */
const batchMs = 20;
const answerMs = 1_000;
/** How soon all is written anew after Redis did not take a write, in milliseconds. */
const againMs = 1_000;
/** More entries than this do not wait for a Redis that is slow; they are in the calls themselves. */
const mostWaiting = 50_000;
/** Calls that ended while Redis was away, at most. */
const mostDropped = 100_000;
/** Entries in one write, about. */
const entriesAtOnce = 2_000;

/** For each call: its id, `add`, `new` or `del`, and its entries. Answers 0, and changes nothing, where another owns the calls. */
const script = `
  local held = redis.call('GET', KEYS[1])
  if held and string.match(held, '^(%d+) ') ~= ARGV[1] then return 0 end
  for at = 3, #ARGV, 3 do
    local id, what, entries = ARGV[at], ARGV[at + 1], ARGV[at + 2]
    local list = '${listPrefix}' .. id
    if what ~= 'add' then redis.call('DEL', list) end
    if what == 'del' then
      redis.call('SREM', KEYS[2], id)
    else
      redis.call('RPUSH', list, entries)
      redis.call('EXPIRE', list, ARGV[2])
      redis.call('SADD', KEYS[2], id)
    end
  end
  redis.call('EXPIRE', KEYS[2], ARGV[2])
  return 1
`;

/** A connection to Redis, as far as this needs it. */
interface Shelf {
  eval(script: string, keys: number, ...rest: (string | number)[]): Promise<unknown>;
  smembers(key: string): Promise<string[]>;
  lrange(key: string, from: number, to: number): Promise<string[]>;
}

export interface KeptCallsOptions {
  /** Of the kind `producer`. */
  readonly redis: Shelf;
  /** The lease's fencing token; null where Redis gave none, and nothing kept there is ours to change. */
  readonly token: () => string | null;
  /** All that is to be kept of the calls that run, to be written anew. */
  readonly source: () => Iterable<readonly [call: string, entries: readonly KeptEntry[]]>;
  readonly log: Log;
}

export interface KeptCalls extends CallKeeper {
  /** Writes what still waits. Never rejects. */
  close(): Promise<void>;
}

/**
 * Running calls in Redis, for whoever takes them up. While Redis is away or slow nothing waits for it, and nothing piles up: the
 * calls themselves know all, and are written anew when it is back, after what it had is loaded.
 */
export function openKeptCalls(options: KeptCallsOptions): KeptCalls {
  return new Keeper(options);
}

type Write = readonly [call: string, what: 'add' | 'new' | 'del', entries: readonly KeptEntry[]];

class Keeper implements KeptCalls {
  private readonly options: KeptCallsOptions;
  private readonly waiting = new Map<string, KeptEntry[]>();
  private waitingEntries = 0;
  private readonly dropped = new Set<string>();
  private timer: NodeJS.Timeout | null = null;
  private writing: Promise<void> | null = null;
  /** Redis lacks what is no longer waiting. */
  private behind = false;
  private loaded = false;
  private told = false;

  constructor(options: KeptCallsOptions) {
    this.options = options;
  }

  keep(call: string, entries: readonly KeptEntry[]): void {
    if (this.behind) return this.writeSoon(againMs);
    const known = this.waiting.get(call);
    if (known) known.push(...entries);
    else this.waiting.set(call, [...entries]);
    this.waitingEntries += entries.length;
    if (this.waitingEntries > mostWaiting) this.fallBehind();
    this.writeSoon(batchMs);
  }

  drop(call: string): void {
    this.waitingEntries -= this.waiting.get(call)?.length ?? 0;
    this.waiting.delete(call);
    if (this.dropped.size < mostDropped) this.dropped.add(call);
    this.writeSoon(this.behind ? againMs : batchMs);
  }

  async load(): Promise<ReadonlyMap<string, readonly KeptEntry[]> | null> {
    const { redis } = this.options;
    const read = async () => {
      const calls = await redis.smembers(setKey);
      return Promise.all(calls.map(async (call) => [call, await redis.lrange(listPrefix + call, 0, -1)] as const));
    };
    const found = await soon(read());
    if (found === null) return null;
    this.loaded = true;
    return new Map(found.flatMap(([call, entries]) => this.read(call, entries)));
  }

  async close(): Promise<void> {
    await this.writing;
    if (this.timer !== null) await this.write();
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private read(call: string, entries: readonly string[]): [string, readonly KeptEntry[]][] {
    try {
      return [[call, entries.flatMap((text) => z.array(keptEntry).parse(JSON.parse(text)) as unknown as KeptEntry[])]];
    } catch (err) {
      this.options.log.warn({ err, call }, 'what was kept of a call cannot be read');
      return [[call, []]];
    }
  }

  private writeSoon(ms: number): void {
    if (this.timer === null && this.writing === null) {
      this.timer = setTimeout(() => void this.write(), ms);
      this.timer.unref();
    }
  }

  private write(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.writing ??= this.send().finally(() => {
      this.writing = null;
      if (this.behind) this.writeSoon(againMs);
      else if (this.waiting.size + this.dropped.size > 0) this.writeSoon(batchMs);
    });
    return this.writing;
  }

  private async send(): Promise<void> {
    const token = this.options.token();
    const anew = this.behind;
    // What was kept before is still to be taken up: nobody else has it.
    if (token === null || !this.loaded) return this.fallBehind();
    this.behind = false;
    const drops = [...this.dropped].map((call): Write => [call, 'del', []]);
    const entries = anew
      ? Array.from(this.options.source(), ([call, all]): Write => [call, 'new', [...all]])
      : Array.from(this.waiting, ([call, some]): Write => [call, 'add', some]);
    this.waiting.clear();
    this.waitingEntries = 0;
    try {
      for (const batch of batches([...drops, ...entries])) {
        if (!(await this.sendBatch(token, batch))) return this.fallBehind();
      }
    } catch (err) {
      this.options.log.debug({ err }, 'what is kept of the calls cannot be written now');
      return this.fallBehind();
    }
    for (const [call] of drops) this.dropped.delete(call);
  }

  private async sendBatch(token: string, batch: readonly Write[]): Promise<boolean> {
    const args = batch.flatMap(([call, what, entries]) => [call, what, JSON.stringify(entries)]);
    const reply = await this.options.redis.eval(script, 2, ownerKey, setKey, token, keptSeconds, ...args);
    if (reply === 0 && !this.told) this.options.log.warn('another interceptor owns the calls: nothing is kept of ours');
    this.told = reply === 0;
    return reply !== 0;
  }

  private fallBehind(): void {
    this.behind = true;
    this.waiting.clear();
    this.waitingEntries = 0;
  }
}

function batches(writes: readonly Write[]): Write[][] {
  const all: Write[][] = [];
  let size = entriesAtOnce;
  for (const write of writes) {
    if (size >= entriesAtOnce) {
      all.push([]);
      size = 0;
    }
    all.at(-1)?.push(write);
    size += write[2].length + 1;
  }
  return all;
}

const keptEntry = z
  .looseObject({ at: z.number() })
  .and(
    z.union([
      z.looseObject({ event: z.looseObject({ type: z.string(), at: z.number() }) }),
      z.looseObject({ effect: z.looseObject({ do: z.string() }) }),
      z.looseObject({ dialled: z.object({ channel: z.string(), name: z.string(), status: z.string() }) }),
    ]),
  );

/** Null when it fails, or takes longer than a second. */
async function soon<T>(work: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, answerMs, null);
  });
  try {
    return await Promise.race([work, late]);
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}
