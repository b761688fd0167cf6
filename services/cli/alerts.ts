import type { Command } from 'commander';
import { tellAlert } from '../core/tell.ts';
import { readLimit } from './limit.ts';
import { formatTable, formatTime } from './table.ts';
import type { Session } from './world.ts';

/** clearline alerts: what staff were to hear of at once. */

interface AlertsOptions {
  readonly line?: string;
  readonly limit: number;
  readonly json?: boolean;
}

export function addAlerts(program: Command, session: Session): void {
  program
    .command('alerts')
    .summary('what staff were alerted of, newest first')
    .description('Show what staff were alerted of, newest first.')
    .option('--line <id>', 'only alerts of this line')
    .option('--limit <count>', 'at most so many', readLimit, 20)
    .option('--json', 'as JSON')
    .addHelpText('after', '\nThe call behind an alert: clearline calls show ID')
    .action((options: AlertsOptions) => listAlerts(session, options));
}

async function listAlerts(session: Session, { line, limit, json }: AlertsOptions): Promise<void> {
  const { out, err, timeZone } = session.world;
  const filter = { limit: limit + 1, ...(line !== undefined && { line }) };
  const { found, residents } = await session.withStore(async (store) => ({
    found: await store.alerts.list(filter),
    residents: new Map((await store.lines.all()).map(({ id, resident }) => [id, resident])),
  }));
  const alerts = found.slice(0, limit);
  if (json === true) return out(JSON.stringify(alerts, null, 2));
  if (alerts.length === 0)
    return out(line === undefined ? 'No alert is on record.' : `No alert of ${line} is on record.`);
  const rows = alerts.map(({ at, kind, line: of, call }) => {
    const resident = residents.get(of);
    return [formatTime(at, timeZone), resident ? `${resident} (${of})` : of, call ?? '', tellAlert(kind)];
  });
  out(formatTable(['TIME', 'LINE', 'CALL', 'WHAT'], rows));
  if (found.length > alerts.length) err(`These are the newest ${limit}; --limit shows more.`);
}
