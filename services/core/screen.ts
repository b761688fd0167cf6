import type { CallerIdentity, CallingNumber, Sign, SignKind } from './caller.ts';
import { modeInForce, type ProtectedLine, type ScreeningMode, type TrustedContact } from './line.ts';
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
  | 'blocked-number'
  | 'not-on-list'
  | 'withheld'
  | 'no-number'
  | 'line-held'
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

/** What counts only while the line is held, when an offender may ring back as the police whom the resident was to call. */
export interface WhileHeld {
  /** Whoever left the hold showed this number. */
  readonly calledBefore: boolean;
  /** Null knows of no guarded or emergency number; a caller's signs tell of short codes all the same. */
  readonly safeNumbers: NumberRules | null;
}

const nothingKnown: WhileHeld = { calledBefore: false, safeNumbers: null };

/**
 * Decides what to do with a caller. The line's lists stand above every other check, and blocked above trusted; but whoever
 * poses as a returned call on a held line is refused, unless the caller is trusted beyond doubt.
 */
export function screenCaller(
  caller: CallerIdentity,
  line: ProtectedLine,
  held: boolean,
  whileHeld: WhileHeld = nothingKnown,
): Verdict {
  const known = recognise(caller, line);
  const pretence = held && known.standing !== 'trusted' ? pretenceOf(caller, known, whileHeld) : null;
  if (pretence !== null) {
    const { standing, trustedName } = known;
    const reasons = [...known.reasons, heldReason, { kind: 'returned-call', text: pretence } as const];
    return { standing, ...strongly('refuse'), trustedName, reasons };
  }
  const mode = modeInForce(line.mode, held);
  const cell = table[mode][rowOf(known)];
  const reasons = [...known.reasons, ...(held ? [heldReason] : []), modeReason(mode, cell.treatment)];
  return { standing: known.standing, ...cell, trustedName: known.trustedName, reasons };
}

function rowOf({ standing, trustedName }: Recognised): Row {
  if (standing === 'blocked') return 'suspect';
  return standing === 'suspect' && trustedName !== null ? 'claims-trusted' : standing;
}

type Recognised = Pick<Verdict, 'standing' | 'trustedName' | 'reasons'>;

function recognise(caller: CallerIdentity, line: ProtectedLine): Recognised {
  const numbers = [caller.network, caller.presentation].filter((number) => number !== null).map(comparable);
  if (numbers.some((number) => line.blocked.includes(number))) {
    const reason: Reason = { kind: 'blocked-number', text: 'The number is on this line’s blocked list.' };
    return { standing: 'blocked', trustedName: null, reasons: [reason, ...caller.signs] };
  }
  // The network's number first: it is the harder one to forge.
  for (const number of numbers) {
    const contact = line.trusted.find((trusted) => trusted.number === number);
    if (contact) return recogniseTrusted(contact, trustSigns(caller, number));
  }
  return recogniseStranger(caller, numbers);
}

function recogniseTrusted(contact: TrustedContact, signs: readonly Sign[]): Recognised {
  if (signs.length === 0) {
    const text = `The number is on this line’s trusted list: ${contact.name}.`;
    return { standing: 'trusted', trustedName: contact.name, reasons: [{ kind: 'trusted-contact', text }] };
  }
  const text = `The number is that of ${contact.name}, who is trusted, but it may be somebody else showing it.`;
  return { standing: 'suspect', trustedName: contact.name, reasons: [{ kind: 'trusted-contact', text }, ...signs] };
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
function pretenceOf(caller: CallerIdentity, known: Recognised, whileHeld: WhileHeld): string | null {
  const owner = [caller.network, caller.presentation]
    .map((number) => number && safeOwner(comparable(number), whileHeld.safeNumbers))
    .find((name) => name !== null);
  if (owner)
    return `The number is that of ${owner}; who calls the line from it now is taken for a fraudster ringing back.`;
  const shows = (kind: SignKind) => caller.signs.some((sign) => sign.kind === kind);
  // A trusted extension of the house's own exchange is short, too.
  if (shows('do-not-originate') || (shows('short-code') && known.trustedName === null)) {
    return 'Nobody calls from a number like this; whoever shows it now is taken for a fraudster ringing back.';
  }
  if (!whileHeld.calledBefore) return null;
  return 'Whoever left the line held showed the same number, and is taken for a fraudster ringing back.';
}

function safeOwner(number: string, rules: NumberRules | null): string | null {
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
