import { setTimeout as pause } from 'node:timers/promises';
import { findMarker, type Marker, tones } from '../support/audio.ts';
import type { PhoneCall } from '../support/phone/call.ts';
import { Heard } from '../support/phone/heard.ts';
import { now } from '../support/phone/wire.ts';
import type { Talk } from './book.ts';

/** Two phones that speak to one another, each with tones of its own. */
export interface Party {
  readonly leg: PhoneCall;
  readonly says: Marker;
}

const voices = new Map<Marker, Int16Array>();

export function speak({ leg, says }: Party): void {
  const voice = voices.get(says) ?? tones(says, 1_000);
  voices.set(says, voice);
  void leg.media.play(voice, true);
}

/** The other's tones are among what came last: half a second of it, since this is asked again and again. */
function hears({ leg }: Party, other: Party): boolean {
  const { samples } = new Heard(leg.media.packets.slice(-25), []);
  return findMarker(other.says, samples).length > 0;
}

/** As `until`, but false at the deadline: that somebody was not reached is no failure here. */
export async function comesTrue(condition: () => boolean, ms: number): Promise<boolean> {
  for (const deadline = now() + ms; now() < deadline; await pause(100)) if (condition()) return true;
  return false;
}

/**
 * Has the two speak, once they hear one another for `talkMs`, and notes how that ended. Null when they never heard one another within
 * `patienceMs`, or as soon as either leg has ended. Hangs up nothing.
 */
export async function converse(
  kind: string,
  [one, other]: readonly [Party, Party],
  { talkMs, patienceMs = 20_000 }: { readonly talkMs: number; readonly patienceMs?: number },
): Promise<Talk | null> {
  speak(one);
  speak(other);
  const gone = () => one.leg.ended !== null || other.leg.ended !== null;
  const bothHear = () => hears(one, other) && hears(other, one);
  await comesTrue(() => gone() || bothHear(), patienceMs);
  if (gone() || !bothHear()) return null;
  const talk: Talk = { kind, legs: [one.leg, other.leg], from: now(), to: 0, end: null };
  await comesTrue(gone, talkMs);
  // A part that is stopped for seconds may be the one that carries the sound.
  const heard = gone() || (await comesTrue(() => gone() || bothHear(), 8_000));
  talk.to = now();
  talk.end = gone() ? 'cut' : heard ? 'as agreed' : 'silent';
  return talk;
}
