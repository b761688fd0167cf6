import { type CountryPack, formatNumber, type NumberReading, type NumberRules, ownerIn } from './number.ts';

/** Something about the number that an honest call seldom shows. It adds a reason; it never decides in silence. */
export const signKinds = [
  'short-code',
  'premium-number',
  'impossible-length',
  'do-not-originate',
  'home-number-from-abroad',
  'identities-differ',
  'attestation-failed',
  'attestation-missing',
] as const;
export type SignKind = (typeof signKinds)[number];

export interface Sign {
  readonly kind: SignKind;
  /** One plain sentence for staff: "The caller showed 999, which never rings anybody." */
  readonly text: string;
}

/** RFC 8588 attestation levels A, B and C, or a check the network says failed. */
export type Attestation = 'full' | 'partial' | 'gateway' | 'failed';

/** What the site says of the trunk a call came over; a TrunkConfig is one. */
export interface TrunkTrust {
  /** Calls over it started abroad. */
  readonly international: boolean;
  /** Its carrier normally says whether it vouches for the number. */
  readonly attests: boolean;
}

/** What `readCaller` needs of the numbers' rules. */
export type CallerRules = Pick<NumberRules, 'pack' | 'doNotOriginate'>;

/** The two numbers a call came with, and what the network says of them. */
interface Shown {
  /** The number shown to the called party. */
  readonly shown: NumberReading | null;
  /** The number the network asserts. */
  readonly network: NumberReading | null;
  /** A number the caller withheld is compared, and never told. */
  readonly withheld: boolean;
  readonly attestation: Attestation | null;
}

/** What about the numbers an honest call seldom shows; one sign a kind, each with its sentence for staff. */
export function signsOf(caller: Shown, trunk: TrunkTrust, rules: CallerRules): Sign[] {
  const shown = caller.shown?.kind === 'none' ? null : caller.shown;
  const network = caller.network?.kind === 'none' ? null : caller.network;
  // Written out only where there is something to say: formatting a number costs more than the rest of the verdict.
  const shownNumber = () => (shown ? show(shown, rules.pack) : '');
  const networkNumber = () => (caller.withheld || !network ? 'a withheld number' : show(network, rules.pack));
  const signs: Sign[] = [];
  if (shown) signs.push(...signsOfNumber(shown, () => `The caller showed ${shownNumber()}`, trunk, rules));
  if (network) signs.push(...signsOfNumber(network, () => `The network gave ${networkNumber()}`, trunk, rules));
  if (shown && network && shown.number !== network.number) {
    const text = `The caller showed ${shownNumber()}, but the network says the call comes from ${networkNumber()}.`;
    signs.push({ kind: 'identities-differ', text });
  }
  if (caller.attestation === 'failed') {
    const text = 'The network checked the number shown and says that it is not the caller’s own.';
    signs.push({ kind: 'attestation-failed', text });
  }
  if (caller.attestation === null && trunk.attests && (shown ?? network)) {
    const text = 'The network normally vouches for the numbers on this trunk, and did not vouch for this one.';
    signs.push({ kind: 'attestation-missing', text });
  }
  const kinds = new Set<SignKind>();
  return signs.filter(({ kind }) => !kinds.has(kind) && kinds.add(kind));
}

function signsOfNumber(number: NumberReading, said: () => string, trunk: TrunkTrust, rules: CallerRules): Sign[] {
  const { pack, doNotOriginate } = rules;
  const signs: Sign[] = [];
  if (number.kind === 'short') {
    const owner = ownerIn(pack.emergency, number.number) ?? ownerIn(pack.guarded, number.number);
    const why = owner ? `which never rings anybody (${owner})` : 'a short number that no caller from outside has';
    signs.push({ kind: 'short-code', text: `${said()}, ${why}.` });
  }
  if (number.kind === 'impossible') {
    signs.push({ kind: 'impossible-length', text: `${said()}, which has too few or too many digits to be a number.` });
  }
  if (pack.premiumCallers.test(number.number)) {
    signs.push({ kind: 'premium-number', text: `${said()}, a premium-rate number: those are only ever called.` });
  }
  if (doNotOriginate.has(number.number)) {
    const text = `${said()}, which only ever receives calls: whoever shows it is not its owner.`;
    signs.push({ kind: 'do-not-originate', text });
  }
  if (trunk.international && number.e164?.startsWith(`+${pack.callingCode}`)) {
    const text = `${said()}, a number of this country, on a trunk that only brings calls from abroad.`;
    signs.push({ kind: 'home-number-from-abroad', text });
  }
  return signs;
}

/** A hostile number may be as long as a header; a sentence holds its beginning. */
function show({ number }: NumberReading, pack: CountryPack): string {
  const plain = formatNumber(number, pack).replace(/[^+\w ]/g, '');
  return plain.length > 24 ? `${plain.slice(0, 24)}…` : plain || 'an unreadable number';
}
