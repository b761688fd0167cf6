import { z } from 'zod';
import type { RaisedAlert } from './core/ports.ts';
import type { FinishedCall } from './core/record.ts';

/**
 * What a finished call must have for SQL to file it, by its direction. The rest is carried as it is: a newer interceptor
 * may put more into a record than this worker knows of, and nothing of it may be lost.
 */
const time = z.number();
const callingNumber = z.looseObject({ written: z.string(), e164: z.string().nullable() }).nullable();
const anyRecord = z.looseObject({
  id: z.string().min(1),
  line: z.string().nullable(),
  area: z.string().nullable(),
  dialled: z.string(),
  arrivedAt: time,
  endedAt: time,
  ending: z.looseObject({ outcome: z.string(), by: z.string() }),
});
const inbound = anyRecord.extend({
  direction: z.literal('inbound'),
  caller: z.looseObject({ presentation: callingNumber, network: callingNumber, name: z.string().nullable() }),
  verdict: z.looseObject({ standing: z.string(), treatment: z.string() }).nullable(),
});
const outgoing = anyRecord.extend({
  direction: z.literal('outgoing'),
  number: z.looseObject({ class: z.string(), number: z.string(), name: z.string().optional() }),
});
const finishedCall = z.looseObject({
  record: z.discriminatedUnion('direction', [inbound, outgoing]),
  journal: z.array(z.unknown()),
  revision: z.int().min(-2).optional(),
});

/** A kind this release has no words for is filed all the same. */
const raisedAlert = z.looseObject({
  id: z.string().min(1),
  kind: z.string().min(1),
  at: time,
  line: z.string(),
  call: z.string().nullable(),
});

const suspectCall = z.looseObject({ call: z.string().min(1), revision: z.int() });

/** A call on record that is to be followed up, and which account of it. */
export interface SuspectCall {
  readonly call: string;
  readonly revision: number;
}

const finishedRecordings = z.looseObject({ call: z.string().min(1), names: z.array(z.string()) });

/** What was recorded in a call on record, by name. */
export interface FinishedRecordings {
  readonly call: string;
  readonly names: readonly string[];
}

/** What came out of a queue or a file, checked: the value, or what is wrong with it. */
export type Reading<T> =
  | { readonly value: T; readonly fault?: never }
  | { readonly value: null; readonly fault: string };

/** Checks that it is a finished call. */
export function readFinishedCall(value: unknown): Reading<FinishedCall> {
  const result = finishedCall.safeParse(value);
  return result.success ? { value: value as FinishedCall } : { value: null, fault: faultOf(result.error) };
}

const aboutACall = z.union([
  z.looseObject({ record: z.looseObject({ id: z.string() }) }).transform(({ record }) => record.id),
  z.looseObject({ call: z.string() }).transform(({ call }) => call),
]);

/** The id of the call that something in a queue is about, for the log; undefined where it is about none, or cannot be read. */
export function callIn(data: unknown): string | undefined {
  return aboutACall.safeParse(data).data;
}

/** Checks that it is an alert. */
export function readRaisedAlert(value: unknown): Reading<RaisedAlert> {
  const result = raisedAlert.safeParse(value);
  return result.success ? { value: value as RaisedAlert } : { value: null, fault: faultOf(result.error) };
}

/** Checks that it names a call to follow up. */
export function readSuspectCall(value: unknown): Reading<SuspectCall> {
  const result = suspectCall.safeParse(value);
  return result.success ? { value: result.data } : { value: null, fault: faultOf(result.error) };
}

/** Checks that it names the recordings of a call. */
export function readFinishedRecordings(value: unknown): Reading<FinishedRecordings> {
  const result = finishedRecordings.safeParse(value);
  return result.success ? { value: result.data } : { value: null, fault: faultOf(result.error) };
}

function faultOf(error: z.ZodError): string {
  return z.prettifyError(error).replaceAll('\n', ' ');
}
