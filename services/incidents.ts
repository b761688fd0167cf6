import type { Store } from './adapters/sql/store.ts';
import { changeIncident, type IncidentPatch, type PatchFault } from './core/incident/change.ts';
import { type Incident, nothingKnown } from './core/incident/incident.ts';
import type { Secret } from './core/incident/mask-words.ts';

/** What staff do to incidents, wherever they do it: on the command line or in the console. */

export type Stores = Pick<Store, 'incidents' | 'calls' | 'lines'>;

/** `removed`: what was taken out of the texts before they were stored. */
export type Done =
  | { readonly state: 'done'; readonly incident: Incident; readonly removed: readonly Secret[] }
  | { readonly state: 'faulty'; readonly faults: readonly PatchFault[] }
  /** Somebody else changed it meanwhile: it is to be looked at again first. */
  | { readonly state: 'outdated'; readonly incident: Incident }
  | { readonly state: 'unknown' };

export interface Who {
  readonly by: string;
  /** UTC milliseconds. */
  readonly at: number;
}

/** Opens an incident that no call opened. `id`: minted by whoever asks, so that asking twice opens one. */
export async function openIncident(stores: Stores, id: string, patch: IncidentPatch, who: Who): Promise<Done> {
  const known = await stores.incidents.find(id);
  if (known !== null) return { state: 'done', incident: known, removed: [] };
  const bare: Incident = {
    ...nothingKnown,
    id,
    at: who.at,
    openedAt: who.at,
    openedBy: who.by,
    openedFor: 'staff',
    line: null,
    resident: null,
    area: null,
    calls: [],
    campaign: null,
    status: 'open',
    legalHold: null,
    version: 0,
    ...(await fromCalls(stores, patch)),
  };
  const faults = await storedFaults(stores, bare, patch);
  const changed = changeIncident(bare, await withLine(stores, patch), who.by, who.at);
  if (changed.faults !== undefined || faults.length > 0) {
    return { state: 'faulty', faults: [...faults, ...(changed.faults ?? [])] };
  }
  const { incident, removed } = changed;
  return { state: 'done', incident: await stores.incidents.open({ ...incident, version: 1 }), removed };
}

/** Changes an incident. `version`: the one that whoever changes it has seen; absent, the one on record. */
export async function changeStored(
  stores: Stores,
  id: string,
  patch: IncidentPatch,
  who: Who,
  version?: number,
): Promise<Done> {
  const before = await stores.incidents.find(id);
  if (before === null) return { state: 'unknown' };
  if (version !== undefined && version !== before.version) return { state: 'outdated', incident: before };
  const faults = await storedFaults(stores, before, patch);
  const changed = changeIncident(before, await withLine(stores, patch), who.by, who.at);
  if (changed.faults !== undefined || faults.length > 0) {
    return { state: 'faulty', faults: [...faults, ...(changed.faults ?? [])] };
  }
  const { incident, removed } = changed;
  if (incident === before || (await stores.incidents.change(incident, who.by, who.at))) {
    return { state: 'done', incident, removed };
  }
  return { state: 'outdated', incident: (await stores.incidents.find(id)) ?? before };
}

/** The line, resident, area and time of its first call: nobody types what is on record. */
async function fromCalls({ calls }: Stores, { addCalls = [] }: IncidentPatch): Promise<Partial<Incident>> {
  const found = (await Promise.all(addCalls.map((call) => calls.find(call)))).flatMap((call) => call ?? []);
  const [first] = found.toSorted((a, b) => a.record.arrivedAt - b.record.arrivedAt);
  if (first === undefined) return {};
  const { line, resident, area, arrivedAt: at } = first.record;
  return { line, resident, area, at };
}

/** A line brings its resident and area with it, where the patch does not say otherwise. */
async function withLine({ lines }: Stores, patch: IncidentPatch): Promise<IncidentPatch> {
  if (patch.line === undefined || patch.line === null) return patch;
  const line = (await lines.all()).find(({ id }) => id === patch.line);
  return line === undefined ? patch : { resident: line.resident, area: line.area, ...patch };
}

/** What only the records show. */
async function storedFaults(stores: Stores, incident: Incident, patch: IncidentPatch): Promise<PatchFault[]> {
  const faults: PatchFault[] = [];
  for (const call of patch.addCalls ?? []) {
    if ((await stores.calls.find(call)) === null) {
      faults.push({ key: 'addCalls', found: call, expected: 'the id of a call on record' });
      continue;
    }
    const other = await stores.incidents.ofCall(call);
    if (other === null || other.id === incident.id) continue;
    faults.push({ key: 'addCalls', found: call, expected: `a call of no other incident; this one is of ${other.id}` });
  }
  const { line } = patch;
  if (line !== undefined && line !== null && line !== incident.line) {
    const known = (await stores.lines.all()).map(({ id }) => id);
    if (!known.includes(line)) faults.push({ key: 'line', found: line, expected: 'the id of a protected line' });
  }
  return faults;
}
