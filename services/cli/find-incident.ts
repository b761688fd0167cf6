import type { Incident } from '../core/incident/incident.ts';
import type { IncidentStore } from '../core/stores.ts';
import { CommandError } from './world.ts';

/** Finds an incident by its id or a call's; `last` is the newest. Throws CommandError when there is none. */
export async function findIncident(incidents: IncidentStore, wanted: string): Promise<Incident> {
  const [newest] = wanted === 'last' ? await incidents.list({ limit: 1 }) : [];
  const found = newest ?? (await incidents.find(wanted)) ?? (await incidents.ofCall(wanted));
  if (found !== null) return found;
  if (wanted === 'last') throw new CommandError('No incident is on record yet.');
  throw new CommandError(
    `No incident ${wanted} is on record, nor one with a call of that id. Their ids: clearline incidents`,
  );
}
