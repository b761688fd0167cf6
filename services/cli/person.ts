import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { openRecordingFolder, openRecordingShelf } from '../adapters/recordings.ts';
import type { Store } from '../adapters/sql/store.ts';
import { createZip } from '../adapters/zip-write.ts';
import type { Config } from '../config.ts';
import type { Person } from '../core/person/person.ts';
import type { ErasureCounts } from '../core/person/stores.ts';
import { erase, planErasure } from '../person/erase.ts';
import { exportOf, type Gathered, gather } from '../person/gather.ts';
import { findPerson, pseudonymOf } from './find-person.ts';
import { count } from './table.ts';
import { readReason, whoRuns } from './who.ts';
import { CommandError, exitCodes, fileTrouble, type Session } from './world.ts';

/** clearline person: what is on record of somebody, to hand it to them or to erase it. */

export function addPerson(program: Command, session: Session): void {
  const person = program
    .command('person')
    .summary('what is on record of somebody: export, erase')
    .description('What is on record of a person who asks for it, or asks that it goes.');
  person
    .command('export')
    .argument('<who>', 'a line’s id, or a telephone number in any form')
    .description(
      'Gather everything about a person: calls, recordings, incidents, alerts, lists, and who saw what of it.',
    )
    .option(
      '--out <file>',
      'into a file that only you can read: .zip with the recordings, .json without; absent: the screen',
    )
    .option('--resident <name>', 'whose calls, of a line that several people had one after the other')
    .option('--reason <text>', 'why', 'the person asked for it')
    .option('--by <name>', 'who does so (default: the user of this machine)')
    .addHelpText('after', exportHelp)
    .action((who: string, options: ExportOptions) => exportPerson(session, who, options));
  person
    .command('erase')
    .argument('<who>', 'a line’s id, or a telephone number in any form')
    .description('Say what would go and what must stay; with --yes, erase it. What is erased cannot be brought back.')
    .requiredOption('--reason <text>', 'why; without names or numbers, since it stays on record')
    .option('--yes', 'erase it')
    .option('--resident <name>', 'whose calls, of a line that several people had one after the other')
    .option('--by <name>', 'who does so (default: the user of this machine)')
    .addHelpText('after', '\nWhat stays, and why: docs/retention.md')
    .action((who: string, options: EraseOptions) => erasePerson(session, who, options));
}

const exportHelp = `
What other people's lines have of a caller is left out, as far as a program can tell: look through it before you hand it over.

Examples:
  clearline person export room-12 --out elsie-brown.zip
  clearline person export "07700 900123" --out caller.json`;

interface ExportOptions {
  readonly out?: string;
  readonly resident?: string;
  readonly reason: string;
  readonly by?: string;
}

interface EraseOptions {
  readonly reason: string;
  readonly yes?: boolean;
  readonly resident?: string;
  readonly by?: string;
}

async function exportPerson(session: Session, who: string, options: ExportOptions): Promise<void> {
  const { out, now } = session.world;
  const why = readReason(options.reason, 'it is taken out');
  const by = whoRuns(session, options.by);
  if (options.out !== undefined && !/\.(zip|json)$/.test(options.out)) {
    throw new CommandError(
      `--out: found "${options.out}", expected a name that ends in .zip or .json`,
      exitCodes.notUnderstood,
    );
  }
  await session.withStore(async (store, config) => {
    const person = await findPerson(store, who, options.resident);
    const pseudonym = pseudonymOf(config, person);
    await store.accessLog.note({ at: now(), by, what: 'person-export', item: pseudonym, why });
    const gathered = await gather(store, person, pseudonym);
    const text = `${JSON.stringify(exportOf(person, gathered, { at: now(), by }), null, 2)}\n`;
    if (options.out === undefined) return out(text.trimEnd());
    const wish = { at: now(), by, why, what: 'person-export' } as const;
    const recordings = options.out.endsWith('.zip')
      ? await writeZip(options.out, text, gathered, store, config, wish)
      : await writeJson(options.out, text);
    out(
      `${count(gathered.calls.length, 'call')}, ${count(gathered.incidents.length, 'incident')}, ` +
        `${count(gathered.alerts.length, 'alert')} and ${count(recordings, 'recording')} written to ${options.out}.\n` +
        'Look through it before you hand it over: what is said in a recording or a note may be about others.',
    );
  });
}

async function writeJson(file: string, text: string): Promise<number> {
  await writeFile(file, text, { mode: 0o600, flag: 'wx' }).catch(cannotWrite(file));
  return 0;
}

/** Every recording is in the access log before it is opened. Answers how many there are. */
async function writeZip(
  file: string,
  text: string,
  { calls }: Gathered,
  store: Store,
  config: Config,
  wish: Parameters<ReturnType<typeof openRecordingShelf>['hear']>[1],
): Promise<number> {
  const shelf = openRecordingShelf(config.paths.recordings, store.accessLog);
  const zip = await createZip(file).catch(cannotWrite(file));
  try {
    await zip.add('data.json', [Buffer.from(text)]);
    let written = 0;
    for (const { call } of calls) {
      for (const { name } of await shelf.of(call.record.id)) {
        const opened = await shelf.hear(name, wish);
        if (opened === null) continue;
        await zip.add(`recordings/${name.replace(/[^A-Za-z0-9.-]/g, '_')}.wav`, opened.content);
        written += 1;
      }
    }
    await zip.finish();
    return written;
  } finally {
    await zip.close();
  }
}

function cannotWrite(file: string): (error: unknown) => never {
  return (error) => {
    throw new CommandError(`Cannot write ${file}: ${fileTrouble(error)}`, exitCodes.notUnderstood);
  };
}

async function erasePerson(session: Session, who: string, options: EraseOptions): Promise<void> {
  const { out, now } = session.world;
  const why = readReason(options.reason, 'it is erased');
  const by = whoRuns(session, options.by);
  await session.withStore(async (store, config) => {
    const person = await findPerson(store, who, options.resident);
    const pseudonym = pseudonymOf(config, person);
    const gathered = await gather(store, person, pseudonym);
    checkReason(why, person, gathered);
    if (options.yes !== true) {
      const plan = planErasure(gathered);
      const { calls, incidents, alerts, recordings, contacts } = plan;
      const going = tellCounts({
        calls: calls.length,
        incidents: incidents.length,
        alerts: alerts.length,
        recordings,
        contacts,
      });
      return out([`Nothing is erased yet; with --yes these would go: ${going}.`, ...plan.stays].join('\n'));
    }
    const parts = { store, recordings: openRecordingFolder(config.paths.recordings), pseudonym };
    const wish = { id: `erasure-${randomUUID()}`, at: now(), by, why };
    const { erasure, plan } = await erase(parts, person, wish);
    const lost = erasure.kept.recordings - plan.kept.recordings;
    out(
      [
        `Erased: ${tellCounts(erasure.removed)}.`,
        ...plan.stays,
        ...(lost > 0 ? [`${count(lost, 'recording')} could not be deleted; each night's run tries again.`] : []),
        'What Redis keeps of done jobs goes within an hour, backups when they are renewed: docs/retention.md',
        `On record, without the name or number: ${wish.id}, of ${pseudonym}`,
      ].join('\n'),
    );
  });
}

/** The reason stays on record when the person does not. */
function checkReason(why: string, { numbers }: Person, { line, calls }: Gathered): void {
  const digits = why.replace(/\D/g, '');
  const names = calls.flatMap(({ call, reason }) => (reason === 'line' ? [call.record.resident ?? ''] : []));
  const words = [line?.resident ?? '', ...new Set(names)].flatMap((name) => name.toLowerCase().split(/\s+/));
  const named = words.some((word) => word.length > 2 && why.toLowerCase().includes(word));
  if (named || numbers.some((number) => digits.includes(number.slice(-7)))) {
    throw new CommandError(
      '--reason: it stays on record, so say it without the person’s name or number.',
      exitCodes.notUnderstood,
    );
  }
}

function tellCounts({ calls, incidents, alerts, recordings, contacts }: ErasureCounts): string {
  return [
    count(calls, 'call'),
    count(recordings, 'recording'),
    `${count(incidents, 'incident')} (only what is counted stays)`,
    count(alerts, 'alert'),
    `${contacts} ${contacts === 1 ? 'entry' : 'entries'} of trusted or expected callers`,
  ].join(', ');
}
