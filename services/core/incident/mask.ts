import { digitsOf, findRuns, hasCard, type Run, withoutTelephones } from './mask-digits.ts';
import {
  certainBefore,
  codeBefore,
  harmless,
  iban,
  ordinary,
  passwordBefore,
  referenceBefore,
  type Secret,
  triggers,
} from './mask-words.ts';

/**
 * Takes secrets out of free text before it is stored: PINs, codes, passwords, card and account numbers. Telephone numbers, dates,
 * amounts and crime numbers stay. In doubt, and above all near a word such as "card" or "code", it takes too much.
 */

export interface Masked {
  readonly text: string;
  /** What was taken out, a word each; empty where nothing was. */
  readonly removed: readonly Secret[];
}

/** How far from a word such as "PIN" digits are taken for what it names, in characters: after it, and before it. */
const reach = { after: 40, before: 30 };
const marker = /\[(?:PIN or code|password|card number|account number|sort code) removed\]/g;

interface Span {
  readonly from: number;
  readonly to: number;
}
interface Found extends Span {
  readonly secret: Secret;
}

/** `numberExpected`: the field is for a telephone number or a reference, so that digits alone are no sign. */
export function maskSecrets(text: string, numberExpected = false): Masked {
  const removed = new Set<Secret>();
  let left = text;
  // A marker is shorter or longer than what it stands for, and so brings other digits near to a word, or away from it.
  for (;;) {
    const found = findSecrets(left, numberExpected);
    if (found.length === 0) return { text: left, removed: [...removed] };
    left = replace(left, found);
    for (const { secret } of found) removed.add(secret);
  }
}

function replace(text: string, found: readonly Found[]): string {
  let masked = '';
  let done = 0;
  for (const { from, to, secret } of found.toSorted((a, b) => a.from - b.from)) {
    if (from < done) continue;
    masked += `${text.slice(done, from)}[${secret} removed]`;
    done = to;
  }
  return masked + text.slice(done);
}

function findSecrets(text: string, numberExpected: boolean): Found[] {
  // Markers name secrets, and are none.
  const plain = text.replace(marker, (found) => '\u0001'.repeat(found.length));
  const worded = [...findPasswords(plain), ...findIbans(plain)];
  const kept = [...findHarmless(plain), ...worded];
  const runs = gapsBetween(kept, plain.length).flatMap(({ from, to }) => findRuns(plain, from, to));
  const words = findTriggers(plain);
  const numbers = runs.flatMap(withoutTelephones).flatMap((run) => judge(run, plain, words, numberExpected));
  return [...worded, ...numbers];
}

function findPasswords(text: string): Found[] {
  const found: Found[] = [];
  for (const [pattern, secret] of [[passwordBefore, 'password'] as const, [codeBefore, 'PIN or code'] as const]) {
    for (const match of text.matchAll(pattern)) {
      const word = match[1] ?? '';
      if (ordinary.has(word.toLowerCase().replace(/[.,;:!?]+$/, '')) || word.includes('\u0001')) continue;
      const from = match.index + match[0].lastIndexOf(word);
      found.push({ secret, from, to: from + word.length });
    }
  }
  return found;
}

function findIbans(text: string): Found[] {
  return [...text.matchAll(iban)]
    .filter(([written]) => /\p{Nd}{4}/u.test(written.replace(/[ -]/g, '').slice(4)) && isIban(written))
    .map(({ index, 0: written }) => ({ secret: 'account number', from: index, to: index + written.length }));
}

/** The British always; any other whose check digits are right (ISO 13616). */
function isIban(written: string): boolean {
  const bare = written.replace(/[ -]/g, '').toUpperCase();
  if (bare.length < 15) return false;
  if (bare.startsWith('GB')) return true;
  let rest = 0;
  for (const character of bare.slice(4) + bare.slice(0, 4)) {
    for (const digit of Number.parseInt(character, 36).toString()) rest = (rest * 10 + Number(digit)) % 97;
  }
  return rest === 1;
}

function findHarmless(text: string): Span[] {
  return harmless
    .flatMap((pattern) => [...text.matchAll(pattern)])
    .filter(({ index }) => !certainBefore.test(text.slice(Math.max(0, index - reach.after), index)))
    .map(({ index, 0: written }) => ({ from: index, to: index + written.length }));
}

/** What is left of a text of this length outside the spans. */
function gapsBetween(spans: readonly Span[], length: number): Span[] {
  const gaps: Span[] = [];
  let done = 0;
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    if (from > done) gaps.push({ from: done, to: from });
    done = Math.max(done, to);
  }
  return done < length ? [...gaps, { from: done, to: length }] : gaps;
}

interface NamedSpan extends Found {
  readonly least: number;
}

function findTriggers(text: string): NamedSpan[] {
  return triggers.flatMap(({ secret, least, words }) =>
    [...text.matchAll(words)].map(({ index, 0: word }) => ({ secret, least, from: index, to: index + word.length })),
  );
}

/** What a run of digits is, if it is a secret. */
function judge(run: Run, text: string, words: readonly NamedSpan[], numberExpected: boolean): Found[] {
  const span = { from: run[0]?.from ?? 0, to: run.at(-1)?.to ?? 0 };
  const digits = digitsOf(run);
  const before = text.slice(Math.max(0, span.from - reach.after), span.from);
  if (hasCard(run)) return [{ ...span, secret: 'card number' }];
  if (numberExpected || referenceBefore.test(before)) {
    return certainBefore.test(before) && digits.length >= 3 ? [{ ...span, secret: 'PIN or code' }] : [];
  }
  const near = nearest(span, words, digits.length);
  if (near !== null) return [{ ...span, secret: nameOf(run, near) }];
  return tightParts(run).flatMap((part) => byShape(part));
}

/** The word nearest to it that makes so many digits a secret. */
function nearest({ from, to }: Span, words: readonly NamedSpan[], digits: number): Secret | null {
  const away = (word: Span) => (word.to <= from ? from - word.to : (word.from - to) * (reach.after / reach.before));
  const [first] = words
    .filter((word) => digits >= word.least && away(word) <= reach.after)
    .toSorted((a, b) => away(a) - away(b));
  return first?.secret ?? null;
}

function nameOf(run: Run, near: Secret): Secret {
  return byShape(run)[0]?.secret ?? near;
}

function tightParts(run: Run): Run[] {
  const parts: Run[] = [];
  for (const group of run) {
    const last = parts.at(-1);
    if (last && group.tight) parts.splice(-1, 1, [...last, group]);
    else parts.push([group]);
  }
  return parts;
}

/** What a number looks like with no word near it: a sort code, an account number, or one with a card's number of digits. */
function byShape(run: Run): Found[] {
  const [head] = run;
  const last = run.at(-1);
  if (!head || !last) return [];
  const span = { from: head.from, to: last.to };
  const lengths = run.map(({ digits }) => digits.length).join('-');
  if (lengths === '2-2-2') return [{ ...span, secret: 'sort code' }];
  if (/^2-2-2(?:-8|-4-4)$|^(?:8|4-4)-2-2-2$/.test(lengths)) return [{ ...span, secret: 'account number' }];
  const count = digitsOf(run).length;
  if (count >= 13) return [{ ...span, secret: 'card number' }];
  const telephone = head.sign === '+' || head.digits.startsWith('0');
  return count >= 8 && !(telephone && count >= 10) ? [{ ...span, secret: 'account number' }] : [];
}
