import type { PhoneCall } from '../support/phone/call.ts';
import type { Phone } from '../support/phones.ts';
import { until } from '../support/until.ts';
import { median, pace, promise, type Times, tell } from './figures.ts';
import { anna, type Home, numberOf } from './home.ts';

/** What callers wait for: the ring of the resident's telephone, and the first word that a stranger hears. */

const everyMs = 20;
const most = { ringRatio: 1.5, firstWordMs: 300 };

/** Milliseconds from the caller's INVITE to the resident's, for a trusted caller; and by a bare Dial(). */
export async function measureRinging(home: Home, rounds: number, calls: number): Promise<boolean> {
  const { carrier, plain } = home;
  const [flat] = await home.telephones('flat');
  if (!flat) throw new Error('there is no telephone');
  flat.onCall = { do: 'refuse', status: 486 };
  const times: Record<'bare' | 'clearline', number[]> = { bare: [], clearline: [] };
  for (const phone of [plain, carrier]) await placeCalls(phone, flat, 20);
  for (let round = 0; round < rounds; round += 1) {
    times.bare.push(...(await placeCalls(plain, flat, calls)));
    times.clearline.push(...(await placeCalls(carrier, flat, calls)));
    await home.untilQuiet();
  }
  tell("caller's INVITE to resident's INVITE, bare Dial()", times.bare);
  tell("caller's INVITE to resident's INVITE, trusted caller", times.clearline);
  return promise('ratio of the medians', median(times.clearline) / median(times.bare), most.ringRatio);
}

/** Calls one after another at a steady pace; the phone refuses each, and the next call waits for nobody. */
async function placeCalls(network: Phone, flat: Phone, count: number): Promise<Times> {
  const before = flat.received.length;
  const placed: { invitedAt: number; ended: unknown }[] = [];
  await pace(count, everyMs, async () => {
    placed.push(await network.call({ to: numberOf('flat', 0), from: { name: 'Anna', number: anna } }));
  });
  await until('every call is over', () => placed.every(({ ended }) => ended !== null), 20_000);
  const rang = flat.received.slice(before);
  if (rang.length !== count) throw new Error(`${count} calls rang ${rang.length} times`);
  return rang.map((call, index) => call.invitedAt - (placed[index]?.invitedAt ?? Number.NaN));
}

/** Milliseconds from a stranger's INVITE to the first sound of the announcement. */
export async function measureFirstWord({ carrier }: Home, calls: number): Promise<boolean> {
  const times: number[] = [];
  await pace(calls, 200, async () => {
    const call = await carrier.call({ to: numberOf('flat', 1), from: { name: 'Nobody', number: '+442079460000' } });
    times.push((await firstSound(call)) - call.invitedAt);
    call.hangUp();
  });
  tell("stranger's INVITE to the first word of the announcement", times);
  return promise('slowest', Math.max(...times), most.firstWordMs, ' ms');
}

function firstSound(call: PhoneCall): Promise<number> {
  return until('the first word is heard', () => call.heard.firstSoundAt(), 5_000);
}
