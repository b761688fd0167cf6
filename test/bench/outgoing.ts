import type { Phone } from '../support/phones.ts';
import { until } from '../support/until.ts';
import { median, promise, type Times, tell } from './figures.ts';
import type { Home } from './home.ts';

/** What a resident waits for who dials: the INVITE on the trunk, counted from the telephone's first, before it proves its password. */

const everyMs = 60;
const most = { guardedRatio: 2, emergencyRatio: 1.2 };

const kinds = { bare: '101', guarded: '101', emergency: '999' } as const;
type Kind = keyof typeof kinds;

export async function measureDialling(home: Home, rounds: number, calls: number): Promise<boolean> {
  const [bare, out] = [await home.telephones('bare'), await home.telephones('out')];
  const place = (kind: Kind, count: number) => dial(home.carrier, kind === 'bare' ? bare : out, kinds[kind], count);
  const times: Record<Kind, number[]> = { bare: [], guarded: [], emergency: [] };
  const all = Object.keys(kinds) as Kind[];
  for (const kind of all) await place(kind, 20);
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of all) {
      times[kind].push(...(await place(kind, calls)));
      await home.untilQuiet();
    }
  }
  tell("resident's INVITE to trunk's INVITE, bare Dial()", times.bare);
  tell("resident's INVITE to trunk's INVITE, 101 on a clear line", times.guarded);
  const guarded = promise('ratio of the medians', median(times.guarded) / median(times.bare), most.guardedRatio);
  tell("resident's INVITE to trunk's INVITE, 999", times.emergency);
  const emergency = promise('ratio of the medians', median(times.emergency) / median(times.bare), most.emergencyRatio);
  return guarded && emergency;
}

/** One call at a time, each from another telephone than the last; the resident gives up as soon as it rings. */
export async function dial(
  carrier: Phone,
  telephones: readonly Phone[],
  number: string,
  count: number,
): Promise<Times> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const rest = new Promise((resolve) => setTimeout(resolve, everyMs));
    const phone = telephones[index % telephones.length];
    const before = carrier.received.length;
    const call = await phone?.call({ to: number });
    const taken = await until('it rings on the trunk', () => carrier.received[before]);
    times.push(taken.invitedAt - (call?.invitedAt ?? Number.NaN));
    call?.cancel();
    await until('the call is over', () => taken.ended && call?.ended);
    await rest;
  }
  return times;
}
