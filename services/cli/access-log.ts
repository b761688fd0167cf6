import { type Command, Option } from 'commander';
import { type AccessKind, accessKinds } from '../core/stores.ts';
import { readLimit } from './limit.ts';
import { formatTable, formatTime } from './table.ts';
import { readWhen } from './when.ts';
import type { Session } from './world.ts';

/** clearline access-log: who heard, saw or took away what. */

interface Options {
  readonly what?: AccessKind;
  readonly item?: string;
  readonly by?: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit: number;
  readonly json?: boolean;
}

export function addAccessLog(program: Command, session: Session): void {
  program
    .command('access-log')
    .summary('who heard which recording, took away which data, and why')
    .description('Show who heard, saw or took away what, newest first.')
    .addOption(new Option('--what <what>', 'only accesses of this kind').choices(accessKinds))
    .option('--item <id>', 'only accesses to this recording, call, incident or person')
    .option('--by <name>', 'only what this person did')
    .option('--since <time>', 'today, yesterday, 2h, 7d, 2026-11-23, "2026-11-23 10:00"')
    .option('--until <time>', 'the same forms; what was before that time')
    .option('--limit <count>', 'at most so many', readLimit, 20)
    .option('--json', 'as JSON')
    .action((options: Options) => list(session, options));
}

const told: Readonly<Record<AccessKind, string>> = {
  recording: 'heard a recording',
  call: 'saw a call',
  'evidence-pack': 'made an evidence pack',
  'person-export': 'took out a person’s data',
  'person-erasure': 'erased a person’s data',
};

async function list(session: Session, options: Options): Promise<void> {
  const { out, err } = session.world;
  const { what, item, by, since, until, limit } = options;
  const { found, zone } = await session.withStore(async (store) => ({
    zone: session.zone(),
    found: await store.accessLog.list({
      limit: limit + 1,
      ...(what !== undefined && { what }),
      ...(item !== undefined && { items: [item] }),
      ...(by !== undefined && { by }),
      ...(since !== undefined && { since: readWhen(session, '--since', since) }),
      ...(until !== undefined && { until: readWhen(session, '--until', until) }),
    }),
  }));
  const shown = found.slice(0, limit);
  if (options.json === true) return out(JSON.stringify(shown, null, 2));
  if (shown.length === 0) return out('No access on record fits.');
  const rows = shown.map((each) => [
    formatTime(each.at, zone),
    each.by,
    told[each.what] ?? each.what,
    each.item,
    each.why,
  ]);
  out(formatTable(['TIME', 'WHO', 'WHAT', 'OF', 'WHY'], rows));
  if (found.length > shown.length) err(`These are the newest ${limit}; --limit shows more.`);
}
