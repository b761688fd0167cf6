import type { AlertKind } from '../call.ts';
import { claimOf } from '../claim.ts';
import type { InboundRecord } from '../record.ts';
import { type Incident, type IncidentOutcome, nothingKnown, stepOf } from './incident.ts';
import { maskIncident } from './mask-incident.ts';
import { openedForWords } from './words.ts';

/** How a finished call becomes an incident, or part of one. */

/** What a call may be opened for, by what is on record of it; the first that fits says the most. */
const signs: readonly (readonly [Incident['openedFor'], AlertKind, InboundRecord['ending']['outcome']])[] = [
  ['reported', 'reported', 'reported'],
  ['ghost-dial', 'ghost-dial', 'ghost-dialled'],
  ['fake-dial-tone', 'fake-dial-tone', 'fake-dial-tone'],
  ['returned-call', 'returned-call', 'returned-call'],
];

/**
 * The incident that a call opens: reported by the resident, or a trick that Clearline saw for itself. Null where it is neither.
 * Everything in it comes from the record, so that it is the same however often it is made.
 */
export function incidentOf(call: InboundRecord): Incident | null {
  const seen = signs.flatMap(([sign, kind, outcome]) => {
    return call.ending.outcome === outcome || call.alerts.some(({ alert }) => alert === kind) ? [sign] : [];
  });
  const [openedFor] = seen;
  if (openedFor === undefined) return null;
  const { id, line, resident, area, arrivedAt: at, endedAt: openedAt, caller } = call;
  return maskIncident<Incident>({
    ...nothingKnown,
    id: `incident-${id}`,
    at,
    openedAt,
    openedBy: openedFor === 'reported' ? 'resident' : 'clearline',
    openedFor,
    line,
    resident,
    area,
    calls: [id],
    campaign: null,
    status: 'open',
    legalHold: null,
    version: 1,
    outcome: outcomeOf(openedFor, call),
    endedBy: enderOf(call),
    suspicion: suspicionOf(seen, call),
    caller: { ...nothingKnown.caller, name: caller.name, role: claimOf(caller.name) },
  });
}

/**
 * How far it went, as far as a call can tell. A resident who reported it realised what it was. One who was taken in by a trick
 * may have said anything before: nobody knows until staff have asked. A pretence that reached nobody was not answered.
 */
function outcomeOf(openedFor: Incident['openedFor'], { connectedAt }: InboundRecord): IncidentOutcome | null {
  if (openedFor === 'reported') return 'realised';
  return connectedAt === null ? 'not-answered' : null;
}

function enderOf({ ending }: InboundRecord): Incident['endedBy'] {
  return ending.by === 'far' ? 'other' : ending.by;
}

/** What raised suspicion, a sentence each. */
function suspicionOf(seen: readonly Incident['openedFor'][], { verdict }: InboundRecord): string {
  const sentences = seen.map(
    (sign) => `${openedForWords[sign].charAt(0).toUpperCase()}${openedForWords[sign].slice(1)}.`,
  );
  const reasons = verdict?.standing === 'suspect' ? verdict.reasons.map(({ text }) => text) : [];
  return [...sentences, ...reasons].join(' ');
}

/** Calls to one line within this time are one fraud: he rings back, or the next of the gang does. */
export const oneFraudMs = 60 * 60_000;

/**
 * The incident, of those of its line, that a call belongs to: opened by a call, not closed yet, and begun within an hour of it.
 * Null where it is one of its own.
 */
export function belongsTo(opened: Incident, others: readonly Incident[]): Incident | null {
  const near = (other: Incident) => Math.abs(other.at - opened.at) <= oneFraudMs;
  const isIt = (other: Incident) => other.openedFor !== 'staff' && other.status === 'open' && near(other);
  return others.find(isIt) ?? null;
}

/** The incident with one more call: as far as either went, and of what is known already nothing is lost. */
export function addCall(incident: Incident, opened: Incident): Incident {
  const calls = opened.at < incident.at ? [...opened.calls, ...incident.calls] : [...incident.calls, ...opened.calls];
  return {
    ...incident,
    at: Math.min(incident.at, opened.at),
    calls: [...new Set(calls)],
    outcome: asFarAs(incident.outcome, opened.outcome),
    suspicion: joined(incident.suspicion, opened.suspicion),
    caller: {
      ...incident.caller,
      name: incident.caller.name ?? opened.caller.name,
      role: incident.caller.role ?? opened.caller.role,
    },
    version: incident.version + 1,
  };
}

/** Where nobody knows of one call how far it went, nobody knows it of the whole; unless the other went further than words. */
function asFarAs(one: IncidentOutcome | null, other: IncidentOutcome | null): IncidentOutcome | null {
  const further = stepOf(one) > stepOf(other) ? one : other;
  const unknown = one === null || other === null;
  return unknown && stepOf(further) <= stepOf('realised') ? null : further;
}

function joined(known: string | null, more: string | null): string | null {
  if (known === null || more === null) return known ?? more;
  return known.includes(more) ? known : `${known} ${more}`;
}
