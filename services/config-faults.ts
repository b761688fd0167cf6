import { distance } from 'fastest-levenshtein';
import { z } from 'zod';

/** What is wrong with a setting, in words: what was expected there, and which known setting a mistyped one resembles. */

export interface Fault {
  readonly path: (string | number)[];
  readonly expected: string;
}

/** The faults of one zod issue, one for each setting that `schema` does not know. `noun`: what its keys are called. */
export function faultsOf(issue: z.core.$ZodIssue, schema: z.ZodType, noun = 'setting'): Fault[] {
  const path = issue.path as (string | number)[];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      expected: `no such ${noun}${suggestion(schema, path, key)}`,
    }));
  }
  if (issue.code === 'invalid_type' && issue.expected === 'object') return [{ path, expected: `${noun}s under it` }];
  return [{ path, expected: issue.message }];
}

function suggestion(root: z.ZodType, path: readonly (string | number)[], key: string): string {
  let schema: unknown = root;
  for (const part of path) schema = typeof part === 'number' ? elementOf(schema) : shapeOf(schema)[part];
  const known = Object.keys(shapeOf(schema));
  const near = known
    .map((candidate) => ({ candidate, slips: distance(candidate.toLowerCase(), key.toLowerCase()) }))
    .filter(({ slips }) => slips <= 2)
    .sort((a, b) => a.slips - b.slips)[0]?.candidate;
  return near ? ` (did you mean "${near}"?)` : ` (known here: ${known.join(', ')})`;
}

function unwrap(schema: unknown): unknown {
  let inner = schema;
  while (
    inner instanceof z.ZodDefault ||
    inner instanceof z.ZodPrefault ||
    inner instanceof z.ZodOptional ||
    inner instanceof z.ZodNullable
  ) {
    inner = inner.unwrap();
  }
  return inner;
}

function shapeOf(schema: unknown): Record<string, unknown> {
  const inner = unwrap(schema);
  return inner instanceof z.ZodObject ? inner.shape : {};
}

function elementOf(schema: unknown): unknown {
  const inner = unwrap(schema);
  return inner instanceof z.ZodArray ? inner.element : undefined;
}

/** A value as found, short enough for a sentence. */
export function show(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  const json = JSON.stringify(value) ?? String(value);
  return json.length > 60 ? `${json.slice(0, 57)}...` : json;
}
