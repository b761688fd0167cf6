import { randomUUID } from 'node:crypto';
import type { IncidentPatch } from '../../core/incident/change.ts';
import { type Incident, isMoneyAtRisk } from '../../core/incident/incident.ts';
import { incidentOutcomeWords, outcomeUnknown } from '../../core/incident/words.ts';
import { readIncidentPatch } from '../../incident-input.ts';
import { changeStored, type Done, openIncident } from '../../incidents.ts';
import { findIncident } from '../find-incident.ts';
import { whoRuns } from '../who.ts';
import { CommandError, exitCodes, type Session } from '../world.ts';
import { whoseOf } from './list.ts';
import { type Given, patchFrom, tellFaults } from './options.ts';

/** clearline incidents open and change: what staff enter. */

export interface OpenOptions extends Given {
  readonly id?: string;
  readonly by?: string;
  readonly json?: boolean;
}

export interface ChangeOptions extends Given {
  readonly version?: string;
  readonly by?: string;
  readonly json?: boolean;
}

export async function openOne(session: Session, options: OpenOptions): Promise<void> {
  const patch = await readPatch(session, options);
  refuseEmpty(patch, 'Nothing is said of the incident: name what is known, as in --line room-12.', 'open');
  const id = options.id ?? `incident-${randomUUID()}`;
  const who = { by: whoRuns(session, options.by), at: session.world.now() };
  const done = await session.withStore((store) => openIncident(store, id, patch, who));
  tell(session, done, options.json === true, 'is open');
}

export async function changeOne(session: Session, wanted: string, options: ChangeOptions): Promise<void> {
  const patch = await readPatch(session, options);
  refuseEmpty(patch, 'Nothing is to be changed: name what, as in --outcome realised.', 'change');
  const version = readVersion(options.version);
  const who = { by: whoRuns(session, options.by), at: session.world.now() };
  const done = await session.withStore(async (store) => {
    const before = await findIncident(store.incidents, wanted);
    return { before, ...(await changeStored(store, before.id, patch, who, version)) };
  });
  const same = done.state === 'done' && done.incident.version === done.before.version;
  tell(session, done, options.json === true, same ? 'was so already' : 'is changed');
}

function refuseEmpty(patch: IncidentPatch, why: string, command: string): void {
  if (Object.keys(patch).length > 0) return;
  throw new CommandError(`${why} See: clearline incidents ${command} --help`, exitCodes.notUnderstood);
}

/** Throws CommandError with every fault. */
async function readPatch(session: Session, options: Given): Promise<IncidentPatch> {
  const given = await patchFrom(session, options);
  const { patch = {}, faults = [] } = readIncidentPatch(given.patch);
  if (given.unread.length + faults.length === 0) return patch;
  throw new CommandError([...given.unread, ...tellFaults(faults)].join('\n'), exitCodes.notUnderstood);
}

function readVersion(written: string | undefined): number | undefined {
  if (written === undefined || /^[1-9]\d{0,8}$/.test(written))
    return written === undefined ? undefined : Number(written);
  throw new CommandError(`--version: found "${written}", expected a number such as 3.`, exitCodes.notUnderstood);
}

function tell({ world }: Session, done: Done, json: boolean, what: string): void {
  if (done.state === 'unknown') throw new CommandError('The incident is gone: somebody removed it meanwhile.');
  if (done.state === 'faulty') throw new CommandError(tellFaults(done.faults).join('\n'), exitCodes.notUnderstood);
  if (done.state === 'outdated') {
    const { id, version } = done.incident;
    throw new CommandError(
      `${id} was changed meanwhile, and is now at version ${version}. Look at it, and enter yours again: clearline incidents show ${id}`,
    );
  }
  const { incident, removed } = done;
  if (removed.length > 0) world.err(`Taken out before it was stored: ${removed.join(', ')}.`);
  if (json) return world.out(JSON.stringify(incident, null, 2));
  world.out(`${incident.id} ${what} (version ${incident.version}): ${summaryOf(incident)}`);
  if (
    isMoneyAtRisk(incident) &&
    incident.status === 'open' &&
    !incident.actions.some((action) => action.what === 'bank')
  ) {
    world.out('Money is at risk: ring the bank now, on 159 or the number on the card. Staff are alerted.');
  }
}

function summaryOf(incident: Incident): string {
  const went = incident.outcome === null ? outcomeUnknown : incidentOutcomeWords[incident.outcome];
  return [whoseOf(incident), incident.area ?? '', went, incident.status].filter((part) => part !== '').join('; ');
}
