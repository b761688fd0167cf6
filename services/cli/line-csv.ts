import { stringify } from 'csv-stringify/sync';
import { type CountryPack, formatNumber } from '../core/number.ts';
import type { StoredLine } from '../core/ports.ts';
import { disarm, readCells, rearm } from './csv.ts';
import { type Column, columns, joinList, type RawRow } from './line-rules.ts';
import { type ListFault, type RawList, unknownColumn } from './raw-list.ts';

/** Lists of lines for spreadsheets. */

/** The form spreadsheets take for text and `readLineList` reads back. */
export function writeCsv(lines: readonly StoredLine[], pack: CountryPack, withSecrets: boolean): string {
  const header = columns.filter((column) => withSecrets || column !== 'phone_secret');
  const rows = lines.map((line) => {
    const cells: Record<Column, string> = {
      id: line.id,
      number: formatNumber(line.number, pack),
      resident: line.resident,
      area: line.area,
      mode: line.mode,
      trusted: joinList(line.trusted.map(({ number, name }) => `${formatNumber(number, pack)}=${name}`)),
      blocked: joinList(line.blocked.map((number) => formatNumber(number, pack))),
      record: line.recordCalls ? 'yes' : 'no',
      tone_watch: line.toneWatch ? 'yes' : 'no',
      ring_seconds: String(line.ringSeconds),
      phone_secret: line.phoneSecret,
    };
    return header.map((column) => disarm(cells[column]));
  });
  return stringify([header, ...rows]);
}

/** Reads rows and their columns. */
export function readCsv(text: string): RawList {
  const records = readCells(text);
  if (typeof records === 'string') {
    const fault = { row: null, column: null, found: records, expected: 'a CSV file that can be read' };
    return { rows: [], faults: [fault] };
  }
  const [names = [], ...rest] = records;
  const { keys, faults } = readHeader(names);
  if (faults.length > 0) return { rows: [], faults };
  const rows = rest.map((record, index) => ({ row: index + 2, ...cellsOf(record, keys, index + 2) }));
  return { rows: rows.filter(({ cells }) => Object.values(cells).some((cell) => cell.trim() !== '')), faults: [] };
}

function cellsOf(record: readonly string[], keys: readonly (Column | null)[], row: number) {
  const cells: RawRow = {};
  for (const [index, key] of keys.entries()) if (key) cells[key] = rearm(record[index] ?? '');
  const beyond = record.slice(keys.length).find((cell) => cell.trim() !== '');
  const expected = `at most ${keys.length} cells (put a cell that holds a separator in double quotes)`;
  return { cells, faults: beyond === undefined ? [] : [{ row, column: null, found: beyond, expected }] };
}

function readHeader(names: readonly string[]): { keys: (Column | null)[]; faults: ListFault[] } {
  const faults: ListFault[] = [];
  const keys = names.map((name) => {
    const tidy = name.trim().toLowerCase().replace(/[ -]+/g, '_');
    if (tidy === '') return null;
    const key = columns.find((column) => column === tidy);
    if (!key) faults.push(unknownColumn(name.trim(), tidy, 1));
    return key ?? null;
  });
  for (const column of ['id', 'number', 'resident'] as const) {
    if (faults.length > 0 || keys.includes(column)) continue;
    const found = names.join(', ');
    faults.push({ row: 1, column, found, expected: `a first row that names the columns: ${columns.join(', ')}` });
  }
  for (const [index, key] of keys.entries()) {
    if (key && keys.indexOf(key) < index)
      faults.push({ row: 1, column: key, found: key, expected: 'each column once' });
  }
  return { keys, faults };
}
