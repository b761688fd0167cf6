import type { Incident, IncidentOutcome } from './incident/incident.ts';

/** Who did something: a name for the record, `clearline` for itself. */
export type By = string;

/** Incidents on record. */
export interface IncidentStore {
  /**
   * Nothing where there is one with this id, or one that has a call of it, already: an incident may be opened any number of
   * times. Answers what is on record.
   */
  open(incident: Incident): Promise<Incident>;
  /**
   * Replaces the incident if `changed.version - 1` is the version on record; false where somebody else changed it meanwhile.
   * Each version is kept with who made it and when. Rejects where another incident has one of its calls.
   */
  change(changed: Incident, by: By, at: number): Promise<boolean>;
  find(id: string): Promise<Incident | null>;
  /** The one that has this call. */
  ofCall(call: string): Promise<Incident | null>;
  /** Newest first. */
  list(filter: IncidentFilter): Promise<readonly Incident[]>;
  /**
   * How many incidents that began in this time, by area and outcome; those without an area count under `null`, and those that
   * were a mistake not at all. `without`: ids of incidents that are told of apart.
   */
  counts(period: Period, without?: readonly string[]): Promise<readonly IncidentCount[]>;
  /** The same incidents one by one, oldest first, for figures by time: a query for each day of a year takes too long. */
  outcomes(period: Period, without?: readonly string[]): Promise<readonly IncidentMoment[]>;
  /** Every version, oldest first. */
  history(id: string): Promise<readonly { readonly incident: Incident; readonly by: By; readonly at: number }[]>;
  /** Those in which money is at risk and of which no alert is queued yet, oldest first, with when they were last changed. */
  untold(limit: number): Promise<readonly { readonly incident: Incident; readonly at: number }[]>;
  /** Its alert is queued: it is untold no more, whatever becomes of it. */
  markTold(id: string): Promise<void>;
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

export interface IncidentMoment {
  readonly at: number;
  readonly area: string | null;
  readonly outcome: IncidentOutcome | null;
}

export interface IncidentCount {
  readonly area: string | null;
  readonly outcome: IncidentOutcome | null;
  readonly count: number;
  /** When the first of them happened, in UTC milliseconds. */
  readonly first: number;
}

/** What somebody got to see, or took away, that a resident or caller would ask about. */
export const accessKinds = ['recording', 'call', 'evidence-pack', 'person-export', 'person-erasure'] as const;
export type AccessKind = (typeof accessKinds)[number];

export interface Access {
  readonly at: number;
  readonly by: By;
  readonly what: AccessKind;
  /** The name of the recording, the id of the call or incident, or the pseudonym of the person: never a number or a name. */
  readonly item: string;
  /** In the words of who did it; empty where nobody asked. */
  readonly why: string;
}

/** Who saw what, and why. Nothing of it is changed; it goes when its time is up, by the rule of retention. */
export interface AccessLog {
  /** Resolves once it is safe on the disk; whatever it is about is shown only then, and not where this rejects. */
  note(access: Access): Promise<void>;
  /** Newest first. */
  list(filter: AccessFilter): Promise<readonly Access[]>;
}

export interface AccessFilter {
  readonly what?: AccessKind;
  /** Only about these items; an empty list is about none. */
  readonly items?: readonly string[];
  readonly by?: By;
  readonly since?: number;
  readonly until?: number;
  readonly limit: number;
}
