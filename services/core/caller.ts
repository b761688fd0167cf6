import { type NameAddress, readNameAddresses, splitOutside } from './name-addr.ts';
import { type NumberReading, readNumber } from './number.ts';
import { type Attestation, type CallerRules, type Sign, signsOf, type TrunkTrust } from './signs.ts';

export { type Attestation, type Sign, type SignKind, signKinds, type TrunkTrust } from './signs.ts';

/** What the trunk's INVITE said, as text and unverified. `null` where the header was absent. */
export interface Signalling {
  /** The whole From header: display name, URI and parameters. */
  readonly from: string | null;
  /** P-Asserted-Identity (RFC 3325): the number the network itself stands for. */
  readonly assertedIdentity: string | null;
  /** Privacy (RFC 3323): `id` withholds the number. */
  readonly privacy: string | null;
  /** Diversion (RFC 5806) or History-Info: the call was forwarded. */
  readonly diversion: string | null;
  /** Identity (RFC 8224): a signed PASSporT. Clearline reads its claim and does not verify its signature. */
  readonly identity: string | null;
  readonly callId: string | null;
  readonly userAgent: string | null;
  /** Address and port the INVITE came from. */
  readonly sourceAddress: string | null;
  readonly codecs: readonly string[];
}

/** A calling number, as written by the trunk and, where it is one, as E.164. */
export interface CallingNumber {
  readonly written: string;
  readonly e164: string | null;
}

/** Who the network says is calling. */
export interface CallerIdentity {
  /** The number shown to the called party (From). Null when withheld or absent; a From without a number keeps its text. */
  readonly presentation: CallingNumber | null;
  /** The number the network asserts (P-Asserted-Identity). */
  readonly network: CallingNumber | null;
  /** Display name with control characters removed and cut to 80 characters, safe to show. The raw text stays in Signalling. */
  readonly name: string | null;
  readonly withheld: boolean;
  readonly attestation: Attestation | null;
  readonly signs: readonly Sign[];
}

/** Users and hosts that stand for "the caller asked not to be shown" (RFC 3323 section 4.1.1.3, and what gateways send). */
const withheldUsers = new Set(['anonymous', 'restricted', 'private', 'withheld']);
/** Users that stand for "the network does not know". */
const unknownUsers = new Set(['', 'unavailable', 'unknown', 'invalid']);

/**
 * Reads who is calling from an INVITE's headers. Any text at all is answered, never an exception: what cannot be read
 * counts as absent, and the raw headers stay on record beside it.
 */
export function readCaller(signalling: Signalling, trunk: TrunkTrust, rules: CallerRules): CallerIdentity {
  const from = readNameAddresses(signalling.from ?? '')[0] ?? null;
  const asserted = readNameAddresses(signalling.assertedIdentity ?? '');
  const withheld = asksPrivacy(signalling.privacy) || (from !== null && isAnonymous(from));
  const shown = withheld ? null : numberOf(from, rules);
  const network = asserted.map((address) => numberOf(address, rules)).find((number) => number !== null) ?? null;
  const attestation = readAttestation(
    signalling.identity,
    [...asserted, ...(from ? [from] : [])],
    [shown, network],
    rules,
  );
  return {
    presentation: shown && callingNumber(shown),
    network: network && callingNumber(network),
    name: withheld ? null : cleanName(from?.name ?? '') || cleanName(asserted[0]?.name ?? '') || null,
    withheld,
    attestation,
    signs: signsOf({ shown, network, withheld, attestation }, trunk, rules),
  };
}

/**
 * Makes a stranger's text safe to show: no control characters, no invisible or direction-changing ones, no lone
 * surrogates, white space as single spaces, at most `most` characters counted as code points.
 */
export function cleanName(text: string, most = 80): string {
  if (text.length <= most && /^[!-~]+(?: [!-~]+)*$/.test(text)) return text;
  const visible = text
    .toWellFormed()
    .replace(/[\u200b\u200e\u200f\u061c\u2060-\u206f\u202a-\u202e\ufeff\u{e0000}-\u{e0fff}]/gu, '')
    .replace(/[\p{Cc}\s]+/gu, ' ');
  return Array.from(visible.trim()).slice(0, most).join('').trim();
}

function numberOf(address: NameAddress | null, rules: CallerRules): NumberReading | null {
  const user = address?.user.trim() ?? '';
  if (address === null || isAnonymous(address) || unknownUsers.has(user.toLowerCase())) return null;
  return readNumber(user, rules.pack);
}

function callingNumber(reading: NumberReading): CallingNumber {
  return { written: cleanName(reading.written), e164: reading.e164 };
}

function isAnonymous(address: NameAddress): boolean {
  return withheldUsers.has(address.user.trim().toLowerCase()) || address.host.split(':')[0] === 'anonymous.invalid';
}

function asksPrivacy(privacy: string | null): boolean {
  const wishes = (privacy ?? '').toLowerCase().split(/[;,]/);
  return wishes.some((wish) => ['id', 'user', 'header'].includes(wish.trim()));
}

const levels: ReadonlyMap<unknown, Attestation> = new Map([
  ['A', 'full'],
  ['B', 'partial'],
  ['C', 'gateway'],
]);

/**
 * What the network says of the number: a verstat parameter (3GPP TS 24.229) that says the check failed outranks the
 * PASSporT's own claim (RFC 8588), which is read and not verified. A PASSporT about another number counts as failed.
 */
function readAttestation(
  identity: string | null,
  addresses: readonly NameAddress[],
  numbers: readonly (NumberReading | null)[],
  rules: CallerRules,
): Attestation | null {
  const verstat = addresses
    .map(({ params }) => params.get('verstat')?.toLowerCase() ?? '')
    .find((value) => value !== '');
  if (verstat?.startsWith('tn-validation-failed')) return 'failed';
  for (const value of identity === null ? [] : splitOutside(identity, ',')) {
    const claims = readClaims(value);
    const level = levels.get(claims.attest);
    if (level === undefined) continue;
    return isAbout(claims.originator, numbers, rules) ? level : 'failed';
  }
  if (!verstat?.startsWith('tn-validation-passed')) return null;
  return levels.get(verstat.slice(-2).toUpperCase().replace(/^-/, '')) ?? 'full';
}

function isAbout(originator: unknown, numbers: readonly (NumberReading | null)[], rules: CallerRules): boolean {
  const known = numbers.filter((number) => number !== null);
  if (typeof originator !== 'string' || known.length === 0) return true;
  const signed = readNumber(originator, rules.pack).number;
  return known.some(({ number }) => number === signed);
}

/** The claims of one PASSporT (RFC 8225): the middle of three base64url parts. */
function readClaims(value: string): { attest?: unknown; originator?: unknown } {
  const payload = value.trim().split(';')[0]?.split('.')[1] ?? '';
  try {
    const claims: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')));
    if (typeof claims !== 'object' || claims === null) return {};
    const { attest, orig } = claims as { attest?: unknown; orig?: { tn?: unknown } | null };
    return { attest, originator: orig?.tn };
  } catch {
    return {};
  }
}
