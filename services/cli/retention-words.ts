import { type Periods, type RetentionKind, retentionKinds } from '../core/retention/periods.ts';
import type { Due, RetentionRun } from '../core/retention/stores.ts';
import { count, formatTable, formatTime } from './table.ts';

/** Retention in words. */

const words: Readonly<Record<RetentionKind, string>> = {
  incidents: 'incidents, once closed',
  calls: 'records of calls',
  names: 'recorded names',
  messages: 'recorded messages',
  conversations: 'recorded conversations',
  alerts: 'alerts and their deliveries',
  sightings: 'what campaigns are found by',
  access: 'access log, lifted holds',
};

const nothing: Due = { removed: 0, linked: 0, held: 0 };

export function tellPeriods(periods: Periods, due: ReadonlyMap<RetentionKind, Due>): string {
  const rows = retentionKinds.map((kind) => {
    const days = periods[kind];
    return [words[kind], days === null ? 'for ever' : count(days, 'day'), ...cellsOf(due.get(kind) ?? nothing)];
  });
  return formatTable(['KIND', 'KEPT', 'WOULD GO NOW', 'STAYS FOR AN INCIDENT', 'STAYS FOR A LEGAL HOLD'], rows);
}

export function tellDue(due: ReadonlyMap<RetentionKind, Due>): string {
  const rows = retentionKinds.map((kind) => [words[kind], ...cellsOf(due.get(kind) ?? nothing)]);
  return formatTable(['KIND', 'WOULD GO NOW', 'STAYS FOR AN INCIDENT', 'STAYS FOR A LEGAL HOLD'], rows);
}

function cellsOf({ removed, linked, held }: Due): string[] {
  return [String(removed), String(linked), String(held)];
}

/** One run: when, by whom, and a line for each kind of which something went, stayed or could not be removed. */
export function tellRun({ id, startedAt, finishedAt, by, fault, counts }: RetentionRun, timeZone: string): string {
  const when = `${formatTime(startedAt, timeZone)}, by ${by} (${id})`;
  const state = finishedAt === null ? ', not finished yet' : '';
  const lines = counts.flatMap(({ kind, removed, linked, held, failed, oldest, newest }) => {
    if (removed + linked + held + failed === 0) return [];
    const day = (at: number | null) => (at === null ? '' : formatTime(at, timeZone).slice(0, 10));
    const span = oldest === null ? '' : ` (of ${day(oldest)} to ${day(newest)})`;
    const kept = [
      ...(linked > 0 ? [`${linked} kept for an incident`] : []),
      ...(held > 0 ? [`${held} kept for a legal hold`] : []),
      ...(failed > 0 ? [`${failed} could not be removed`] : []),
    ];
    return [`  ${words[kind]}: ${[`${removed} removed${span}`, ...kept].join(', ')}`];
  });
  const trouble = fault === null ? [] : [`  ${fault}`];
  return [`${when}${state}`, ...(lines.length === 0 ? ['  nothing was past its period'] : lines), ...trouble].join(
    '\n',
  );
}
