import type { Store } from '../adapters/sql/store.ts';
import type { Incident } from '../core/incident/incident.ts';
import { readIncidentPatch, tellPatchFault } from '../incident-input.ts';
import { changeStored, type Done, openIncident, type Who } from '../incidents.ts';
import { changedFields, type Field, type FormValues, fields, patchOf, readForm, toForm } from './incident-form.ts';

/** What somebody entered in the form, saved: only what they changed, and never over what somebody else changed meanwhile. */

export type Saved =
  | Exclude<Done, { state: 'outdated' | 'unknown' | 'faulty' }>
  | { readonly state: 'faulty'; readonly faults: readonly string[] }
  | { readonly state: 'unknown' }
  | {
      readonly state: 'outdated';
      readonly incident: Incident;
      /** Who changed it since, oldest first. */
      readonly since: readonly { readonly by: string; readonly at: number }[];
      /** The form as it is to be shown again: the newest version, with what was entered on top. */
      readonly values: FormValues;
      /** What was entered and somebody else changed too: theirs now, and what was entered. */
      readonly both: readonly {
        readonly field: Field;
        readonly theirs: FormValues[string];
        readonly yours: FormValues[string];
      }[];
    };

type Stores = Pick<Store, 'incidents' | 'calls' | 'lines'>;

export async function saveChange(
  stores: Stores,
  id: string,
  body: unknown,
  { version, zone, who }: { readonly version: number; readonly zone: string; readonly who: Who },
): Promise<Saved> {
  const history = await stores.incidents.history(id);
  const seen = history.find(({ incident }) => incident.version === version)?.incident;
  if (seen === undefined) return { state: 'unknown' };
  const base = toForm(seen, zone);
  const values = readForm(body);
  const changed = changedFields(base, values);
  const read = readIncidentPatch(patchOf(changed, values, zone));
  if (read.faults !== undefined) return { state: 'faulty', faults: read.faults.map(tellPatchFault) };
  const done = await changeStored(stores, id, read.patch, who, version);
  if (done.state === 'faulty') return { state: 'faulty', faults: done.faults.map(tellPatchFault) };
  if (done.state !== 'outdated') return done;
  const now = toForm(done.incident, zone);
  const theirs = changedFields(base, now);
  const later = await stores.incidents.history(id);
  return {
    state: 'outdated',
    incident: done.incident,
    since: later.filter(({ incident }) => incident.version > version).map(({ by, at }) => ({ by, at })),
    values: { ...now, ...Object.fromEntries(changed.map(({ name }) => [name, values[name] ?? ''])) },
    both: changed
      .filter((field) => theirs.includes(field) && changedFields(now, values).includes(field))
      .map((field) => ({ field, theirs: now[field.name] ?? '', yours: values[field.name] ?? '' })),
  };
}

export async function saveNew(stores: Stores, id: string, body: unknown, zone: string, who: Who): Promise<Saved> {
  const values = readForm(body);
  const filled = fields.filter(({ name }) => (values[name] ?? '').length > 0);
  const read = readIncidentPatch(patchOf(filled, values, zone));
  if (read.faults !== undefined) return { state: 'faulty', faults: read.faults.map(tellPatchFault) };
  const done = await openIncident(stores, id, read.patch, who);
  if (done.state === 'faulty') return { state: 'faulty', faults: done.faults.map(tellPatchFault) };
  // Only a change can meet another.
  return done.state === 'done' ? done : { state: 'unknown' };
}
