import type { BridgeSighting, ChannelSighting } from '../../adapters/ari-http.ts';
import type { CallEvent, Effect, JournalEntry, Leg } from '../../core/call.ts';
import type { LegState } from '../../core/step.ts';
import { bridgeOf, callOf, mintedChannel } from '../exchange/ids.ts';
import type { NoteOfEnd } from './noted-calls.ts';
import { timersDue } from './past.ts';

/**
 * A call that nobody watched for a while, beside what Asterisk has: what happened unheard, and what of the call's last effects is
 * to be done again. Every effect can be repeated without harm, and none connects two who are not to be: that both may hear one another
 * is known from the call's own state, which only an unbroken warning leads to.
 */

/** A call, as far as that needs to know it. */
export interface CallView {
  readonly id: string;
  /** The leg whose channel is the call's own. */
  readonly first: Leg;
  readonly legs: Readonly<Record<Leg, LegState>>;
  readonly stage: string;
  /** The playback whose end moves the call on. */
  readonly playing: string | null;
  /** What plays until it is stopped. */
  readonly comfort: string | null;
  readonly journal: readonly JournalEntry[];
  channelOf(leg: Leg): string | null;
}

/** What Asterisk has. */
export interface Seen {
  readonly channels: ReadonlyMap<string, ChannelSighting>;
  readonly bridges: readonly BridgeSighting[];
  /** Of the playbacks and recordings that were asked about, those that are over. */
  readonly over: ReadonlySet<string>;
  /** Asterisk's own notes of channels that are gone. */
  readonly ended: ReadonlyMap<string, NoteOfEnd>;
}

const legs: readonly Leg[] = ['caller', 'far', 'staff', 'resident'];

/** What happened to the call's legs unheard, in its order as far as that is known; `at` is now, in ms since the epoch. */
export function missed(call: CallView, seen: Seen, at: number): CallEvent[] {
  const events = legs.flatMap((leg) => (isLive(call, leg) ? (fateOf(call, leg, seen, at) ?? []) : []));
  return events.toSorted((one, other) => one.at - other.at);
}

function isLive({ legs: states }: CallView, leg: Leg): boolean {
  return states[leg] === 'up' || states[leg] === 'ringing';
}

function fateOf(call: CallView, leg: Leg, { channels, ended }: Seen, at: number): CallEvent | null {
  const channel = call.channelOf(leg);
  const found = channel === null ? undefined : channels.get(channel);
  if (found === undefined) {
    const note = channel === null ? undefined : ended.get(channel);
    return { type: 'HungUp', leg, cause: note?.cause ?? 0, at: note?.endedAt ?? at };
  }
  if (leg === call.first || leg === 'far') return null;
  // A leg that went on to dial, 999 perhaps, is this call's no more, even where that it was to dial was not kept.
  if (isInDialplan(found)) return { type: 'HungUp', leg, cause: 16, at };
  const answered = call.legs[leg] === 'ringing' && found.state === 'Up' && found.application === 'Stasis';
  return answered ? { type: 'Answered', leg, at } : null;
}

/** A telephone that Clearline rang is in AppDial2 until it is picked up. */
export function isInDialplan({ application }: ChannelSighting): boolean {
  return application !== 'Stasis' && application !== 'AppDial2' && application !== '';
}

/** Whom the dialplan connected with this call's own channel; null for nobody, and for a bridge of Clearline's. */
export function peerOf(call: string, { channels, bridges }: Seen): ChannelSighting | null {
  const inside = bridges.find(({ id, channels }) => callOf(id) === null && channels.includes(call))?.channels ?? [];
  const peer = inside.find((channel) => channel !== call);
  return (peer !== undefined && channels.get(peer)) || null;
}

/** The playbacks and recordings that the call waits for. */
export function awaited(call: CallView): { readonly playbacks: readonly string[]; readonly recording: string | null } {
  const playbacks = [call.playing, call.comfort].filter((playback) => playback !== null);
  return { playbacks, recording: recordingOf(call)?.recording ?? null };
}

/** The recording of a caller that was begun last, unless its end was heard. */
function recordingOf({ journal }: CallView): (Extract<Effect, { do: 'Record' }> & { readonly at: number }) | null {
  const begun = lastEffect(journal, (effect) => effect.do === 'Record');
  if (begun?.effect.do !== 'Record') return null;
  const { recording } = begun.effect;
  const isEnd = (event: CallEvent) => event.type === 'RecordingFinished' && event.recording === recording;
  return journal.some((entry) => 'event' in entry && isEnd(entry.event)) ? null : { ...begun.effect, at: begun.at };
}

export type Done = Extract<JournalEntry, { effect: Effect }>;

function lastEffect(journal: readonly JournalEntry[], is: (effect: Effect) => boolean): Done | null {
  const found = journal.findLast((entry) => 'effect' in entry && is(entry.effect));
  return found !== undefined && 'effect' in found ? found : null;
}

export interface Outstanding {
  /** What ended unheard. */
  readonly events: readonly CallEvent[];
  /** To be done again, in this order, as at the time when it was asked for. */
  readonly again: readonly Done[];
}

/** What is still to come of what the call waits for. `at` is now, in ms since the epoch. */
export function outstanding(call: CallView, seen: Seen, at: number): Outstanding {
  const events = [...endedRecording(call, seen, at), ...endedReminder(call, seen, at), ...sentBack(call, seen, at)];
  return {
    events,
    again: [
      ...dialOut(call, seen),
      ...answer(call, seen),
      ...hangUps(call, seen),
      ...connect(call, seen),
      ...plays(call, seen),
    ],
  };
}

/** What only the process knew that runs the call no more: it is told or asked again, as it was. */
export function lostWithProcess(call: CallView): Done[] {
  const raised = call.journal.filter((entry): entry is Done => 'effect' in entry && entry.effect.do === 'Raise');
  const last = (what: Effect['do']) => lastEffect(call.journal, (effect) => effect.do === what) ?? [];
  const isHere = isLive(call, call.first);
  return [
    ...raised,
    ...(isHere ? [last('Hold')].flat() : []),
    ...(call.stage === 'talking' && isHere ? [last('Listen')].flat() : []),
    ...(call.stage === 'promising' ? [last('CallBackLater')].flat() : []),
  ];
}

function endedRecording(call: CallView, { over }: Seen, at: number): CallEvent[] {
  const begun = recordingOf(call);
  if (begun === null || !over.has(begun.recording)) return [];
  const { recording } = begun;
  return [{ type: 'RecordingFinished', recording, seconds: Math.round((at - begun.at) / 1000), at }];
}

/** A reminder inside a conversation that went on is not said twice. */
function endedReminder({ stage, playing }: CallView, { over }: Seen, at: number): CallEvent[] {
  if (stage !== 'talking' || playing === null || !over.has(playing)) return [];
  return [{ type: 'PromptFinished', playback: playing, at }];
}

/** How long a hand-over to the dialplan may be on its way, in milliseconds. */
const onItsWayMs = 1_000;

/** The dialplan was to have the leg, and has not, or has given it back. */
function sentBack({ id, stage, journal }: CallView, { channels }: Seen, at: number): CallEvent[] {
  const found = channels.get(id);
  if (stage !== 'gone-on' || found?.application !== 'Stasis') return [];
  const [, kind, status = '', cause = ''] = found.given.split(',');
  if (kind === 'back') return [{ type: 'CameBack', status, cause: Number(cause) || 0, at }];
  const asked = lastEffect(journal, (effect) => effect.do === 'PutThrough');
  if (asked === null || at - asked.at < onItsWayMs) return [];
  return [{ type: 'CameBack', status: '', cause: 0, at }];
}

/** The resident's leg left to dial and has not gone on: what was kept of its own call may be lost, and nobody else goes on with it. */
function dialOut({ id, journal }: CallView, { channels }: Seen): Done[] {
  const asked = lastEffect(journal, (effect) => effect.do === 'DialOut');
  return asked !== null && channels.get(mintedChannel(id, 'resident'))?.application === 'Stasis' ? [asked] : [];
}

function answer({ legs: states, first, id, journal }: CallView, { channels }: Seen): Done[] {
  const found = channels.get(id);
  const waits = states[first] === 'up' && found?.application === 'Stasis' && found.state !== 'Up';
  const asked = waits ? lastEffect(journal, (effect) => effect.do === 'Answer' && effect.leg === first) : null;
  return asked === null ? [] : [asked];
}

function hangUps(call: CallView, { channels }: Seen): Done[] {
  return legs.flatMap((leg) => {
    const channel = isLive(call, leg) ? call.channelOf(leg) : null;
    if (channel === null || !channels.has(channel)) return [];
    const last = lastEffect(call.journal, (one) => (one.do === 'HangUp' || one.do === 'Ring') && one.leg === leg);
    return last?.effect.do === 'HangUp' ? [last] : [];
  });
}

function connect(call: CallView, { channels, bridges }: Seen): Done[] {
  if (call.stage !== 'talking' && call.stage !== 'with-staff') return [];
  const asked = lastEffect(call.journal, (effect) => effect.do === 'Connect');
  if (asked?.effect.do !== 'Connect') return [];
  const { legs: parties } = asked.effect;
  const wanted = parties.flatMap((leg) => call.channelOf(leg) ?? []);
  const inside = bridges.find(({ id }) => id === bridgeOf(call.id))?.channels ?? [];
  const here = parties.every((leg) => isLive(call, leg)) && wanted.every((channel) => channels.has(channel));
  return here && !wanted.every((channel) => inside.includes(channel)) ? [asked] : [];
}

/** What was to be heard to its end, and was not, or nobody knows: it is played again, and may take its time again. */
function plays(call: CallView, { over }: Seen): Done[] {
  const { journal, playing, comfort, stage } = call;
  if (stage === 'talking') return [];
  return [playing, comfort].flatMap((playback) => {
    if (playback === null || !over.has(playback)) return [];
    const play = lastEffect(journal, (effect) => effect.do === 'Play' && effect.playback === playback);
    if (play?.effect.do !== 'Play' || !isLive(call, play.effect.leg)) return [];
    // The time for which a resident waits for a line to be clear is no prompt's.
    const isTimed = playback === playing && stage !== 'checking' && timersDue(journal).has('deadline');
    const wake = isTimed ? lastEffect(journal, (effect) => effect.do === 'Wake' && effect.timer === 'deadline') : null;
    return wake === null ? [play] : [play, wake];
  });
}
