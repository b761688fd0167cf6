import type { CallEvent } from '../../core/call.ts';
import { type CallerIdentity, readCaller, type Signalling } from '../../core/caller.ts';
import { readNumber } from '../../core/number.ts';
import { gb } from '../../core/packs/gb.ts';
import type { LineBook } from '../../core/ports.ts';
import type { CallerRules, TrunkTrust } from '../../core/signs.ts';

/** What the site says of its trunks and numbers, as far as an arrival needs it. */
export interface ArrivalRules {
  readonly trunks: ReadonlyMap<string, TrunkTrust>;
  readonly doNotOriginate: ReadonlySet<string>;
  readonly staffed: boolean;
}

type Arrived = Extract<CallEvent, { type: 'Arrived' }>;

/** How the called line stands at this moment. */
export interface LineStanding {
  readonly held: boolean;
  /** Node runs a guarded or an emergency call of it. */
  readonly engaged: boolean;
  /** The number shown by whoever left the hold that stands. */
  readonly heldBy: string | null;
}

const nobodyThere: LineStanding = { held: false, engaged: false, heldBy: null };

/**
 * Reads the arguments of `Stasis(clearline,inbound,…)` in the order dialplan/extensions.conf writes them: the number
 * dialled, the trunk, then the first of the facts of `readSignalling`, as far as they decide, and last how many legs of the
 * line the dialplan itself has in a guarded or an emergency call.
 */
export function readArrival(
  args: readonly string[],
  at: number,
  rules: ArrivalRules,
  lines: LineBook,
  standingOf: (line: string) => LineStanding,
  random: number,
): Arrived {
  const [, dialled = '', trunk = '', ...facts] = args;
  const line = lines.byNumber(readNumber(dialled, gb).number);
  const number = decode(facts[9]);
  // On a trunk whose P-Asserted-Identity is not read yet, Asterisk's reading of it stands in.
  if (!facts[1] && number !== null) facts[1] = Buffer.from(`<tel:${telephone(number)}>`).toString('base64');
  const { held, engaged, heldBy } = line === null ? nobodyThere : standingOf(line.id);
  const { caller, signalling } = describe(facts, trunk, rules);
  return {
    type: 'Arrived',
    at,
    dialled,
    line,
    trunk,
    caller,
    signalling,
    held,
    engaged: engaged || Number(facts[10]) > 0,
    calledBefore: held && heldBy !== null && numbersOf(caller).includes(readNumber(heldBy, gb).number),
    staffed: rules.staffed,
    random,
  };
}

/** The number a caller shows, as `readNumber` gives it; null where they show none. */
export function shownNumber(caller: CallerIdentity): string | null {
  return numbersOf(caller)[0] ?? null;
}

function numbersOf({ presentation, network }: CallerIdentity): string[] {
  return [presentation, network].flatMap((number) => (number ? [readNumber(number.written, gb).number] : []));
}

/** The caller, as the facts of an INVITE on this trunk tell. */
export function describe(
  facts: readonly string[],
  trunk: string,
  rules: ArrivalRules,
): { readonly caller: CallerIdentity; readonly signalling: Signalling } {
  const signalling = readSignalling(facts);
  const trust = rules.trunks.get(trunk) ?? { international: false, attests: false };
  const number = decode(facts[9]);
  return {
    signalling,
    caller: identify(signalling, number, trust, { doNotOriginate: rules.doNotOriginate, pack: gb }),
  };
}

/** The number as Asterisk read it stands in for a From that is cut or missing: nobody slips past the lists by garbling it. */
function identify(
  signalling: Signalling,
  number: string | null,
  trust: TrunkTrust,
  rules: CallerRules,
): CallerIdentity {
  const said = readCaller(signalling, trust, rules);
  if (said.presentation !== null || said.withheld || number === null) return said;
  const from = `<sip:${telephone(number)}@unreadable.invalid>`;
  return { ...readCaller({ ...signalling, from }, trust, rules), name: said.name };
}

/**
 * Reads base64 of From, P-Asserted-Identity, Privacy, Diversion, Identity, Call-ID, User-Agent, the source address and
 * the codecs. What is missing or not base64 is an absent header.
 */
function readSignalling(facts: readonly string[]): Signalling {
  const [from, assertedIdentity, privacy, diversion, identity, callId, userAgent, sourceAddress, codecs] = Array.from(
    { length: 9 },
    (_, index) => decode(facts[index]),
  );
  return {
    from: from ?? null,
    assertedIdentity: assertedIdentity ?? null,
    privacy: privacy ?? null,
    diversion: diversion ?? null,
    identity: identity ?? null,
    callId: callId ?? null,
    userAgent: userAgent ?? null,
    sourceAddress: sourceAddress ?? null,
    codecs: codecs?.match(/[a-z0-9.]+/gi) ?? [],
  };
}

/** A number is a stranger's text, too. */
function telephone(number: string): string {
  return number.replace(/[^+\w*#.-]/g, '');
}

function decode(argument: string | undefined): string | null {
  return argument ? Buffer.from(argument, 'base64').toString('utf8') : null;
}
