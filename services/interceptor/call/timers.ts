import type { Timer } from '../../core/call.ts';

/** The timers of one call, one of each kind. */
export class Timers {
  private readonly running = new Map<Timer, NodeJS.Timeout>();
  private readonly wake: (timer: Timer) => void;

  constructor(wake: (timer: Timer) => void) {
    this.wake = wake;
  }

  /** Wakes after so many milliseconds, and no more when it was set to wake before. */
  set(timer: Timer, afterMs: number): void {
    this.unset(timer);
    this.running.set(
      timer,
      setTimeout(() => this.wake(timer), afterMs),
    );
  }

  unset(timer: Timer): void {
    clearTimeout(this.running.get(timer));
  }

  unsetAll(): void {
    for (const running of this.running.values()) clearTimeout(running);
  }
}
