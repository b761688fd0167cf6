import { markers, tones } from '../support/audio.ts';
import { hearsMarker } from '../support/listen.ts';
import type { PhoneCall } from '../support/phone/call.ts';
import type { ReceivedCall } from '../support/phone/received-call.ts';
import type { Phone } from '../support/phones.ts';
import { until } from '../support/until.ts';
import { promise, quantile, tell } from './figures.ts';
import { type Home, numberOf } from './home.ts';

/** How soon an offender is cut when the resident, told to "hang up and dial 101", dials inside his call. */

const mostMs = 50;
/** Conversations with offenders that are up at a time. */
const together = 5;
const keys = '101';
/** Between two keys: nobody dials faster. */
const pauseMs = 250;
/** What each INFO of the test's telephones says of its key. */
const lastsMs = { rtp: 0, info: 160 } as const;

type Way = 'rtp' | 'info';
const ways: Readonly<Record<Way, string>> = { rtp: 'RFC 4733', info: 'SIP INFO' };

/** From the last packet of the last digit to the offender's BYE, with other conversations up. Rounds of five, by either way. */
export async function measureGhostDial(home: Home, dials: number, others: number): Promise<boolean> {
  const telephones = await home.telephones('warned');
  const times: Record<Way, number[]> = { rtp: [], info: [] };
  for (let done = 0; done < dials; done += together) {
    const way = (done / together) % 2 === 0 ? 'rtp' : 'info';
    const police = home.plain.received.length;
    const talks = await Promise.all(
      telephones.slice(done, done + together).map((telephone, index) => talk(home, telephone, done + index)),
    );
    for (const conversation of talks) times[way].push(await ghostDial(conversation, way));
    await until('the police are rung for each', () => home.plain.received.length >= police + talks.length);
    for (const { rung } of talks) rung.hangUp();
  }
  for (const way of ['rtp', 'info'] as const) {
    tell(`last digit of 101 (${ways[way]}) to the offender's BYE, ${others} calls up`, times[way]);
  }
  const all = [...times.rtp, ...times.info];
  return promise(`p99 of all ${all.length}`, quantile(all, 0.99), mostMs, ' ms');
}

interface Talk {
  readonly offender: PhoneCall;
  readonly rung: ReceivedCall;
}

/** The offender speaks with the resident, who was warned of him. A line is used once: it is held after his call. */
async function talk({ carrier }: Home, telephone: Phone, index: number): Promise<Talk> {
  const from = { name: 'PC Brown', number: `+4420794${60_000 + index}` };
  const offender = await carrier.call({ to: numberOf('warned', index), from });
  const rung = await telephone.nextCall();
  rung.answer();
  void offender.media.play(tones(markers.caller, 800), true);
  await hearsMarker(rung, markers.caller);
  return { offender, rung };
}

/**
 * Milliseconds from the end of the last key. With RFC 4733 that is its last packet. An INFO says how long its key lasts
 * and Asterisk plays it so long before anybody hears of it, so there it is the INFO and what it says.
 */
async function ghostDial({ offender, rung }: Talk, way: Way): Promise<number> {
  let endedAt = Number.NaN;
  for (const key of keys) {
    const before = rung.digitSentAt(way);
    rung.press(key, way);
    const sentAt = await until('the key was sent', () => {
      const at = rung.digitSentAt(way);
      return at !== before && at;
    });
    endedAt = sentAt + lastsMs[way];
    await new Promise((resolve) => setTimeout(resolve, key === keys.at(-1) ? 0 : pauseMs));
  }
  const { at } = await offender.untilEnded(5_000);
  return at - endedAt;
}
