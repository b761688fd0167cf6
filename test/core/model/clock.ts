import { Dice } from '../../support/dice.ts';

/** Time that passes only when the model says so, and chance that comes from one seed: a run can be repeated exactly. */

export interface Task {
  readonly at: number;
  readonly owner: string;
  readonly run: () => void;
  cancelled: boolean;
}

export class Clock {
  /** Ms since the epoch. */
  now = Date.UTC(2026, 10, 23, 10);
  private readonly tasks: Task[] = [];

  after(ms: number, run: () => void, owner = 'world'): Task {
    const task: Task = { at: this.now + Math.max(0, ms), owner, run, cancelled: false };
    let place = this.tasks.length;
    while (place > 0 && (this.tasks[place - 1]?.at ?? 0) > task.at) place -= 1;
    this.tasks.splice(place, 0, task);
    return task;
  }

  cancelAll(owner: string): void {
    for (const task of this.tasks) if (task.owner === owner) task.cancelled = true;
  }

  /** Does what is due next until then; false when there is nothing. */
  step(until: number): boolean {
    let next = this.tasks[0];
    while (next?.cancelled) {
      this.tasks.shift();
      next = this.tasks[0];
    }
    if (next === undefined || next.at > until) {
      this.now = until;
      return false;
    }
    this.tasks.shift();
    this.now = next.at;
    next.run();
    return true;
  }
}

/** Lets everything that waits for a promise go on; more turns than any chain of them has. */
export async function drainPromises(): Promise<void> {
  for (let turn = 0; turn < 24; turn += 1) await null;
}

/** How often things go wrong, and how late they come. */
export interface Weather {
  /** The longest a request or an event takes, ms. */
  readonly slowMs: number;
  /** The part of the requests that are lost, refused, or done without an answer. */
  readonly faults: number;
}

export const weathers = {
  calm: { slowMs: 4, faults: 0 },
  slow: { slowMs: 600, faults: 0 },
  faulty: { slowMs: 60, faults: 0.15 },
} as const satisfies Record<string, Weather>;

export type Fate = 'done' | 'lost' | 'refused' | 'unanswered';

export class Chance extends Dice {
  weather: Weather = weathers.calm;

  /** Most things are quick even where some are slow. */
  delay(): number {
    const quick = this.next() < 0.7;
    return Math.ceil(this.next() * (quick ? Math.min(this.weather.slowMs, 10) : this.weather.slowMs));
  }

  fate(): Fate {
    if (this.weather.faults === 0 || this.next() >= this.weather.faults) return 'done';
    const which = this.next();
    if (which < 0.4) return 'lost';
    return which < 0.7 ? 'refused' : 'unanswered';
  }
}
