import type { CountryPack } from '../core/number.ts';
import type { StoredLine } from '../core/ports.ts';
import { readCsv, writeCsv } from './line-csv.ts';
import { type LineDefaults, type ListedLine, readRow } from './line-rules.ts';
import { readYaml, writeYaml } from './line-yaml.ts';
import type { ListFault } from './raw-list.ts';

/** Lists of lines as files: CSV for spreadsheets, YAML for people and scripts. */

export const listFormats = ['csv', 'yaml'] as const;
export type ListFormat = (typeof listFormats)[number];

export interface LineList {
  /** Rows without a fault. */
  readonly good: readonly { readonly row: number; readonly line: ListedLine }[];
  readonly faults: readonly ListFault[];
  /** How many rows there are, good and bad. */
  readonly rows: number;
  /** What `row` counts: rows of a spreadsheet, or lines of a YAML file. */
  readonly unit: 'row' | 'line';
}

/** Says which format a list has: by the file's ending, else by its look. */
export function formatOf(name: string, text: string): ListFormat {
  if (/\.ya?ml$/i.test(name)) return 'yaml';
  if (/\.(csv|tsv|txt)$/i.test(name)) return 'csv';
  return /^\s*(#|-\s|\[|lines:|---)/.test(text) ? 'yaml' : 'csv';
}

/** Reads a list. Nothing is thrown: whatever is wrong is a fault with its row and column, and the good rows stand beside. */
export function readLineList(text: string, format: ListFormat, defaults: LineDefaults): LineList {
  const raw = format === 'csv' ? readCsv(text) : readYaml(text);
  const faults: ListFault[] = [...raw.faults];
  const good: { row: number; line: ListedLine }[] = [];
  const seen = { id: new Map<string, number>(), number: new Map<string, number>() };
  const unit = format === 'csv' ? 'row' : 'line';
  for (const { row, cells, faults: shape } of raw.rows) {
    const { line, faults: wrong } = readRow(cells, defaults);
    const own = [...shape, ...wrong.map((fault) => ({ row, ...fault }))];
    for (const column of ['id', 'number'] as const) {
      const value = line?.[column];
      if (value === undefined) continue;
      const first = seen[column].get(value);
      const found = cells[column] ?? value;
      if (first !== undefined)
        own.push({
          row,
          column,
          found,
          expected: `${column === 'id' ? 'an id' : 'a number'} that ${unit} ${first} does not have`,
        });
      else seen[column].set(value, row);
    }
    if (line && own.length === 0) good.push({ row, line });
    faults.push(...own);
  }
  return { good, faults, rows: raw.rows.length, unit };
}

/** A list that `readLineList` reads back as the same lines; without secrets, the phones keep those they have. */
export function writeLineList(
  lines: readonly StoredLine[],
  format: ListFormat,
  pack: CountryPack,
  withSecrets: boolean,
): string {
  return format === 'csv' ? writeCsv(lines, pack, withSecrets) : writeYaml(lines, withSecrets);
}

/** One sentence a fault: `homes.csv, row 3, number: found "12", expected …`. */
export function tellFault(file: string, unit: LineList['unit'], fault: ListFault): string {
  const place = [file, fault.row === null ? null : `${unit} ${fault.row}`, fault.column].filter(
    (part) => part !== null,
  );
  const found = fault.found === '' ? 'nothing' : `“${Array.from(fault.found).slice(0, 60).join('')}”`;
  return `${place.join(', ')}: found ${found}, expected ${fault.expected}.`;
}
