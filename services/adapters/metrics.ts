import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Metric, Metrics, Reading } from '../core/metrics.ts';

/** Prometheus's client library, and the sole import of it. */

export interface Meter {
  readonly contentType: string;
  /** Adds to a counter or enters into a histogram; microseconds of work. Throws for a metric that was not declared. */
  take(reading: Reading): void;
  /** All figures as text. Gauges stand as `gauges` says; one that is not in it is not known and not shown. */
  text(gauges: readonly Reading[]): Promise<string>;
}

/**
 * Declares the metrics, and those of any Node process beside them: `process_…`, and `nodejs_…` with the delay of the event
 * loop, garbage collection and the heap.
 */
export function openMeter(metrics: Metrics): Meter {
  const register = new Registry();
  collectDefaultMetrics({ register });
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  const gauges = new Map<string, Gauge>();
  for (const [name, metric] of Object.entries(metrics)) {
    const common = { name, help: metric.help, labelNames: metric.labels ?? [], registers: [register] };
    if (metric.kind === 'counter') counters.set(name, startAt(metric, new Counter(common)));
    if (metric.kind === 'histogram') histograms.set(name, new Histogram({ ...common, buckets: [...metric.buckets] }));
    if (metric.kind === 'gauge') gauges.set(name, new Gauge(common));
  }
  return {
    contentType: register.contentType,
    take({ metric, labels = {}, value }) {
      const counter = counters.get(metric);
      if (counter) return counter.inc(labels, value);
      const histogram = histograms.get(metric);
      if (!histogram) throw new Error(`no counter or histogram is called ${metric}`);
      histogram.observe(labels, value);
    },
    async text(readings) {
      for (const gauge of gauges.values()) {
        gauge.reset();
        // One without labels would stand at 0, which is a figure.
        gauge.remove({});
      }
      for (const { metric, labels = {}, value } of readings) {
        const gauge = gauges.get(metric);
        if (!gauge) throw new Error(`no gauge is called ${metric}`);
        gauge.set(labels, value);
      }
      return register.metrics();
    },
  };
}

function startAt(metric: Extract<Metric, { kind: 'counter' }>, counter: Counter): Counter {
  for (const labels of metric.from ?? []) counter.inc(labels, 0);
  return counter;
}
