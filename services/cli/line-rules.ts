import { distance } from 'fastest-levenshtein';
import { cleanName } from '../core/caller.ts';
import { type ScreeningMode, screeningModes, type TrustedContact } from '../core/line.ts';
import { type CountryPack, ownerIn, readNumber } from '../core/number.ts';

/** What a row of a line list may say, column by column. */

export const columns = [
  'id',
  'number',
  'resident',
  'area',
  'mode',
  'trusted',
  'blocked',
  'record',
  'tone_watch',
  'ring_seconds',
  'phone_secret',
] as const;
export type Column = (typeof columns)[number];

/** One row as text: what CSV gives, and what YAML says once its numbers are left as written. */
export type RawRow = Partial<Record<Column, string>>;

/** A line as a list gives it: `phoneSecret` is null where the list leaves it to Clearline. */
export interface ListedLine {
  readonly id: string;
  readonly number: string;
  readonly resident: string;
  readonly area: string;
  readonly mode: ScreeningMode;
  readonly trusted: readonly TrustedContact[];
  readonly blocked: readonly string[];
  readonly recordCalls: boolean;
  readonly toneWatch: boolean;
  readonly ringSeconds: number;
  readonly phoneSecret: string | null;
}

/** Something wrong in one cell. */
export interface CellFault {
  readonly column: Column;
  readonly found: string;
  readonly expected: string;
}

export interface LineDefaults {
  readonly pack: CountryPack;
  /** For rows that name no area. */
  readonly area: string;
  /** The staff phone's name, which no line may have. */
  readonly staffPhone?: string | undefined;
}

/** Names that mean something else in Asterisk's PJSIP configuration; `anonymous` would take anybody's call. */
const reserved = new Set(['anonymous', 'global', 'system', 'general', 'clearline']);

/** Reads one row. Every fault of the row is returned; there is a line only if there is none. */
export function readRow(row: RawRow, defaults: LineDefaults): { line: ListedLine | null; faults: CellFault[] } {
  const reader = new RowReader(row, defaults);
  const trusted = reader.trusted();
  const line: ListedLine = {
    id: reader.id(),
    number: reader.number(),
    resident: reader.resident(),
    area: cleanName(row.area ?? '') || defaults.area,
    mode: reader.mode(),
    trusted,
    blocked: reader.blocked(trusted),
    recordCalls: reader.yesOrNo('record', false),
    toneWatch: reader.yesOrNo('tone_watch', true),
    ringSeconds: reader.ringSeconds(),
    phoneSecret: reader.phoneSecret(),
  };
  return { line: reader.faults.length === 0 ? line : null, faults: reader.faults };
}

class RowReader {
  readonly faults: CellFault[] = [];
  private readonly row: RawRow;
  private readonly defaults: LineDefaults;

  constructor(row: RawRow, defaults: LineDefaults) {
    this.row = row;
    this.defaults = defaults;
  }

  private text(column: Column): string {
    return (this.row[column] ?? '').trim();
  }

  private fault(column: Column, expected: string, found = this.text(column)): void {
    this.faults.push({ column, found, expected });
  }

  id(): string {
    const id = this.text('id');
    const taken = reserved.has(id) || id.startsWith('trunk-') || id === this.defaults.staffPhone;
    if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(id)) {
      this.fault('id', 'lower-case letters, digits and hyphens, at most 40, such as room-12');
    } else if (taken) this.fault('id', 'a name that is not taken by a trunk, the staff phone or Asterisk itself');
    return id;
  }

  number(): string {
    const written = this.text('number');
    const { number, kind } = readNumber(written, this.defaults.pack);
    if (kind !== 'full') {
      const hint = /^\d(\.\d+)?e\+?\d+$/i.test(written)
        ? ' (a spreadsheet shortened it: format the column as text)'
        : '';
      this.fault('number', `the telephone number callers dial, such as 01923 555012${hint}`);
    }
    return number;
  }

  resident(): string {
    const name = cleanName(this.text('resident'));
    if (name === '') this.fault('resident', 'the name of the person whose phone it is');
    return name;
  }

  mode(): ScreeningMode {
    const written = this.text('mode').toLowerCase();
    if (written === '') return 'guarded';
    const mode = screeningModes.find((candidate) => candidate === written);
    if (mode) return mode;
    const near = screeningModes.find((candidate) => distance(candidate, written) <= 2);
    this.fault('mode', `${screeningModes.join(', ')}${near ? ` (did you mean ${near}?)` : ''}`);
    return 'guarded';
  }

  trusted(): TrustedContact[] {
    const contacts = splitList(this.row.trusted ?? '').flatMap((entry) => this.contact(entry));
    const seen = new Set<string>();
    for (const { number } of contacts) {
      if (seen.has(number)) this.fault('trusted', 'each trusted number once', number);
      seen.add(number);
    }
    return contacts;
  }

  private contact(entry: string): TrustedContact[] {
    const equals = entry.indexOf('=');
    const name = cleanName(entry.slice(equals + 1));
    if (equals < 0 || name === '') {
      this.fault('trusted', 'entries such as 01923 555001=Anna, separated by semicolons', entry);
      return [];
    }
    const number = this.listed('trusted', entry.slice(0, equals).trim());
    return number === null ? [] : [{ number, name }];
  }

  blocked(trusted: readonly TrustedContact[]): string[] {
    const numbers = splitList(this.row.blocked ?? '').flatMap((entry) => this.listed('blocked', entry) ?? []);
    for (const { number, name } of trusted) {
      if (numbers.includes(number)) this.fault('blocked', `no number that is trusted as well (${name})`, number);
    }
    return [...new Set(numbers)];
  }

  /** A number of the lists, comparable with what a call brings; null, and a fault, where it is none. */
  private listed(column: 'trusted' | 'blocked', written: string): string | null {
    const { pack } = this.defaults;
    const { number, kind } = readNumber(written, pack);
    const owner = ownerIn(pack.emergency, number) ?? (kind === 'short' ? ownerIn(pack.guarded, number) : undefined);
    if (column === 'trusted' && owner !== undefined) {
      this.fault(column, `no ${number}: it never rings anybody, so whoever shows it is forging it (${owner})`, written);
      return null;
    }
    if (kind === 'full' || kind === 'short') return number;
    this.fault(column, 'a telephone number such as 01923 555001, or an extension such as 201', written);
    return null;
  }

  yesOrNo(column: 'record' | 'tone_watch', fallback: boolean): boolean {
    const written = this.text(column).toLowerCase();
    if (written === '') return fallback;
    const yes = ['yes', 'true', '1', 'y', 'on'].includes(written);
    if (!yes && !['no', 'false', '0', 'n', 'off'].includes(written)) this.fault(column, 'yes or no');
    return yes;
  }

  ringSeconds(): number {
    const written = this.text('ring_seconds');
    if (written === '') return 30;
    const count = /^\d{1,3}$/.test(written) ? Number(written) : 0;
    if (count < 5 || count > 120) this.fault('ring_seconds', 'whole seconds between 5 and 120');
    return count;
  }

  phoneSecret(): string | null {
    const secret = this.text('phone_secret');
    if (secret === '') return null;
    // What is wrong with a secret is told without telling the secret.
    if (!isPhoneSecret(secret)) this.fault('phone_secret', secretRule, `${secret.length} characters`);
    return secret;
  }
}

const secretRule = '8 to 128 letters, digits or . _ ~ ! @ % ^ * + = : / -, or nothing and Clearline makes one';

/** Asterisk's files take a value as it stands: a space, `;` or quote would end or change it. */
function isPhoneSecret(secret: string): boolean {
  return /^[A-Za-z0-9._~!@%^*+=:/-]{8,128}$/.test(secret);
}

/** Splits at semicolons; a backslash keeps the character after it. Empty entries are dropped. */
function splitList(cell: string): string[] {
  const entries = [''];
  for (let at = 0; at < cell.length; at++) {
    const character = cell[at] ?? '';
    if (character === ';' || character === '\n') entries.push('');
    else entries.push(`${entries.pop()}${character === '\\' ? (cell[++at] ?? '') : character}`);
  }
  return entries.map((entry) => entry.trim()).filter((entry) => entry !== '');
}

/** The other way round: entries that `splitList` reads back. */
export function joinList(entries: readonly string[]): string {
  return entries.map((entry) => entry.replace(/[\\;]/g, '\\$&')).join('; ');
}
