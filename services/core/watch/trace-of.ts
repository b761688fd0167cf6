import type { CallEvent, Effect, JournalEntry } from '../call.ts';
import type { CallRecord, FinishedCall } from '../record.ts';

/** A stretch of a call's time, in ms since the epoch. */
export interface Span {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

/** A call as a trace: the call itself, and its stages within it. */
export interface Trace {
  readonly call: string;
  readonly whole: Span;
  readonly stages: readonly Span[];
}

interface StageRule {
  readonly name: string;
  readonly begins: (entry: JournalEntry) => boolean;
  readonly ends: (entry: JournalEntry) => boolean;
  readonly attributes?: (entry: JournalEntry) => Span['attributes'];
}

/** A call in which somebody keys and hears the same again and again has no more of them. */
const mostStages = 100;

const effect = (isIt: (effect: Effect) => boolean) => (entry: JournalEntry) => 'effect' in entry && isIt(entry.effect);
const event = (isIt: (event: CallEvent) => boolean) => (entry: JournalEntry) => 'event' in entry && isIt(entry.event);
const either =
  (...matchers: readonly ((entry: JournalEntry) => boolean)[]) =>
  (entry: JournalEntry) =>
    matchers.some((matches) => matches(entry));
const gone = (...legs: readonly string[]) => event((it) => it.type === 'HungUp' && legs.includes(it.leg));

const inboundStages: readonly StageRule[] = [
  {
    name: 'screening',
    begins: event((it) => it.type === 'Arrived'),
    ends: either(
      effect((it) => it.do === 'Ring'),
      gone('caller'),
    ),
  },
  {
    name: 'ringing',
    begins: effect((it) => it.do === 'Ring'),
    ends: either(
      event((it) => it.type === 'Answered' && it.leg !== 'far'),
      gone('resident', 'staff', 'caller'),
    ),
    attributes: (entry) => ('effect' in entry && entry.effect.do === 'Ring' ? { leg: entry.effect.leg } : {}),
  },
  {
    name: 'warning',
    begins: event((it) => it.type === 'Answered' && it.leg !== 'far'),
    ends: either(
      effect((it) => it.do === 'Connect'),
      gone('resident', 'staff', 'caller'),
    ),
  },
  {
    name: 'talking',
    begins: effect((it) => it.do === 'Connect'),
    ends: either(
      effect((it) => it.do === 'HangUp'),
      gone('resident', 'staff', 'caller'),
    ),
  },
  {
    name: 'cutting the caller',
    begins: effect((it) => it.do === 'HangUp' && it.leg === 'caller'),
    ends: gone('caller'),
  },
];

const outgoingStages: readonly StageRule[] = [
  {
    name: 'checking',
    begins: event((it) => it.type === 'Dialled' && it.number.class === 'guarded'),
    ends: effect((it) => it.do === 'PutThrough'),
  },
  {
    name: 'looking at the line',
    begins: effect((it) => it.do === 'InspectLine'),
    ends: event((it) => it.type === 'LineInspected'),
  },
  {
    name: 'dialling',
    begins: event((it) => it.type === 'Dialling'),
    ends: event(
      (it) => it.type === 'CameBack' || ((it.type === 'Answered' || it.type === 'HungUp') && it.leg === 'far'),
    ),
    attributes: (entry) => ('event' in entry && entry.event.type === 'Dialling' ? { trunk: entry.event.trunk } : {}),
  },
  {
    name: 'talking',
    begins: event((it) => it.type === 'Answered' && it.leg === 'far'),
    ends: gone('far', 'resident'),
  },
];

/** A finished call as a trace. Like the figures it holds no number, no name, no line: the call's id leads to the record. */
export function traceOf({ record, journal }: FinishedCall): Trace {
  const rules = record.direction === 'inbound' ? inboundStages : outgoingStages;
  return {
    call: record.id,
    whole: {
      name: record.direction === 'inbound' ? 'call to a line' : 'call from a line',
      from: record.arrivedAt,
      to: Math.max(record.arrivedAt, record.endedAt),
      attributes: attributesOf(record),
    },
    stages: rules.flatMap((rule) => spansOf(rule, journal, record.endedAt)).slice(0, mostStages),
  };
}

/** Every time a stage began and was over, or lasted until the end. One that began again meanwhile is one. */
function spansOf({ name, begins, ends, attributes }: StageRule, journal: readonly JournalEntry[], end: number): Span[] {
  const spans: Span[] = [];
  let begun: JournalEntry | null = null;
  const finish = (from: JournalEntry, to: number) =>
    spans.push({ name, from: from.at, to: Math.max(from.at, to), attributes: attributes?.(from) ?? {} });
  for (const entry of journal) {
    if (begun !== null && ends(entry)) {
      finish(begun, entry.at);
      begun = null;
    }
    if (begun === null && begins(entry)) begun = entry;
  }
  if (begun !== null) finish(begun, end);
  return spans;
}

function attributesOf(record: CallRecord): Span['attributes'] {
  const { outcome, by, cause } = record.ending;
  const common = {
    ...{ 'clearline.call': record.id, 'clearline.direction': record.direction, 'clearline.outcome': outcome },
    ...{ 'clearline.ended_by': by, 'clearline.cause': cause, 'clearline.reconstructed': record.reconstructed },
  };
  if (record.direction === 'outgoing') {
    const { number, by: began, outOf } = record;
    return {
      ...{ ...common, 'clearline.number': number.class, 'clearline.began': began },
      ...(outOf !== null && { 'clearline.out_of': outOf }),
    };
  }
  const { trunk, verdict } = record;
  return {
    ...{ ...common, 'clearline.trunk': trunk },
    ...(verdict && { 'clearline.standing': verdict.standing, 'clearline.treatment': verdict.treatment }),
  };
}
