import { randomUUID } from 'node:crypto';
import type { Account } from '../../core/accounts.ts';
import type { IncidentPatch } from '../../core/incident/change.ts';
import { type Incident, incidentOutcomes, incidentStatuses } from '../../core/incident/incident.ts';
import { readIncidentPatch, tellPatchFault } from '../../incident-input.ts';
import { changeStored, type Done, openIncident } from '../../incidents.ts';
import { makePackAnswer } from '../pack.ts';
import { type ConsoleDoor, type ConsoleParts, checkAdmin, json, oneOf, Refused, textOf } from '../parts.ts';
import { limitOf, timeOf } from './query.ts';

/** Incidents for programs; docs/console.md has each with an example. */
export function incidentApi(parts: ConsoleParts): ConsoleDoor[] {
  const { store, now } = parts;
  const whoOf = (who: Account) => ({ by: who.name, at: now() });
  const find = async (id = ''): Promise<Incident> => {
    const found = await store.incidents.find(id);
    if (found === null) throw new Refused(404, `No incident ${id.slice(0, 200)} is on record.`);
    return found;
  };
  return [
    {
      method: 'GET',
      path: '/api/v1/incidents',
      answer: async (asked) => {
        const given = {
          status: oneOf(asked, 'status', incidentStatuses),
          outcome: oneOf(asked, 'outcome', incidentOutcomes),
          ...Object.fromEntries(['line', 'area', 'campaign'].map((name) => [name, textOf(asked, name)])),
          since: timeOf(asked, 'since'),
          until: timeOf(asked, 'until'),
        };
        const filter = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
        return json(await store.incidents.list({ ...filter, limit: limitOf(asked) }));
      },
    },
    {
      method: 'GET',
      path: '/api/v1/incidents/:id',
      answer: async ({ params }) => {
        const incident = await find(params.id);
        return json({ incident, history: await store.incidents.history(incident.id) });
      },
    },
    {
      method: 'POST',
      path: '/api/v1/incidents',
      answer: async ({ body }, who) => {
        const { id = `incident-${randomUUID()}`, ...rest } = objectOf(body);
        if (typeof id !== 'string' || !/^[A-Za-z0-9._-]{1,200}$/.test(id)) {
          throw new Refused(422, 'id: expected letters, digits, dots and hyphens, at most 200, or none.');
        }
        const patch = checked(rest, who);
        return tell(await openIncident(store, id, patch, whoOf(who)), 201);
      },
    },
    {
      method: 'PATCH',
      path: '/api/v1/incidents/:id',
      answer: async ({ params, body }, who) => {
        const { id } = await find(params.id);
        const { version, ...rest } = objectOf(body);
        if (!Number.isInteger(version)) {
          throw new Refused(422, 'version: expected the version that you have seen, so that nobody’s change is lost.');
        }
        const done = await changeStored(store, id, checked(rest, who), whoOf(who), Number(version));
        if (done.state !== 'outdated') return tell(done);
        const later = (await store.incidents.history(id)).filter(({ incident }) => incident.version > Number(version));
        const by = later.map((each) => `${each.by} (version ${each.incident.version})`).join(', ');
        const sentence = `Nothing was changed: meanwhile it was changed by ${by}. Look at it again, then send its version.`;
        throw new Refused(409, sentence, { incident: done.incident, since: later });
      },
    },
    {
      method: 'POST',
      path: '/api/v1/incidents/:id/evidence-pack',
      answer: async ({ params, body }, who) => makePackAnswer(parts, (await find(params.id)).id, who, body),
    },
  ];
}

function objectOf(body: unknown): Record<string, unknown> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { ...body };
  throw new Refused(422, 'Expected an object in JSON, such as {"outcome": "realised"}.');
}

function checked(given: Record<string, unknown>, who: Account): IncidentPatch {
  const { patch, faults } = readIncidentPatch(given);
  if (patch === undefined) throw faulty(faults);
  if (patch.hold !== undefined || patch.liftHold !== undefined) checkAdmin(who, 'set or lift a legal hold');
  return patch;
}

function tell(done: Done, status = 200) {
  if (done.state === 'done') return json({ incident: done.incident, removed: done.removed }, status);
  if (done.state === 'faulty') throw faulty(done.faults);
  throw new Refused(404, 'No such incident is on record.');
}

function faulty(faults: Extract<Done, { state: 'faulty' }>['faults']): Refused {
  const told = faults.map((fault) => ({ key: fault.key, message: tellPatchFault(fault) }));
  return new Refused(422, told.map(({ message }) => message).join('\n'), { faults: told });
}
