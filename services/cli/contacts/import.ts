import { readFile } from 'node:fs/promises';
import { mostTrusted, trust } from '../../core/contacts/lists.ts';
import { readTrustable } from '../../core/contacts/trustable.ts';
import type { TrustedContact } from '../../core/line.ts';
import { formatNumber, type NumberRules, numberRules } from '../../core/number.ts';
import { gb } from '../../core/packs/gb.ts';
import type { StoredLine } from '../../core/ports.ts';
import { decodeText } from '../decode.ts';
import { findLine } from '../find-line.ts';
import { tellFault } from '../line-list.ts';
import type { ListFault } from '../raw-list.ts';
import { count } from '../table.ts';
import { CommandError, exitCodes, fileTrouble, type Session } from '../world.ts';
import { type AddressBook, type BookFormat, bookFormatOf, readAddressBook } from './address-book.ts';
import { tellAdded } from './tell.ts';

/** clearline contacts import: a resident's address book becomes the line's list of trusted contacts. */

export interface ImportOptions {
  readonly format?: BookFormat;
  readonly skipFaulty?: boolean;
  readonly dryRun?: boolean;
}

const mostBytes = 10_000_000;

export async function importContacts(
  session: Session,
  wanted: string,
  file: string,
  options: ImportOptions,
): Promise<void> {
  const name = file === '-' ? 'standard input' : file;
  const text = decodeText(await readBytes(session, file));
  const dryRun = options.dryRun === true;
  await session.withStore(async (store, config) => {
    const line = findLine(await store.lines.all(), wanted);
    const book = readAddressBook(text, options.format ?? bookFormatOf(file, text));
    const { contacts, faults } = judge(book, line, numberRules(gb, config.numbers));
    for (const fault of faults) session.world.err(tellFault(name, book.unit, fault));
    checkImportable(contacts, faults, name, options.skipFaulty === true);
    let added = trust(line, contacts);
    if (!dryRun) {
      // Once more as the lists are now: somebody may have blocked one of the numbers meanwhile.
      await store.contacts.edit(line.id, (lists) => {
        added = trust(lists, contacts);
        return added.lists.trusted.length > mostTrusted ? null : added.lists;
      });
    }
    if (added.lists.trusted.length > mostTrusted) throw new CommandError(tooMany(added.lists.trusted.length));
    session.world.out(tellAdded(line, added, { dryRun, withoutNumber: book.withoutNumber }));
  });
}

async function readBytes(session: Session, file: string): Promise<Uint8Array> {
  const bytes =
    file === '-'
      ? await session.world.readInput()
      : await readFile(file).catch((error: unknown) => {
          throw new CommandError(`Cannot read ${file}: ${fileTrouble(error)}`, exitCodes.notUnderstood);
        });
  if (bytes.length <= mostBytes) return bytes;
  throw new CommandError(`${file} is larger than an address book ever is (10 MB).`, exitCodes.notUnderstood);
}

interface Judged {
  readonly contacts: readonly TrustedContact[];
  readonly faults: readonly ListFault[];
}

/** Every fault there is, with its place; and what is without one. */
function judge({ entries, faults: unreadable }: AddressBook, line: StoredLine, rules: NumberRules): Judged {
  const contacts: TrustedContact[] = [];
  const faults = [...unreadable];
  for (const { row, name, written } of entries) {
    const read = readTrustable(written, rules);
    const number = 'number' in read ? read.number : null;
    const expected = 'expected' in read ? read.expected : whyNotOn(line, read.number);
    if (expected !== null) faults.push({ row, column: 'number', found: written, expected });
    if (name === '') faults.push({ row, column: 'name', found: '', expected: `whose number ${written} is` });
    if (number !== null && expected === null && name !== '') contacts.push({ number, name });
  }
  return { contacts, faults: faults.toSorted((a, b) => (a.row ?? 0) - (b.row ?? 0)) };
}

function whyNotOn(line: StoredLine, number: string): string | null {
  if (number === line.number) return 'no number of the line itself: whoever shows it is forging it';
  if (!line.blocked.includes(number)) return null;
  return `no number on the blocked list of ${line.id} (first: clearline contacts remove ${line.id} "${formatNumber(number, gb)}")`;
}

function checkImportable(
  contacts: readonly TrustedContact[],
  faults: readonly ListFault[],
  name: string,
  skipFaulty: boolean,
): void {
  if (contacts.length === 0) {
    const why = faults.length === 0 ? `${name} has no telephone number` : 'no entry is without a fault';
    throw new CommandError(`Nothing was imported: ${why}.`);
  }
  if (faults.length === 0 || skipFaulty) return;
  const others = `--skip-faulty imports the ${count(contacts.length, 'number')} without a fault`;
  throw new CommandError(`Nothing was imported: ${count(faults.length, 'fault')}. Mend the file, or: ${others}.`);
}

export function tooMany(found: number): string {
  return `Nothing was changed: a line may trust ${mostTrusted} numbers, and it would be ${found}.`;
}
