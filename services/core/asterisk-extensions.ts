import type { AsteriskFacts } from './asterisk-facts.ts';
import { section, UnwritableError } from './asterisk-section.ts';
import { type CountryPack, readNumber } from './number.ts';

/** What the dialplan includes: its globals, and the numbers of lines and guarded numbers in every form. */

export function globals({ sounds, holdSeconds, trunks }: AsteriskFacts): string {
  if (/[,&|"\\${};]/.test(sounds)) {
    throw new UnwritableError(`The path of the prompts may have none of , & | " \\ $ { } ; but is ${sounds}`);
  }
  return section('globals', [
    ['CLEARLINE_SOUNDS', sounds],
    ['CLEARLINE_HOLD_SECONDS', holdSeconds],
    ['CLEARLINE_TRUNKS', trunks.map(({ name }) => `trunk-${name}`).join('&')],
    ['CLEARLINE_TRUNK_COUNT', trunks.length],
    ...trunks.map(({ name, address }) => [`CLEARLINE_ADDRESS_trunk-${name}`, address] as const),
  ]);
}

export function lineNumbers({ lines, pack }: AsteriskFacts): string {
  const taken = new Set<string>();
  const extensions = lines.flatMap(({ id, number, ringSeconds }) =>
    waysToWrite(number, pack)
      .filter((form) => !taken.has(form) && taken.add(form))
      .map(
        (form) =>
          `exten => ${form},1,MSet(CLEARLINE_LINE=${id},CLEARLINE_DIALLED=${form},CLEARLINE_RING=${ringSeconds},GROUP(clearline-in)=${id})\n` +
          ` same => n,Goto(arrived$\{CLEARLINE_ATTESTED},s,1)\n`,
      ),
  );
  return `\n[clearline-numbers]\n${extensions.join('')}`;
}

/** Own-country numbers leave as people dial them, with a zero in front: every carrier takes that. */
export function guardedNumbers({ guarded, pack }: AsteriskFacts): string {
  const extensions = new Map<string, string>();
  for (const written of [...Object.keys(pack.guarded), ...guarded]) {
    const { number, kind } = readNumber(written, pack);
    if (!/^\+?\d+$/.test(number)) continue;
    const forms = kind === 'full' ? waysToWrite(number, pack) : shortForms(number, pack);
    const home = `+${pack.callingCode}`;
    for (const form of forms) extensions.set(form, number.startsWith(home) ? `0${number.slice(home.length)}` : number);
    // An exchange may connect 101 although a shaking hand pressed one key more.
    if (Object.hasOwn(pack.guarded, number) && kind === 'short') extensions.set(`_${number}!`, number);
  }
  const rows = [...extensions].map(([form, number]) => `exten => ${form},1,Goto(guarded,${number},1)\n`);
  return `\n[clearline-guarded]\n${rows.join('')}`;
}

/** Every form in which a trunk or a telephone may give an E.164 number; without its zero as some trunks do. */
function waysToWrite(e164: string, pack: CountryPack): string[] {
  const digits = e164.slice(1);
  const abroad = [e164, digits, `${pack.internationalPrefix}${digits}`];
  if (!digits.startsWith(pack.callingCode)) return abroad;
  const national = digits.slice(pack.callingCode.length);
  return [`0${national}`, ...abroad, ...(national.length === 10 ? [national] : [])];
}

/** Some address books put the country's own code before a short code. */
function shortForms(code: string, { callingCode, internationalPrefix }: CountryPack): string[] {
  return [code, `+${callingCode}${code}`, `${internationalPrefix}${callingCode}${code}`];
}
