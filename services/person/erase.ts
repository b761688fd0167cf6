import type { Store } from '../adapters/sql/store.ts';
import type { Person } from '../core/person/person.ts';
import type { Erasure, ErasureCause, ErasureCounts } from '../core/person/stores.ts';
import type { RecordingFolder } from '../core/recordings.ts';
import { type Gathered, gather } from './gather.ts';

/** Erases a person's data wherever nothing obliges the site to keep them. */

export interface EraseParts {
  readonly store: Pick<Store, 'people' | 'lines' | 'lifts' | 'accessLog' | 'campaigns' | 'packs'>;
  readonly recordings: RecordingFolder;
  /** Under what the person is on record afterwards. */
  readonly pseudonym: string;
}

export interface Wish extends ErasureCause {
  readonly why: string;
}

/** What would go and what would stay, by ids; the same that `erase` then does, unless something changes meanwhile. */
export interface Plan {
  readonly incidents: readonly string[];
  readonly calls: readonly string[];
  readonly alerts: readonly string[];
  readonly contacts: number;
  readonly recordings: number;
  readonly kept: ErasureCounts;
  /** Sentences: what stays, and why. */
  readonly stays: readonly string[];
}

/**
 * A resident's closed incidents keep only what is counted, and their calls go. Somebody else's incidents stay whole, with the
 * calls in them: they are that person's, and evidence.
 */
export function planErasure(gathered: Gathered): Plan {
  const { calls, incidents, alerts, contacts, line, campaigns } = gathered;
  const emptied = incidents.filter(({ reason, judgement }) => reason === 'line' && judgement === 'remove');
  const ids = new Set(emptied.map(({ incident }) => incident.id));
  const going = calls.filter(
    ({ judgement, incident }) => judgement === 'remove' || (incident !== null && ids.has(incident)),
  );
  const gone = new Set(going.map(({ call }) => call.record.id));
  const kept = calls.filter(({ call }) => !gone.has(call.record.id));
  const keptIds = new Set(kept.map(({ call }) => call.record.id));
  const keptIncidents = new Set(incidents.map(({ incident }) => incident.id).filter((id) => !ids.has(id)));
  const keptAlerts = alerts.filter(
    ({ call, incident }) =>
      (call !== null && keptIds.has(call)) || (incident !== undefined && keptIncidents.has(incident)),
  );
  const blocked = contacts.filter(({ kind }) => kind === 'blocked').length;
  const recordingsOf = (some: typeof calls) => some.flatMap(({ call }) => call.record.recordings).length;
  return {
    incidents: [...ids],
    calls: [...gone],
    alerts: alerts.filter((alert) => !keptAlerts.includes(alert)).map(({ id }) => id),
    contacts: contacts.length - blocked,
    recordings: recordingsOf(going),
    kept: {
      calls: kept.length,
      recordings: recordingsOf(kept),
      incidents: incidents.length - emptied.length,
      alerts: keptAlerts.length,
      contacts: blocked,
    },
    stays: [
      ...told(kept.filter(({ judgement }) => judgement === 'held').length, 'under a legal hold', 'call'),
      ...told(
        kept.filter(({ judgement }) => judgement === 'linked').length,
        'in an incident that goes on or is another person’s',
        'call',
      ),
      ...told(incidents.filter(({ judgement }) => judgement === 'held').length, 'under a legal hold', 'incident'),
      ...told(
        incidents.filter(({ reason, judgement }) => reason === 'line' && judgement === 'linked').length,
        'open: close it first (clearline incidents)',
        'incident',
      ),
      ...told(
        incidents.filter(({ reason, judgement }) => reason === 'number' && judgement !== 'held').length,
        'another person’s, with this number in it: it goes when its period ends',
        'incident',
      ),
      ...told(campaigns.length, 'known by this number: it goes when its period ends', 'campaign'),
      ...told(blocked, 'on a list of blocked numbers, to protect whoever blocked it', 'entry'),
      ...(line === null
        ? []
        : [
            `The line ${line.id} stays as long as it is protected, with its number, lists and name: clearline lines remove ${line.id}`,
          ]),
    ],
  };
}

function told(count: number, why: string, noun: 'call' | 'incident' | 'campaign' | 'entry'): string[] {
  if (count === 0) return [];
  const plural = noun === 'entry' ? 'entries' : `${noun}s`;
  return [`${count} ${count === 1 ? `${noun} stays` : `${plural} stay`}: ${why}.`];
}

/** Calls that go in one transaction. */
const atOnce = 20;

/**
 * Does what `planErasure` says, in small steps, and puts on record that it was done. Whoever is interrupted does it again: what is
 * gone stays gone. Logs the access first, and does nothing where that cannot be done.
 */
export async function erase(parts: EraseParts, person: Person, wish: Wish): Promise<{ erasure: Erasure; plan: Plan }> {
  const { store, recordings, pseudonym } = parts;
  const { people, accessLog } = store;
  const { id, at, by, why } = wish;
  await accessLog.note({ at, by, what: 'person-erasure', item: pseudonym, why });
  const gathered = await gather(store, person, pseudonym);
  const plan = planErasure(gathered);
  const emptied = await people.emptyIncidents(plan.incidents);
  const removed: string[] = [];
  for (let begin = 0; begin < plan.calls.length; begin += atOnce) {
    removed.push(...(await people.removeCalls(plan.calls.slice(begin, begin + atOnce), wish)));
  }
  await people.removeAlerts(plan.alerts);
  const contacts = await people.removeContacts(person.numbers);
  let files = 0;
  let failed = 0;
  for (const name of await people.doomed(id)) {
    const there = await recordings.look(name).catch(() => null);
    const fault = await recordings.remove(name);
    await people.deleted(name, fault);
    if (fault !== null) failed += 1;
    else if (there !== null) files += 1;
  }
  const erasure: Erasure = {
    id,
    at,
    by,
    why,
    person: pseudonym,
    removed: {
      calls: removed.length,
      recordings: files,
      incidents: emptied.length,
      alerts: plan.alerts.length,
      contacts,
    },
    kept: { ...plan.kept, recordings: plan.kept.recordings + failed },
  };
  await people.putErasure(erasure);
  return { erasure, plan };
}
