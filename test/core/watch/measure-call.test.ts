import { expect, test } from 'vitest';
import type { JournalEntry } from '../../../services/core/call.ts';
import { callMetrics } from '../../../services/core/watch/call-metrics.ts';
import { measureCall } from '../../../services/core/watch/measure-call.ts';
import { finishedCall, finishedOutgoing, monday } from '../../support/finished-call.ts';

const hungUp = (at: number, leg: 'caller' | 'resident'): JournalEntry => ({
  at,
  event: { at, type: 'HungUp', leg, cause: 16 },
});
const failed = (why: string): JournalEntry => ({
  at: monday,
  event: { at: monday, type: 'EffectFailed', effect: 'Play', about: 'x', why },
});

test('a call to a line counts by what was known, done, and how it ended', () => {
  expect(measureCall(finishedCall())).toEqual([
    {
      metric: 'clearline_inbound_calls_total',
      labels: { standing: 'unvouched', treatment: 'challenge', outcome: 'challenge-failed', by: 'clearline' },
      value: 1,
    },
  ]);
  expect(measureCall(finishedCall({ verdict: null }))[0]?.labels).toMatchObject({
    standing: 'none',
    treatment: 'none',
  });
});

test('how long a caller took to be gone is measured from the order to hang up', () => {
  const journal: JournalEntry[] = [
    { at: monday + 500, effect: { do: 'HangUp', leg: 'resident', cause: 16 } },
    { at: monday + 1000, effect: { do: 'HangUp', leg: 'caller', cause: 16 } },
    hungUp(monday + 1018, 'caller'),
  ];
  expect(measureCall({ ...finishedCall(), journal })).toContainEqual({
    metric: 'clearline_clearing_seconds',
    labels: { what: 'caller' },
    value: 0.018,
  });
});

test('a caller who leaves of their own accord has not been cleared', () => {
  const metrics = measureCall({ ...finishedCall(), journal: [hungUp(monday, 'caller')] }).map(({ metric }) => metric);
  expect(metrics).not.toContain('clearline_clearing_seconds');
});

test('the wait for the ring is measured from the INVITE, and never negative', () => {
  const ring = { do: 'Ring', leg: 'resident', showName: 'Anna', showNumber: null, seconds: 20 } as const;
  const rings = (at: number) =>
    measureCall({ ...finishedCall(), journal: [{ at, effect: ring }] }).find(
      ({ metric }) => metric === 'clearline_ring_wait_seconds',
    );
  expect(rings(monday + 15_500)).toMatchObject({ labels: { treatment: 'challenge' }, value: 15.5 });
  expect(rings(monday - 3)?.value).toBe(0);
});

test('a guarded call: until the line was clear, and until the resident was put through', () => {
  const call = finishedOutgoing();
  const at = call.record.arrivedAt + 25;
  const number = call.record.number;
  const put: JournalEntry = { at, effect: { do: 'PutThrough', number, route: { kind: 'over', trunk: 'carrier' } } };
  expect(measureCall({ ...call, journal: [...call.journal, put] })).toEqual([
    { metric: 'clearline_outgoing_calls_total', labels: { number: 'guarded', outcome: 'connected' }, value: 1 },
    { metric: 'clearline_clearing_seconds', labels: { what: 'line' }, value: 0.02 },
    { metric: 'clearline_guarded_wait_seconds', labels: {}, value: 0.025 },
  ]);
});

test('an emergency call counts, and waits for nothing', () => {
  const number = { class: 'emergency', number: '999', prefix: null } as const;
  expect(measureCall(finishedOutgoing({ number }))).toEqual([
    { metric: 'clearline_outgoing_calls_total', labels: { number: 'emergency', outcome: 'connected' }, value: 1 },
  ]);
});

test('what was refused counts by what was asked, and a call that Clearline failed in as such', () => {
  const broken: JournalEntry = { at: monday, event: { at: monday, type: 'BrokenOff', why: 'x' } };
  const counted = measureCall({ ...finishedCall(), journal: [failed('409'), failed('no answer'), broken] }).slice(1);
  expect(counted).toEqual([
    { metric: 'clearline_failed_effects_total', labels: { effect: 'Play' }, value: 1 },
    { metric: 'clearline_failed_effects_total', labels: { effect: 'Play' }, value: 1 },
    { metric: 'clearline_broken_off_calls_total', labels: {}, value: 1 },
  ]);
});

test.each([
  ['taken over', finishedOutgoing({ reconstructed: true })],
  ['pieced together from what Asterisk noted', { ...finishedOutgoing(), revision: -1 }],
])('a call that was %s counts, and its times do not', (_, call) => {
  expect(measureCall(call).map(({ metric }) => metric)).toEqual([
    'clearline_outgoing_calls_total',
    'clearline_reconstructed_calls_total',
  ]);
});

test('every reading is of a metric with just these labels, and none tells of anybody', () => {
  const readings = [...measureCall(finishedCall()), ...measureCall(finishedOutgoing())];
  for (const { metric, labels = {} } of readings) {
    const declared = callMetrics[metric];
    expect(Object.keys(labels).sort(), metric).toEqual('labels' in declared ? [...declared.labels].sort() : []);
  }
  const told = JSON.stringify(readings);
  for (const personal of ['room-12', 'Elsie', 'Jones', '01923', '1795358400']) expect(told).not.toContain(personal);
});

test('metrics are called as Prometheus would have them', () => {
  for (const [name, metric] of Object.entries(callMetrics)) {
    expect(name).toMatch(/^clearline_[a-z_]+$/);
    expect(name.endsWith('_total'), name).toBe(metric.kind === 'counter');
    if (metric.kind === 'histogram') expect(name).toMatch(/_seconds$/);
  }
});
