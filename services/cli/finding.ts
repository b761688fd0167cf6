import { reasonOf } from './world.ts';

/** One part of the running system and how it is. */
export interface Finding {
  readonly part: string;
  readonly ok: boolean;
  /** How a line is, in a word; and `unknown` for whatever Asterisk has not asked yet. */
  readonly lamp?: Lamp;
  /** What was seen, and where something is wrong what to do. */
  readonly detail: string;
}

/** `call`: somebody is on the line. `unknown`: Asterisk did not say. */
export type Lamp = 'clear' | 'call' | 'held' | 'unknown';

const deadlineMs = 1000;

/** Looks once, for a second at the most; whatever goes wrong is the finding. `see` answers with what it saw. */
export async function look(part: string, see: () => Promise<string>): Promise<Finding> {
  try {
    return { part, ok: true, detail: await inTime(see) };
  } catch (error) {
    return { part, ok: false, detail: reasonOf(error) };
  }
}

/** Asks, and rejects when a second has gone by without an answer. */
export async function inTime<T>(ask: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('did not answer within a second')), deadlineMs);
  });
  try {
    return await Promise.race([ask(), late]);
  } finally {
    clearTimeout(timer);
  }
}
