import { type Incident, nothingKnown } from '../incident/incident.ts';

const hourMs = 3_600_000;

/**
 * What is left of an incident when its time is up: where and when, how far the fraud went, and as whom and with what story the
 * caller came. It tells of nobody any more, and the counts of past years stay right.
 */
export function emptyIncident(incident: Incident): Incident {
  const { id, at, openedFor, area, outcome, status, version, caller } = incident;
  return {
    ...nothingKnown,
    id,
    // The hour is enough for any count, in whatever zone, and does not lead to a call that somebody else has a record of.
    at: at - (at % hourMs),
    openedAt: at - (at % hourMs),
    openedBy: 'clearline',
    openedFor,
    line: null,
    resident: null,
    area,
    outcome,
    caller: { ...nothingKnown.caller, role: caller.role, pretext: caller.pretext, rulesBroken: caller.rulesBroken },
    calls: [],
    campaign: null,
    status,
    legalHold: null,
    version: version + 1,
  };
}
