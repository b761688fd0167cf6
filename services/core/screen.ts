import type { CallerIdentity } from './caller.ts';
import {
  type ExpectedCaller,
  expectedAt,
  isRaised,
  type Moment,
  modeInForce,
  type ProtectedLine,
  type ScreeningMode,
} from './line.ts';
import { type PretenceFacts, pretenceOf } from './screen/pretence.ts';
import { awaitedReason, heldReason, modeReason, momentReasons } from './screen/reasons.ts';
import { type Recognised, recognise } from './screen/recognise.ts';
import type { Treatment, Verdict } from './screen/verdict.ts';

export type { ReasonKind, Standing, Treatment, Verdict } from './screen/verdict.ts';

/** What the table asks about a caller: `claims-trusted` shows a trusted number and a sign that it may not be his. */
type Row = 'trusted' | 'claims-trusted' | 'unvouched' | 'suspect';
type Cell = Pick<Verdict, 'treatment' | 'wording'>;

const plainly = (treatment: Treatment): Cell => ({ treatment, wording: 'plain' });
const strongly = (treatment: Treatment): Cell => ({ treatment, wording: 'strong' });

/** The whole policy. A blocked caller takes the row of a suspect. */
const table: Record<ScreeningMode, Record<Row, Cell>> = {
  announce: {
    trusted: plainly('connect'),
    'claims-trusted': plainly('announce'),
    unvouched: plainly('announce'),
    suspect: strongly('announce'),
  },
  guarded: {
    trusted: plainly('connect'),
    'claims-trusted': plainly('announce'),
    unvouched: plainly('challenge'),
    suspect: strongly('staff-or-refuse'),
  },
  'trusted-only': {
    trusted: plainly('connect'),
    'claims-trusted': plainly('announce'),
    unvouched: plainly('staff-or-message'),
    suspect: strongly('refuse'),
  },
  paused: {
    trusted: plainly('connect'),
    // Never more than a suspect gets in this mode, and never simply connected.
    'claims-trusted': plainly('warn'),
    unvouched: plainly('connect'),
    suspect: strongly('warn'),
  },
};

/** What is known of the moment in which a call comes in; what tells of a pretence counts only while the line is held. */
export interface Circumstances extends Moment, PretenceFacts {}

/**
 * Decides what to do with a caller. The line's lists stand above every other check, and blocked above trusted; but whoever
 * poses as a returned call on a held line is refused, unless the caller is trusted beyond doubt.
 */
export function screenCaller(caller: CallerIdentity, line: ProtectedLine, now: Circumstances): Verdict {
  const known = recognise(caller, line, now.at);
  const pretence = now.held && known.standing !== 'trusted' ? pretenceOf(caller, known, now) : null;
  if (pretence !== null) {
    const { standing, trustedName } = known;
    const reasons = [...known.reasons, heldReason, { kind: 'returned-call', text: pretence } as const];
    return { standing, ...strongly('refuse'), trustedName, reasons };
  }
  const mode = modeInForce(line, now);
  const awaited = mayBeAwaited(caller, known) ? awaitedStranger(line, now) : null;
  const cell = awaited === null ? table[mode][rowOf(known)] : mildly(table[mode][rowOf(known)]);
  const reasons = [
    ...known.reasons,
    ...momentReasons(line, now),
    ...(awaited === null ? [] : [awaitedReason(awaited)]),
    modeReason(mode, cell.treatment),
  ];
  return { standing: known.standing, ...cell, trustedName: known.trustedName, reasons };
}

/** One step milder; the announcement and the warning are never left out. */
function mildly({ treatment, wording }: Cell): Cell {
  if (treatment === 'challenge') return { treatment: 'announce', wording };
  if (treatment === 'staff-or-message') return { treatment: 'challenge', wording };
  return { treatment, wording };
}

/** Whoever is expected without a number may be any caller of whom nothing odd is seen. */
function mayBeAwaited({ signs }: CallerIdentity, { standing }: Recognised): boolean {
  return standing === 'unvouched' && signs.every(({ kind }) => kind === 'attestation-missing');
}

/** Somebody expected who gave no number. Nobody is, in times of danger: a fraudster may know of the appointment. */
function awaitedStranger(line: ProtectedLine, { at, held }: Moment): ExpectedCaller | null {
  if (held || isRaised(line, at)) return null;
  return expectedAt(line, at).find(({ number }) => number === null) ?? null;
}

function rowOf({ standing, trustedName }: Recognised): Row {
  if (standing === 'blocked') return 'suspect';
  return standing === 'suspect' && trustedName !== null ? 'claims-trusted' : standing;
}

/** The caller was refused because they pose as somebody whom the resident called, or was to call. */
export function isReturnedCall({ reasons }: Verdict): boolean {
  return reasons.some(({ kind }) => kind === 'returned-call');
}
