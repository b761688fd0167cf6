import type { QueueDepth } from './adapters/bullmq-look.ts';
import { openMeter } from './adapters/metrics.ts';
import { serveWatch } from './adapters/watch-http.ts';
import type { Metrics, Reading } from './core/metrics.ts';
import type { Log } from './log.ts';

/** What is to be seen of a process from outside, beside what it counts. */
export interface Sight {
  /** What keeps the process from its work, in plain words that tell no secret; empty when nothing does. */
  readonly faults: () => readonly string[] | Promise<readonly string[]>;
  /** What keeps it from nothing, and is to be known all the same. */
  readonly notes?: () => readonly string[] | Promise<readonly string[]>;
  /** How the gauges stand; what cannot be known within a second is left out. */
  readonly gauges: () => readonly Reading[] | Promise<readonly Reading[]>;
}

export interface Watch {
  /** Counts or measures. Never throws: no call ends because it cannot be counted. */
  take(reading: Reading): void;
  /** From now on this is to be seen; before, that the process starts. */
  show(sight: Sight): void;
  close(): void;
}

export interface WatchOptions {
  readonly host: string;
  readonly port: number;
  /** Null: nobody can log in. */
  readonly password: string | null;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** Lets a process be watched over HTTP (docs/watching.md) from the moment it starts. */
export function openWatch({ host, port, password, metrics, log }: WatchOptions): Watch {
  const meter = openMeter(metrics);
  let sight: Sight = { faults: () => ['It is starting.'], gauges: () => [] };
  const pages = {
    faults: async () => sight.faults(),
    notes: async () => sight.notes?.() ?? [],
    metrics: async () => ({ contentType: meter.contentType, text: await meter.text(await sight.gauges()) }),
  };
  const close = serveWatch({ host, port, password }, pages, log);
  return {
    take(reading) {
      try {
        meter.take(reading);
      } catch (err) {
        log.warn({ err, metric: reading.metric }, 'something cannot be counted');
      }
    },
    show(what) {
      sight = what;
    },
    close,
  };
}

/** How long a question for a figure may take, in milliseconds. */
const answerMs = 1_000;

/**
 * The same question, asked once at a time however many want to know: null when there is no answer within a second, and at
 * once for as long as an earlier one is still without.
 */
export function askedAtEase<T>(ask: () => Promise<T>): () => Promise<T | null> {
  let late = false;
  let asking: Promise<T | null> | null = null;
  const begin = async () => {
    const answer = ask().catch(() => null);
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<null>((resolve) => {
      timer = setTimeout(() => {
        late = true;
        resolve(null);
      }, answerMs);
    });
    void answer.then(() => {
      late = false;
    });
    try {
      return await Promise.race([answer, tooLate]);
    } finally {
      clearTimeout(timer);
      asking = null;
    }
  };
  return async () => {
    if (late) return null;
    asking ??= begin();
    return asking;
  };
}

/** How reachable a part of the system is, as Prometheus would have it. */
export function up(part: string, is: boolean): Reading {
  return { metric: 'clearline_up', labels: { part }, value: is ? 1 : 0 };
}

/** The metric of `up`. */
export const upMetric = {
  clearline_up: { kind: 'gauge', help: '1 when this part can be reached, 0 when not.', labels: ['part'] },
} as const satisfies Metrics;

export const queueMetrics = {
  clearline_queue_jobs: {
    kind: 'gauge',
    help: 'Jobs of a queue in Redis, by state; failed is for good, because nobody can read them.',
    labels: ['queue', 'state'],
  },
  clearline_queue_oldest_seconds: {
    kind: 'gauge',
    help: 'How long the oldest of the jobs that are next has been in its queue, in seconds; 0 when there are none.',
    labels: ['queue'],
  },
} as const satisfies Metrics;

/** `at` is now, in ms since the epoch. */
export function depthReadings(depths: readonly QueueDepth[], at: number): readonly Reading[] {
  return depths.flatMap(({ queue, jobs, oldestAt }): Reading[] => [
    ...Object.entries(jobs).map(([state, value]) => ({
      metric: 'clearline_queue_jobs' as const,
      labels: { queue, state },
      value,
    })),
    {
      metric: 'clearline_queue_oldest_seconds',
      labels: { queue },
      value: oldestAt === null ? 0 : Math.max(0, at - oldestAt) / 1000,
    },
  ]);
}
