import { z } from 'zod';
import { faultsOf, show } from './config-faults.ts';
import type { IncidentPatch, PatchFault } from './core/incident/change.ts';
import {
  actionKinds,
  claimedRoles,
  detailKinds,
  incidentOutcomes,
  incidentStatuses,
  pretexts,
  rules,
} from './core/incident/incident.ts';

/** What people type about an incident, on the command line or in the console, checked. */

const oneOf = <const T extends readonly [string, ...string[]]>(names: T) =>
  z.enum(names, { error: `one of ${names.join(', ')}` });
const several = <const T extends readonly [string, ...string[]]>(names: T) =>
  z.array(oneOf(names), { error: `a list of: ${names.join(', ')}` }).transform((given) => [...new Set(given)]);
const text = (most: number) =>
  z
    .string({ error: `a text of at most ${most} characters` })
    .trim()
    .min(1, { error: 'a text, and not an empty one' })
    .max(most, { error: `a text of at most ${most} characters` });
const line = text(200);
const long = text(8000);
const flag = z.boolean({ error: 'true or false' });
const pence = z
  .int({ error: 'an amount in whole pence, 0 or more' })
  .min(0, { error: 'an amount in whole pence, 0 or more' });

/** ISO 8601 with its zone, or milliseconds since the epoch. Nothing telephoned before 2000, and this is not the year 3000. */
const timeError = 'a time such as "2026-11-23T10:00:00Z", or milliseconds since 1970';
const time = z
  .union([z.iso.datetime({ offset: true }).transform((written) => Date.parse(written)), z.int()], { error: timeError })
  .refine((at) => at >= Date.UTC(2000) && at < Date.UTC(2100), { error: timeError });
const call = text(200);

const action = z.strictObject({
  what: oneOf(actionKinds),
  at: time.optional(),
  reference: line.nullable().optional(),
  note: long.nullable().optional(),
});

const why = z.strictObject({ why: long }, { error: 'an object with "why"' });

const patch = z.strictObject({
  at: time.optional(),
  line: line.nullable().optional(),
  resident: line.nullable().optional(),
  area: line.nullable().optional(),
  outcome: oneOf(incidentOutcomes).nullable().optional(),
  endedBy: oneOf(['resident', 'caller', 'staff', 'clearline', 'other']).nullable().optional(),
  suspicion: long.nullable().optional(),
  caller: z
    .strictObject({
      name: line.nullable().optional(),
      rank: line.nullable().optional(),
      organisation: line.nullable().optional(),
      role: oneOf(claimedRoles).nullable().optional(),
      callBackNumber: line
        .regex(/^[+()\d .\-/]{3,30}$/, { error: 'a telephone number, such as "020 7946 0000"' })
        .nullable()
        .optional(),
      pretext: oneOf(pretexts).nullable().optional(),
      secrecyDemanded: flag.nullable().optional(),
      rulesBroken: several(rules).optional(),
      words: long.nullable().optional(),
    })
    .optional(),
  asked: several(detailKinds).optional(),
  given: several(detailKinds).optional(),
  loss: z.strictObject({ cash: pence.nullable().optional(), recovered: pence.nullable().optional() }).optional(),
  courier: z
    .strictObject({
      at: time.nullable().optional(),
      description: long.nullable().optional(),
      vehicle: line.nullable().optional(),
    })
    .nullable()
    .optional(),
  victim: z
    .strictObject({
      contact: long.nullable().optional(),
      ageBand: oneOf(['under-60', '60-69', '70-79', '80-89', '90-or-over']).nullable().optional(),
      needs: long.nullable().optional(),
      consent: flag.nullable().optional(),
    })
    .optional(),
  actions: z.array(action, { error: 'a list of actions' }).max(100, { error: 'at most 100 actions' }).optional(),
  notes: z.array(long, { error: 'a list of texts' }).max(100, { error: 'at most 100 notes' }).optional(),
  addCalls: z.array(call, { error: 'a list of ids of calls' }).max(100, { error: 'at most 100 calls' }).optional(),
  removeCalls: z.array(call, { error: 'a list of ids of calls' }).max(100, { error: 'at most 100 calls' }).optional(),
  status: oneOf(incidentStatuses).optional(),
  hold: why.optional(),
  liftHold: why.optional(),
});

/** A patch, or every fault of what was given, in the order of its keys. */
export function readIncidentPatch(
  value: unknown,
):
  | { readonly patch: IncidentPatch; readonly faults?: never }
  | { readonly patch?: never; readonly faults: readonly PatchFault[] } {
  const read = patch.safeParse(value);
  // An absent key and one that is undefined are the same to it, as they are in JSON.
  if (read.success) return { patch: withoutUndefined(read.data) as IncidentPatch };
  return {
    faults: read.error.issues
      .flatMap((issue) => faultsOf(issue, patch, 'field'))
      .map(({ path, expected }) => ({ key: keyOf(path), found: valueAt(value, path), expected })),
  };
}

/** "caller.role: found "polis", expected one of police, bank…" */
export function tellPatchFault({ key, found, expected }: PatchFault): string {
  return `${key || 'the incident'}: found ${show(found)}, expected ${expected}.`;
}

function keyOf(path: readonly (string | number)[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
}

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce((inner, part) => (inner as Record<string | number, unknown> | null | undefined)?.[part], value);
}

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [key, withoutUndefined(inner)]),
  );
}
