import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Ami } from '../adapters/ami.ts';
import { atEase, judgeDelay } from '../core/overload.ts';
import type { AlertQueue } from '../core/ports.ts';
import type { Log } from '../log.ts';

/**
 * Watches whether there are more calls than there is room for. While Clearline cannot keep up, the dialplan is told to
 * refuse callers, for three seconds at a time: an interceptor that hangs or dies refuses nobody. Refusing costs the
 * dialplan alone, which counts; the count is read here, so that no flood of calls becomes one of messages.
 */

export interface Load {
  /** How late turns of the event loop came on average since the last time this was asked, in ms. */
  readonly delayMs: () => number;
  readonly close: () => void;
}

export interface ShedOptions {
  readonly ami: Pick<Ami, 'readGlobal' | 'setGlobal'>;
  readonly alerts: AlertQueue;
  readonly load: Load;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly log: Log;
  /** Told at each look how many callers the dialplan has refused since Asterisk started. */
  readonly onRefused?: (sinceStart: number) => void;
}

const tickMs = 1_000;
/** Longer than a renewal may be late, in a process that is late with everything. */
const shedSeconds = 3;
/** Without a refused caller for this long it is over, and the next one is told of anew. */
const overMs = 60_000;
/** How often the log is told how many were refused, in milliseconds. */
const tellMs = 10_000;

/** Looks at once, so as to know what was refused before, and then once a second; answers how to stop. */
export function watchOverload(options: ShedOptions): () => void {
  const shedder = new Shedder(options);
  void shedder.look();
  const timer = setInterval(() => void shedder.look(), tickMs);
  return () => {
    clearInterval(timer);
    options.load.close();
  };
}

export class Shedder {
  private readonly options: ShedOptions;
  private state = atEase;
  /** Callers refused so far; null before the first answer. */
  private refused: number | null = null;
  private toldAt = Number.NEGATIVE_INFINITY;
  private lastAt = Number.NEGATIVE_INFINITY;

  constructor(options: ShedOptions) {
    this.options = options;
  }

  /** One look at the load and at the count of callers refused. Never rejects. */
  async look(): Promise<void> {
    const { load, ami, clock } = this.options;
    this.judge(load.delayMs());
    if (this.state.on) {
      this.raiseOnce();
      await ami.setGlobal('CLEARLINE_SHED_UNTIL', String(Math.floor(clock() / 1000) + shedSeconds));
    }
    const count = await ami.readGlobal('CLEARLINE_REFUSED');
    if (count === null) return;
    const refused = Number(count) || 0;
    this.options.onRefused?.(refused);
    this.compare(refused);
  }

  private judge(delayMs: number): void {
    const { log } = this.options;
    const before = this.state;
    this.state = judgeDelay(before, delayMs);
    if (this.state.on === before.on) return;
    if (this.state.on) {
      log.error(
        { delayMs },
        'CLEARLINE CANNOT KEEP UP: callers are refused (SIP 503) until it does; calls from the lines are not',
      );
    } else {
      log.info({ delayMs }, 'Clearline keeps up again: callers are let in');
    }
  }

  /** Asterisk begins again at nought when it starts. */
  private compare(count: number): void {
    const { clock, log } = this.options;
    const { refused } = this;
    const more = refused === null ? 0 : count < refused ? count : count - refused;
    const at = clock();
    if (more > 0) {
      this.raiseOnce();
      // What is not told yet is told with the next.
      if (at - this.toldAt < tellMs) return;
      this.toldAt = at;
      log.warn({ refused: more }, 'there are more calls than there is room for: callers were refused (SIP 503)');
    }
    this.refused = count;
  }

  /** Staff hear of it when it begins, and not again while it lasts. */
  private raiseOnce(): void {
    const { alerts, clock, log } = this.options;
    const at = clock();
    const lasts = at - this.lastAt < overMs;
    this.lastAt = at;
    if (lasts) return;
    const alert = { id: `overloaded-${at}`, kind: 'overloaded', at, line: '', call: null } as const;
    alerts.put(alert).catch((err: unknown) => log.error({ err, alert }, 'an alert cannot be queued'));
  }
}

/** The event loop of this process. */
export function eventLoopLoad(): Load {
  const resolution = 20;
  const monitor = monitorEventLoopDelay({ resolution });
  monitor.enable();
  return {
    delayMs() {
      // Each turn counts from the one before: the first gives no figure.
      if (monitor.count === 0) return 0;
      const mean = monitor.mean / 1e6;
      monitor.reset();
      return Math.max(0, mean - resolution);
    },
    close: () => void monitor.disable(),
  };
}
