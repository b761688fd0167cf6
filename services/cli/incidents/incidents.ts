import { type Command, Option } from 'commander';
import { incidentOutcomes, incidentStatuses } from '../../core/incident/incident.ts';
import { periodUnits } from '../../core/incident/periods.ts';
import { readLimit } from '../limit.ts';
import type { Session } from '../world.ts';
import { type ChangeOptions, changeOne, type OpenOptions, openOne } from './change.ts';
import { type CountsOptions, showCounts } from './counts.ts';
import { type ListOptions, listIncidents } from './list.ts';
import { addFields } from './options.ts';
import { showIncident } from './show.ts';

/** clearline incidents: who was targeted, where, how far it went, and what was done about it. */
export function addIncidents(program: Command, session: Session): void {
  const incidents = program
    .command('incidents')
    .summary('the frauds on record, newest first; incidents counts tells how many, where')
    .description('Show the frauds on record, tried and done, newest first. An incident may be several calls.')
    .option('--line <id>', 'only incidents of this line')
    .option('--area <area>', 'only incidents in this area')
    .option('--outcome <outcome>', 'only incidents that went so far')
    .addOption(new Option('--status <status>', 'only incidents that stand so').choices(incidentStatuses))
    .option('--campaign <id>', 'only incidents of this campaign')
    .option('--since <time>', 'today, yesterday, 2h, 7d, 2026-11-23, "2026-11-23 10:00"')
    .option('--until <time>', 'the same forms; incidents before that time')
    .option('--limit <count>', 'at most so many', readLimit, 20)
    .option('--json', 'the whole incidents, as JSON')
    .addHelpText('after', help)
    .action((options: ListOptions) => listIncidents(session, options));
  // Commander gives the list's options those of its sub-commands that have the same names.
  const all = <T>(own: T) => ({ ...incidents.opts<ListOptions>(), ...own });
  incidents
    .command('show')
    .argument('<id>', 'the incident’s id, that of one of its calls, or last for the newest')
    .description('Tell one incident: what is known, what was done, its calls, and who changed it when.')
    .option('--json', 'as JSON, with every version')
    .action((id: string, options: { json?: boolean }) => showIncident(session, id, all(options).json === true));
  const open = incidents
    .command('open')
    .description('Open an incident that Clearline did not see for itself, or from calls on record.')
    .addHelpText('after', openHelp)
    .action((options: OpenOptions) => openOne(session, all(options)));
  addFields(open).option('--id <id>', 'a name for it, so that opening it twice opens one');
  const change = incidents
    .command('change')
    .argument('<id>', 'the incident’s id, that of one of its calls, or last for the newest')
    .description('Enter what is known of an incident. Actions, notes and calls are added; the rest is replaced.')
    .addHelpText('after', changeHelp)
    .action((id: string, options: ChangeOptions) => changeOne(session, id, all(options)));
  addFields(change).option('--version <number>', 'refuse if somebody changed it since this version');
  incidents
    .command('counts')
    .description('Count incidents by area and outcome, as the police give them; an incident of several calls is one.')
    .option('--since <time>', 'from when (default: 30 days, 12 weeks or 12 months ago)')
    .option('--until <time>', 'to when (default: now)')
    .addOption(new Option('--by <unit>', 'also by day, week or month: how many realised').choices(periodUnits))
    .option('--without <id...>', 'leave out incidents that are told of apart')
    .option('--json', 'as JSON')
    .addHelpText('after', countsHelp)
    .action((options: CountsOptions) => showCounts(session, all(options)));
}

const help = `
Examples:
  clearline incidents --since 7d --status open
  clearline incidents show last
  clearline incidents change last --outcome agreed --asked card,cash --action bank --reference B-771
  clearline incidents counts --by week

How far it went, step by step: ${incidentOutcomes.join(', ')}.`;

const openHelp = `
PINs, codes, card and account numbers are taken out of every text before it is stored.

Examples:
  clearline incidents open --line room-12 --at "2026-11-23 10:00" --role police --outcome realised
  clearline incidents open --call 5bb93ec6-1795362185.3 --note "She told the warden at lunch."
  clearline incidents open --area Oxhey --outcome not-answered --from form.json`;

const changeHelp = `
PINs, codes, card and account numbers are taken out of every text before it is stored. "unknown" takes an entry back.
docs/incidents.md names every field of --from.

Examples:
  clearline incidents change last --outcome handed-over --loss 4000 --courier-at "2026-11-23 15:10" --vehicle "white Ford"
  clearline incidents change last --action report-fraud --reference NFRC241100012345
  clearline incidents change last --close
  clearline incidents change last --mistaken --note "It was her bank, which she rang back."
  clearline incidents change last --hold "Hertfordshire police, Operation Elm"`;

const countsHelp = `
Examples:
  clearline incidents counts --since 7d
  clearline incidents counts --by month --since 2026-01-01
  clearline incidents counts --since 2026-11-23 --without incident-5bb93ec6-1795362185.3`;
