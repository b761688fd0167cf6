import { type Child, lastWords } from './child.ts';

/** A program that is started again whenever it dies, until `stop`. */
export interface Supervised {
  readonly name: string;
  /** The process that runs now; null while it is down. */
  readonly pid: number | null;
  kill(signal: NodeJS.Signals): void;
  stop(deadlineMs?: number): Promise<void>;
}

const firstWaitMs = 250;
const longestWaitMs = 30_000;
/** A program that ran this long had started well: its next death is waited for from the beginning. */
const steadyMs = 60_000;

/**
 * Starts a program and keeps it running. Rejects when the first start fails: then the set-up is wrong, and trying again would
 * hide it; with `patient` that is said and tried again like any later failure. It waits 0.25 s, 0.5 s, 1 s … 30 s between
 * tries, and not at all where a program that had started well hung: nobody was served for long enough. Says each death and each
 * return to `say`. `start` is told when nobody wants the program any more,
 * and with `hurry`, that nobody waits for the first one any longer.
 */
export async function supervise(
  name: string,
  start: (stopped: AbortSignal) => Promise<Child>,
  say: (message: string) => void,
  { patient = false, hurry }: { readonly patient?: boolean; readonly hurry?: AbortSignal } = {},
): Promise<Supervised> {
  let stopping = false;
  let waitMs = firstWaitMs;
  let atOnce = false;
  const stopped = new AbortController();
  const unwanted = hurry ? AbortSignal.any([stopped.signal, hurry]) : stopped.signal;
  let child: Child | null = await start(unwanted).catch((error: unknown) => {
    if (!patient) throw error;
    say(wordsOf(error));
    return null;
  });

  const keepRunning = async () => {
    while (!stopping) {
      while (!stopping && !child) child = await startAgain();
      if (stopping || !child) return;
      const since = Date.now();
      const ended = child;
      const why = await ended.exited;
      child = null;
      if (Date.now() - since > steadyMs) waitMs = firstWaitMs;
      atOnce = ended.hung && waitMs === firstWaitMs;
      if (!stopping) say(`${name} ended (${why}).${lastWords(ended)}`);
    }
  };
  const startAgain = async (): Promise<Child | null> => {
    say(`Starting ${name} again ${atOnce ? 'at once' : `in ${waitMs / 1000} s`}.`);
    await pause(atOnce ? 0 : waitMs, stopped.signal);
    atOnce = false;
    waitMs = Math.min(waitMs * 2, longestWaitMs);
    if (stopping) return null;
    try {
      const started = await start(stopped.signal);
      say(`${name} is up again.`);
      return started;
    } catch (error) {
      if (!stopping) say(wordsOf(error));
      return null;
    }
  };
  const kept = keepRunning();

  return {
    name,
    get pid() {
      return child?.alive ? child.pid : null;
    },
    kill: (signal) => child?.kill(signal),
    stop: async (deadlineMs) => {
      stopping = true;
      stopped.abort();
      await child?.stop(deadlineMs);
      await kept;
      // A start that was under way has finished by now, and left a program that nobody waits for.
      await child?.stop(deadlineMs);
    },
  };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
