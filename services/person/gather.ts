import type { Store } from '../adapters/sql/store.ts';
import type { Campaign } from '../core/campaign/campaign.ts';
import type { MadePack } from '../core/evidence/stores.ts';
import { gb } from '../core/packs/gb.ts';
import {
  type CallOfPerson,
  type IncidentOfPerson,
  keyDigits,
  mentions,
  type Person,
  withoutResident,
  withoutSecrets,
} from '../core/person/person.ts';
import type { ContactOfPerson } from '../core/person/stores.ts';
import type { HoldLift, RaisedAlert, StoredLine } from '../core/ports.ts';
import type { Cursor } from '../core/retention/stores.ts';
import type { Access } from '../core/stores.ts';

/** Gathers everything on record about a person. */

export interface Gathered {
  readonly calls: readonly CallOfPerson[];
  readonly incidents: readonly IncidentOfPerson[];
  readonly alerts: readonly RaisedAlert[];
  readonly contacts: readonly ContactOfPerson[];
  readonly line: StoredLine | null;
  readonly lifts: readonly HoldLift[];
  /** Of which the number is what the calls have in common. */
  readonly campaigns: readonly Campaign[];
  /** Who was given what is on record of the incidents. */
  readonly packs: readonly MadePack[];
  readonly accesses: readonly Access[];
}

const atOnce = 200;
const most = 1_000_000;

type Parts = Pick<Store, 'people' | 'lines' | 'lifts' | 'campaigns' | 'packs'>;

/** Calls of the person, oldest first. */
export async function callsOf({ people }: Pick<Store, 'people'>, person: Person): Promise<CallOfPerson[]> {
  const calls: CallOfPerson[] = [];
  let cursor: Cursor | null = null;
  do {
    const { found, next }: Awaited<ReturnType<Store['people']['calls']>> = await people.calls(person, cursor, atOnce);
    calls.push(...found);
    cursor = next;
  } while (cursor !== null);
  return calls;
}

/** `pseudonym` is under what the person's earlier exports and erasures are in the access log. */
export async function gather(parts: Parts, person: Person, pseudonym: string): Promise<Gathered> {
  const { people, lines, lifts, campaigns, packs } = parts;
  const calls = await callsOf(parts, person);
  const ids = calls.map(({ call }) => call.record.id);
  // Shorter ones, extensions and short codes, stand in many a text by chance.
  const digits = person.numbers.map((number) => keyDigits(number, gb.callingCode)).filter((each) => each.length >= 7);
  const incidents = await people.incidents(person, ids, digits);
  const recordings = calls.flatMap(({ call }) => call.record.recordings);
  const items = [...ids, ...recordings, ...incidents.map(({ incident }) => incident.id), pseudonym];
  const line = (await lines.all()).find(({ id }) => id === person.line) ?? null;
  return {
    calls,
    incidents,
    alerts: await people.alerts(ids, person.resident === null ? person.line : null),
    contacts: await people.contacts(person.numbers),
    line: person.resident === null || line?.resident === person.resident ? line : null,
    lifts: person.line === null ? [] : await lifts.list(person.line, most),
    campaigns: (await campaigns.list({ limit: most }))
      .map(({ campaign }) => campaign)
      .filter(({ key }) => digits.some((each) => mentions(key, each))),
    packs: (await Promise.all(incidents.map(({ incident }) => packs.of(incident.id)))).flat(),
    accesses: await people.accesses(items),
  };
}

/** What is handed to the person: their own data whole, and of calls to other people's lines what they themselves did and heard. */
export function exportOf(
  person: Person,
  { calls, incidents, alerts, contacts, line, lifts, campaigns, packs, accesses }: Gathered,
  made: { readonly at: number; readonly by: string },
): object {
  return {
    about: person,
    made: { at: new Date(made.at).toISOString(), by: made.by },
    line: withoutSecrets(line),
    calls: calls.map(({ call, reason }) => (reason === 'line' ? withoutSecrets(call) : withoutResident(call))),
    incidents: incidents.map(({ incident, reason }) =>
      reason === 'line'
        ? incident
        : { id: incident.id, at: incident.at, area: incident.area, role: incident.caller.role },
    ),
    alerts: alerts.map((alert) => (alert.line === person.line ? alert : { ...alert, line: null })),
    contacts: contacts.map(({ kind, number, name }) => ({ kind, number, name })),
    liftedHolds: lifts,
    campaigns: campaigns.map(({ id, kind, key, firstAt, lastAt }) => ({ id, kind, key, firstAt, lastAt })),
    evidencePacks: packs.map(({ incident, at, by }) => ({ incident, at, by })),
    accesses,
  };
}
