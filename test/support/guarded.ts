import type { JournalEntry } from '../../services/core/call.ts';
import type { OutgoingRecord } from '../../services/core/record.ts';
import { type Marker, markers, tones } from './audio.ts';
import { hearsMarker } from './listen.ts';
import type { PhoneCall } from './phone/call.ts';
import type { PlacedCall } from './phone/placed-call.ts';
import type { ReceivedCall } from './phone/received-call.ts';
import type { Phone } from './phones.ts';
import type { Scene } from './scene.ts';
import { until } from './until.ts';

/** What stories of guarded calls have in common: an offender who does not let go, and the number that is really called. */

/** Within this time after the dialling nobody hears an offender any more, in milliseconds. */
const cutMs = 500;
/** What came to two sockets at once may be noticed in the other order, in milliseconds. */
export const noticedMs = 50;

/** The two hear one another until one of them hangs up; the offender sends on even then. */
export async function attack(call: PlacedCall, rung: ReceivedCall): Promise<void> {
  call.goesOnTalking = true;
  await talkOn(call, rung, markers.caller, markers.resident);
}

/** The resident and whom they called hear one another. */
export async function reach(call: PhoneCall, far: ReceivedCall): Promise<void> {
  far.answer();
  await talkOn(call, far, markers.resident, markers.police);
}

async function talkOn(one: PhoneCall, other: PhoneCall, ofOne: Marker, ofOther: Marker): Promise<void> {
  void one.media.play(tones(ofOne, 1000), true);
  void other.media.play(tones(ofOther, 1000), true);
  await Promise.all([hearsMarker(one, ofOther), hearsMarker(other, ofOne)]);
}

/** A suspect and the resident in conversation; both talk on and on. */
export async function suspectCall(scene: Scene): Promise<{ call: PlacedCall; rung: ReceivedCall }> {
  const call = await scene.call();
  const rung = await scene.answered();
  await attack(call, rung);
  return { call, rung };
}

/** The far end of a trunk rings for this line; `after` passes over what rang before that time. */
export function ringsAt(far: Phone, { line }: Scene, { after = 0 } = {}): Promise<ReceivedCall> {
  return until(`${far.name} rings for ${line.id}`, () =>
    far.received.find(({ shows, invitedAt }) => shows.number === line.number && invitedAt > after),
  );
}

/**
 * From the moment that a guarded number was dialled, the resident heard nobody who calls from here, nor they the resident; and
 * when it rang at its far end, no sound went over the calls from before any more.
 */
export function expectSilenceSince(scene: Scene, dialledAt: number, far?: ReceivedCall): void {
  const { expect, resident, network } = scene;
  const heardBy = (calls: readonly PhoneCall[], marker: Marker) =>
    calls.flatMap(({ heard }) => heard.marker(marker)).filter(({ to }) => to > dialledAt + cutMs);
  expect(heardBy(resident.calls, markers.caller), 'the resident heard the offender').toEqual([]);
  expect(heardBy(network.calls, markers.resident), 'the offender heard the resident').toEqual([]);
  if (far === undefined) return;
  for (const { answeredAt, media, heard } of [...resident.calls, ...network.calls]) {
    // The resident may have keyed the number inside a call: then it goes on.
    const goesOn = heard.marker(markers.police).length > 0;
    if (answeredAt === null || answeredAt > dialledAt || goesOn) continue;
    expect(media.packets.at(-1)?.at, 'sound in an earlier call').toBeLessThan(far.invitedAt + noticedMs);
  }
}

/**
 * The record of the last guarded call from this line, once there are so many, after checking what is true of each: it left only
 * upon a look in which both witnesses found the line clear, was looked at again when it was connected, and nothing is left of it.
 * `disturbed`: somebody else came on the line after the answer, so that the later looks do not find it clear.
 */
export async function guardedRecord(
  { site, line, expect }: Scene,
  count = 1,
  { disturbed = false } = {},
): Promise<OutgoingRecord> {
  const [newest] = await site.dialled(line.id, count);
  if (newest === undefined) throw new Error(`${line.id} has dialled nothing`);
  const { record, journal } = newest;
  await site.untilLineQuiet(line.id);
  const puts = journal.flatMap((entry) => ('effect' in entry && entry.effect.do === 'PutThrough' ? [entry] : []));
  for (const { at } of puts) {
    const before = record.looks.filter((look) => look.at <= at).at(-1);
    expect(before, 'the look upon which it left').toMatchObject({
      assessment: { state: 'clear' },
      evidence: { ari: { channels: [], peers: [] }, ami: { channels: [], peers: [] } },
    });
  }
  const isAnswer = (entry: JournalEntry) =>
    'event' in entry && entry.event.type === 'Answered' && entry.event.leg === 'far';
  const answer = journal.findIndex(isAnswer);
  if (answer >= 0) {
    const since = journal.slice(answer);
    expect(since.some((entry) => 'effect' in entry && entry.effect.do === 'InspectLine')).toBe(true);
    // A resident who hangs up at once may be faster than the witnesses.
    const looks = record.looks.filter(({ at }) => at >= (record.connectedAt ?? 0));
    if (!disturbed) expect(looks.filter(({ assessment }) => assessment.state !== 'clear')).toEqual([]);
  }
  return record;
}
