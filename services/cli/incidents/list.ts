import { type Incident, type IncidentOutcome, incidentOutcomes } from '../../core/incident/incident.ts';
import { incidentOutcomeWords, outcomeUnknown, roleWords } from '../../core/incident/words.ts';
import type { IncidentFilter } from '../../core/stores.ts';
import { formatTable, formatTime } from '../table.ts';
import { readWhen } from '../when.ts';
import { CommandError, exitCodes, type Session } from '../world.ts';

export interface ListOptions {
  readonly line?: string;
  readonly area?: string;
  /** Unchecked: `change` has an option of the same name, which takes more. */
  readonly outcome?: string;
  readonly status?: Incident['status'];
  readonly campaign?: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit: number;
  readonly json?: boolean;
}

export async function listIncidents(session: Session, options: ListOptions): Promise<void> {
  const { out, err } = session.world;
  const filter = filterOf(session, options);
  // One more than asked for shows whether there are more.
  const { found, timeZone } = await session.withStore(async ({ incidents }) => ({
    found: await incidents.list({ ...filter, limit: options.limit + 1 }),
    timeZone: session.zone(),
  }));
  const shown = found.slice(0, options.limit);
  if (options.json === true) return out(JSON.stringify(shown, null, 2));
  if (shown.length === 0) return out(nothingFound(filter));
  const rows = shown.map((incident) => {
    const { at, area, outcome, caller, status, id } = incident;
    const went = outcome === null ? outcomeUnknown : incidentOutcomeWords[outcome];
    const claimed = caller.role === null ? '' : roleWords[caller.role];
    return [formatTime(at, timeZone), whoseOf(incident), area ?? '', went, claimed, status, id];
  });
  out(formatTable(['TIME', 'LINE', 'AREA', 'HOW FAR IT WENT', 'CLAIMED TO BE', 'STATUS', 'ID'], rows));
  if (found.length > shown.length) err(`These are the newest ${options.limit}; --limit shows more.`);
}

function nothingFound({ limit: _limit, ...filter }: IncidentFilter): string {
  return Object.keys(filter).length > 0
    ? 'No incident on record fits.'
    : 'No incident is on record. A resident opens one by reporting a call with the star key; staff with: clearline incidents open';
}

/** "Elsie Brown (room-12)", or what of it is known. */
export function whoseOf({ resident, line }: Pick<Incident, 'resident' | 'line'>): string {
  if (resident === null) return line ?? '';
  return line === null ? resident : `${resident} (${line})`;
}

function filterOf(session: Session, { since, until, json: _json, ...rest }: ListOptions): IncidentFilter {
  const { line, area, outcome, status, campaign, limit } = rest;
  return {
    limit,
    ...(line !== undefined && { line }),
    ...(area !== undefined && { area }),
    ...(outcome !== undefined && { outcome: readOutcome(outcome) }),
    ...(status !== undefined && { status }),
    ...(campaign !== undefined && { campaign }),
    ...(since !== undefined && { since: readWhen(session, '--since', since) }),
    ...(until !== undefined && { until: readWhen(session, '--until', until) }),
  };
}

function readOutcome(written: string): IncidentOutcome {
  const outcome = incidentOutcomes.find((known) => known === written);
  if (outcome !== undefined) return outcome;
  const expected = `one of ${incidentOutcomes.join(', ')}`;
  throw new CommandError(`--outcome: found "${written}", expected ${expected}.`, exitCodes.notUnderstood);
}
