import type { KeptHolds } from '../adapters/ami-holds.ts';
import type { StoredLine } from '../core/ports.ts';
import type { Finding } from './finding.ts';
import { holdOf, tellHold } from './hold.ts';
import { count } from './table.ts';

/** One lamp a line: clear, in a call, or held. Null stands for what Asterisk did not say. */
export function findLamps(
  lines: readonly StoredLine[],
  legs: ReadonlyMap<string, number> | null,
  holds: KeptHolds | null,
  now: number,
): Finding[] {
  return lines.map((line) => ({ part: `Line of ${line.resident}`, ...lampOf(line.id, legs, holds, now) }));
}

function lampOf(
  line: string,
  legs: ReadonlyMap<string, number> | null,
  holds: KeptHolds | null,
  now: number,
): Omit<Finding, 'part'> {
  if (legs === null || holds === null) {
    const missing = legs === null ? 'Asterisk did not list its channels' : 'AMI did not say whether it is held';
    return { ok: false, lamp: 'unknown', detail: `${line}: ${missing}` };
  }
  const hold = holdOf(holds, line, now);
  const held = hold.leftMs > 0 ? tellHold(hold) : '';
  const up = legs.get(line) ?? 0;
  if (up > 0) {
    const beside = held === '' ? '' : `; held: ${held}`;
    return { ok: true, lamp: 'call', detail: `${line} is in a call, ${count(up, 'leg')}${beside}` };
  }
  if (held !== '') return { ok: true, lamp: 'held', detail: `${line} is held: ${held}` };
  return { ok: true, lamp: 'clear', detail: `${line} is clear` };
}
