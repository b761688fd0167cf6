import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openMeter } from '../../services/adapters/metrics.ts';
import type { Metrics } from '../../services/core/metrics.ts';
import { interceptorMetrics } from '../../services/interceptor/watch.ts';
import { askedAtEase, depthReadings, openWatch, up } from '../../services/watch.ts';
import { workerMetrics } from '../../services/worker/watch.ts';
import { memoryLog } from '../support/log.ts';
import { freePort } from '../support/stack.ts';
import { until } from '../support/until.ts';

const metrics = {
  clearline_rings_total: { kind: 'counter', help: 'Rings.', labels: ['of'], from: [{ of: 'bell' }] },
  clearline_wait_seconds: { kind: 'histogram', help: 'Waits.', buckets: [0.1, 1] },
  clearline_up: { kind: 'gauge', help: 'Up.', labels: ['part'] },
  clearline_calls_running: { kind: 'gauge', help: 'Calls.' },
} as const satisfies Metrics;

const linesOf = (text: string, of: string) => text.split('\n').filter((line) => line.startsWith(of));

test('counters start where they should, histograms fill, and gauges show what is known now', async () => {
  const meter = openMeter(metrics);
  expect(linesOf(await meter.text([]), 'clearline_rings')).toEqual(['clearline_rings_total{of="bell"} 0']);
  meter.take({ metric: 'clearline_rings_total', labels: { of: 'bell' }, value: 1 });
  meter.take({ metric: 'clearline_wait_seconds', value: 0.5 });
  const text = await meter.text([up('redis', true), { metric: 'clearline_calls_running', value: 3 }]);
  expect(linesOf(text, 'clearline_')).toEqual([
    'clearline_rings_total{of="bell"} 1',
    'clearline_wait_seconds_bucket{le="0.1"} 0',
    'clearline_wait_seconds_bucket{le="1"} 1',
    'clearline_wait_seconds_bucket{le="+Inf"} 1',
    'clearline_wait_seconds_sum 0.5',
    'clearline_wait_seconds_count 1',
    'clearline_up{part="redis"} 1',
    'clearline_calls_running 3',
  ]);
  // What is no longer known is no longer shown, rather than as it was.
  const later = await meter.text([up('sql', false)]);
  expect(linesOf(later, 'clearline_up')).toEqual(['clearline_up{part="sql"} 0']);
  expect(linesOf(later, 'clearline_calls_running')).toEqual([]);
  expect(linesOf(later, 'nodejs_eventloop_lag_p99_seconds')).toHaveLength(1);
});

test('what was not declared is refused', async () => {
  const meter = openMeter(metrics);
  expect(() => meter.take({ metric: 'clearline_up', value: 1 })).toThrow('no counter or histogram');
  expect(() => meter.take({ metric: 'clearline_rings_total', labels: { line: 'room-1' }, value: 1 })).toThrow('line');
  await expect(meter.text([{ metric: 'clearline_wait_seconds', value: 1 }])).rejects.toThrow('no gauge');
});

test('a process that starts says so, and what cannot be counted stops nobody', async () => {
  const log = memoryLog();
  const port = await freePort();
  const watch = openWatch({ host: '127.0.0.1', port, password: 'a-password', metrics, log });
  const ready = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`);
    return `${response.status} ${await response.text()}`;
  };
  expect(await until('it listens', ready)).toBe('503 It is starting.\n');
  watch.show({ faults: () => [], gauges: () => [] });
  expect(await ready()).toBe('200 ready\n');
  watch.take({ metric: 'clearline_nonsense_total', value: 1 });
  expect(log.lines).toEqual([{ level: 'warn', message: 'something cannot be counted' }]);
  watch.close();
});

test('a question without an answer is given up after a second, and not asked again until it has come', async () => {
  const answers: ((value: number) => void)[] = [];
  const ask = askedAtEase(
    () =>
      new Promise<number>((resolve) => {
        answers.push(resolve);
      }),
  );
  const [one, other] = [ask(), ask()];
  expect(answers).toHaveLength(1);
  expect([await one, await other]).toEqual([null, null]);
  expect(await ask()).toBeNull();
  expect(answers).toHaveLength(1);
  answers[0]?.(1);
  const again = await until('it is asked again', () => {
    const answer = ask();
    return answers.length === 2 && { answer };
  });
  answers[1]?.(2);
  expect(await again.answer).toBe(2);
});

test('a question that is refused has no answer, and is asked again', async () => {
  let asked = 0;
  const ask = askedAtEase(async () => {
    asked += 1;
    throw new Error('away');
  });
  expect([await ask(), await ask()]).toEqual([null, null]);
  expect(asked).toBe(2);
});

test('queues are told by state, with the age of the oldest', () => {
  const jobs = { waiting: 1, active: 2, delayed: 3, failed: 4 };
  const depths = [
    { queue: 'calls', jobs, oldestAt: 7_500 },
    { queue: 'alerts', jobs, oldestAt: null },
  ];
  const readings = depthReadings(depths, 10_000);
  expect(readings).toHaveLength(10);
  expect(readings).toContainEqual({
    metric: 'clearline_queue_jobs',
    labels: { queue: 'calls', state: 'failed' },
    value: 4,
  });
  const ages = readings.filter(({ metric }) => metric === 'clearline_queue_oldest_seconds');
  expect(ages.map(({ labels, value }) => [labels?.queue, value])).toEqual([
    ['calls', 2.5],
    ['alerts', 0],
  ]);
});

test('docs/watching.md tells of every metric there is, and of none that is not', () => {
  const read = (path: string) => readFileSync(new URL(`../../docs/${path}`, import.meta.url), 'utf8');
  const known = [...Object.keys(interceptorMetrics), ...Object.keys(workerMetrics)];
  for (const name of known) expect(read('watching.md')).toContain(`\`${name}\``);
  for (const file of ['watching.md', 'alert-rules.yml']) {
    for (const [name] of read(file).matchAll(/\bclearline_[a-z_]+/g)) {
      expect(known, `${name} in ${file}`).toContain(name.replace(/_(bucket|sum|count)$/, ''));
    }
  }
});
