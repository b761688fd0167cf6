import type { CallerIdentity, SignKind } from '../caller.ts';
import type { NumberRules } from '../number.ts';
import { comparable, type Recognised } from './recognise.ts';

/** What is known of a held line's last caller, and of the numbers whose owners the resident may be about to ring. */
export interface PretenceFacts {
  /** Whoever left the hold showed this number. */
  readonly calledBefore?: boolean;
  /** Without it no guarded or emergency number is known, but a caller's signs tell of short codes all the same. */
  readonly safeNumbers?: NumberRules;
}

/** Why this is taken for an offender who rings back, in a sentence; null when it is not. */
export function pretenceOf(caller: CallerIdentity, known: Recognised, facts: PretenceFacts): string | null {
  const owner = [caller.network, caller.presentation]
    .map((number) => number && safeOwner(comparable(number), facts.safeNumbers))
    .find((name) => name !== null);
  if (owner)
    return `The number is that of ${owner}; who calls the line from it now is taken for a fraudster ringing back.`;
  const shows = (kind: SignKind) => caller.signs.some((sign) => sign.kind === kind);
  // A trusted extension of the house's own exchange is short, too.
  if (shows('do-not-originate') || (shows('short-code') && known.trustedName === null)) {
    return 'Nobody calls from a number like this; whoever shows it now is taken for a fraudster ringing back.';
  }
  if (facts.calledBefore !== true) return null;
  return 'Whoever left the line held showed the same number, and is taken for a fraudster ringing back.';
}

function safeOwner(number: string, rules: NumberRules | undefined): string | null {
  return rules?.emergency.get(number) ?? rules?.guarded.get(number) ?? null;
}
