import { parse } from 'csv-parse/sync';

/**
 * Reads the cells of a CSV file; a delimiter of comma, semicolon or tab is told from the header. A string says why it cannot
 * be read.
 */
export function readCells(text: string): readonly string[][] | string {
  const header = text.slice(0, text.search(/[\r\n]|$/));
  const delimiter = [',', ';', '\t'].toSorted((a, b) => header.split(b).length - header.split(a).length)[0] ?? ',';
  try {
    return parse(text, { bom: true, delimiter, relax_column_count: true, relax_quotes: true });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A spreadsheet runs a cell that begins like a formula; an apostrophe in front makes it text (OWASP, "CSV injection"). */
export function disarm(cell: string): string {
  return /^'*[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
}

export function rearm(cell: string): string {
  return /^'+[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell;
}
