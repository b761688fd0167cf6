import { setTimeout as pause } from 'node:timers/promises';
import { now } from '../support/phone/wire.ts';
import type { Phone } from '../support/phones.ts';
import type { Book } from './book.ts';
import type { PlannedCall } from './plan.ts';
import { comesTrue } from './talk.ts';

/** Callers who are of no further interest, but for their records. */

export interface CrowdParts {
  readonly network: Phone;
  readonly numbers: readonly string[];
  readonly noTelephone: string;
  readonly trusted: string;
  readonly blocked: string;
  readonly stranger: (index: number) => string;
  readonly book: Book;
}

/** Longer than screening takes: whoever has waited for that long hangs up. */
const patienceMs = 20_000;

/** Places every call at its time, until `isOver`; comes back when each has ended or was given up. */
export async function playCrowd(
  parts: CrowdParts,
  calls: readonly PlannedCall[],
  isOver: () => boolean,
): Promise<void> {
  const begin = now();
  const playing: Promise<void>[] = [];
  for (const [index, planned] of calls.entries()) {
    await pause(Math.max(0, begin + planned.atMs - now()));
    if (isOver()) break;
    playing.push(playOne(parts, planned, index));
  }
  await Promise.all(playing);
}

async function playOne(parts: CrowdParts, { kind, staysMs }: PlannedCall, index: number): Promise<void> {
  const { network, numbers, book } = parts;
  const own = numbers[index % numbers.length] ?? '';
  const to = kind === 'unknown number' ? '01923555999' : kind === 'not at home' ? parts.noTelephone : own;
  const call = await network.call({ to, from: { name: kind, number: numberOf(parts, kind, index) } });
  book.placed.push({ direction: 'inbound', kind, call, line: null, dialled: to });
  if (kind === 'hangs up early') await pause(staysMs);
  else await comesTrue(() => call.answeredAt !== null || call.ended !== null, patienceMs);
  if (kind !== 'hangs up early') await comesTrue(() => call.ended !== null, staysMs);
  call.cancel();
  await comesTrue(() => call.ended !== null, 3_000);
  // By the thousand, what they heard would fill the memory.
  call.media.close();
  call.media.packets.length = 0;
}

function numberOf({ trusted, blocked, stranger }: CrowdParts, kind: PlannedCall['kind'], index: number): string {
  if (kind === 'blocked') return blocked;
  return kind === 'stranger' || kind === 'hangs up early' ? stranger(index) : trusted;
}
