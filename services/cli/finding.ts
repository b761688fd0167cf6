import { reasonOf } from './world.ts';

/** One part of the running system and how it is. */
export interface Finding {
  readonly part: string;
  readonly ok: boolean;
  /** What was seen, and where something is wrong what to do. */
  readonly detail: string;
}

const deadlineMs = 1000;

/** Looks once, for a second at the most; whatever goes wrong is the finding. `see` answers with what it saw. */
export async function look(part: string, see: () => Promise<string>): Promise<Finding> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('did not answer within a second')), deadlineMs);
  });
  try {
    return { part, ok: true, detail: await Promise.race([see(), late]) };
  } catch (error) {
    return { part, ok: false, detail: reasonOf(error) };
  } finally {
    clearTimeout(timer);
  }
}
