import { createHash } from 'node:crypto';
import type { Store } from '../adapters/sql/store.ts';
import type { Config } from '../config.ts';
import { readNumber } from '../core/number.ts';
import { gb } from '../core/packs/gb.ts';
import type { Person } from '../core/person/person.ts';
import { ensureSiteKey } from '../evidence/site-key.ts';
import { callsOf } from '../person/gather.ts';
import { CommandError } from './world.ts';

/**
 * Who is meant: the resident of a line, which need not be protected any more, or whoever has a number. Throws CommandError where
 * there is nobody, or where a line was several people's and nobody says whose calls are meant.
 */
export async function findPerson(
  store: Pick<Store, 'lines' | 'people'>,
  who: string,
  resident: string | undefined,
): Promise<Person> {
  const { kind, number } = readNumber(who, gb);
  const lines = await store.lines.all();
  const line = lines.find((each) => each.id === who || (kind === 'full' && each.number === number));
  if (line === undefined && kind === 'full') return { line: null, resident: null, numbers: [number] };
  const id = line?.id ?? who;
  const all: Person = { line: id, resident: null, numbers: line ? [line.number] : [] };
  const records = (await callsOf(store, all)).filter(({ reason }) => reason === 'line').map(({ call }) => call.record);
  if (line === undefined && records.length === 0) {
    throw new CommandError(
      `${who} is no line, there are no calls of one that was, and it is no telephone number. The lines: clearline lines list`,
    );
  }
  const names = [...new Set([...records.map((record) => record.resident), line?.resident ?? null])].filter(
    (name) => name !== null,
  );
  if (resident !== undefined && !names.includes(resident)) {
    throw new CommandError(`--resident: found "${resident}", expected one of: ${names.join(', ')}`);
  }
  if (resident === undefined && names.length > 1) {
    throw new CommandError(`${id} was several people’s: ${names.join(', ')}. Say whose data is meant: --resident NAME`);
  }
  // The number goes with the line to whoever has it next.
  const own = line !== undefined && (resident === undefined || line.resident === resident);
  return { line: id, resident: names.length > 1 ? (resident ?? null) : null, numbers: own ? [line.number] : [] };
}

/**
 * Under what a person is in the access log and the book of erasures: the same each time, and nobody without the site's own key
 * can try out numbers until one fits. It is cut short: enough to tell persons apart.
 */
export function pseudonymOf(config: Pick<Config, 'paths'>, { line, resident, numbers }: Person): string {
  const key = ensureSiteKey(config);
  const text = JSON.stringify(['clearline-person-1', line, resident, line === null ? numbers : []]);
  return `person-${createHash('sha256')
    .update(key.sign(Buffer.from(text)))
    .digest('hex')
    .slice(0, 16)}`;
}
