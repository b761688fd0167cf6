import type { RaisedAlert } from '../ports.ts';
import type { Cursor } from '../retention/stores.ts';
import type { Access, By } from '../stores.ts';
import type { CallOfPerson, IncidentOfPerson, Person } from './person.ts';

/** Everything on record that is about a person. Times are UTC milliseconds since the epoch. */
export interface PersonStore {
  /** The next of their calls, oldest first, after about `most` were looked at; `next` is null after the last. */
  calls(
    person: Person,
    after: Cursor | null,
    most: number,
  ): Promise<{ readonly found: readonly CallOfPerson[]; readonly next: Cursor | null }>;
  /** Of their line, of these calls, or with their number in a text. */
  incidents(person: Person, calls: readonly string[], digits: readonly string[]): Promise<readonly IncidentOfPerson[]>;
  /** About these calls, and, where `line` is given, those of the line that are about no call. */
  alerts(calls: readonly string[], line: string | null): Promise<readonly RaisedAlert[]>;
  /** Lists of any line that have one of these numbers, and who is or was expected under one. */
  contacts(numbers: readonly string[]): Promise<readonly ContactOfPerson[]>;
  accesses(items: readonly string[]): Promise<readonly Access[]>;
  /** Takes calls off record, with their alerts and what campaigns are found by; one whose incident must keep it stays. All or nothing. */
  removeCalls(calls: readonly string[], cause: ErasureCause): Promise<readonly string[]>;
  /** Leaves of incidents what is counted; one with a legal hold, or open, stays. */
  emptyIncidents(incidents: readonly string[]): Promise<readonly string[]>;
  removeAlerts(alerts: readonly string[]): Promise<void>;
  /** Takes the numbers off trusted lists and out of who is expected; whom a line blocks stays blocked. */
  removeContacts(numbers: readonly string[]): Promise<number>;
  /** Recordings that are to be deleted because of this erasure. */
  doomed(erasure: string): Promise<readonly string[]>;
  deleted(name: string, fault: string | null): Promise<void>;
  putErasure(erasure: Erasure): Promise<void>;
  /** Newest first. */
  erasures(limit: number): Promise<readonly Erasure[]>;
}

export interface ErasureCause {
  readonly id: string;
  readonly by: By;
  readonly at: number;
}

export interface ContactOfPerson {
  readonly line: string;
  readonly kind: 'trusted' | 'blocked' | 'expected';
  readonly number: string;
  readonly name: string;
}

/** What was erased at a person's wish: nothing in it tells who it was. */
export interface Erasure extends ErasureCause {
  readonly why: string;
  /** Keyed hash of line or number. */
  readonly person: string;
  readonly removed: ErasureCounts;
  readonly kept: ErasureCounts;
}

export type ErasureCounts = Readonly<Record<'calls' | 'recordings' | 'incidents' | 'alerts' | 'contacts', number>>;
