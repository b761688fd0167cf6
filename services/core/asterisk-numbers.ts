import type { AsteriskFacts } from './asterisk-facts.ts';
import { type CountryPack, dialable, isAbroad, ownerIn, readNumber } from './number.ts';

/** What a telephone may dial, in each form it may be written, and the context of the dialplan where it leads. */

type Way = readonly [pattern: string, context: string, number: string];

/** The contexts of the numbers that country and site name. Those of neither are left to the dialplan's own patterns. */
export function dialledNumbers({ numbers, outgoing, lines, pack }: AsteriskFacts): string {
  // Clearline knows whom each line trusts. While it is away, whom one of them trusts may be called from all.
  const trusted = lines.flatMap((line) => line.trusted.map(({ number }) => number));
  const ordinary = [...numbers.ordinary, ...trusted.filter((number) => isAbroad(number, pack))];
  const beyond = outgoing.abroad === 'refuse' ? 'abroad' : numbers.abroadIsPremium ? 'premium' : null;
  const refuses = (written: string) => beyond === 'abroad' && isAbroad(readNumber(written, pack).number, pack);
  const isOwn = (written: string) => emergencyFault(written, pack) === null;
  const guarded = [...Object.keys(pack.guarded), ...numbers.guarded];
  return [
    context('clearline-emergency', waysOf(numbers.emergency.filter(isOwn), 'emergency', pack)),
    context('clearline-guarded', [...waysOf(guarded, 'guarded', pack), ...withOneKeyMore(pack)]),
    context('clearline-ordinary', waysOf(ordinary, 'ordinary', pack)),
    context(
      'clearline-premium',
      waysOf(
        numbers.premium.filter((one) => !refuses(one)),
        'premium',
        pack,
      ),
    ),
    context('clearline-abroad', beyond === null ? [] : abroad(pack, beyond)),
  ].join('');
}

/**
 * Why a number cannot be an emergency number of the site's own: 9990 would be taken for a slip of the finger, and leave as 999;
 * one that the country guards would leave unguarded. Null when it can.
 */
export function emergencyFault(written: string, pack: CountryPack): 'calls 999 or 112 as it is' | 'is guarded' | null {
  const { number } = readNumber(written, pack);
  if (reachesEmergency(number, pack)) return 'calls 999 or 112 as it is';
  return ownerIn(pack.guarded, number) === undefined ? null : 'is guarded';
}

/** Whether what is dialled is an emergency call of the country's already, with prefixes or a key too many. */
function reachesEmergency(dialled: string, pack: CountryPack): boolean {
  const prefix = pack.prefixes.find((one) => dialled.startsWith(one));
  if (prefix !== undefined) return reachesEmergency(dialled.slice(prefix.length), pack);
  return Object.keys(pack.emergency).some((code) => shortForms(code, pack).some((form) => dialled.startsWith(form)));
}

/** Every form in which a trunk or a telephone may give an E.164 number; without its zero as some trunks do. */
export function waysToWrite(e164: string, pack: CountryPack): string[] {
  const digits = e164.slice(1);
  const abroad = [e164, digits, `${pack.internationalPrefix}${digits}`];
  if (!digits.startsWith(pack.callingCode)) return abroad;
  const national = digits.slice(pack.callingCode.length);
  return [`${pack.trunkPrefix}${national}`, ...abroad, ...(national.length === 10 ? [national] : [])];
}

/** And as address books do, which a telephone dials: "+44 (0)300 …". */
function waysToDial(e164: string, pack: CountryPack): string[] {
  const { callingCode, trunkPrefix, internationalPrefix } = pack;
  const digits = e164.slice(1);
  const national = digits.startsWith(callingCode) ? digits.slice(callingCode.length) : null;
  const leads = national === null ? [] : ['+', internationalPrefix];
  return [...waysToWrite(e164, pack), ...leads.map((lead) => `${lead}${callingCode}${trunkPrefix}${national}`)];
}

/** Some address books put the country's own code before a short code. */
function shortForms(code: string, { callingCode, internationalPrefix }: CountryPack): string[] {
  return [code, `+${callingCode}${code}`, `${internationalPrefix}${callingCode}${code}`];
}

function waysOf(written: readonly string[], to: string, pack: CountryPack): Way[] {
  return written.flatMap((one) => {
    const { number, kind } = readNumber(one, pack);
    if (!/^\+?\d+$/.test(number)) return [];
    const forms = kind === 'full' ? waysToDial(number, pack) : shortForms(number, pack);
    return forms.map((form): Way => [form, to, dialable(number, pack)]);
  });
}

/** An exchange may connect 101 although a shaking hand pressed one key more. */
function withOneKeyMore(pack: CountryPack): Way[] {
  return Object.keys(pack.guarded)
    .filter((number) => readNumber(number, pack).kind === 'short')
    .map((number): Way => [`_${number}!`, 'guarded', number]);
}

/** The country's own premium numbers have been looked for before. */
function abroad({ callingCode, internationalPrefix }: CountryPack, to: 'abroad' | 'premium'): Way[] {
  const national = 'X'.repeat(9);
  const itself = '$' + '{EXTEN}';
  return [
    ...['+', internationalPrefix].flatMap((lead): Way[] => [
      [`_${lead}${callingCode}!`, 'ordinary', itself],
      [`_${lead}X!`, to, itself],
    ]),
    // E.164 without its plus.
    [`_${callingCode}${national}!`, 'ordinary', itself],
    [`_[1-9]X${national}!`, to, itself],
  ];
}

function context(name: string, ways: readonly Way[]): string {
  const first = new Map<string, Way>();
  for (const way of ways) if (!first.has(way[0])) first.set(way[0], way);
  const rows = [...first.values()].map(([form, to, number]) => `exten => ${form},1,Goto(${to},${number},1)\n`);
  return `\n[${name}]\n${rows.join('')}`;
}
