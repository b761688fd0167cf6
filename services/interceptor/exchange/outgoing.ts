import type { DialledBy, Opening } from '../../core/call.ts';
import type { ProtectedLine } from '../../core/line.ts';
import { classifyDialled, type Dialled } from '../../core/number.ts';
import type { Callers } from '../line/callers.ts';
import type { RunnerOptions } from '../runner-options.ts';

type DialledEvent = Extract<Opening, { type: 'Dialled' }>;

/** What is known of a call when a resident begins it. */
export interface Dialling {
  readonly line: ProtectedLine;
  /** As it was keyed. */
  readonly written: string;
  /** Given where it was classified before. */
  readonly number?: Dialled;
  readonly by: DialledBy;
  readonly outOf: string | null;
  readonly answered: boolean;
  /** Calls that the telephone makes now, this one included, where the dialplan counted them. */
  readonly atOnce?: number;
  /** Ms since the epoch. */
  readonly at: number;
}

/** The number dialled, for what it is, and how the line stands at that moment. */
export function readDialled(
  { number, atOnce = 1, ...dialling }: Dialling,
  {
    holds,
    trunks,
    numbers,
    arrivals,
    tolls,
  }: Pick<RunnerOptions, 'holds' | 'trunks' | 'numbers' | 'arrivals' | 'tolls'>,
  callers: Callers,
): DialledEvent {
  const { id } = dialling.line;
  const here = callers.suspectsOn(id);
  const isHeld = holds.isHeld(id, dialling.at);
  const left = isHeld ? holds.leftBy(id).trunk : null;
  const suspectTrunks = [...here.map(({ trunk }) => trunk), ...(left === null ? [] : [left])];
  return {
    type: 'Dialled',
    ...dialling,
    number: number ?? classifyDialled(dialling.written, numbers),
    held: isHeld || here.length > 0,
    trunks: trunks.map(({ name }) => name),
    suspectTrunks: [...new Set(suspectTrunks)],
    staffed: arrivals.staffed,
    toll: { atOnce, ...tolls.lastHour(id, dialling.at) },
  };
}

/** What the dialplan took for an emergency number is one, whatever Clearline's own rules say of it. */
export function asEmergency(written: string, { numbers }: Pick<RunnerOptions, 'numbers'>): Dialled {
  return { ...classifyDialled(written, numbers), class: 'emergency' };
}
