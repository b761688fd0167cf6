import type { Command } from 'commander';
import { type CampaignRules, isOn } from '../core/campaign/campaign.ts';
import type { CampaignStore, CampaignSummary } from '../core/campaign/store.ts';
import { tellKey } from '../core/campaign/tell.ts';
import { readLimit } from './limit.ts';
import { count, formatTable, formatTime } from './table.ts';
import { readWhen } from './when.ts';
import { readReason, whoRuns } from './who.ts';
import { CommandError, type Session } from './world.ts';

/** clearline campaigns: calls to several lines that were found to belong together, why, and until when the guard is raised. */

interface ListOptions {
  readonly area?: string;
  readonly since?: string;
  readonly limit: number;
  readonly json?: boolean;
}

export function addCampaigns(program: Command, session: Session): void {
  const campaigns = program
    .command('campaigns')
    .summary('calls to several lines that belong together; campaigns show ID says why')
    .description('Show the campaigns of fraud that were found, the one with the latest call first.')
    .option('--area <area>', 'only campaigns that reached this area')
    .option('--since <time>', 'only with a call since: today, 2h, 7d, 2026-11-23, "2026-11-23 10:00"')
    .option('--limit <count>', 'at most so many', readLimit, 20)
    .option('--json', 'as JSON')
    .addHelpText('after', help)
    .action((options: ListOptions) => listCampaigns(session, options));
  campaigns
    .command('show')
    .argument('<id>', 'the campaign’s id, or last for the one with the latest call')
    .description('Say why calls were taken for a campaign, in figures, and list them.')
    .action((id: string) => showCampaign(session, id, campaigns.opts<ListOptions>().json === true));
  campaigns
    .command('end')
    .argument('<id>', 'the campaign’s id')
    .description('End a campaign and lower the guard it raised. Who did so, when and why stays on record.')
    .requiredOption('--reason <text>', 'why it is over, or was none')
    .option('--by <name>', 'who ends it (default: the user of this machine)')
    .action((id: string, options: EndOptions) => endCampaign(session, id, options));
}

const help = `
Examples:
  clearline campaigns --since 7d
  clearline campaigns show last
  clearline campaigns end 20261123-k3f9q2wz --reason "it was the roofer"
  clearline incidents --campaign 20261123-k3f9q2wz

How calls are found to belong together: docs/campaigns.md`;

async function listCampaigns(session: Session, { area, since, limit, json }: ListOptions): Promise<void> {
  const { out, err, now } = session.world;
  const filter = {
    limit: limit + 1,
    ...(area !== undefined && { area }),
    ...(since !== undefined && { since: readWhen(session, '--since', since) }),
  };
  const { found, rules, zone } = await session.withStore(async (store, config) => ({
    found: await store.campaigns.list(filter),
    rules: config.campaigns,
    zone: session.zone(),
  }));
  const shown = found.slice(0, limit);
  if (json === true) return out(JSON.stringify(shown, null, 2));
  if (shown.length === 0) {
    return out(
      area === undefined && since === undefined ? 'No campaign was ever found.' : 'No campaign on record fits.',
    );
  }
  const rows = shown.map((summary) => {
    const { campaign, calls, lines, areas } = summary;
    const size = `${count(calls, 'call')} to ${count(lines, 'line')}`;
    const what = tellKey(campaign.kind, campaign.key);
    return [
      formatTime(campaign.lastAt, zone),
      state(summary, now(), rules, zone),
      size,
      areas.join(', '),
      campaign.id,
      what,
    ];
  });
  out(formatTable(['LAST CALL', 'STATE', 'CALLS', 'AREAS', 'ID', 'WHAT THEY HAVE IN COMMON'], rows));
  if (found.length > shown.length) err(`These are the newest ${limit}; --limit shows more.`);
}

function state(
  { campaign, guards }: CampaignSummary,
  now: number,
  rules: CampaignRules,
  zone: string | undefined,
): string {
  if (!isOn(campaign, now, rules)) return 'over';
  const until = Math.max(...guards.map((guard) => guard.until));
  return until > now ? `on, guard raised until ${formatTime(until, zone)}` : 'on';
}

/** Throws CommandError when there is none. */
async function findCampaign(campaigns: CampaignStore, wanted: string): Promise<CampaignSummary> {
  const [newest] = wanted === 'last' ? await campaigns.list({ limit: 1 }) : [];
  const found = newest ?? (await campaigns.find(wanted));
  if (found !== null) return found;
  if (wanted === 'last') throw new CommandError('No campaign was ever found.');
  throw new CommandError(`No campaign ${wanted} is on record. Their ids: clearline campaigns`);
}

async function showCampaign(session: Session, wanted: string, json: boolean): Promise<void> {
  const { out, now } = session.world;
  const { found, calls, residents, rules, zone } = await session.withStore(async (store, config) => {
    const summary = await findCampaign(store.campaigns, wanted);
    return {
      found: summary,
      calls: await store.campaigns.calls(summary.campaign.id),
      residents: new Map((await store.lines.all()).map(({ id, resident }) => [id, resident])),
      rules: config.campaigns,
      zone: session.zone(),
    };
  });
  if (json) return out(JSON.stringify({ ...found, called: calls }, null, 2));
  const time = (at: number) => formatTime(at, zone);
  const { campaign, guards } = found;
  const { ended } = campaign;
  const rows = calls.map(({ call, at, line, area }) => {
    const resident = residents.get(line);
    return [time(at), resident ? `${resident} (${line})` : line, area, call];
  });
  const standing = guards.filter(({ until }) => until > now());
  out(
    [
      `Campaign ${campaign.id}: ${tellKey(campaign.kind, campaign.key)}`,
      `State:    ${state(found, now(), rules, zone)}`,
      ...(ended === null ? [] : [`Ended:    ${time(ended.at)} by ${ended.by}: ${ended.why}`]),
      ...campaign.reasons.map((reason, index) => `${index === 0 ? 'Why:      ' : '          '}${reason}`),
      ...standing.map(({ area, until }) => `Guard:    raised on every line of ${area} until ${time(until)}`),
      '',
      formatTable(['TIME', 'LINE', 'AREA', 'CALL'], rows),
      '',
      `One of them: clearline calls show ${campaign.firstCall}. Its incidents: clearline incidents --campaign ${campaign.id}`,
    ].join('\n'),
  );
}

interface EndOptions {
  readonly reason: string;
  readonly by?: string;
}

async function endCampaign(session: Session, id: string, options: EndOptions): Promise<void> {
  const { now, out } = session.world;
  const why = readReason(options.reason, 'the campaign is over, or was none');
  const by = whoRuns(session, options.by);
  await session.withStore(async ({ campaigns }) => {
    const { campaign, areas } = await findCampaign(campaigns, id);
    if (!(await campaigns.end(campaign.id, { at: now(), by, why }))) {
      throw new CommandError(`Campaign ${campaign.id} was ended before: clearline campaigns show ${campaign.id}`);
    }
    const trust = ['number', 'neighbours'].includes(campaign.kind)
      ? [
          'If the caller is welcome, put the number on a line’s trusted list, and it is counted no more: clearline contacts',
        ]
      : [];
    out(
      [
        `Campaign ${campaign.id} is ended, and the guard that it raised in ${areas.join(', ')} lowered.`,
        ...trust,
        `On record: ${by}: ${why}`,
      ].join('\n'),
    );
  });
}
