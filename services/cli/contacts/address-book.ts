import { type Card, readCards } from '../../adapters/vcard.ts';
import { cleanName } from '../../core/caller.ts';
import { readCells, rearm } from '../csv.ts';
import type { ListFault } from '../raw-list.ts';

/** An address book as its file has it: who, and under which numbers as they were written. */

export const bookFormats = ['vcard', 'csv'] as const;
export type BookFormat = (typeof bookFormats)[number];

export interface AddressBook {
  readonly entries: readonly Entry[];
  readonly faults: readonly ListFault[];
  /** People without any number, whom nothing can be done about. */
  readonly withoutNumber: number;
  /** What a place in it is called. */
  readonly unit: 'row' | 'line';
}

export interface Entry {
  /** Row of the spreadsheet, or line on which the card begins. */
  readonly row: number;
  readonly name: string;
  readonly written: string;
}

/** By the file's ending, else by its look. */
export function bookFormatOf(file: string, text: string): BookFormat {
  if (/\.(vcf|vcard)$/i.test(file)) return 'vcard';
  if (/\.(csv|tsv|txt)$/i.test(file)) return 'csv';
  return /^\ufeff?\s*BEGIN:VCARD/i.test(text) ? 'vcard' : 'csv';
}

/** Reads an address book. Nothing is thrown: whatever is wrong is a fault with its place, and the rest stands beside. */
export function readAddressBook(text: string, format: BookFormat): AddressBook {
  return format === 'vcard' ? readVcards(text) : readSpreadsheet(text);
}

function readVcards(text: string): AddressBook {
  const cards = readCards(text);
  const faults: ListFault[] =
    cards.length > 0 ? [] : [{ row: null, column: null, found: firstWords(text), expected: 'BEGIN:VCARD' }];
  for (const { line, fault } of cards) {
    if (fault !== null) faults.push({ row: line, column: null, found: fault, expected: 'a card that can be read' });
  }
  const read = cards.filter(({ fault }) => fault === null);
  return {
    entries: read.flatMap(entriesOf),
    faults,
    withoutNumber: read.filter(({ numbers }) => numbers.length === 0).length,
    unit: 'line',
  };
}

/** Where somebody has several numbers, the telephone's display and the list tell them apart. */
function entriesOf({ line, name, numbers }: Card): Entry[] {
  return numbers.map(({ written, kind }) => ({
    row: line,
    name: cleanName(numbers.length > 1 && kind !== null && name !== '' ? `${name} (${kind})` : name),
    written,
  }));
}

const wholeNames = ['name', 'full name', 'display name', 'contact'];
const givenNames = ['first name', 'given name', 'forename'];
const familyNames = ['last name', 'family name', 'surname'];
const numberColumn =
  /^((home|mobile|business|work|other|primary|main) )?(number|phone|telephone|tel|mobile|cell)( ?\d)?( number| - value)?( ?\d)?$/;

function readSpreadsheet(text: string): AddressBook {
  const records = readCells(text);
  const nothing = { entries: [], withoutNumber: 0, unit: 'row' } as const;
  if (typeof records === 'string') {
    return {
      ...nothing,
      faults: [{ row: null, column: null, found: records, expected: 'a CSV file that can be read' }],
    };
  }
  const [header = [], ...rows] = records;
  const names = header.map((name) =>
    name
      .trim()
      .toLowerCase()
      .replace(/[ _-]+/g, (gap) => (gap === ' - ' ? gap : ' ')),
  );
  const numbers = names.flatMap((name, index) => (numberColumn.test(name) ? [index] : []));
  const spoken = [...wholeNames, ...givenNames, ...familyNames].some((name) => names.includes(name));
  if (numbers.length === 0 || !spoken) {
    const expected = 'a first row that names the columns: name, number';
    return { ...nothing, faults: [{ row: 1, column: null, found: header.join(', '), expected }] };
  }
  const people = rows
    .map((cells, index) => ({ row: index + 2, cells: cells.map(rearm) }))
    .filter(({ cells }) => cells.some((cell) => cell.trim() !== ''))
    .map(({ row, cells }) => ({ row, name: nameIn(cells, names), written: numbersIn(cells, numbers) }));
  return {
    entries: people.flatMap(({ row, name, written }) => written.map((each) => ({ row, name, written: each }))),
    faults: [],
    withoutNumber: people.filter(({ written }) => written.length === 0).length,
    unit: 'row',
  };
}

function nameIn(cells: readonly string[], names: readonly string[]): string {
  const of = (wanted: readonly string[]) => cells[names.findIndex((name) => wanted.includes(name))]?.trim() ?? '';
  return cleanName(of(wholeNames) || `${of(givenNames)} ${of(familyNames)}`);
}

/** Google puts several numbers of one kind into one cell. */
function numbersIn(cells: readonly string[], columns: readonly number[]): string[] {
  const written = columns.flatMap((column) => (cells[column] ?? '').split(':::'));
  return written.map((number) => number.trim()).filter((number) => number !== '');
}

function firstWords(text: string): string {
  return text.trim().split(/\r|\n/)[0] ?? '';
}
