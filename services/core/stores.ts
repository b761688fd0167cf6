import type { Incident, IncidentOutcome } from './incident/incident.ts';

/** Who did something: a name for the record, `clearline` for itself. */
export type By = string;

/** Incidents on record. */
export interface IncidentStore {
  /** Nothing where there is one with this id already: an incident may be opened any number of times. Answers what is on record. */
  open(incident: Incident): Promise<Incident>;
  /**
   * Replaces the incident if `changed.version - 1` is the version on record; false where somebody else changed it meanwhile.
   * Each version is kept with who made it and when.
   */
  change(changed: Incident, by: By, at: number): Promise<boolean>;
  find(id: string): Promise<Incident | null>;
  /** The one that has this call. */
  ofCall(call: string): Promise<Incident | null>;
  /** Newest first. */
  list(filter: IncidentFilter): Promise<readonly Incident[]>;
  /** How many incidents that began in this time, by area and outcome; those without an area count under `null`. */
  counts(period: Period): Promise<readonly IncidentCount[]>;
  /** Every version, oldest first. */
  history(id: string): Promise<readonly { readonly incident: Incident; readonly by: By; readonly at: number }[]>;
}

/** UTC milliseconds: `since` is included, `until` is not. */
export interface Period {
  readonly since: number;
  readonly until: number;
}

export interface IncidentFilter {
  readonly line?: string;
  readonly area?: string;
  readonly outcome?: IncidentOutcome;
  readonly status?: Incident['status'];
  readonly campaign?: string;
  readonly since?: number;
  readonly until?: number;
  readonly limit: number;
}

export interface IncidentCount {
  readonly area: string | null;
  readonly outcome: IncidentOutcome | null;
  readonly count: number;
}
