import { type Command, Option } from 'commander';
import { outcomes } from '../core/call.ts';
import type { CallFilter } from '../core/ports.ts';
import type { CallRecord } from '../core/record.ts';
import { capital, tellAlert, tellOutcome } from '../core/tell.ts';
import { ends, unwatched } from './call-facts.ts';
import { readLimit } from './limit.ts';
import { showCall } from './show-call.ts';
import { formatTable, formatTime } from './table.ts';
import { readWhen } from './when.ts';
import type { Session } from './world.ts';

/** clearline calls: what is on record. */

interface CallsOptions {
  readonly line?: string;
  readonly direction?: CallRecord['direction'];
  readonly from?: string;
  readonly to?: string;
  readonly outcome?: string;
  readonly standing?: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit: number;
  readonly json?: boolean;
}

export function addCalls(program: Command, session: Session): void {
  const calls = program
    .command('calls')
    .summary('the calls on record, newest first; calls show ID tells one step by step')
    .description('Show the calls on record, newest first: those to the protected lines and those from them.')
    .option('--line <id>', 'only calls of this line')
    .addOption(
      new Option('--direction <direction>', 'only calls to the lines, or from them').choices(['inbound', 'outgoing']),
    )
    .option('--from <number>', 'only calls from this number, or one that begins or ends so')
    .option(
      '--to <number>',
      'only calls in which a resident dialled this number, one that begins or ends so, or a word of whose it is',
    )
    .addOption(new Option('--outcome <outcome>', 'only calls that ended so').choices(outcomes))
    .addOption(
      new Option('--standing <standing>', 'only callers that stood so').choices([
        'trusted',
        'unvouched',
        'suspect',
        'blocked',
      ]),
    )
    .option('--since <time>', 'today, yesterday, 2h, 7d, 2026-11-23, "2026-11-23 10:00"')
    .option('--until <time>', 'the same forms; calls before that time')
    .option('--limit <count>', 'at most so many', readLimit, 20)
    .option('--json', 'the whole records, as JSON')
    .addHelpText('after', callsHelp)
    .action((options: CallsOptions) => listCalls(session, options));
  calls
    .command('show')
    .argument('<id>', 'the call’s id, or last for the newest')
    .description('Tell one call step by step: who called, what was decided and why, what was heard, pressed and said.')
    .action((id: string) => showCall(session, id, calls.opts<CallsOptions>().json === true));
}

const callsHelp = `
Examples:
  clearline calls --since yesterday --standing suspect
  clearline calls --line room-12 --outcome reported
  clearline calls --from 07700 --limit 100 --json
  clearline calls --to 101 --since 7d
  clearline calls show last`;

async function listCalls(session: Session, options: CallsOptions): Promise<void> {
  const { out, err } = session.world;
  const filter = filterOf(session, options);
  // One more than asked for shows whether there are more.
  const found = await session.withStore((store) => store.calls.list({ ...filter, limit: options.limit + 1 }));
  const records = found.slice(0, options.limit);
  if (options.json === true) return out(JSON.stringify(records, null, 2));
  if (records.length === 0) return out('No call on record fits.');
  const zone = session.zone();
  const rows = records.map((record) => {
    const { from, to } = ends(record);
    const { arrivedAt, ending, id } = record;
    return [formatTime(arrivedAt, zone), from, `→ ${to}`, tellOutcome(ending), id, firstReason(record)];
  });
  out(formatTable(['TIME', 'FROM', 'TO', 'WHAT HAPPENED', 'ID', 'WHY'], rows));
  if (found.length > records.length) err(`These are the newest ${options.limit}; --limit shows more.`);
}

function filterOf(session: Session, options: CallsOptions): CallFilter {
  const { line, direction, from, to, outcome, standing, since, until, limit } = options;
  return {
    limit,
    ...(line !== undefined && { line }),
    ...(direction !== undefined && { direction }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(outcome !== undefined && { outcome }),
    ...(standing !== undefined && { standing }),
    ...(since !== undefined && { since: readWhen(session, '--since', since) }),
    ...(until !== undefined && { until: readWhen(session, '--until', until) }),
  };
}

function firstReason(record: CallRecord): string {
  if (record.direction === 'inbound') {
    const unknown = record.ending.outcome === 'unknown-number' ? 'Nobody protected has the number.' : '';
    return record.verdict?.reasons[0]?.text ?? (unknown || unwatched(record));
  }
  const [alert] = record.alerts;
  if (alert) return capital(tellAlert(alert.alert));
  const last = record.looks.at(-1)?.assessment;
  if (last === undefined || last.state === 'clear') return unwatched(record);
  return capital(last.reasons[0] ?? 'the line was not clear');
}
