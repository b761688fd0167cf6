import { randomBytes } from 'node:crypto';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { isPaused, isRaised } from '../core/line.ts';
import { formatNumber } from '../core/number.ts';
import { gb } from '../core/packs/gb.ts';
import type { StoredLine } from '../core/ports.ts';
import { decodeText } from './decode.ts';
import {
  formatOf,
  type LineList,
  type ListFormat,
  listFormats,
  readLineList,
  tellFault,
  writeLineList,
} from './line-list.ts';
import { columns, type ListedLine } from './line-rules.ts';
import { count, formatTable } from './table.ts';
import { CommandError, exitCodes, fileTrouble, type Session } from './world.ts';

/** clearline lines: who is protected. Changes go to the database; the running services notice by themselves. */

export function addLines(program: Command, session: Session): void {
  const lines = program.command('lines').summary('the protected lines: list, import, export, remove');
  lines.description('The protected lines. Changes are in force within seconds; calls that are up keep going.');
  lines
    .command('list')
    .description('Show every protected line.')
    .option('--json', 'as JSON, without the phones’ passwords')
    .action((options: { json?: boolean }) => listLines(session, options.json === true));
  lines
    .command('import')
    .argument('<file>', 'CSV or YAML; - reads the standard input')
    .description('Add lines, or replace those with the same id. Every faulty row is named.')
    .addOption(new Option('--format <format>', 'when the file’s ending does not say').choices(listFormats))
    .option('--good-only', 'import the good rows although others have faults')
    .option('--dry-run', 'say what would happen, and change nothing')
    .addHelpText('after', importHelp)
    .action((file: string, options: ImportOptions) => importLines(session, file, options));
  lines
    .command('export')
    .description('Write every line in a form that "lines import" reads back.')
    .addOption(new Option('--format <format>', 'the form').choices(listFormats).default('csv'))
    .option('--with-secrets', 'with the phones’ passwords')
    .option('--output <file>', 'into a file that only you can read, instead of the screen')
    .action((options: ExportOptions) => exportLines(session, options));
  lines
    .command('remove')
    .argument('<id>', 'such as room-12')
    .description('Stop protecting a line. Its calls stay on record.')
    .action((id: string) => removeLine(session, id));
}

const importHelp = `
The columns, of which the first three are needed:
  id            name of the line and of its phone: lower-case letters, digits, hyphens
  number        the number callers dial
  resident      whose phone it is
  area          where it is (default: site.area)
  mode          announce, guarded (default), trusted-only or paused
  trusted       01923 555001=Anna; 01923 555002=Dr Hill
  blocked       01923 555003; 01923 555004
  record        yes or no (default): record conversations
  tone_watch    yes (default) or no: listen for a dial tone that a stranger plays
  ring_seconds  how long the phone rings (default 30)
  phone_secret  the phone's password; left empty, a new line gets one and an old line keeps its own

Example:
  clearline lines import homes.csv --dry-run`;

async function listLines(session: Session, json: boolean): Promise<void> {
  const { out, now } = session.world;
  const lines = await session.withStore((store) => store.lines.all());
  if (json) return out(JSON.stringify(lines.map(withoutSecret), null, 2));
  if (lines.length === 0) return out('No line is protected yet. Add some: clearline lines import FILE');
  const rows = lines.map((line) => [
    line.id,
    formatNumber(line.number, gb),
    line.resident,
    line.area,
    tellMode(line, now()),
    String(line.trusted.length),
    String(line.blocked.length),
    line.recordCalls ? 'yes' : 'no',
    line.toneWatch ? 'yes' : 'no',
  ]);
  out(formatTable(['ID', 'NUMBER', 'RESIDENT', 'AREA', 'MODE', 'TRUSTED', 'BLOCKED', 'RECORD', 'TONE WATCH'], rows));
}

/** Whose screening rests, or is stricter for a while, is told there; until when: `contacts list`, `campaigns`. */
function tellMode(line: StoredLine, at: number): string {
  const extra = [...(isPaused(line, at) ? ['paused'] : []), ...(isRaised(line, at) ? ['guard raised'] : [])];
  return extra.length === 0 ? line.mode : `${line.mode} (${extra.join(', ')})`;
}

function withoutSecret({ phoneSecret: _secret, ...line }: StoredLine) {
  return line;
}

interface ImportOptions {
  readonly format?: ListFormat;
  readonly goodOnly?: boolean;
  readonly dryRun?: boolean;
}

async function importLines(session: Session, file: string, options: ImportOptions): Promise<void> {
  const { err } = session.world;
  const name = file === '-' ? 'standard input' : file;
  const text = await readText(session, file);
  await session.withStore(async (store, config) => {
    const stored = await store.lines.all();
    const defaults = { pack: gb, area: config.site.area, staffPhone: config.staff.phone };
    const list = againstStored(readLineList(text, options.format ?? formatOf(file, text), defaults), stored);
    for (const fault of list.faults) err(tellFault(name, list.unit, fault));
    checkImportable(list, name, options.goodOnly === true);
    const changes = changesOf(list, stored);
    if (options.dryRun !== true) await store.lines.upsert(changes.lines);
    report(session, list, changes, options.dryRun === true);
  });
}

async function readText(session: Session, file: string): Promise<string> {
  if (file === '-') return decodeText(await session.world.readInput());
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new CommandError(`Cannot read ${file}: ${fileTrouble(error)}`, exitCodes.notUnderstood);
  });
  return decodeText(bytes);
}

/** A number may move from line to line within a list, but not away from a line the list does not speak of. */
function againstStored(list: LineList, stored: readonly StoredLine[]): LineList {
  const replaced = new Set(list.good.map(({ line }) => line.id));
  const owners = new Map(stored.filter(({ id }) => !replaced.has(id)).map(({ id, number }) => [number, id]));
  const clashes = list.good.filter(({ line }) => owners.has(line.number));
  const faults = clashes.map(({ row, line }) => ({
    row,
    column: 'number',
    found: formatNumber(line.number, gb),
    expected: `a number that no other line has: ${owners.get(line.number)} has it`,
  }));
  return { ...list, good: list.good.filter((row) => !clashes.includes(row)), faults: [...list.faults, ...faults] };
}

function checkImportable(list: LineList, name: string, goodOnly: boolean): void {
  const bad = list.rows - list.good.length;
  if (list.rows === 0) {
    const columnsHint = list.faults.length === 0 ? ` It needs the columns ${columns.slice(0, 3).join(', ')}.` : '';
    throw new CommandError(`Nothing was imported: ${name} has no rows that can be read.${columnsHint}`);
  }
  if (list.good.length === 0) throw new CommandError('Nothing was imported: no row is without a fault.');
  if (bad > 0 && !goodOnly) {
    const rest = list.good.length === 1 ? 'The other one is good' : `The other ${list.good.length} are good`;
    throw new CommandError(
      `Nothing was imported: ${bad} of ${list.rows} rows ${bad === 1 ? 'has' : 'have'} faults. ` +
        `${rest}: correct the file, or import the good rows with --good-only.`,
    );
  }
}

interface Changes {
  readonly lines: readonly StoredLine[];
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly same: readonly string[];
}

function changesOf(list: LineList, stored: readonly StoredLine[]): Changes {
  const before = new Map(stored.map((line) => [line.id, line]));
  const lines = list.good.map(({ line }) => withSecret(line, before.get(line.id)));
  const isSame = (line: StoredLine) => JSON.stringify(sorted(line)) === JSON.stringify(sorted(before.get(line.id)));
  const known = lines.filter(({ id }) => before.has(id));
  return {
    lines,
    added: lines.filter(({ id }) => !before.has(id)).map(({ id }) => id),
    changed: known.filter((line) => !isSame(line)).map(({ id }) => id),
    same: known.filter(isSame).map(({ id }) => id),
  };
}

function withSecret(line: ListedLine, before: StoredLine | undefined): StoredLine {
  const phoneSecret = line.phoneSecret ?? before?.phoneSecret ?? randomBytes(18).toString('base64url');
  return { ...line, phoneSecret };
}

function sorted(line: StoredLine | undefined) {
  return line && Object.entries(line).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function report({ world: { out } }: Session, list: LineList, changes: Changes, dryRun: boolean): void {
  const named = (ids: readonly string[]) =>
    ids.length === 0 ? '' : ` (${ids.slice(0, 20).join(', ')}${ids.length > 20 ? ', …' : ''})`;
  const parts = [
    `${changes.added.length} new${named(changes.added)}`,
    `${changes.changed.length} changed${named(changes.changed)}`,
    `${changes.same.length} as before`,
  ];
  const bad = list.rows - list.good.length;
  const left = bad === 0 ? '' : ` ${count(bad, 'row')} with faults left out.`;
  out(
    `${dryRun ? 'Nothing is changed; this would import' : 'Imported'} ${count(changes.lines.length, 'line')}: ${parts.join(', ')}.${left}`,
  );
  if (changes.added.length > 0 && !dryRun) {
    out('Their phones register with the id as user; passwords: clearline lines export --with-secrets');
  }
}

interface ExportOptions {
  readonly format: ListFormat;
  readonly withSecrets?: boolean;
  readonly output?: string;
}

async function exportLines(session: Session, { format, withSecrets, output }: ExportOptions): Promise<void> {
  const lines = await session.withStore((store) => store.lines.all());
  const text = writeLineList(lines, format, gb, withSecrets === true);
  if (output === undefined) return session.world.out(text.trimEnd());
  // Excel takes a CSV file for Windows-1252 unless it begins with the byte order mark.
  const content = format === 'csv' ? `\ufeff${text}` : text;
  try {
    await writeFile(output, content, { mode: 0o600 });
    await chmod(output, 0o600);
  } catch (error) {
    throw new CommandError(`Cannot write ${output}: ${fileTrouble(error)}`, exitCodes.notUnderstood);
  }
  session.world.out(`${count(lines.length, 'line')} written to ${output}.`);
}

async function removeLine(session: Session, id: string): Promise<void> {
  const removed = await session.withStore((store) => store.lines.remove(id));
  if (!removed) throw new CommandError(`There is no line ${id}. The lines there are: clearline lines list`);
  session.world.out(`${id} is no longer protected. Its calls stay on record.`);
}
