import { z } from 'zod';
import type { CallKeeper, KeptEntry } from '../core/ports.ts';
import type { Log } from '../log.ts';
import { soon } from '../soon.ts';
import { dropping, listPrefix, script, scriptId } from './kept-calls-script.ts';

/** `<token> <owner>`, as lease.ts writes it. */
const ownerKey = 'clearline:owner';
/** The ids of kept calls. */
const setKey = 'clearline:calls';
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

/** A connection to Redis, as far as this needs it. */
interface Shelf {
  eval(script: string, keys: number, ...rest: (string | number)[]): Promise<unknown>;
  evalsha(id: string, keys: number, ...rest: (string | number)[]): Promise<unknown>;
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

/** `before` is how many elements its list has, as in the script. */
type Write = readonly [call: string, before: number, entries: readonly KeptEntry[]];

class Keeper implements KeptCalls {
  private readonly options: KeptCallsOptions;
  private readonly waiting = new Map<string, KeptEntry[]>();
  private waitingEntries = 0;
  private readonly dropped = new Set<string>();
  /** How many elements Redis has of each call. */
  private readonly written = new Map<string, number>();
  /** Calls of which Redis has something else than that. */
  private readonly torn = new Set<string>();
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
    this.written.delete(call);
    this.torn.delete(call);
    if (this.dropped.size < mostDropped) this.dropped.add(call);
    this.writeSoon(this.behind ? againMs : batchMs);
  }

  async load(): Promise<ReadonlyMap<string, readonly KeptEntry[]> | null> {
    const { redis } = this.options;
    const read = async () => {
      const calls = await orNothing(redis.smembers(setKey));
      return Promise.all(
        calls.map(async (call) => [call, await orNothing(redis.lrange(listPrefix + call, 0, -1))] as const),
      );
    };
    const found = await soon(read(), answerMs);
    if (found === null) return null;
    this.loaded = true;
    if (!this.behind) for (const [call, { length }] of found) this.written.set(call, length);
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
      else if (this.waiting.size + this.dropped.size + this.torn.size > 0) this.writeSoon(batchMs);
    });
    return this.writing;
  }

  private async send(): Promise<void> {
    const token = this.options.token();
    const anew = this.behind;
    // What was kept before is still to be taken up: nobody else has it.
    if (token === null || !this.loaded) return this.fallBehind();
    this.behind = false;
    const writes = [...this.drops(), ...this.entries(anew)];
    this.waiting.clear();
    this.waitingEntries = 0;
    try {
      for (const batch of batches(writes)) {
        if (!(await this.sendBatch(token, batch))) return this.fallBehind();
        for (const [call, before] of batch) this.count(call, before);
      }
    } catch (err) {
      this.options.log.debug({ err }, 'what is kept of the calls cannot be written now');
      this.fallBehind();
    }
  }

  private drops(): Write[] {
    return Array.from(this.dropped, (call) => [call, dropping, []]);
  }

  private entries(anew: boolean): Write[] {
    const { waiting, torn, written } = this;
    const whole = anew || torn.size > 0 ? [...this.options.source()].filter(([call]) => anew || torn.has(call)) : [];
    const some = anew ? [] : [...waiting].filter(([call]) => !torn.has(call));
    torn.clear();
    return [
      ...whole.map(([call, all]): Write => [call, 0, [...all]]),
      ...some.map(([call, more]): Write => [call, written.get(call) ?? 0, more]),
    ];
  }

  private count(call: string, before: number): void {
    if (before === dropping) this.dropped.delete(call);
    else if (!this.torn.has(call) && !this.dropped.has(call)) this.written.set(call, before + 1);
  }

  private async sendBatch(token: string, batch: readonly Write[]): Promise<boolean> {
    const args = batch.flatMap(([call, before, entries]) => [call, before, JSON.stringify(entries)]);
    const reply = await this.run(ownerKey, setKey, token, keptSeconds, ...args);
    const refused = !Array.isArray(reply);
    if (refused && !this.told) this.options.log.warn('another interceptor owns the calls: nothing is kept of ours');
    this.told = refused;
    for (const call of refused ? [] : reply) if (!this.dropped.has(String(call))) this.torn.add(String(call));
    return !refused;
  }

  /** Redis keeps the script from the first time until it starts anew. */
  private async run(...args: readonly (string | number)[]): Promise<unknown> {
    const { redis } = this.options;
    try {
      return await redis.evalsha(scriptId, 2, ...args);
    } catch (err) {
      if (!(err instanceof Error && err.message.startsWith('NOSCRIPT'))) throw err;
      return redis.eval(script, 2, ...args);
    }
  }

  private fallBehind(): void {
    this.behind = true;
    this.written.clear();
    this.torn.clear();
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

/** What somebody else has put in its place is none of ours, and costs nothing that is. */
function orNothing(list: Promise<string[]>): Promise<string[]> {
  return list.catch((err: unknown) => {
    if (err instanceof Error && err.message.startsWith('WRONGTYPE')) return [];
    throw err;
  });
}
