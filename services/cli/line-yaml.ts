import { isMap, isSeq, LineCounter, type Node, parseDocument, stringify } from 'yaml';
import type { StoredLine } from '../core/ports.ts';
import { columns, joinList, type RawRow } from './line-rules.ts';
import { type ListFault, type RawList, unknownColumn } from './raw-list.ts';

/** Lists of lines for people and scripts. */

/** The form of `clearline lines export --format yaml`, numbers as E.164. */
export function writeYaml(lines: readonly StoredLine[], withSecrets: boolean): string {
  const entries = lines.map((line) => ({
    id: line.id,
    number: line.number,
    resident: line.resident,
    area: line.area,
    mode: line.mode,
    trusted: line.trusted.map(({ number, name }) => ({ number, name })),
    blocked: line.blocked,
    record: line.recordCalls ? 'yes' : 'no',
    tone_watch: line.toneWatch ? 'yes' : 'no',
    ring_seconds: line.ringSeconds,
    ...(withSecrets ? { phone_secret: line.phoneSecret } : {}),
  }));
  return stringify({ lines: entries }, { lineWidth: 0 });
}

/** Reads entries, either under `lines:` or as the whole file. */
export function readYaml(text: string): RawList {
  const counter = new LineCounter();
  // Failsafe leaves every value as text: 01923 555012 keeps its zero, and "no" stays a word.
  const document = parseDocument(text, { lineCounter: counter, schema: 'failsafe' });
  const [error] = document.errors;
  if (error) return unreadable(error.linePos?.[0].line ?? null, error.message.split('\n')[0] ?? '', 'valid YAML');
  const top = isMap(document.contents) ? document.contents.get('lines', true) : document.contents;
  let entries: unknown;
  try {
    const plain: unknown = document.toJS({ maxAliasCount: 100 });
    entries = Array.isArray(plain) ? plain : (plain as { lines?: unknown } | null)?.lines;
  } catch {
    return unreadable(null, 'references that multiply', 'plain YAML');
  }
  if (!Array.isArray(entries)) return unreadable(1, 'no list of lines', '"lines:" and under it an entry for each line');
  const lineOf = (index: number) => {
    const node = isSeq(top) ? (top.items[index] as Node | null) : null;
    return counter.linePos(node?.range?.[0] ?? 0).line;
  };
  return {
    rows: entries.map((entry, index) => ({ row: lineOf(index), ...readEntry(entry, lineOf(index)) })),
    faults: [],
  };
}

function unreadable(row: number | null, found: string, expected: string): RawList {
  return { rows: [], faults: [{ row, column: null, found, expected }] };
}

function readEntry(entry: unknown, row: number): { cells: RawRow; faults: ListFault[] } {
  const cells: RawRow = {};
  const faults: ListFault[] = [];
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    faults.push({ row, column: null, found: cellText(entry), expected: 'an entry such as "- id: room-12"' });
    return { cells, faults };
  }
  for (const [name, value] of Object.entries(entry)) {
    const column = columns.find((candidate) => candidate === name);
    if (column) cells[column] = cellText(value);
    else faults.push(unknownColumn(name, name, row));
  }
  return { cells, faults };
}

/** A list becomes the cell that CSV would have; what is no text at all is left for the column's own rule to name. */
function cellText(value: unknown): string {
  if (Array.isArray(value)) return joinList(value.map(contactText));
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function contactText(entry: unknown): string {
  if (typeof entry === 'string') return entry;
  const { number, name, ...rest } = (entry ?? {}) as Record<string, unknown>;
  if (Object.keys(rest).length > 0 || typeof number !== 'string') return JSON.stringify(entry);
  return `${number}=${typeof name === 'string' ? name : ''}`;
}
