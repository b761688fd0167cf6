import type { Incident } from '../core/incident/incident.ts';
import { addCall, belongsTo, incidentOf, oneFraudMs } from '../core/incident/open.ts';
import type { IncidentStore } from '../core/stores.ts';
import type { Log } from '../log.ts';
import type { SuspectStep } from './suspects.ts';

type Incidents = Pick<IncidentStore, 'open' | 'ofCall' | 'list' | 'change'>;

/**
 * The step that opens the incident of a call that was reported, or in which a trick was seen; or adds the call to the incident
 * that its line has had within the hour. May be done any number of times for the same call.
 */
export function openIncidents(incidents: Incidents, log: Log): SuspectStep {
  const oneByOne = inTurn();
  return async ({ record }) => {
    const opened = incidentOf(record);
    if (opened === null) return;
    // Two calls of a line at the same moment would both find no incident to be added to.
    const incident = await oneByOne(record.line ?? '', () => file(incidents, opened));
    log.debug({ call: record.id, incident: incident.id }, 'the call has its incident');
  };
}

async function file(incidents: Incidents, opened: Incident): Promise<Incident> {
  const [call = ''] = opened.calls;
  const known = await incidents.ofCall(call);
  if (known !== null) return known;
  const other = belongsTo(opened, await nearby(incidents, opened));
  if (other === null) return incidents.open(opened);
  const joined = addCall(other, opened);
  // Staff changed it since it was read: the job is done again, and reads it anew.
  if (!(await incidents.change(joined, 'clearline', opened.openedAt)))
    throw new Error(`${other.id} was changed meanwhile`);
  return joined;
}

/** What its line has had about that time. A call to no protected line stands alone. */
async function nearby(incidents: Incidents, { line, at }: Incident): Promise<readonly Incident[]> {
  if (line === null) return [];
  return incidents.list({ line, since: at - oneFraudMs, until: at + oneFraudMs + 1, limit: 100 });
}

/** Does what is asked under the same key one after the other. */
function inTurn() {
  const last = new Map<string, Promise<unknown>>();
  return async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const before = last.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (last.get(key) === mine) last.delete(key);
    }
  };
}
