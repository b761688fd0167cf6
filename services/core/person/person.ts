import type { Incident } from '../incident/incident.ts';
import type { FinishedCall } from '../record.ts';
import type { Judgement } from '../retention/periods.ts';

/** A person who asks what is on record of them, or that it goes: a resident by their line, anybody by their number. */
export interface Person {
  /** Null for somebody who has no line here. */
  readonly line: string | null;
  /** Whose calls of that line are meant, where it was several people's one after the other; null: all. */
  readonly resident: string | null;
  /** E.164, or as it was written where it is none. */
  readonly numbers: readonly string[];
}

/** Why a call, incident or alert is about the person: it is of their line, or somebody else's and has their number in it. */
export type Reason = 'line' | 'number';

export interface CallOfPerson {
  readonly call: FinishedCall;
  readonly reason: Reason;
  /** What an incident that the call belongs to says: may it go? */
  readonly judgement: Judgement;
  readonly incident: string | null;
}

export interface IncidentOfPerson {
  readonly incident: Incident;
  readonly reason: Reason;
  readonly judgement: Judgement;
}

/** The digits by which a number is found however it is written: without the country's code, and without the zero before it. */
export function keyDigits(number: string, callingCode: string): string {
  const digits = number.replace(/\D/g, '');
  return number.startsWith(`+${callingCode}`) ? digits.slice(callingCode.length) : digits;
}

/** Whether a text anywhere in the value has these digits in this order, whatever stands between them. */
export function mentions(value: unknown, digits: string): boolean {
  if (typeof value === 'string') return value.replace(/\D/g, '').includes(digits);
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some((inner) => mentions(inner, digits));
}

/** Keys in a record or journal under which other people's data stand: whose line it was, and whom that line trusts. */
const others: ReadonlySet<string> = new Set(['line', 'resident', 'channels', 'peers', 'evidence', 'looks', 'toll']);

/** Keys under which stands what lets somebody use a line's telephone. */
const secret: ReadonlySet<string> = new Set(['phoneSecret']);

/** A call as one may hand it to whoever rang: what they did and what they heard; not whose line it was, nor whom it trusts. */
export function withoutResident(call: FinishedCall): unknown {
  return without(call, others);
}

export function withoutSecrets(value: unknown): unknown {
  return without(value, secret);
}

function without(value: unknown, keys: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((inner) => without(inner, keys));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !keys.has(key))
      .map(([key, inner]) => [key, without(inner, keys)]),
  );
}
