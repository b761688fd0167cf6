import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import type { Store } from '../../adapters/sql/store.ts';
import type { Config } from '../../config.ts';
import { cleanName } from '../../core/caller.ts';
import { readTrustable } from '../../core/contacts/trustable.ts';
import { expectationFault, pauseFault } from '../../core/contacts/windows.ts';
import { formatNumber, numberRules } from '../../core/number.ts';
import { gb } from '../../core/packs/gb.ts';
import { findLine } from '../find-line.ts';
import { formatTime } from '../table.ts';
import { readAhead, readSpan } from '../when-ahead.ts';
import { readReason, whoRuns } from '../who.ts';
import { CommandError, exitCodes, type Session } from '../world.ts';

/** clearline pause, resume, expect: what a line allows for a while. */

export function addWindows(program: Command, session: Session): void {
  program
    .command('pause')
    .argument('<line>', 'the line: its id or its number')
    .summary('let a line’s screening rest for a while')
    .description(
      'Let strangers ring through for a while. The lists, the watch for ghost dials and the guard before 101 and the bank stand.',
    )
    .option('--for <time>', 'how long: 45m, 2h')
    .option('--until <time>', 'or until when: 15:30, tomorrow 09:00, "2026-11-23 15:30"')
    .requiredOption('--reason <text>', 'why, for the record')
    .option('--by <name>', 'who does so (default: the user of this machine)')
    .addHelpText('after', '\nIt ends by itself, or before its time: clearline resume LINE')
    .action((line: string, options: PauseOptions) => pause(session, line, options));
  program
    .command('resume')
    .argument('<line>', 'the line: its id or its number')
    .summary('end a pause before its time')
    .description('End a pause before its time. Calls that are up keep going as they are.')
    .option('--by <name>', 'who does so (default: the user of this machine)')
    .action((line: string, options: { by?: string }) => resume(session, line, options.by));
  program
    .command('expect')
    .argument('<line>', 'the line: its id or its number')
    .argument('<name>', 'who is to call, such as "Hill Plumbing"')
    .summary('trust a caller between two times')
    .description(
      'Have a caller ring through between two times as a trusted contact does; afterwards they are a stranger again.',
    )
    .option('--number <number>', 'the number they call from; without it strangers are screened one step more mildly')
    .option('--from <time>', 'from when: 13:00, tomorrow 09:00, "2026-11-23 13:00"', 'now')
    .requiredOption('--to <time>', 'until when, in the same way, or 2h from now')
    .option('--by <name>', 'who says so (default: the user of this machine)')
    .addHelpText('after', '\nWho is expected: clearline contacts list LINE; no more: clearline contacts cancel LINE ID')
    .action((line: string, name: string, options: ExpectOptions) => expectCaller(session, line, name, options));
}

interface PauseOptions {
  readonly for?: string;
  readonly until?: string;
  readonly reason: string;
  readonly by?: string;
}

async function pause(session: Session, wanted: string, options: PauseOptions): Promise<void> {
  const why = readReason(options.reason, 'screening is to rest');
  const by = whoRuns(session, options.by);
  const at = session.world.now();
  await session.withStore(async (store, config) => {
    const line = findLine(await store.lines.all(), wanted);
    const until = readEnd(options, at, config);
    const fault = pauseFault({ at, until }, config.contacts);
    if (fault !== null) throw new CommandError(`Nothing was changed. ${fault}`, exitCodes.notUnderstood);
    await store.contacts.pause({ line: line.id, at, until, by, why });
    session.world.out(
      [
        `Screening of ${line.resident} (${line.id}) rests until ${formatTime(until, config.site.timeZone)}.`,
        'A line that is held, or whose area’s guard is raised, screens one step more strictly all the same.',
        `On record: ${by}: ${why}`,
      ].join('\n'),
    );
  });
}

function readEnd({ for: span, until }: PauseOptions, now: number, { site }: Config): number {
  if (until !== undefined && span === undefined) return readAhead('--until', until, { now, timeZone: site.timeZone });
  if (span !== undefined && until === undefined) return now + readSpan('--for', span);
  throw new CommandError('Say either --for 2h or --until 15:30: a pause has an end.', exitCodes.notUnderstood);
}

async function resume(session: Session, wanted: string, by: string | undefined): Promise<void> {
  await session.withStore(async (store) => {
    const { id, resident } = findLine(await store.lines.all(), wanted);
    const ended = await store.contacts.resume(id, session.world.now(), whoRuns(session, by));
    if (!ended) throw new CommandError(`Screening of ${resident} (${id}) is not paused: there is nothing to end.`);
    session.world.out(`${resident} (${id}) is screened again, from the next call on.`);
  });
}

interface ExpectOptions {
  readonly number?: string;
  readonly from: string;
  readonly to: string;
  readonly by?: string;
}

async function expectCaller(session: Session, wanted: string, written: string, options: ExpectOptions): Promise<void> {
  const name = cleanName(written);
  if (name === '') throw new CommandError('Say who is expected, such as "Hill Plumbing".', exitCodes.notUnderstood);
  const at = session.world.now();
  await session.withStore(async (store, config) => {
    const { timeZone } = config.site;
    const line = findLine(await store.lines.all(), wanted);
    const number = options.number === undefined ? null : readNumberOf(options.number, config);
    const from = readAhead('--from', options.from, { now: at, timeZone });
    const until = readAhead('--to', options.to, { now: at, timeZone });
    const fault = expectationFault({ number, from, until, at }, line, config.contacts);
    if (fault !== null) throw new CommandError(`Nothing was changed. ${fault}`, exitCodes.notUnderstood);
    const id = randomUUID().slice(0, 8);
    await store.contacts.expect({ id, line: line.id, number, name, from, until, at, by: whoRuns(session, options.by) });
    const times = `from ${formatTime(from, timeZone)} to ${formatTime(until, timeZone)}`;
    const what =
      number === null
        ? 'No number is known, so strangers are screened one step more mildly then, and never without the warning.'
        : `Calls from ${formatNumber(number, gb)} ring through then.`;
    session.world.out(
      [`${name} is expected by ${line.resident} (${line.id}) ${times}.`, what, `Its id: ${id}`].join('\n'),
    );
  });
}

function readNumberOf(written: string, { numbers }: Config): string {
  const read = readTrustable(written, numberRules(gb, numbers));
  if ('number' in read) return read.number;
  throw new CommandError(`--number: found "${written}", expected ${read.expected}.`, exitCodes.notUnderstood);
}

/** Ends a window before its time. */
export async function cancelWindow(
  session: Session,
  store: Store,
  line: string,
  id: string,
  by: string,
): Promise<void> {
  const at = session.world.now();
  const known = (await store.contacts.expectations(line, at)).find((window) => window.id === id);
  if (known === undefined || !(await store.contacts.cancel(id, at, by))) {
    throw new CommandError(`Nobody is expected on ${line} under the id ${id}. Who is: clearline contacts list ${line}`);
  }
  session.world.out(`${known.name} is not expected on ${line} any more.`);
}
