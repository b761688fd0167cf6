import ICAL from 'ical.js';
import { unfoldCard } from './vcard-lines.ts';

/** Address books as vCards (RFC 6350, and versions 2.1 and 3.0 as phones write them). The sole import of ical.js. */

/** One card. `line` is where it begins, the file's first line being 1. */
export interface Card {
  readonly line: number;
  /** Empty where it has none. */
  readonly name: string;
  /** As written, without `tel:`; fax and pager left out. */
  readonly numbers: readonly { readonly written: string; readonly kind: string | null }[];
  /** Why the card cannot be read, if so. */
  readonly fault: string | null;
}

/** Reads every card of a file. Nothing is thrown: a card that cannot be read says why. */
export function readCards(text: string): readonly Card[] {
  return splitCards(text).map(({ line, lines, whole }) => {
    const broken = (fault: string): Card => ({ line, name: '', numbers: [], fault });
    if (!whole) return broken('the card has no END:VCARD');
    try {
      const [, properties] = ICAL.parse(unfoldCard(lines));
      return { line, name: nameOf(properties), numbers: numbersOf(properties), fault: null };
    } catch (error) {
      return broken(error instanceof Error ? error.message : String(error));
    }
  });
}

interface CardText {
  readonly line: number;
  readonly lines: string[];
  whole: boolean;
}

function splitCards(text: string): readonly CardText[] {
  const cards: CardText[] = [];
  let open: CardText | null = null;
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    if (/^BEGIN:VCARD\s*$/i.test(line)) {
      open = { line: index + 1, lines: [], whole: false };
      cards.push(open);
    } else if (/^END:VCARD\s*$/i.test(line) && open !== null) {
      open.whole = true;
      open = null;
    } else open?.lines.push(line);
  }
  return cards;
}

type Property = ReturnType<typeof ICAL.parse>[1][number];

function nameOf(properties: readonly Property[]): string {
  const text = (wanted: string) => {
    const [, , , value] = properties.find(([name]) => name === wanted) ?? [];
    return (Array.isArray(value) ? value : [value]).map((part) =>
      [part]
        .flat()
        .filter((each) => each)
        .join(' '),
    );
  };
  // A structured name begins with the family's (RFC 6350, 6.2.2).
  const [family = '', given = ''] = text('n');
  const spoken = [text('fn').join(' '), `${given} ${family}`, text('org')[0] ?? ''];
  return spoken.map((name) => name.trim()).find((name) => name !== '') ?? '';
}

const kinds: Readonly<Record<string, string>> = { cell: 'mobile', home: 'home', work: 'work' };
const silent = ['fax', 'pager', 'modem', 'bbs', 'telex'];

function numbersOf(properties: readonly Property[]): Card['numbers'] {
  return properties.flatMap(([name, params, , value]) => {
    const types = [params.type ?? []].flat().map((type) => type.toLowerCase());
    if (name !== 'tel' || types.some((type) => silent.includes(type))) return [];
    const written = String(value ?? '')
      .trim()
      .replace(/^tel:/i, '')
      .replace(/;.*$/, '');
    const kind = types.map((type) => kinds[type]).find((each) => each !== undefined) ?? null;
    return written === '' ? [] : [{ written, kind }];
  });
}
