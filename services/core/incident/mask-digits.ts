import { fillers, repeated, spelled } from './mask-words.ts';

/** Numbers as they stand in free text: written in groups, with all kinds of separators, or in words. */

/** A group of digits, or a word that means some. `from` and `to` are places in the text. */
export interface Group {
  readonly digits: string;
  readonly from: number;
  readonly to: number;
  /** Nothing but a separator is between it and the group before it. */
  readonly tight: boolean;
  /** `+` or `(` stands right before it. */
  readonly sign: string;
}

export type Run = readonly Group[];

const pieces = /(\p{Nd}+)|(\p{L}+)|[^\p{Nd}\p{L}]+/gu;
const tightGap = /^(?:[\s\u00a0._/()+-]|[\u2010-\u2015\u2212]){0,3}$/u;

/** Every run of groups between `from` and `to`: as far as nothing but separators and words such as "then" stand between. */
export function findRuns(text: string, from: number, to: number): Run[] {
  const runs: Group[][] = [];
  let run: Group[] = [];
  let gap = '';
  let times = 1;
  let begun: number | null = null;
  const end = () => {
    if (run.length > 0) runs.push(run);
    run = [];
  };
  for (const piece of text.slice(from, to).matchAll(pieces)) {
    const [written, figures, word] = piece;
    const digits = figures === undefined ? spelled.get(word?.toLowerCase() ?? '') : plainDigits(figures);
    const at = from + piece.index;
    if (digits !== undefined) {
      if (gap.length > 24) end();
      const tight = tightGap.test(gap) && !/[.] |\n\s*\n/.test(gap);
      const sign = /[+(]\s?$/.exec(gap)?.[0].trim() ?? '';
      run.push({ digits: digits.repeat(times), from: begun ?? at, to: at + written.length, tight, sign });
      gap = '';
      times = 1;
      begun = null;
    } else {
      const again = repeated.get(word?.toLowerCase() ?? '');
      if (word !== undefined && again === undefined && !fillers.has(word.toLowerCase())) end();
      if (word !== undefined) {
        times = again ?? 1;
        begun = again === undefined ? null : at;
      }
      gap = run.length > 0 || word === undefined ? gap + written : '';
    }
  }
  end();
  return runs;
}

/** Digits of any script as ASCII; ones of unknown value count as zero. */
function plainDigits(figures: string): string {
  return figures.normalize('NFKC').replace(/[^0-9]/gu, '0');
}

export function digitsOf(run: Run): string {
  return run.map(({ digits }) => digits).join('');
}

/** Whether a part of it, of whole groups, may be a card's: 13 to 19 digits that end in the right check digit (ISO/IEC 7812). */
export function hasCard(run: Run): boolean {
  for (let first = 0; first < run.length; first += 1) {
    let digits = '';
    for (const group of run.slice(first)) {
      digits += group.digits;
      if (digits.length > 40) break;
      if (isCard(digits)) return true;
    }
  }
  return run.some(({ digits }) => digits.length > 19 && windows(digits).some(isCard));
}

function windows(digits: string): string[] {
  const starts = Array.from({ length: Math.min(digits.length, 200) }, (_, index) => index);
  return starts.flatMap((start) => [13, 14, 15, 16, 17, 18, 19].map((length) => digits.slice(start, start + length)));
}

function isCard(digits: string): boolean {
  if (digits.length < 13 || digits.length > 19 || /^0+$/.test(digits)) return false;
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = Number(digits[digits.length - 1 - place]);
    const doubled = place % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** Takes telephone numbers out of a run; what is left comes back as runs of its own. */
export function withoutTelephones(run: Run): Run[] {
  for (let first = 0; first < run.length; first += 1) {
    const length = telephoneAt(run.slice(first));
    if (length === 0) continue;
    const before = run.slice(0, first);
    // The middle of a card number may look like a telephone number's beginning.
    if (digitsOf(before).length >= 8 || (first > 0 && hasCard(run))) continue;
    const rest = run.slice(first + length);
    return [...(before.length > 0 ? [before] : []), ...(rest.length > 0 ? withoutTelephones(rest) : [])];
  }
  return [run];
}

/** How many groups a telephone number takes that begins here: 01923 555001, (020) 7946 0000, +44 (0)20…, 0033 1 23…. */
function telephoneAt(run: Run): number {
  const [head] = run;
  if (head === undefined) return 0;
  const abroad = head.sign === '+' || /^00[1-9]/.test(head.digits);
  const national = !abroad && head.digits.startsWith('0') && !(head.digits.length >= 7 && head.digits.length <= 9);
  if (!abroad && !national) return 0;
  const bare = (digits: string) => (head.sign === '+' ? digits : digits.slice(2));
  const fits = (digits: string) =>
    national ? /^0[1-9]\d{8,9}$/.test(digits) : /^(?:44(?:0?[1-9]\d{8,9})|(?!44)[1-9]\d{7,14})$/.test(bare(digits));
  let digits = '';
  let longest = 0;
  for (const [index, group] of run.entries()) {
    if (index > 0 && !group.tight) break;
    digits += group.digits;
    if (digits.length > 18) break;
    if (fits(digits)) longest = index + 1;
    if (national && longest > 0 && digits.length >= 11) break;
  }
  return longest;
}
