import { z } from 'zod';
import type { FinishedCall } from './core/record.ts';

/**
 * What a finished call must have for SQL to file it. The rest is carried as it is: a newer interceptor may put more into a
 * record than this worker knows of, and nothing of it may be lost.
 */
const time = z.number();
const number = z.looseObject({ written: z.string(), e164: z.string().nullable() }).nullable();
const finishedCall = z.looseObject({
  record: z.looseObject({
    id: z.string().min(1),
    direction: z.string(),
    line: z.string().nullable(),
    area: z.string().nullable(),
    arrivedAt: time,
    endedAt: time,
    caller: z.looseObject({ presentation: number, network: number, name: z.string().nullable() }),
    verdict: z.looseObject({ standing: z.string(), treatment: z.string() }).nullable(),
    ending: z.looseObject({ outcome: z.string(), by: z.string() }),
  }),
  journal: z.array(z.unknown()),
});

/** Checks what came out of a queue or a file. Null: not a finished call, with what is wrong in `fault`. */
export function readFinishedCall(
  value: unknown,
): { readonly call: FinishedCall; readonly fault?: never } | { readonly call: null; readonly fault: string } {
  const result = finishedCall.safeParse(value);
  if (!result.success) return { call: null, fault: z.prettifyError(result.error).replaceAll('\n', ' ') };
  return { call: value as FinishedCall };
}
