import { distance } from 'fastest-levenshtein';
import { columns, type RawRow } from './line-rules.ts';

/** A list of lines as its file holds it, before the rows are read. */

/** Something wrong in a file. `row` counts as a spreadsheet does, the header being row 1; null: the file as a whole. */
export interface ListFault {
  readonly row: number | null;
  readonly column: string | null;
  readonly found: string;
  readonly expected: string;
}

export interface RawList {
  readonly rows: readonly { readonly row: number; readonly cells: RawRow; readonly faults: readonly ListFault[] }[];
  readonly faults: readonly ListFault[];
}

export function unknownColumn(found: string, tidy: string, row: number): ListFault {
  const near = columns.find((column) => distance(column, tidy) <= 2);
  const expected = near ? `a column there is (did you mean ${near}?)` : `one of the columns ${columns.join(', ')}`;
  return { row, column: null, found, expected };
}
