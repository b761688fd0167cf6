import type { Command } from 'commander';
import type { Delivery } from '../../core/alerting/delivery.ts';
import { tellAlert } from '../../core/tell.ts';
import { readLimit } from '../limit.ts';
import { formatTable, formatTime } from '../table.ts';
import type { Session } from '../world.ts';
import { listFailed, retryDeliveries } from './failed.ts';
import { sendTest } from './send-test.ts';

/** clearline alerts: what staff were to hear of at once, and who was told when. */

interface AlertsOptions {
  readonly line?: string;
  readonly limit: number;
  readonly json?: boolean;
}

export function addAlerts(program: Command, session: Session): void {
  const alerts = program
    .command('alerts')
    .summary('what staff were alerted of, newest first, and who was told')
    .description('Show what staff were alerted of, newest first, and who was told of it when.')
    .option('--line <id>', 'only alerts of this line')
    .option('--limit <count>', 'at most so many', readLimit, 20)
    .option('--json', 'as JSON')
    .addHelpText('after', '\nThe call behind an alert: clearline calls show ID. Who is told: docs/alerts.md')
    .action((options: AlertsOptions) => listAlerts(session, options));
  const given = () => alerts.opts<AlertsOptions>();
  alerts
    .command('failed')
    .description('Show messages that did not reach somebody, or of which nobody knows whether they did, newest first.')
    .action(() => listFailed(session, given()));
  alerts
    .command('retry')
    .argument('<id...>', 'the message’s id: clearline alerts failed')
    .description('Send messages once more that failed, or that may not have arrived.')
    .action((ids: string[]) => retryDeliveries(session, ids));
  alerts
    .command('test')
    .argument('<recipient>', 'the name of one of alerts.recipients')
    .description('Send somebody a test message now, and say what became of it.')
    .action((recipient: string) => sendTest(session, recipient));
}

async function listAlerts(session: Session, { line, limit, json }: AlertsOptions): Promise<void> {
  const { out, err, now } = session.world;
  const filter = { limit: limit + 1, ...(line !== undefined && { line }) };
  const { found, residents, told, timeZone } = await session.withStore(async (store) => {
    const found = await store.alerts.list(filter);
    const told = await store.deliveries.ofAlerts(found.map(({ id }) => id));
    return {
      found,
      told: Map.groupBy(told, ({ alert }) => alert),
      residents: new Map((await store.lines.all()).map(({ id, resident }) => [id, resident])),
      timeZone: session.zone(),
    };
  });
  const shown = found.slice(0, limit);
  if (json === true) {
    return out(
      JSON.stringify(
        shown.map((each) => ({ ...each, deliveries: told.get(each.id) ?? [] })),
        null,
        2,
      ),
    );
  }
  if (shown.length === 0)
    return out(line === undefined ? 'No alert is on record.' : `No alert of ${line} is on record.`);
  const anyTold = told.size > 0;
  const rows = shown.map(({ id, at, kind, line: of, call, area = '' }) => {
    const resident = residents.get(of);
    const who = (told.get(id) ?? []).map((delivery) => tellDelivery(delivery, timeZone, now())).join(', ');
    // What concerns a whole area is of no line.
    const whose = resident ? `${resident} (${of})` : of || area;
    return [formatTime(at, timeZone), whose, call ?? '', ...(anyTold ? [who] : []), tellAlert(kind)];
  });
  out(formatTable(['TIME', 'LINE OR AREA', 'CALL', ...(anyTold ? ['TOLD'] : []), 'WHAT'], rows));
  if (found.length > shown.length) err(`These are the newest ${limit}; --limit shows more.`);
}

/** `warden 14:02:11`, `daughter waits until 07:00:00`. */
function tellDelivery({ recipient, state, sentAt, due, attempts }: Delivery, timeZone: string, now: number): string {
  const clock = (at: number) => formatTime(at, timeZone).slice(-8);
  switch (state) {
    case 'sent':
      return `${recipient} ${clock(sentAt ?? due)}`;
    case 'failed':
      return `${recipient} not told`;
    case 'unconfirmed':
      return `${recipient} not confirmed`;
    case 'sending':
    case 'handed-over':
      return `${recipient} being told`;
    case 'queued':
    case 'merged':
      if (due <= now) return `${recipient} is next`;
      return `${recipient} ${attempts > 0 ? 'tried again at' : 'waits until'} ${clock(due)}`;
  }
}
