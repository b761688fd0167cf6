import { type Incident, nothingKnown } from '../../services/core/incident/incident.ts';
import { monday } from './finished-call.ts';

/** An incident as Clearline opens it, with what the test wants changed. */
export function openedIncident(changes: Partial<Incident> = {}): Incident {
  return {
    id: 'incident-1795358400.17',
    at: monday,
    openedAt: monday + 9000,
    openedBy: 'resident',
    openedFor: 'reported',
    line: 'room-12',
    resident: 'Elsie Brown',
    area: 'Rickmansworth',
    calls: ['1795358400.17'],
    campaign: null,
    status: 'open',
    legalHold: null,
    version: 1,
    ...nothingKnown,
    outcome: 'realised',
    ...changes,
  };
}

type Bulletin = readonly (readonly [area: string, count: number, outcome: Incident['outcome']])[];

/** Ten calls, as a police bulletin gave them. */
export const bulletin: Bulletin = [
  ['Watford', 1, 'money-withdrawn'],
  ['Rickmansworth', 2, 'realised'],
  ['Oxhey', 1, 'realised'],
  ['north Watford', 5, 'realised'],
  ['Bushey', 1, 'realised'],
];

export function bulletinIncidents(): Incident[] {
  return bulletin.flatMap(([area, count, outcome], place) =>
    Array.from({ length: count }, (_, index) => {
      const call = `${area.replace(' ', '-')}-${index}`;
      const at = monday + place * 60_000 + index * 7 * 60_000;
      return openedIncident({ id: `incident-${call}`, at, area, outcome, calls: [call] });
    }),
  );
}
