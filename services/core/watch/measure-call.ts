import type { CallEvent, Effect, JournalEntry } from '../call.ts';
import type { Reading } from '../metrics.ts';
import type { FinishedCall, InboundRecord, OutgoingRecord } from '../record.ts';
import type { CallMetric } from './call-metrics.ts';

type Measured = Reading<CallMetric>;
type Event<T extends CallEvent['type']> = Extract<CallEvent, { type: T }>;

/**
 * What a finished call adds to the figures. Nothing in it tells of a person: labels are kinds, never numbers, names or lines.
 * An account of a call that was pieced together afterwards has no times worth measuring.
 */
export function measureCall({ record, journal, revision = 0 }: FinishedCall): readonly Measured[] {
  const counted = record.direction === 'inbound' ? countInbound(record) : countOutgoing(record);
  const times = record.direction === 'inbound' ? timesOfInbound(record, journal) : timesOfOutgoing(record, journal);
  const { direction, reconstructed } = record;
  return [
    counted,
    ...(reconstructed || revision < 0 ? [one('clearline_reconstructed_calls_total', { direction })] : times),
    ...failures(journal),
  ];
}

function countInbound({ verdict, ending: { outcome, by } }: InboundRecord): Measured {
  const { standing, treatment } = verdict ?? { standing: 'none', treatment: 'none' };
  return one('clearline_inbound_calls_total', { standing, treatment, outcome, by });
}

function countOutgoing({ number, ending: { outcome } }: OutgoingRecord): Measured {
  return one('clearline_outgoing_calls_total', { number: number.class, outcome });
}

function timesOfInbound({ arrivedAt, verdict }: InboundRecord, journal: readonly JournalEntry[]): Measured[] {
  const cutAt = firstEffect(journal, (effect) => effect.do === 'HangUp' && effect.leg === 'caller');
  const goneAt = firstEvent(journal, 'HungUp', ({ leg }) => leg === 'caller');
  const rangAt = firstEffect(journal, (effect) => effect.do === 'Ring');
  return [
    ...(cutAt !== null && goneAt !== null
      ? [took('clearline_clearing_seconds', cutAt, goneAt, { what: 'caller' })]
      : []),
    ...(rangAt !== null
      ? [took('clearline_ring_wait_seconds', arrivedAt, rangAt, { treatment: verdict?.treatment ?? 'none' })]
      : []),
  ];
}

function timesOfOutgoing(
  { number, arrivedAt, clearedAt }: OutgoingRecord,
  journal: readonly JournalEntry[],
): Measured[] {
  if (number.class !== 'guarded') return [];
  const putThroughAt = firstEffect(journal, (effect) => effect.do === 'PutThrough');
  return [
    ...(clearedAt !== null ? [took('clearline_clearing_seconds', arrivedAt, clearedAt, { what: 'line' })] : []),
    ...(putThroughAt !== null ? [took('clearline_guarded_wait_seconds', arrivedAt, putThroughAt)] : []),
  ];
}

function failures(journal: readonly JournalEntry[]): Measured[] {
  return journal.flatMap((entry): Measured[] => {
    if (!('event' in entry)) return [];
    if (entry.event.type === 'BrokenOff') return [one('clearline_broken_off_calls_total')];
    return entry.event.type === 'EffectFailed'
      ? [one('clearline_failed_effects_total', { effect: entry.event.effect })]
      : [];
  });
}

function one(metric: CallMetric, labels: Measured['labels'] = {}): Measured {
  return { metric, labels, value: 1 };
}

/** From and to are milliseconds, of clocks that may differ a little: a figure is never below 0. */
function took(metric: CallMetric, from: number, to: number, labels: Measured['labels'] = {}): Measured {
  return { metric, labels, value: Math.max(0, to - from) / 1000 };
}

function firstEffect(journal: readonly JournalEntry[], isIt: (effect: Effect) => boolean): number | null {
  return journal.find((entry) => 'effect' in entry && isIt(entry.effect))?.at ?? null;
}

function firstEvent<T extends CallEvent['type']>(
  journal: readonly JournalEntry[],
  type: T,
  isIt: (event: Event<T>) => boolean,
): number | null {
  const is = (event: CallEvent): event is Event<T> => event.type === type;
  return journal.find((entry) => 'event' in entry && is(entry.event) && isIt(entry.event))?.at ?? null;
}
