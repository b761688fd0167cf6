import { type Command, Option } from 'commander';
import type { Store } from '../../adapters/sql/store.ts';
import type { Config } from '../../config.ts';
import { cleanName } from '../../core/caller.ts';
import { type Added, block, mostTrusted, trust, unlist } from '../../core/contacts/lists.ts';
import { readBlockable, readTrustable } from '../../core/contacts/trustable.ts';
import { formatNumber, numberRules } from '../../core/number.ts';
import { gb } from '../../core/packs/gb.ts';
import type { StoredLine } from '../../core/ports.ts';
import { findLine } from '../find-line.ts';
import { whoRuns } from '../who.ts';
import { CommandError, exitCodes, type Session } from '../world.ts';
import { bookFormats } from './address-book.ts';
import { type ImportOptions, importContacts, tooMany } from './import.ts';
import { listContacts } from './list.ts';
import { checkSuggested, listSuggestions } from './suggestions.ts';
import { tellAdded } from './tell.ts';
import { cancelWindow } from './windows.ts';

/** clearline contacts: whom a line trusts, and whom it blocks. In force within seconds. */

export function addContacts(program: Command, session: Session): void {
  const contacts = program
    .command('contacts')
    .summary('whom a line trusts or blocks: list, add, remove, block, import, suggestions');
  contacts.description(
    'Whom a line trusts or blocks. Changes are in force within seconds; blocked stands above trusted.',
  );
  const onLine = (name: string) => contacts.command(name).argument('<line>', 'the line: its id or its number');
  const ofNumber = (name: string) => onLine(name).argument('<number>', 'in any form: 01923 555001, +44 1923 555001');
  onLine('list')
    .description('Show a line’s lists, who is expected, and whether screening is paused.')
    .option('--json', 'as JSON')
    .action((line: string, options: { json?: boolean }) => listContacts(session, line, options.json === true));
  ofNumber('add')
    .description('Trust a number: its calls ring through.')
    .requiredOption('--name <name>', 'whose number it is')
    .action((line: string, number: string, { name }: { name: string }) => add(session, line, number, name));
  ofNumber('remove')
    .description('Take a number off both lists.')
    .action((line: string, number: string) => remove(session, line, number));
  ofNumber('block')
    .description('Block a number, and trust it no more.')
    .action((line: string, number: string) => blockNumber(session, line, number));
  onLine('import')
    .argument('<file>', 'vCard or CSV; - reads the standard input')
    .description(
      'Trust the numbers of an address book. Every faulty entry is named, and nothing is imported unless all are right.',
    )
    .addOption(new Option('--format <format>', 'when the file’s ending does not say').choices(bookFormats))
    .option('--skip-faulty', 'import the others although some have faults')
    .option('--dry-run', 'say what would happen, and change nothing')
    .addHelpText('after', '\nA CSV file begins with a row that names its columns: name, number.')
    .action((line: string, file: string, options: ImportOptions) => importContacts(session, line, file, options));
  addSuggestions(contacts, session, ofNumber);
  onLine('cancel')
    .argument('<id>', 'as clearline contacts list tells it')
    .description('Somebody is not expected any more.')
    .option('--by <name>', 'who says so (default: the user of this machine)')
    .action((line: string, id: string, options: { by?: string }) =>
      change(session, line, (store, found) => cancelWindow(session, store, found.id, id, whoRuns(session, options.by))),
    );
}

function addSuggestions(contacts: Command, session: Session, ofNumber: (name: string) => Command): void {
  contacts
    .command('suggestions')
    .argument('[line]', 'only of this line')
    .description('Show numbers that were put through again and again, with nothing on record against them.')
    .option('--json', 'as JSON')
    .action((line: string | undefined, options: { json?: boolean }) =>
      listSuggestions(session, line, options.json === true),
    );
  ofNumber('accept')
    .description('Trust a number that is suggested.')
    .requiredOption('--name <name>', 'whose number it is')
    .action((line: string, number: string, { name }: { name: string }) =>
      add(session, line, number, name, checkSuggested),
    );
  ofNumber('dismiss')
    .description('Suggest a number for this line no more.')
    .option('--by <name>', 'who says so (default: the user of this machine)')
    .action((line: string, number: string, options: { by?: string }) => dismiss(session, line, number, options.by));
}

type Act = (store: Store, line: StoredLine, config: Config) => Promise<void>;

async function change(session: Session, wanted: string, act: Act): Promise<void> {
  await session.withStore(async (store, config) => act(store, findLine(await store.lines.all(), wanted), config));
}

type Check = (session: Session, store: Store, config: Config, line: StoredLine, number: string) => Promise<void>;

async function add(session: Session, wanted: string, written: string, shown: string, check?: Check): Promise<void> {
  const name = cleanName(shown);
  if (name === '') throw new CommandError('--name: say whose number it is.', exitCodes.notUnderstood);
  await change(session, wanted, async (store, line, config) => {
    const number = readOr(readTrustable(written, numberRules(gb, config.numbers)), written);
    if (number === line.number)
      throw new CommandError(`${written} is the line’s own number: whoever shows it is forging it.`);
    await check?.(session, store, config, line, number);
    const added = await addToLists(store, line, { number, name });
    session.world.out(tellAdded(line, added, { dryRun: false, withoutNumber: 0 }));
  });
}

async function addToLists(store: Store, line: StoredLine, contact: { number: string; name: string }): Promise<Added> {
  let added = trust(line, [contact]);
  await store.contacts.edit(line.id, (lists) => {
    added = trust(lists, [contact]);
    return added.lists.trusted.length > mostTrusted ? null : added.lists;
  });
  if (added.refused.length > 0) {
    const told = formatNumber(contact.number, gb);
    throw new CommandError(
      `${told} is on the blocked list of ${line.id}, which stands above. First: clearline contacts remove ${line.id} "${told}"`,
    );
  }
  if (added.lists.trusted.length > mostTrusted) throw new CommandError(tooMany(added.lists.trusted.length));
  return added;
}

async function remove(session: Session, wanted: string, written: string): Promise<void> {
  await change(session, wanted, async (store, line) => {
    const number = readOr(readBlockable(written, { pack: gb }), written);
    let was: string | null = null;
    await store.contacts.edit(line.id, (lists) => {
      const contact = lists.trusted.find((each) => each.number === number);
      was = contact?.name ?? (lists.blocked.includes(number) ? 'blocked' : null);
      return was === null ? null : unlist(lists, number);
    });
    if (was === null) throw new CommandError(`${written} is on neither list of ${line.resident} (${line.id}).`);
    session.world.out(
      `${formatNumber(number, gb)} (${was}) is on neither list of ${line.resident} (${line.id}) any more.`,
    );
  });
}

async function blockNumber(session: Session, wanted: string, written: string): Promise<void> {
  await change(session, wanted, async (store, line) => {
    const number = readOr(readBlockable(written, { pack: gb }), written);
    let formerly: string | null = null;
    await store.contacts.edit(line.id, (lists) => {
      formerly = lists.trusted.find((each) => each.number === number)?.name ?? null;
      return block(lists, number);
    });
    const more = formerly === null ? '' : ` It was trusted before (${formerly}).`;
    session.world.out(`${formatNumber(number, gb)} is blocked on the line of ${line.resident} (${line.id}).${more}`);
  });
}

async function dismiss(session: Session, wanted: string, written: string, by: string | undefined): Promise<void> {
  await change(session, wanted, async (store, line) => {
    const number = readOr(readBlockable(written, { pack: gb }), written);
    await store.contacts.dismiss({ line: line.id, number, at: session.world.now(), by: whoRuns(session, by) });
    session.world.out(`${formatNumber(number, gb)} is not suggested for ${line.resident} (${line.id}) any more.`);
  });
}

/** Throws CommandError where it is no number that may stand there. */
function readOr(read: ReturnType<typeof readTrustable>, written: string): string {
  if ('number' in read) return read.number;
  throw new CommandError(`Found "${written}", expected ${read.expected}.`, exitCodes.notUnderstood);
}
