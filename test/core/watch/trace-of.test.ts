import { expect, test } from 'vitest';
import type { CallEvent, Effect, JournalEntry } from '../../../services/core/call.ts';
import { traceOf } from '../../../services/core/watch/trace-of.ts';
import { finishedCall, finishedOutgoing, monday } from '../../support/finished-call.ts';

type Unstamped = CallEvent extends infer E ? (E extends CallEvent ? Omit<E, 'at'> : never) : never;
const event = (ms: number, what: Unstamped): JournalEntry => ({
  at: monday + ms,
  event: { ...what, at: monday + ms } as CallEvent,
});
const effect = (ms: number, what: Effect): JournalEntry => ({ at: monday + ms, effect: what });
const ring = { do: 'Ring', leg: 'resident', showName: 'PC Jones', showNumber: '01923555001', seconds: 20 } as const;

const journal: readonly JournalEntry[] = [
  event(0, { type: 'Arrived' } as Unstamped),
  effect(5000, ring),
  event(7000, { type: 'Answered', leg: 'resident' }),
  effect(12_000, { do: 'Connect', legs: ['caller', 'resident'], watchKeys: true }),
  event(60_000, { type: 'KeyPressed', leg: 'resident', digit: '*' }),
  effect(60_000, { do: 'HangUp', leg: 'caller', cause: 16 }),
  event(60_020, { type: 'HungUp', leg: 'caller', cause: 16 }),
  event(70_000, { type: 'HungUp', leg: 'resident', cause: 16 }),
];

const stagesOf = (trace: ReturnType<typeof traceOf>) =>
  trace.stages.map(({ name, from, to }) => `${name} ${from - monday} to ${to - monday}`);

test("a stranger's call, stage by stage", () => {
  const trace = traceOf({ record: finishedCall({ endedAt: monday + 70_000 }).record, journal });
  expect(trace.whole).toMatchObject({ name: 'call to a line', from: monday, to: monday + 70_000 });
  expect(trace.whole.attributes).toMatchObject({ 'clearline.outcome': 'challenge-failed', 'clearline.cause': 16 });
  expect(stagesOf(trace)).toEqual([
    'screening 0 to 5000',
    'ringing 5000 to 7000',
    'warning 7000 to 12000',
    'talking 12000 to 60000',
    'cutting the caller 60000 to 60020',
  ]);
});

test('a stage that never ended lasts until the end of the call', () => {
  const { record } = finishedCall({ endedAt: monday + 9000 });
  expect(stagesOf(traceOf({ record, journal: journal.slice(0, 2) }))).toEqual([
    'screening 0 to 5000',
    'ringing 5000 to 9000',
  ]);
});

test('a guarded call: its looks, its trunks, its conversation', () => {
  const call = finishedOutgoing({ arrivedAt: monday, endedAt: monday + 9000, outOf: '17.1' });
  const { number, looks } = call.record;
  const evidence = looks[0]?.evidence;
  if (evidence === undefined) throw new Error('it has looks');
  const trace = traceOf({
    record: call.record,
    journal: [
      event(0, { type: 'Dialled', number } as Unstamped),
      effect(0, { do: 'InspectLine' }),
      event(3, { type: 'LineInspected', evidence }),
      effect(20, { do: 'InspectLine' }),
      event(24, { type: 'LineInspected', evidence }),
      effect(24, { do: 'PutThrough', number, route: { kind: 'over', trunk: 'net' } }),
      event(30, { type: 'Dialling', trunk: 'net' }),
      event(40, { type: 'CameBack', status: 'CONGESTION', cause: 34 }),
      event(50, { type: 'Dialling', trunk: 'police' }),
      event(3000, { type: 'Answered', leg: 'far' }),
      event(9000, { type: 'HungUp', leg: 'resident', cause: 16 }),
    ],
  });
  expect(stagesOf(trace)).toEqual([
    'checking 0 to 24',
    'looking at the line 0 to 3',
    'looking at the line 20 to 24',
    'dialling 30 to 40',
    'dialling 50 to 3000',
    'talking 3000 to 9000',
  ]);
  expect(trace.stages.map(({ attributes }) => attributes.trunk)).toContain('police');
  expect(trace.whole.attributes).toMatchObject({ 'clearline.number': 'guarded', 'clearline.out_of': '17.1' });
});

test('a trace tells of nobody', () => {
  const told = JSON.stringify([traceOf({ ...finishedCall(), journal }), traceOf(finishedOutgoing())]);
  for (const personal of ['room-12', 'Elsie', 'Jones', '01923']) expect(told).not.toContain(personal);
});

test('a call with stages without end is cut short', () => {
  const looks = Array.from({ length: 500 }, (_, index) => [
    effect(index, { do: 'InspectLine' }),
    event(index, { type: 'LineInspected' } as Unstamped),
  ]);
  expect(traceOf({ ...finishedOutgoing(), journal: looks.flat() }).stages).toHaveLength(100);
});
