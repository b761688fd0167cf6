import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { openRecordingShelf } from '../adapters/recordings.ts';
import type { RecordingFacts } from '../core/recordings.ts';
import { readRecordingName } from '../core/retention/periods.ts';
import { formatTable, formatTime } from './table.ts';
import { readReason, whoRuns } from './who.ts';
import { CommandError, exitCodes, fileTrouble, reasonOf, type Session } from './world.ts';

/** clearline recordings: what was recorded of a call; whoever takes one away is on record first. */

export function addRecordings(program: Command, session: Session): void {
  const recordings = program
    .command('recordings')
    .summary('what was recorded of a call: list, copy; each copy is logged')
    .description('Recordings of calls. Whoever takes one away is in the access log before the file is opened.');
  recordings
    .command('list')
    .argument('<call>', 'the call’s id')
    .description('Show what is recorded of a call. Nothing is heard, and nothing logged.')
    .action((call: string) => list(session, call));
  recordings
    .command('copy')
    .argument('<call>', 'the call’s id')
    .argument('<name>', 'name, message or call, as "recordings list" shows them')
    .description('Copy a recording into a file that only you can read.')
    .requiredOption('--to <file>', 'the new file')
    .requiredOption('--reason <text>', 'why you have to hear it')
    .option('--by <name>', 'who does so (default: the user of this machine)')
    .action((call: string, name: string, options: CopyOptions) => copy(session, call, name, options));
}

interface CopyOptions {
  readonly to: string;
  readonly reason: string;
  readonly by?: string;
}

const kinds = { names: 'the name said', messages: 'a message', conversations: 'the conversation' } as const;

async function list(session: Session, call: string): Promise<void> {
  const { out } = session.world;
  await session.withStore(async (store, config) => {
    const found = await openRecordingShelf(config.paths.recordings, store.accessLog).of(call);
    if (found.length === 0) return out(`Nothing is recorded of call ${call}, or its time is up.`);
    const noted = new Map((await store.recordings.of([call])).map((each) => [each.name, each]));
    const rows = found.map(({ name, kind, bytes, at }) => [
      name.slice(call.length + 1),
      kinds[kind],
      `${(bytes / 16_000).toFixed(1)} s`,
      formatTime(at, session.zone()),
      noted.get(name)?.sha256 ?? 'not noted',
    ]);
    out(formatTable(['NAME', 'WHAT', 'LENGTH', 'MADE', 'SHA-256 WHEN MADE'], rows));
  });
}

async function copy(session: Session, call: string, wanted: string, { to, reason, by }: CopyOptions): Promise<void> {
  const { now, out } = session.world;
  const why = readReason(reason, 'you have to hear it');
  const who = whoRuns(session, by);
  await session.withStore(async (store, config) => {
    const shelf = openRecordingShelf(config.paths.recordings, store.accessLog);
    const name = nameOf(await shelf.of(call), call, wanted);
    const opened = await shelf.hear(name, { at: now(), by: who, why, what: 'recording' }).catch((error: unknown) => {
      throw new CommandError(`${name} is not opened, since the access log cannot be written: ${reasonOf(error)}`);
    });
    if (opened === null) throw new CommandError(`The recording ${name} is gone.`);
    const file = createWriteStream(to, { flags: 'wx', mode: 0o600 });
    await pipeline(opened.content, file).catch((error: unknown) => {
      throw new CommandError(`Cannot write ${to}: ${fileTrouble(error)}`, exitCodes.notUnderstood);
    });
  });
  out(`Copied to ${to}. On record: ${who}: ${why}`);
}

function nameOf(found: readonly RecordingFacts[], call: string, wanted: string): string {
  const known = found.find(({ name }) => name === wanted || name === `${call}-${wanted.replace(/\.wav$/, '')}`);
  if (known && readRecordingName(known.name)) return known.name;
  const there = found.map(({ name }) => name.slice(call.length + 1)).join(', ') || 'none';
  throw new CommandError(`Call ${call} has no recording ${wanted}. Those there are: ${there}`);
}
