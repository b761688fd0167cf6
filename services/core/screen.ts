import type { CallerIdentity, CallingNumber, Sign, SignKind } from './caller.ts';
import {
  type ExpectedCaller,
  expectedAt,
  isPaused,
  isRaised,
  type Moment,
  modeInForce,
  type ProtectedLine,
  type ScreeningMode,
  type TrustedContact,
} from './line.ts';
import { type NumberRules, tidyNumber } from './number.ts';

/** What is known of the caller: on the line's list, unknown, showing a sign of forgery, or on the blocked list. */
export type Standing = 'trusted' | 'unvouched' | 'suspect' | 'blocked';

/**
 * What happens to the call.
 * - `connect`: rings, nothing is said.
 * - `warn`: rings; the resident hears the warning before the caller can speak.
 * - `announce`: the caller hears that the line is protected, then as `warn`.
 * - `challenge`: announcement, the caller's name, a digit to press; then as `warn`.
 * - `staff-or-refuse`, `staff-or-message`: staff are rung if there are any; else a refusal, or a message is taken.
 * - `refuse`: a polite refusal in words.
 */
export type Treatment =
  | 'connect'
  | 'warn'
  | 'announce'
  | 'challenge'
  | 'staff-or-refuse'
  | 'staff-or-message'
  | 'refuse';

export type ReasonKind =
  | 'trusted-contact'
  | 'expected-caller'
  | 'blocked-number'
  | 'not-on-list'
  | 'withheld'
  | 'no-number'
  | 'line-held'
  | 'guard-raised'
  | 'line-paused'
  | 'returned-call'
  | 'mode'
  | SignKind;

export interface Reason {
  readonly kind: ReasonKind;
  /** One plain sentence for staff. */
  readonly text: string;
}

export interface Verdict {
  readonly standing: Standing;
  readonly treatment: Treatment;
  /** `strong` names the sign of fraud in the warning. */
  readonly wording: 'plain' | 'strong';
  /** The trusted contact's name, where one matched. */
  readonly trustedName: string | null;
  readonly reasons: readonly Reason[];
}

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

/** What is known of the moment in which a call comes in, beside who calls. */
export interface Circumstances extends Moment {
  /** Whoever left the hold showed this number. Counts only while the line is held: offenders ring back as the police. */
  readonly calledBefore?: boolean;
  /** As `calledBefore`; without it no guarded or emergency number is known, but a caller's signs tell of short codes. */
  readonly safeNumbers?: NumberRules;
}

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

function awaitedReason({ name }: ExpectedCaller): Reason {
  const text = `${name} is expected about now and gave no number, so strangers are screened one step more mildly.`;
  return { kind: 'expected-caller', text };
}

function rowOf({ standing, trustedName }: Recognised): Row {
  if (standing === 'blocked') return 'suspect';
  return standing === 'suspect' && trustedName !== null ? 'claims-trusted' : standing;
}

type Recognised = Pick<Verdict, 'standing' | 'trustedName' | 'reasons'>;

function recognise(caller: CallerIdentity, line: ProtectedLine, at: number): Recognised {
  const numbers = [caller.network, caller.presentation].filter((number) => number !== null).map(comparable);
  if (numbers.some((number) => line.blocked.includes(number))) {
    const reason: Reason = { kind: 'blocked-number', text: 'The number is on this line’s blocked list.' };
    return { standing: 'blocked', trustedName: null, reasons: [reason, ...caller.signs] };
  }
  // The network's number first: it is the harder one to forge.
  for (const number of numbers) {
    const contact = line.trusted.find((trusted) => trusted.number === number);
    if (contact) return recogniseTrusted(onTheList(contact), contact.name, trustSigns(caller, number));
  }
  for (const number of numbers) {
    const expected = expectedAt(line, at).find((each) => each.number === number);
    if (expected) return recogniseTrusted(isExpected(expected), expected.name, trustSigns(caller, number));
  }
  return recogniseStranger(caller, numbers);
}

/** Why a number is trusted, and what is said of it when somebody else may be showing it. */
interface Grounds {
  readonly kind: 'trusted-contact' | 'expected-caller';
  readonly text: string;
  readonly whose: string;
}

const onTheList = ({ name }: TrustedContact): Grounds => ({
  kind: 'trusted-contact',
  text: `The number is on this line’s trusted list: ${name}.`,
  whose: 'who is trusted',
});

const isExpected = ({ name }: ExpectedCaller): Grounds => ({
  kind: 'expected-caller',
  text: `The number is that of ${name}, who is expected about now.`,
  whose: 'who is expected about now',
});

function recogniseTrusted({ kind, text, whose }: Grounds, name: string, signs: readonly Sign[]): Recognised {
  if (signs.length === 0) return { standing: 'trusted', trustedName: name, reasons: [{ kind, text }] };
  const doubt = `The number is that of ${name}, ${whose}, but it may be somebody else showing it.`;
  return { standing: 'suspect', trustedName: name, reasons: [{ kind, text: doubt }, ...signs] };
}

/** A switchboard may show another number than its own: where the network's number is the trusted one, that is no sign. */
function trustSigns(caller: CallerIdentity, matched: string): readonly Sign[] {
  const byNetwork = caller.network !== null && comparable(caller.network) === matched;
  return byNetwork ? caller.signs.filter(({ kind }) => kind !== 'identities-differ') : caller.signs;
}

function recogniseStranger(caller: CallerIdentity, numbers: readonly string[]): Recognised {
  const unvouched = (reason: Reason): Recognised => ({
    standing: 'unvouched',
    trustedName: null,
    reasons: [reason, ...caller.signs],
  });
  if (caller.withheld) {
    const text = 'The caller withheld the number, as surgeries, hospitals and care services often do.';
    return unvouched({ kind: 'withheld', text });
  }
  if (!numbers.some((number) => /\d/.test(number))) {
    return unvouched({ kind: 'no-number', text: 'The call came without a number, so nobody can say whose it is.' });
  }
  // Many honest strangers call from networks that attest nothing: that counts against a claim to be trusted only.
  if (caller.signs.some(({ kind }) => kind !== 'attestation-missing')) {
    return { standing: 'suspect', trustedName: null, reasons: caller.signs };
  }
  return unvouched({ kind: 'not-on-list', text: 'The number is on neither of this line’s lists.' });
}

/** The caller was refused because they pose as somebody whom the resident called, or was to call. */
export function isReturnedCall({ reasons }: Verdict): boolean {
  return reasons.some(({ kind }) => kind === 'returned-call');
}

/** Why this is taken for an offender who rings back, in a sentence; null when it is not. */
function pretenceOf(caller: CallerIdentity, known: Recognised, now: Circumstances): string | null {
  const owner = [caller.network, caller.presentation]
    .map((number) => number && safeOwner(comparable(number), now.safeNumbers))
    .find((name) => name !== null);
  if (owner)
    return `The number is that of ${owner}; who calls the line from it now is taken for a fraudster ringing back.`;
  const shows = (kind: SignKind) => caller.signs.some((sign) => sign.kind === kind);
  // A trusted extension of the house's own exchange is short, too.
  if (shows('do-not-originate') || (shows('short-code') && known.trustedName === null)) {
    return 'Nobody calls from a number like this; whoever shows it now is taken for a fraudster ringing back.';
  }
  if (now.calledBefore !== true) return null;
  return 'Whoever left the line held showed the same number, and is taken for a fraudster ringing back.';
}

function safeOwner(number: string, rules: NumberRules | undefined): string | null {
  return rules?.emergency.get(number) ?? rules?.guarded.get(number) ?? null;
}

/** The form the lists hold: E.164, or a short number as dialled. */
function comparable(number: CallingNumber): string {
  return number.e164 ?? tidyNumber(number.written);
}

const heldReason: Reason = {
  kind: 'line-held',
  text: 'The line is held after an earlier suspect call, so it screens one step more strictly.',
};

const raisedReason: Reason = {
  kind: 'guard-raised',
  text: 'Fraudsters are ringing the area, so every line there screens one step more strictly for a while.',
};

const pausedReason: Reason = { kind: 'line-paused', text: 'Screening of this line is paused for a while.' };

/** What about this moment, and not about the caller, decides the mode in force. */
function momentReasons(line: ProtectedLine, { at, held }: Moment): Reason[] {
  return [
    ...(isPaused(line, at) ? [pausedReason] : []),
    ...(held ? [heldReason] : []),
    ...(isRaised(line, at) ? [raisedReason] : []),
  ];
}

const consequence: Record<Treatment, string> = {
  connect: 'the phone simply rings',
  warn: 'the resident hears the warning before the caller can speak',
  announce: 'the caller hears that the line is protected, and the resident hears the warning',
  challenge: 'the caller says a name and presses a digit, and the resident hears the warning',
  'staff-or-refuse': 'staff may take the call, else it is politely refused',
  'staff-or-message': 'staff may take the call, else the caller leaves a message',
  refuse: 'the call is politely refused',
};

function modeReason(mode: ScreeningMode, treatment: Treatment): Reason {
  return { kind: 'mode', text: `In the mode in force, ${mode}, ${consequence[treatment]}.` };
}
