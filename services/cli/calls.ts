import { type Command, InvalidArgumentError, Option } from 'commander';
import { outcomes } from '../core/call.ts';
import { cleanName } from '../core/caller.ts';
import { gb } from '../core/packs/gb.ts';
import type { CallFilter } from '../core/ports.ts';
import type { CallRecord, FinishedCall } from '../core/record.ts';
import { duration, tellCall, tellCaller, tellEnding, tellOutcome, tellVerdict } from '../core/tell.ts';
import { count, formatTable, formatTime } from './table.ts';
import { readWhen } from './when.ts';
import { CommandError, type Session } from './world.ts';

/** clearline calls: what is on record. */

interface CallsOptions {
  readonly line?: string;
  readonly from?: string;
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
    .description('Show the calls on record, newest first.')
    .option('--line <id>', 'only calls to this line')
    .option('--from <number>', 'only calls from this number, or part of one')
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
  clearline calls show last`;

function readLimit(written: string): number {
  if (!/^[1-9]\d{0,4}$/.test(written)) throw new InvalidArgumentError('It should be a number between 1 and 99999.');
  return Number(written);
}

async function listCalls(session: Session, options: CallsOptions): Promise<void> {
  const { out, err, timeZone } = session.world;
  const filter = filterOf(options, session.world.now());
  // One more than asked for shows whether there are more.
  const found = await session.withStore((store) => store.calls.list({ ...filter, limit: options.limit + 1 }));
  const records = found.slice(0, options.limit);
  if (options.json === true) return out(JSON.stringify(records, null, 2));
  if (records.length === 0) return out('No call on record fits.');
  const rows = records.map((record) => [
    formatTime(record.arrivedAt, timeZone),
    callerWords(record),
    record.resident ? `${record.resident} (${record.line})` : record.dialled,
    tellOutcome(record.ending),
    record.id,
    firstReason(record),
  ]);
  out(formatTable(['TIME', 'CALLER', 'LINE', 'WHAT HAPPENED', 'ID', 'WHY'], rows));
  if (found.length > records.length) err(`These are the newest ${options.limit}; --limit shows more.`);
}

function filterOf(options: CallsOptions, now: number): CallFilter {
  const { line, from, outcome, standing, since, until, limit } = options;
  return {
    limit,
    ...(line !== undefined && { line }),
    ...(from !== undefined && { from }),
    ...(outcome !== undefined && { outcome }),
    ...(standing !== undefined && { standing }),
    ...(since !== undefined && { since: readWhen('--since', since, now) }),
    ...(until !== undefined && { until: readWhen('--until', until, now) }),
  };
}

function callerWords({ caller, verdict }: CallRecord): string {
  const name = verdict?.trustedName ?? (caller.name ? `“${caller.name}”` : null);
  return name === null ? tellCaller(caller) : `${tellCaller(caller)} ${name}`;
}

function firstReason({ verdict, ending }: CallRecord): string {
  return verdict?.reasons[0]?.text ?? (ending.outcome === 'unknown-number' ? 'Nobody protected has the number.' : '');
}

async function showCall(session: Session, id: string, json: boolean): Promise<void> {
  const { out, timeZone } = session.world;
  const call = await session.withStore(async ({ calls }) => {
    const wanted = id === 'last' ? (await calls.list({ limit: 1 }))[0]?.id : id;
    return wanted === undefined ? null : calls.find(wanted);
  });
  if (call === null) {
    const what = id === 'last' ? 'No call is on record yet.' : `No call ${id} is on record. Their ids: clearline calls`;
    throw new CommandError(what);
  }
  if (json) return out(JSON.stringify(call, null, 2));
  const facts = factsOf(call, timeZone).filter(([, value]) => value !== '');
  const style = { pack: gb, ...(timeZone !== undefined && { timeZone }) };
  const timeline = tellCall(call, style).map((line) => `  ${line}`);
  out([`Call ${call.record.id}`, indent(formatTable(['', ''], facts)), '', 'What happened', ...timeline].join('\n'));
}

function indent(table: string): string {
  return table
    .split('\n')
    .slice(1)
    .map((line) => `  ${line}`)
    .join('\n');
}

function factsOf({ record }: FinishedCall, timeZone: string | undefined): [string, string][] {
  const { caller, signalling, verdict, ending } = record;
  const shown = caller.withheld ? [] : sipFacts(record);
  return [
    ['Caller', callerWords(record)],
    ['Line', record.resident ? `${record.resident} (${record.line}), ${record.area}` : `none has ${record.dialled}`],
    ['Arrived', `${formatTime(record.arrivedAt, timeZone)}, over the trunk ${record.trunk}`],
    ['Lasted', duration((record.endedAt - record.arrivedAt) / 1000)],
    ['Verdict', verdict ? tellVerdict(verdict) : ''],
    ['Outcome', `${tellEnding(ending)} (cause ${ending.cause})`],
    ['Recordings', record.recordings.join(', ')],
    ['Hold left', record.holdSeconds > 0 ? duration(record.holdSeconds) : ''],
    ['Faults', record.faults.length > 0 ? count(record.faults.length, 'fault') : ''],
    ...shown,
    ['Attested', caller.attestation ? `${caller.attestation} (the network’s word, not verified)` : ''],
    ['Call-ID', plain(signalling.callId)],
    ['Came from', plain(signalling.sourceAddress)],
    ['User agent', plain(signalling.userAgent)],
    ['Codecs', signalling.codecs.map(plain).join(', ')],
  ];
}

/** The headers may hold the number that was withheld; they stay in the JSON. */
function sipFacts({ signalling }: CallRecord): [string, string][] {
  return [
    ['From', plain(signalling.from)],
    ['P-Asserted-Identity', plain(signalling.assertedIdentity)],
    ['Privacy', plain(signalling.privacy)],
    ['Diversion', plain(signalling.diversion)],
  ];
}

function plain(text: string | null): string {
  return cleanName(text ?? '', 200);
}
