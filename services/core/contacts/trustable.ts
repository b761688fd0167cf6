import { type NumberRules, ownerIn, readNumber } from '../number.ts';

/** A number as the lists hold it, or what is expected instead: the rest of the sentence "found …, expected …". */
export type ReadContactNumber = { readonly number: string } | { readonly expected: string };

/**
 * Reads a number that somebody wants a line to trust. Refused are numbers that fraudsters pose as, and numbers nobody calls
 * from: whoever shows one would ring through without a word.
 */
export function readTrustable(written: string, rules: NumberRules): ReadContactNumber {
  const reading = readNumber(written.trim(), rules.pack);
  if (reading.kind !== 'full' && reading.kind !== 'short') return { expected: aNumber };
  const why = whyNotTrusted(reading.number, rules);
  return why === null ? { number: reading.number } : { expected: why };
}

/** Reads a number that somebody wants a line to block: any number at all may be. */
export function readBlockable(written: string, rules: Pick<NumberRules, 'pack'>): ReadContactNumber {
  const { kind, number } = readNumber(written.trim(), rules.pack);
  return kind === 'full' || kind === 'short' ? { number } : { expected: aNumber };
}

const aNumber = 'a telephone number such as 01923 555001';

/** `number` is in the form `readNumber` gives; null where it may be trusted. */
export function whyNotTrusted(number: string, rules: NumberRules): string | null {
  const { pack } = rules;
  const emergency = rules.emergency.get(number) ?? ownerIn(pack.emergency, number);
  if (emergency !== undefined) return `no emergency number (${emergency}): whoever shows it is forging it`;
  const guarded = rules.guarded.get(number) ?? ownerIn(pack.guarded, number);
  if (guarded !== undefined) return `no number that fraudsters pose as (${guarded}): its calls are always screened`;
  if (!number.startsWith('+')) {
    return 'no short number: from outside none can call (extensions of your own exchange: clearline lines import)';
  }
  if (rules.doNotOriginate.has(number)) return 'no number that only receives calls (numbers.doNotOriginate)';
  // Abroad may be dear to call, and be a daughter all the same: only what the rules name as premium is refused.
  const premium = pack.premium.some((pattern) => pattern.test(number)) && !rules.ordinary.has(number);
  return premium || rules.premium.has(number) ? 'no premium number: it earns by being called, and calls nobody' : null;
}
