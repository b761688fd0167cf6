import type { Asked } from '../../adapters/web.ts';
import { Refused, textOf } from '../parts.ts';

/** How many, 100 where nobody says. */
export function limitOf(asked: Asked): number {
  const text = textOf(asked, 'limit') ?? '100';
  if (!/^\d{1,4}$/.test(text) || Number(text) < 1 || Number(text) > 1000) {
    throw new Refused(400, 'limit: expected a whole number between 1 and 1000.');
  }
  return Number(text);
}

/** A time as ISO 8601 has it, in UTC milliseconds. */
export function timeOf(asked: Asked, name: string): number | undefined {
  const text = textOf(asked, name);
  if (text === undefined) return undefined;
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new Refused(400, `${name}: expected a time such as 2026-11-23T10:00:00Z.`);
  return at;
}
