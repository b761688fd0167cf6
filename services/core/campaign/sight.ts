import type { AlertKind } from '../call.ts';
import type { CallingNumber } from '../caller.ts';
import { claimOf } from '../claim.ts';
import type { ClaimedRole, Incident } from '../incident/incident.ts';
import { tidyNumber } from '../number.ts';
import type { InboundRecord } from '../record.ts';
import type { Sighting } from './campaign.ts';

/** What of a call bears on campaigns. */

/**
 * Roles that fraudsters assume and that seldom ring one resident after the other in earnest. Deliveries, surgeries, councils and
 * shops do ring many, so that their name alone says nothing; once staff have heard a fraudster claim it, every role counts.
 */
const official: ReadonlySet<ClaimedRole> = new Set([
  'police',
  'bank',
  'tax-office',
  'computer-support',
  'energy-company',
  'telephone-company',
]);

/** Alerts that say what the caller is. */
const telling: ReadonlySet<AlertKind> = new Set(['reported', 'ghost-dial', 'fake-dial-tone', 'returned-call']);

/** What campaigns are found by; null for a call that bears on none: to no line, from a trusted caller, or seen by nobody. */
export function sightingOf(record: InboundRecord, incident: Incident | null): Sighting | null {
  const { id, line, area, caller, verdict, alerts, ending, arrivedAt } = record;
  if (line === null || area === null || verdict === null || verdict.standing === 'trusted') return null;
  // A number withheld is nobody's number: two of them are not the same.
  const shown = caller.withheld ? null : comparable(caller.presentation);
  const network = caller.withheld ? null : comparable(caller.network);
  // What the home has found to be a mistake says nothing of the caller.
  const mistaken = incident?.status === 'mistaken';
  const { role = null, pretext = null } = mistaken ? {} : (incident?.caller ?? {});
  const heard = role === 'other' ? null : role;
  const named = claimOf(caller.name);
  return {
    call: id,
    at: Math.round(arrivedAt),
    line,
    area,
    shown,
    network: network === shown ? null : network,
    claim: heard ?? (named !== null && official.has(named) ? named : null),
    script: heard !== null && pretext !== null && pretext !== 'other' ? `${heard}/${pretext}` : null,
    reported: !mistaken && (incident !== null || alerts.some(({ alert }) => telling.has(alert))),
    byStaff: ending.outcome === 'handled-by-staff',
    suspect: verdict.standing !== 'unvouched',
    counts: true,
    incidentVersion: incident?.version ?? 0,
  };
}

function comparable(number: CallingNumber | null): string | null {
  const written = number?.e164 ?? tidyNumber(number?.written ?? '');
  // A name in place of a number is as long and as odd as the caller likes.
  return /^\+?\d{2,20}$/.test(written) ? written : null;
}
