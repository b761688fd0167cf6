import { type CountryPack, classifyDialled, type Dialled, type NumberRules, waysToDial } from './number.ts';

/**
 * A ghost dial: the resident, told to "hang up and dial 101", dials while the caller is still there. Whatever the resident
 * keys in a suspect call is watched for a guarded or an emergency number at its end. At its end only: what was keyed before
 * it does not count, or an offender would get past with "press 1 2 3 4, then 1 0 1". Somebody who types a card number that
 * happens to end so loses a suspect caller, which is no loss.
 */

/** A digit the resident keyed, in ms since the epoch. */
export interface Key {
  readonly digit: string;
  readonly at: number;
}

/** A number that was keyed. `written` has its prefixes, as `classifyDialled` reads them; `from` is when its first digit was. */
export interface GhostDial extends Dialled {
  readonly written: string;
  readonly from: number;
}

/** What the resident has keyed so far. */
export interface Keying {
  readonly keys: readonly Key[];
  /** A number that stands at the end of the keys or a little before, and may be the inside of a longer one: 0345 111 3333. */
  readonly pending: GhostDial | null;
}

export const nothingKeyed: Keying = { keys: [], pending: null };

/** After a longer pause than this, ms, the next digit begins another number. */
const pauseMs = 20_000;
/** Digits kept; a number with its prefixes has at most 24. */
const mostKeys = 32;
/** Asterisk may report one short key twice; no hand presses the same key twice within this time, ms. */
const doubleMs = 100;
/** But a memory button dials that fast, and then every digit, ms apart. */
const buttonMs = 150;

/** What one more key makes of the keys so far: the number to dial now, or none yet. */
export function keyIn({ keys: before, pending }: Keying, key: Key, rules: NumberRules): KeyedIn {
  if (!/^\d$/.test(key.digit)) return { keying: { keys: before, pending }, dial: null };
  const last = before.at(-1);
  const kept = last !== undefined && key.at - last.at > pauseMs ? [] : before;
  const keys = [...kept, key].slice(-mostKeys);
  const found = numberAtEnd(keys, rules);
  // Nobody waits for more digits after 999, though a bank's number may have it inside.
  if (found?.class === 'emergency') return { keying: nothingKeyed, dial: found };
  const candidate = found ?? pending;
  if (candidate === null) return { keying: { keys, pending: null }, dial: null };
  if (mayGoOn(keys, candidate.from, rules)) return { keying: { keys, pending: candidate }, dial: null };
  return { keying: nothingKeyed, dial: candidate };
}

export interface KeyedIn {
  readonly keying: Keying;
  readonly dial: GhostDial | null;
}

/** The guarded or emergency number with which the keys end; of several the longest. */
export function numberAtEnd(keys: readonly Key[], rules: NumberRules): GhostDial | null {
  const found = readings(keys).flatMap((reading) => {
    const digits = digitsOf(reading);
    const number = waysOf(rules).find((way) => digits.endsWith(way) && isMeant(reading.slice(-way.length), rules));
    if (number === undefined) return [];
    const written = withPrefixes(digits, number, rules.pack);
    const { at: from = 0 } = reading.at(-written.length) ?? {};
    return [{ ...classifyDialled(written, rules), written, from }];
  });
  return found.toSorted((one, other) => other.written.length - one.written.length)[0] ?? null;
}

/** The keys from the time `from`, or from somewhat before it, are the beginning of a guarded or emergency number. */
export function mayGoOn(keys: readonly Key[], from: number, rules: NumberRules): boolean {
  return readings(keys).some((reading) =>
    reading.some(({ at }, index) => at <= from && begins(digitsOf(reading.slice(index)), rules)),
  );
}

function begins(digits: string, rules: NumberRules): boolean {
  const { prefixes } = rules.pack;
  const prefix = prefixes.find((candidate) => digits.startsWith(candidate) && digits.length > candidate.length);
  if (prefix !== undefined) return begins(digits.slice(prefix.length), rules);
  const isBeginning = (whole: string) => whole.length > digits.length && whole.startsWith(digits);
  return prefixes.includes(digits as (typeof prefixes)[number]) || [...prefixes, ...waysOf(rules)].some(isBeginning);
}

/**
 * Keys reported at once after one another are several presses only of a button: 1 and 2 are not 112 because 1 was reported twice.
 * Of 999 any reading will do: nobody presses nines and means anything else.
 */
function isMeant(keys: readonly Key[], rules: NumberRules): boolean {
  const gaps = keys.slice(1).map(({ at }, index) => at - (keys[index]?.at ?? 0));
  if (gaps.every((gap) => gap < buttonMs) || pressesOf(keys).length === keys.length) return true;
  return new Set(keys.map(({ digit }) => digit)).size === 1 && rules.emergency.has(digitsOf(keys));
}

/** As reported, and with each key that was reported again at once counted as one press. */
function readings(keys: readonly Key[]): readonly (readonly Key[])[] {
  const presses = pressesOf(keys);
  return presses.length === keys.length ? [keys] : [keys, presses];
}

function pressesOf(keys: readonly Key[]): readonly Key[] {
  return keys.filter(({ digit, at }, index) => {
    const previous = keys[index - 1];
    return previous?.digit !== digit || at - previous.at >= doubleMs;
  });
}

function digitsOf(keys: readonly Key[]): string {
  return keys.map(({ digit }) => digit).join('');
}

/** The number at the end of the digits, with the prefixes that were keyed before it. */
function withPrefixes(digits: string, number: string, pack: CountryPack): string {
  const before = digits.slice(0, digits.length - number.length);
  const prefix = pack.prefixes.find((candidate) => before.endsWith(candidate));
  return prefix === undefined ? number : withPrefixes(before, prefix, pack) + number;
}

/** Every way to dial every guarded and emergency number, the longest first; made once for the site's rules. */
const ways = new WeakMap<NumberRules, readonly string[]>();

function waysOf(rules: NumberRules): readonly string[] {
  const known = ways.get(rules);
  if (known !== undefined) return known;
  const all = [...rules.emergency.keys(), ...rules.guarded.keys()].flatMap((number) =>
    // Where a number without its zero begins like a prefix (0141 is Glasgow), the exchange takes it for that.
    waysToDial(number, rules.pack).filter((way) => /^\d+$/.test(way) && classifyDialled(way, rules).number === number),
  );
  const made = all.toSorted((one, other) => other.length - one.length);
  ways.set(rules, made);
  return made;
}
