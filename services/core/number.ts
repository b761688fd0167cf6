import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

/**
 * Telephone numbers, as people and trunks write them, made comparable. libphonenumber knows how long a number of each
 * country is; what a number is for comes from the country pack alone, because libphonenumber files 159 and 111 under
 * commercial services.
 */

/** What may be dialled before the number proper: withhold (141), show (1470), text relay (18001). */
export type DialPrefix = '141' | '1470' | '18001';

/** A country's numbers, as data. Keys and patterns are in the form `readNumber` gives: E.164, or a short code's digits. */
export interface CountryPack {
  readonly country: 'GB';
  readonly callingCode: string;
  readonly internationalPrefix: string;
  readonly trunkPrefix: string;
  /** The digits after the calling code of every number of a length that exists. */
  readonly national: RegExp;
  readonly emergency: Readonly<Record<string, string>>;
  readonly guarded: Readonly<Record<string, string>>;
  readonly premium: readonly RegExp[];
  /** Numbers that earn by being called, and so never call. */
  readonly premiumCallers: RegExp;
  readonly prefixes: readonly DialPrefix[];
}

/** A number, tidied. */
export interface NumberReading {
  /** Exactly what was written. */
  readonly written: string;
  /** What to compare, store and dial: E.164 where it is one, else the digits as dialled (short codes, extensions). */
  readonly number: string;
  /** Null for short codes, extensions, numbers of a length that cannot be, and anything that is no number. */
  readonly e164: string | null;
  /**
   * `short`: up to six digits. `impossible`: too few or too many digits for a number of its country.
   * `none`: no number at all.
   */
  readonly kind: 'full' | 'short' | 'impossible' | 'none';
}

/** What the site adds to its country's numbers; config.numbers is one. */
export interface SiteNumbers {
  readonly emergency: readonly NamedNumber[];
  readonly guarded: readonly NamedNumber[];
  readonly premium: readonly string[];
  /** Not premium, although the country's rules or `abroadIsPremium` say so. */
  readonly ordinary: readonly string[];
  readonly abroadIsPremium: boolean;
  readonly doNotOriginate: readonly string[];
}

export interface NamedNumber {
  readonly number: string;
  readonly name: string;
}

/** Country and site together, made comparable once so that a call costs a look-up. */
export interface NumberRules {
  readonly pack: CountryPack;
  /** Numbers of the country and of the site, each with whose it is; none stands in both. */
  readonly emergency: ReadonlyMap<string, string>;
  readonly guarded: ReadonlyMap<string, string>;
  readonly premium: ReadonlySet<string>;
  readonly ordinary: ReadonlySet<string>;
  readonly abroadIsPremium: boolean;
  readonly doNotOriginate: ReadonlySet<string>;
}

export type DialledClass = 'emergency' | 'guarded' | 'premium' | 'ordinary';

export interface Dialled {
  readonly class: DialledClass;
  /** The number proper, without its prefix, in the form `readNumber` gives. */
  readonly number: string;
  readonly prefix: DialPrefix | null;
  /** Whose number it is, where the country pack or the site says. */
  readonly name?: string;
  /** In another country, and not a number that the site names as ordinary. */
  readonly abroad?: true;
}

/** Longer than any number with its separators; the rest of a hostile text is not worth reading. */
const longest = 64;
const separators = /[\s().\-/\u2010-\u2015]/gu;

/**
 * Builds the rules once, at start: `numberRules(gb, config.numbers)`. The country's own numbers stand above the site's: one
 * that it guards never becomes an emergency number, which leaves without the check.
 */
export function numberRules(pack: CountryPack, site: SiteNumbers): NumberRules {
  const plain = (written: string) => readNumber(written, pack).number;
  const named = (entries: readonly NamedNumber[]) => entries.map(({ number, name }) => [plain(number), name] as const);
  const emergency = new Map([
    ...named(site.emergency).filter(([number]) => ownerIn(pack.guarded, number) === undefined),
    ...Object.entries(pack.emergency),
  ]);
  const guarded = [...named(site.guarded), ...Object.entries(pack.guarded)];
  return {
    pack,
    emergency,
    guarded: new Map(guarded.filter(([number]) => !emergency.has(number))),
    premium: new Set(site.premium.map(plain)),
    ordinary: new Set(site.ordinary.map(plain)),
    abroadIsPremium: site.abroadIsPremium,
    doNotOriginate: new Set(site.doNotOriginate.map(plain)),
  };
}

/** Drops what only makes a number easier to read. */
export function tidyNumber(written: string): string {
  return written.slice(0, longest).replace(separators, '');
}

/** Tidies every way to write a number: 0…, +44…, 0044…, 44…, +44 (0)…, with spaces, brackets, dots and hyphens. */
export function readNumber(written: string, pack: CountryPack): NumberReading {
  const known = readings.get(pack) ?? new Map<string, NumberReading>();
  readings.set(pack, known);
  const reading = known.get(written) ?? readAnew(written, pack);
  if (known.size >= mostReadings) known.clear();
  if (written.length <= longest) known.set(written, reading);
  return reading;
}

/** The same few numbers call and are called: reading one with libphonenumber takes longer than everything else a call needs. */
const readings = new WeakMap<CountryPack, Map<string, NumberReading>>();
const mostReadings = 10_000;

function readAnew(written: string, pack: CountryPack): NumberReading {
  const tidy = tidyNumber(written);
  if (written.length > longest || !/^\+?\d+$/.test(tidy)) {
    return { written, number: tidy, e164: null, kind: /\d{7}/.test(tidy) ? 'impossible' : 'none' };
  }
  const short = shortCode(tidy, pack);
  if (short !== null) return { written, number: short, e164: null, kind: 'short' };
  const e164 = fullNumber(tidy, pack);
  if (e164 === null) return { written, number: tidy, e164: null, kind: 'impossible' };
  return { written, number: e164, e164, kind: 'full' };
}

/**
 * A number as people of the country write it: `01923 555001`, `0033 1 23 45 67 89`, `101`. `readNumber` reads it back as
 * the same number, and a spreadsheet takes it for text.
 */
export function formatNumber(number: string, pack: CountryPack): string {
  const known = number.startsWith('+') ? parsePhoneNumberFromString(number) : undefined;
  if (known === undefined) return number;
  if (known.countryCallingCode === pack.callingCode) {
    const national = known.formatNational();
    // A range that nobody has yet comes out as bare digits, without the prefix.
    return national.startsWith(pack.trunkPrefix) ? national : `${pack.trunkPrefix}${known.nationalNumber}`;
  }
  return known.formatInternational().replace('+', pack.internationalPrefix);
}

/** A number in the form `readNumber` gives, as carriers and the dialplan take it: those of the own country with a zero in front. */
export function dialable(number: string, { callingCode, trunkPrefix }: CountryPack): string {
  const home = `+${callingCode}`;
  return number.startsWith(home) ? `${trunkPrefix}${number.slice(home.length)}` : number;
}

/** Says what a dialled number is for. The emergency class never depends on a numbering table. */
export function classifyDialled(dialled: string, rules: NumberRules): Dialled {
  const { pack } = rules;
  // Phones that dial in one go end with #, the key for "that was all".
  const tidy = tidyNumber(dialled).replace(/#$/, '');
  const prefix = leadingPrefix(tidy, pack);
  const { number } = readNumber(withoutPrefixes(tidy, pack), pack);
  const emergency = rules.emergency.get(number);
  if (emergency !== undefined) return { class: 'emergency', number, prefix, name: emergency };
  const guarded = rules.guarded.get(number);
  if (guarded !== undefined) return { class: 'guarded', number, prefix, name: guarded };
  const abroad = isAbroad(number, pack) && !rules.ordinary.has(number);
  return { class: isPremium(number, rules) ? 'premium' : 'ordinary', number, prefix, ...(abroad && { abroad }) };
}

function isPremium(number: string, rules: NumberRules): boolean {
  const { pack, premium, ordinary, abroadIsPremium } = rules;
  if (ordinary.has(number)) return false;
  if (premium.has(number) || pack.premium.some((pattern) => pattern.test(number))) return true;
  return abroadIsPremium && isAbroad(number, pack);
}

/** A number of no known length may be dialled abroad all the same: how it begins decides. */
export function isAbroad(number: string, { internationalPrefix, callingCode }: CountryPack): boolean {
  const lead = ['+', internationalPrefix].find((beginning) => number.startsWith(beginning));
  return lead !== undefined && number.length > lead.length && !number.startsWith(callingCode, lead.length);
}

/**
 * The digits by which a number in the form `readNumber` gives may be dialled: `01923…`, `00441923…`, `441923…`, `1923…`;
 * a short code only as it is.
 */
export function waysToDial(number: string, pack: CountryPack): readonly string[] {
  if (!number.startsWith('+')) return [number];
  const digits = number.slice(1);
  const abroad = [`${pack.internationalPrefix}${digits}`, digits];
  if (!digits.startsWith(pack.callingCode)) return abroad;
  const national = digits.slice(pack.callingCode.length);
  // Ten digits without their zero are read as a number of the country; fewer are not.
  return [`${pack.trunkPrefix}${national}`, ...abroad, ...(national.length === 10 ? [national] : [])];
}

function leadingPrefix(tidy: string, pack: CountryPack): DialPrefix | null {
  return pack.prefixes.find((prefix) => tidy.startsWith(prefix) && tidy.length > prefix.length) ?? null;
}

/** Relay and withholding combine (18001 141 …). */
function withoutPrefixes(tidy: string, pack: CountryPack): string {
  const prefix = leadingPrefix(tidy, pack);
  return prefix === null ? tidy : withoutPrefixes(tidy.slice(prefix.length), pack);
}

/** Whose short code this is. The number may be a stranger's text: `constructor` must not find anything. */
export function ownerIn(names: Readonly<Record<string, string>>, number: string): string | undefined {
  return Object.hasOwn(names, number) ? names[number] : undefined;
}

/** A short code's digits: as dialled, or behind the country's own code, which some address books put before 999. */
function shortCode(tidy: string, pack: CountryPack): string | null {
  for (const lead of [`+${pack.callingCode}`, `${pack.internationalPrefix}${pack.callingCode}`]) {
    const rest = tidy.startsWith(lead) ? tidy.slice(lead.length) : '';
    if (ownerIn(pack.emergency, rest) ?? ownerIn(pack.guarded, rest)) return rest;
  }
  // 0300 12 is the beginning of a number, not a short one.
  const torn = tidy.length > 3 && tidy.startsWith(pack.trunkPrefix);
  return /^\d{1,6}$/.test(tidy) && !torn ? tidy : null;
}

function fullNumber(tidy: string, pack: CountryPack): string | null {
  if (tidy.startsWith('+') || tidy.startsWith(pack.trunkPrefix)) return possible(tidy, pack);
  // Without + or 0, a trunk means E.164 without its plus, or ten national digits without their zero.
  if (tidy.startsWith(pack.callingCode)) {
    const own = possible(`+${tidy}`, pack);
    if (own !== null) return own;
  }
  return tidy.length === 10 ? possible(`${pack.trunkPrefix}${tidy}`, pack) : possible(`+${tidy}`, pack);
}

function possible(tidy: string, pack: CountryPack): string | null {
  const number = parse(tidy, pack);
  // A zero in front is taken for a trunk prefix and dropped; where another follows, no country has such a number.
  return number !== null && parse(number, pack) === number ? number : null;
}

function parse(tidy: string, pack: CountryPack): string | null {
  const number = parsePhoneNumberFromString(tidy, pack.country);
  if (number === undefined) return null;
  const own = number.countryCallingCode === pack.callingCode;
  return (own ? pack.national.test(number.nationalNumber) : number.isPossible()) ? number.number : null;
}
