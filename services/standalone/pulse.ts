import type { ChildProcess } from 'node:child_process';
import { readTold } from '../parent.ts';

/** What a program says of itself over Node's IPC. */
export interface Pulse {
  /** Settles when it says that it is ready; never, if it speaks no IPC. */
  readonly ready: Promise<void>;
  /** It said that it brings the database up to date. */
  readonly upgrading: boolean;
  /** It had gone silent, and was killed for that. */
  readonly stopped: boolean;
}

/** How often a program is asked about, in milliseconds. */
const lookMs = 500;

/**
 * Listens to a program. Once it was ready it is killed when it has said nothing for `silenceMs`: whoever depends on it would
 * wait for ever, since its connections stay open. SIGKILL ends a stopped process too.
 */
export function listenTo(child: ChildProcess, silenceMs = Number.POSITIVE_INFINITY): Pulse {
  const ready = Promise.withResolvers<void>();
  let silence: Silence | null = null;
  let stopped = false;
  let upgrading = false;
  child.on('message', (message) => {
    const told = readTold(message);
    if (told?.told === 'alive') silence?.hear(performance.now(), told.debugged);
    if (told?.told === 'upgrading') upgrading = told.still;
    if (told?.told !== 'ready') return;
    silence ??= new Silence(silenceMs, performance.now());
    ready.resolve();
  });
  const watching = setInterval(() => {
    if (!silence?.isTooLong(performance.now())) return;
    stopped = true;
    child.kill('SIGKILL');
  }, lookMs);
  child.once('exit', () => clearInterval(watching));
  child.once('error', () => clearInterval(watching));
  return {
    ready: ready.promise,
    get upgrading() {
      return upgrading;
    },
    get stopped() {
      return stopped;
    },
  };
}

/**
 * Whether a program that says every second that it lives has been silent for too long. Times are milliseconds of a clock that only
 * goes forward, and stands still while the machine is suspended.
 */
export class Silence {
  private readonly limitMs: number;
  private heardAt: number;
  private lookedAt: number;
  private debugged = false;

  constructor(limitMs: number, at: number) {
    this.limitMs = limitMs;
    this.heardAt = at;
    this.lookedAt = at;
  }

  /** `debugged`: from now on it may stand still, until it is heard again. */
  hear(at: number, debugged: boolean): void {
    this.heardAt = at;
    this.debugged = debugged;
  }

  /** To be asked every half second. Whoever asks late was stopped or starved too, and cannot tell how long the other was silent. */
  isTooLong(at: number): boolean {
    if (at - this.lookedAt > 2 * lookMs) this.heardAt = at;
    this.lookedAt = at;
    return !this.debugged && at - this.heardAt > this.limitMs;
  }
}
