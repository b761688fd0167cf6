import type { JournalEntry, Leg } from '../../core/call.ts';
import type { Reply, Telephony } from '../../core/ports.ts';
import type { Log } from '../../log.ts';
import { mintedChannel } from '../exchange/ids.ts';

/** What is needed to let go of a call. */
export interface BreakOff {
  readonly call: string;
  /** The leg whose channel is the call's own. */
  readonly first: Leg;
  readonly telephony: Pick<Telephony, 'hangUp' | 'stopPlaying'>;
  /** Sends the call's own channel on to the dialplan's fallback; null where the dialplan has it from the first. */
  readonly giveBack: (() => Promise<Reply>) | null;
  readonly log: Log;
}

/** How soon a request that Asterisk did not take is made again, in milliseconds. */
const againMs = 500;
const normalClearing = 16;

/**
 * Lets go of a call that Clearline cannot go on with, so that nobody is left in a dead line. The phones it rang are hung up.
 * A caller who has spoken with somebody is hung up too; any other, and a resident who calls out, goes to the dialplan, which
 * knows what to do without Clearline. Everything is read from the journal: the state of such a call may be what is wrong.
 */
export function breakOff(journal: readonly JournalEntry[], needs: BreakOff): void {
  const { call, first, telephony, giveBack, log } = needs;
  const insist = (what: string, ask: () => Promise<Reply>) => void askUntilDone(ask, call, what, log);
  const { playing, legs, firstIsHere, hasTalked } = read(journal, first);
  for (const leg of legs) {
    insist(`hang up ${leg}`, () => telephony.hangUp(mintedChannel(call, leg), normalClearing));
  }
  if (!firstIsHere || giveBack === null) return;
  if (first === 'caller' && hasTalked) return insist('hang up caller', () => telephony.hangUp(call, normalClearing));
  // Asterisk lets nobody go on while something plays to them, and the ringing tone plays for ever.
  for (const playback of playing) insist(`stop ${playback}`, () => telephony.stopPlaying(playback));
  insist(`give the ${first} back`, giveBack);
}

function read(journal: readonly JournalEntry[], first: Leg) {
  const playing = new Set<string>();
  const legs = new Set<Leg>();
  let firstIsHere = true;
  let hasTalked = false;
  for (const entry of journal) {
    if ('event' in entry) {
      if (entry.event.type === 'PromptFinished') playing.delete(entry.event.playback);
      if (entry.event.type === 'HungUp') legs.delete(entry.event.leg);
      if (entry.event.type === 'HungUp' && entry.event.leg === first) firstIsHere = false;
      if (entry.event.type === 'TakenOver' && entry.event.talking) {
        legs.add(entry.event.talking);
        hasTalked = true;
      }
      continue;
    }
    const { effect } = entry;
    if (effect.do === 'Ring' && effect.leg !== first) legs.add(effect.leg);
    if (effect.do === 'DialOut') legs.delete(effect.leg);
    if (effect.do === 'Play' && effect.leg === first) playing.add(effect.playback);
    if (effect.do === 'StopPlaying') playing.delete(effect.playback);
    if (effect.do === 'Connect' && effect.legs.includes(first)) hasTalked = true;
  }
  return { playing, legs, firstIsHere, hasTalked };
}

/**
 * Asks until Asterisk has done it, for whoever waits for it is in silence. A request that is refused for good (409: not in
 * Stasis any more) is as done as one whose target is gone.
 */
export async function askUntilDone(
  ask: () => Promise<Reply>,
  call: string,
  what: string,
  log: Pick<Log, 'error'>,
  tries = 1,
): Promise<void> {
  try {
    const reply = await ask();
    if (reply.ok || reply.gone || reply.why.startsWith('409 ')) return;
  } catch (err) {
    if (tries === 1) log.error({ err, call }, `cannot ${what} yet; trying until it is done`);
  }
  setTimeout(() => void askUntilDone(ask, call, what, log, tries + 1), againMs).unref();
}
