import type { CallEvent } from '../core/call.ts';
import { type CallerIdentity, readCaller, type Signalling } from '../core/caller.ts';
import { readNumber } from '../core/number.ts';
import { gb } from '../core/packs/gb.ts';
import type { LineBook } from '../core/ports.ts';
import type { CallerRules, TrunkTrust } from '../core/signs.ts';

/** What the site says of its trunks and numbers, as far as an arrival needs it. */
export interface ArrivalRules {
  readonly trunks: ReadonlyMap<string, TrunkTrust>;
  readonly doNotOriginate: ReadonlySet<string>;
  readonly staffed: boolean;
}

type Arrived = Extract<CallEvent, { type: 'Arrived' }>;

/**
 * Reads the arguments of `Stasis(clearline,inbound,…)` in the order dialplan/extensions.conf writes them: the number
 * dialled, the trunk, then base64 of From, P-Asserted-Identity, Privacy, Diversion, Identity, Call-ID, User-Agent, the
 * source address, the codecs and the caller's number. An argument that is missing or not base64 is an absent header.
 */
export function readArrival(
  args: readonly string[],
  at: number,
  rules: ArrivalRules,
  lines: LineBook,
  isHeld: (line: string) => boolean,
  random: number,
): Arrived {
  const [, dialled = '', trunk = '', ...headers] = args;
  const [from, assertedIdentity, privacy, diversion, identity, callId, userAgent, sourceAddress, codecs, number] =
    Array.from({ length: 10 }, (_, index) => decode(headers[index]));
  const signalling: Signalling = {
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
  const line = lines.byNumber(readNumber(dialled, gb).number);
  const trust = rules.trunks.get(trunk) ?? { international: false, attests: false };
  return {
    type: 'Arrived',
    at,
    dialled,
    line,
    trunk,
    caller: identify(signalling, number ?? null, trust, { doNotOriginate: rules.doNotOriginate, pack: gb }),
    signalling,
    held: line !== null && isHeld(line.id),
    staffed: rules.staffed,
    random,
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
  const from = `<sip:${number.replace(/[^+\w*#.-]/g, '')}@unreadable.invalid>`;
  return { ...readCaller({ ...signalling, from }, trust, rules), name: said.name };
}

function decode(argument: string | undefined): string | null {
  return argument ? Buffer.from(argument, 'base64').toString('utf8') : null;
}
