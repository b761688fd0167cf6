import { openStore } from '../../services/adapters/sql/store.ts';
import type { Phone } from '../support/phones.ts';
import { until } from '../support/until.ts';
import { median, promise, type Times, tell } from './figures.ts';
import type { Home } from './home.ts';
import { dial } from './outgoing.ts';

/** What looking at a line costs, which must not grow with the other calls on the machine. */

const mostRatio = 2;

export interface Looks {
  readonly others: number;
  /** From the question to the answer of both witnesses, as the record has it. */
  readonly looks: Times;
  readonly rings: Times;
}

/** Dials 101 so often on clear lines, and reads what the check took off the records. */
export async function measureLooks(
  home: Home,
  telephones: readonly Phone[],
  calls: number,
  others: number,
): Promise<Looks> {
  const store = await openStore(home.stack.config);
  try {
    await dial(home.carrier, telephones, '101', 10);
    const since = Date.now();
    const rings = await dial(home.carrier, telephones, '101', calls);
    const records = await until(
      'every call is on record',
      async () => {
        const found = await store.calls.list({ direction: 'outgoing', since, limit: 2 * calls });
        return found.length >= calls ? found : null;
      },
      20_000,
    );
    const looks = records.flatMap((record) => {
      const [first] = record.direction === 'outgoing' ? record.looks : [];
      const { ari = null, ami = null } = first?.evidence ?? {};
      return ari && ami ? [Math.max(ari.tookMs, ami.tookMs)] : [];
    });
    if (looks.length < calls) throw new Error(`of ${calls} looks ${looks.length} were answered by both witnesses`);
    return { others, looks, rings };
  } finally {
    await store.close();
  }
}

export function compareLooks(without: Looks, among: Looks): boolean {
  for (const { others, looks, rings } of [without, among]) {
    tell(`the check of a line, asked to answered by both witnesses, ${others} other calls`, looks);
    tell(`resident's INVITE to trunk's INVITE, 101 on a clear line, ${others} other calls`, rings);
  }
  return promise('ratio of the medians of the check', median(among.looks) / median(without.looks), mostRatio);
}
