import { gb } from '../../core/packs/gb.ts';
import { searchTerm } from './columns.ts';
import type { CallKeysTable } from './schema.ts';

/**
 * What a call's other party is looked for by: how a number, or a word of whose number it is, begins; and how a number ends. Each
 * is a row with an index, so that nobody who looks for a number waits for a million others to be read.
 */

/** How much of a word is looked up; the rest is compared with what was found. */
const longest = 40;

/** Nothing that can stand in a key comes after this. */
const last = '\u{10ffff}';

/** The keys of what `columnsOf` gives as `party_search`. */
export function keysOf(search: string): Pick<CallKeysTable, 'ends' | 'key'>[] {
  const words = new Set(search.split(' ').filter((word) => word !== ''));
  const numbers = [...words].filter((word) => isDigits(word) && !words.has(abroad(word) ?? ''));
  // Its digits stand beside it.
  const others = [...words].filter((word) => !isDigits(word) && !/^\+\d+$/.test(word));
  return [...new Set([...numbers, ...others].map((word) => cut(word)))]
    .map((key) => ({ ends: 0, key }))
    .concat([...new Set(numbers.map((number) => cut(reversed(number))))].map((key) => ({ ends: 1, key })));
}

/** What somebody looks for, made ready. `from` is included, `to` is not. */
export interface Wanted {
  readonly ranges: readonly { readonly ends: 0 | 1; readonly from: string; readonly to: string }[];
  /** For `party_search` with a space at either end, by `like … escape '!'`; one of them must fit. */
  readonly patterns: readonly string[];
}

/** `written` as a person typed it: a number in any form, its beginning or its end, or how a word of its name begins. */
export function wantedBy(written: string): Wanted {
  const term = searchTerm(written);
  const literal = term.replace(/[!%_]/g, '!$&');
  if (!isDigits(term)) return { ranges: [range(0, term.split(' ')[0] ?? '')], patterns: [`% ${literal}%`] };
  const home = abroad(term);
  return {
    ranges: [range(0, term), ...(home === null ? [] : [range(0, home)]), range(1, reversed(term))],
    patterns: [`% ${literal}%`, `%${literal} %`],
  };
}

function range(ends: 0 | 1, beginning: string): Wanted['ranges'][number] {
  const from = cut(beginning);
  return { ends, from, to: from + last };
}

/** The same number with the country's code, where it is written as at home. */
function abroad(digits: string): string | null {
  return /^0(?!0)/.test(digits) ? `${gb.callingCode}${digits.slice(gb.trunkPrefix.length)}` : null;
}

function isDigits(word: string): boolean {
  return /^\d+$/.test(word);
}

/** Whole characters only: PostgreSQL takes no half ones. */
function cut(word: string): string {
  return Array.from(word.slice(0, 2 * longest))
    .slice(0, longest)
    .join('')
    .toWellFormed();
}

function reversed(digits: string): string {
  return [...digits].reverse().join('');
}
