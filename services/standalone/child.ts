import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { endWhenOrphaned } from './end-orphan.ts';
import { listenTo } from './pulse.ts';

/** A program that Clearline started and must end. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  /** Settles once, when the program is gone, with why: "exit code 1", "signal SIGKILL". */
  readonly exited: Promise<string>;
  readonly alive: boolean;
  /** It gave no sign of life, and was killed for that. */
  readonly hung: boolean;
  /** It brings the database up to date, which takes as long as it takes. */
  readonly upgrading: boolean;
  /** Its last lines of output, for a message about why it died. */
  readonly tail: string;
  /** Settles when a program that speaks Node's IPC says that it is ready; never, if it does not. */
  readonly ready: Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** Asks it to end, insists after `deadlineMs`, and comes back when it is gone. */
  stop(deadlineMs?: number): Promise<void>;
}

export interface ChildOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Open a channel for `process.send`. */
  readonly ipc?: boolean;
  /** With `ipc`: once ready, it is killed when it has given no sign of life for so long, in milliseconds (services/parent.ts). */
  readonly silenceMs?: number;
  /** A file descriptor the program holds open as long as it lives: the data folder's lock. */
  readonly lock?: number;
  readonly onLine?: (line: string) => void;
}

const tailLines = 40;

/**
 * Starts a program in a process group of its own, so that Ctrl-C reaches Clearline alone and it can stop its programs in
 * their order; `setpriv --pdeathsig` (util-linux) has the kernel end the program when Clearline is killed outright, and
 * `endWhenOrphaned` insists.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const { name, command, args, env = process.env, ipc = false, lock = 'ignore', silenceMs, onLine } = options;
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', command, ...args], {
    detached: true,
    env,
    stdio: ['ignore', 'pipe', 'pipe', lock, ipc ? 'ipc' : 'ignore'],
  });
  // In the same turn: there is no time at which nobody would end it.
  if (child.pid !== undefined) child.once('exit', endWhenOrphaned(child.pid));
  const pulse = listenTo(child, silenceMs);
  const tail: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      if (tail.push(line) > tailLines) tail.shift();
      onLine?.(line);
    });
  }
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      const settle = () =>
        resolve(pulse.stopped ? hungFor(silenceMs) : signal ? `signal ${signal}` : `exit code ${code}`);
      // Its last words may still be in the pipe; a grandchild that holds the pipe open must not hold us.
      const patience = setTimeout(settle, 200);
      child.once('close', () => {
        clearTimeout(patience);
        settle();
      });
    });
  });
  const pid = await spawned(name, child);
  const alive = () => child.exitCode === null && child.signalCode === null;
  return {
    name,
    pid,
    exited,
    ready: pulse.ready,
    get hung() {
      return pulse.stopped;
    },
    get upgrading() {
      return pulse.upgrading;
    },
    get alive() {
      return alive();
    },
    get tail() {
      return tail.join('\n');
    },
    kill: (signal) => void child.kill(signal),
    stop: async (deadlineMs = 10_000) => {
      if (!alive()) return;
      child.kill('SIGTERM');
      const insist = setTimeout(() => killGroup(pid), deadlineMs);
      await exited;
      clearTimeout(insist);
    },
  };
}

function hungFor(silenceMs = 0): string {
  return `killed: no sign of life for ${silenceMs / 1000} s`;
}

async function spawned(name: string, child: ChildProcess): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(new Error(`${name} could not be started: ${error.message}`)));
  });
  if (child.pid === undefined) throw new Error(`${name} could not be started`);
  return child.pid;
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * Waits until `check` holds. Rejects when the program dies first, with its last words, when `deadlineMs` pass in which it does not
 * bring the database up to date, or with what `check` rejects with; the program is gone by then.
 */
export async function untilReady(child: Child, check: () => Promise<boolean>, deadlineMs: number): Promise<void> {
  let deadline = Date.now() + deadlineMs;
  while (child.alive) {
    try {
      if (await check()) return;
    } catch (error) {
      await child.stop(1000);
      throw error;
    }
    // Ended half-way, an upgrade begins anew with the next start, and would never be done.
    if (child.upgrading) deadline = Date.now() + deadlineMs;
    if (Date.now() > deadline) {
      await child.stop(1000);
      throw new Error(`${child.name} did not become ready within ${deadlineMs / 1000} s.${lastWords(child)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${child.name} ended while it started (${await child.exited}).${lastWords(child)}`);
}

/** What a program wrote last, as the end of a message about it. */
export function lastWords(child: Child): string {
  return child.tail ? ` Its last words:\n${child.tail}` : '';
}
