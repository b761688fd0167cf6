import type { CallerIdentity, CallingNumber, Sign } from '../caller.ts';
import { type ExpectedCaller, expectedAt, type ProtectedLine, type TrustedContact } from '../line.ts';
import { tidyNumber } from '../number.ts';
import type { Reason, Verdict } from './verdict.ts';

/** Whom the line's lists know, and how much of that can be believed. */

export type Recognised = Pick<Verdict, 'standing' | 'trustedName' | 'reasons'>;

/** Blocked stands above trusted, and so does it above who is expected at this time, UTC ms. */
export function recognise(caller: CallerIdentity, line: ProtectedLine, at: number): Recognised {
  const numbers = [caller.network, caller.presentation].filter((number) => number !== null).map(comparable);
  if (numbers.some((number) => line.blocked.includes(number))) {
    const reason: Reason = { kind: 'blocked-number', text: 'The number is on this line’s blocked list.' };
    return { standing: 'blocked', trustedName: null, reasons: [reason, ...caller.signs] };
  }
  // The network's number first: it is the harder one to forge.
  for (const number of numbers) {
    const contact = line.trusted.find((trusted) => trusted.number === number);
    if (contact) return recogniseTrusted(onTheList(contact), contact.name, trustSigns(caller, number));
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

/** The form the lists hold: E.164, or a short number as dialled. */
export function comparable(number: CallingNumber): string {
  return number.e164 ?? tidyNumber(number.written);
}
