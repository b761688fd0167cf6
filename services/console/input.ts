import { z } from 'zod';
import { show } from '../config-faults.ts';
import { cleanName } from '../core/caller.ts';
import { Refused } from './parts.ts';

/** Small things that are sent to the console, checked. */

const why = z.looseObject({ why: z.string() });

/** A reason in one line of at most 500 characters. Throws Refused where it says nothing. */
export function readReason(body: unknown): string {
  const read = why.safeParse(body);
  const reason = read.success ? cleanName(read.data.why, 500) : '';
  if (reason === '') throw new Refused(422, 'why: say why, for the record.');
  return reason;
}

/** What `schema` makes of a body; throws Refused with every fault. Each of its fields needs an `error` text. */
export function readBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const read = schema.safeParse(body ?? {});
  if (read.success) return read.data;
  const faults = read.error.issues.map(({ path, message }) => {
    const found = path.reduce<unknown>(
      (inner, part) => (inner as Record<PropertyKey, unknown> | undefined)?.[part],
      body,
    );
    return {
      key: path.join('.'),
      message: `${path.join('.') || 'the body'}: found ${show(found)}, expected ${message}`,
    };
  });
  throw new Refused(422, faults.map(({ message }) => message).join('\n'), { faults });
}
