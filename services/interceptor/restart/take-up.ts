import type { Ari } from '../../adapters/ari.ts';
import type { ChannelSighting } from '../../adapters/ari-http.ts';
import type { CallEvent, JournalEntry } from '../../core/call.ts';
import type { KeptEntry } from '../../core/ports.ts';
import { type FinishedCall, foldRecord } from '../../core/record.ts';
import type { Log } from '../../log.ts';
import type { RunningCall } from '../call/running-call.ts';
import { bridgeOf, callOf, mintedChannel, mintedLeg } from '../exchange/ids.ts';
import type { CallRunner } from '../run-calls.ts';
import { clearLeft } from './clear-left.ts';
import { askAbout, type Books, listAll, type NoteOf } from './look-around.ts';
import { type Past, readPast } from './past.ts';
import { type Done, isInDialplan, lostWithProcess, missed, outstanding, peerOf, type Seen } from './resume.ts';

/** How long what ended just now may be on its way to us, in milliseconds. */
const settleMs = 100;

type Kept = ReadonlyMap<string, readonly KeptEntry[]>;

type Exchange = Books & Pick<Ari, 'hangUp' | 'removeBridge' | 'stopPlaying'>;

export interface TakingUp {
  readonly runner: CallRunner;
  readonly ari: Exchange;
  readonly noteOf: NoteOf;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly log: Log;
  /** Whether conversations of which nothing was kept are taken up too. */
  readonly adopting: boolean;
  /** Channels that were given to the dialplan while this process started, and which Asterisk may still list as ours. */
  readonly given: ReadonlySet<string>;
}

/** A call that goes on here, as it was when it was taken up. */
interface TakenUp {
  readonly call: RunningCall;
  readonly talking?: 'resident' | 'staff';
}

/**
 * Takes up the calls that another process ran: those that were kept, where they were, and conversations of which nothing was kept
 * as far as Asterisk itself tells. `hear` is called in between, when what Asterisk told meanwhile may be heard. False when Asterisk
 * does not list its channels.
 */
export async function takeUp(kept: Kept, parts: TakingUp, hear: () => void): Promise<boolean> {
  const { runner, ari, noteOf, clock, log } = parts;
  const known = runner.known;
  const lists = await listAll(ari);
  if (lists === null) return false;
  const news = since(known, runner);
  const seen: Seen = { ...lists, over: new Set(), ended: new Map() };
  const { revived, lost } = revive(kept, seen, parts);
  const calls: TakenUp[] = [...revived.map((call) => ({ call })), ...(parts.adopting ? adopt(seen, parts) : [])];
  for (const finished of lost) if (!runner.isRunning(finished.record.id)) runner.record(finished.record.id, finished);
  runner.see(lists.channels, news);
  const views = calls.map(({ call }) => call.view);
  const [whole] = await Promise.all([askAbout(views, lists, ari, noteOf), clearLeft(views, lists.channels, ari)]);
  const here = new Set(calls.map(({ call }) => call.id));
  const before = calls.map(({ call, talking }) => {
    const { length } = call.view.journal;
    const events = missed(call.view, whole, clock()).filter(isNotOf(peerOf(call.id, whole)));
    if (events.some((event) => isEndOfFirst(event, call))) call.yieldAs(whole.ended.has(call.id) ? noted : unknown);
    call.takeOver(events, factsOf(call, whole), clock(), talking);
    tellPeer(call, whole, runner, clock());
    return length;
  });
  hear();
  if (calls.length > 0) await new Promise((resolve) => setTimeout(resolve, settleMs));
  for (const [index, { call, talking }] of calls.entries()) {
    if (call.isOver) continue;
    const view = { ...call.view, journal: call.view.journal.slice(0, before[index]) };
    const { events, again } = outstanding(view, whole, clock());
    const isLeft = ({ effect }: Done) => effect.do !== 'DialOut' || !here.has(mintedChannel(call.id, effect.leg));
    call.goOn({ events, again: again.filter(isLeft) }, talking === undefined ? lostWithProcess(view) : []);
  }
  if (calls.length > 0) log.warn({ calls: calls.length }, 'took up the calls of an earlier interceptor');
  return true;
}

/** Channels first heard of since: a list that was asked for before may not have them. */
function since(known: ReadonlySet<string>, runner: Pick<CallRunner, 'known'>): ReadonlySet<string> {
  return new Set([...runner.known].filter((channel) => !known.has(channel)));
}

interface Revival {
  /** Calls that are where they were. */
  readonly revived: readonly RunningCall[];
  /** The records of those whose rest nobody can know. */
  readonly lost: readonly FinishedCall[];
}

/** Nobody heard this call's end: what was kept of it may be older than an account that was made of it since. */
const noted = -1;
/** Asterisk has no note of it either, or had, and that is on record. */
const unknown = -2;

function isEndOfFirst(event: CallEvent, { first }: RunningCall): boolean {
  return event.type === 'HungUp' && event.leg === first;
}

/** Calls of which the record is all that is missing are put on record. What cannot be read of one does not cost the others. */
function revive(kept: Kept, seen: Seen, { runner, clock, log, given }: TakingUp): Revival {
  const revived: RunningCall[] = [];
  const lost: FinishedCall[] = [];
  for (const [id, entries] of kept) {
    if (runner.isRunning(id)) continue;
    try {
      const past = readPast(entries);
      if (past === null) throw new Error('it has no beginning');
      if (past.journal.some((entry) => 'effect' in entry && entry.effect.do === 'Conclude')) {
        runner.record(id, finish(id, past.journal));
        continue;
      }
      const broken = (err: unknown) => brokenOff(id, past, err, clock(), seen);
      // Whatever comes of it now, a record can be made of it.
      broken(null);
      try {
        refuseLeft(id, past, seen, given.has(id));
        revived.push(runner.revive(id, past, entries));
      } catch (err) {
        log.warn({ err, call: id }, 'a call cannot be taken up where it was');
        lost.push(broken(err));
      }
    } catch (err) {
      log.warn({ err, call: id }, 'what was kept of a call says nothing');
      runner.forget(id);
    }
  }
  return { revived, lost };
}

/** Where the dialplan has a resident who waits, or is about to dial, without Clearline. */
const fallbacks = new Set(['fallback-outbound', 'guarded', 'line-hold', 'cut-others']);

/** Whom the dialplan has instead of Clearline is Clearline's no more. */
function refuseLeft(id: string, { opening, journal }: Past, { channels }: Seen, isGiven: boolean): void {
  const first = channels.get(id);
  if (first === undefined || !(isGiven || isInDialplan(first))) return;
  if (opening.type === 'Arrived') throw new Error('the dialplan took the caller');
  const asked = journal.some((entry) => 'effect' in entry && entry.effect.do === 'PutThrough');
  if (isGiven || (!asked && fallbacks.has(first.context))) throw new Error('the dialplan took the resident');
}

/** Where its first channel is gone, or the dialplan goes on with the resident, what Asterisk notes of the end is worth more. */
function brokenOff(id: string, past: Past, err: unknown, at: number, { channels }: Seen): FinishedCall {
  const { opening, journal } = past;
  const why = err instanceof Error ? err.message : String(err);
  const end: JournalEntry[] = [
    { at, event: { type: 'TakenOver', at } },
    { at, event: { type: 'BrokenOff', at, why } },
    { at, effect: { do: 'Conclude', ending: { outcome: 'failed', by: 'clearline', cause: 16 } } },
  ];
  const finished = finish(id, [...journal, ...end]);
  return channels.has(id) && opening.type === 'Arrived' ? finished : { ...finished, revision: unknown };
}

function finish(id: string, journal: readonly JournalEntry[]): FinishedCall {
  return { record: foldRecord(id, journal), journal };
}

/** Conversations that nobody runs, of callers on a line that is known. */
function adopt({ channels, bridges }: Seen, { runner, log }: TakingUp): TakenUp[] {
  return bridges.flatMap(({ id: bridge, channels: inside }) => {
    const id = callOf(bridge);
    const caller = id === null || bridge !== bridgeOf(id) ? undefined : channels.get(id);
    if (caller === undefined || runner.isRunning(caller.id) || !inside.includes(caller.id)) return [];
    const party = inside.flatMap((channel) => partyOf(channel, caller) ?? [])[0];
    if (party === undefined || !caller.given.startsWith('clearline,inbound,')) return [];
    try {
      const call = runner.adopt(caller.id, caller.given.split(',').slice(1));
      return call === null ? [] : [{ call, talking: party }];
    } catch (err) {
      log.error({ err, call: caller.id }, 'a conversation cannot be taken up');
      return [];
    }
  });
}

function partyOf(channel: string, caller: ChannelSighting): 'resident' | 'staff' | null {
  const leg = callOf(channel) === caller.id ? mintedLeg(channel) : null;
  return leg === 'resident' || leg === 'staff' ? leg : null;
}

/** What the INVITE said, as the dialplan noted; it has no room for Identity, which was read at the arrival where it matters. */
function factsOf({ id, opening }: RunningCall, { ended }: Seen): readonly string[] | null {
  const facts = ended.get(id)?.facts ?? null;
  const identity = opening.type === 'Arrived' ? opening.signalling.identity : null;
  return facts && identity ? facts.with(4, Buffer.from(identity).toString('base64')) : facts;
}

/** The dialplan may have gone on to another channel: whether the one before is gone does not matter then. */
function isNotOf(peer: ChannelSighting | null): (event: CallEvent) => boolean {
  return (event) => peer === null || event.type !== 'HungUp' || event.leg !== 'far';
}

/** The dialplan has connected the resident unheard. */
function tellPeer(call: RunningCall, seen: Seen, runner: Pick<CallRunner, 'hear'>, at: number): void {
  const peer = call.opening.type === 'Dialled' ? peerOf(call.id, seen) : null;
  const { legs, channelOf } = call.view;
  if (peer === null || (legs.far === 'up' && channelOf('far') === peer.id)) return;
  for (const status of ['dialling', 'ANSWER']) {
    runner.hear({ type: 'DialTold', channel: call.id, peer: peer.id, peerName: peer.name, status, at });
  }
}

/** What there is to know of the calls that run before Asterisk is asked: what begins meanwhile is not missed for being unlisted. */
interface Before {
  readonly call: RunningCall;
  readonly live: readonly string[];
  readonly entries: number;
}

/**
 * After a lost connection: what the calls that run have missed is told them, and what they wait for in vain done again. False when
 * Asterisk does not list its channels.
 */
export async function catchUp(
  parts: Pick<TakingUp, 'runner' | 'noteOf' | 'clock'> & { readonly ari: Books },
): Promise<boolean> {
  const { runner, ari, noteOf, clock } = parts;
  const before = runner.all.map((call): Before => ({ call, live: call.liveLegs, entries: call.view.journal.length }));
  const known = runner.known;
  const lists = await listAll(ari);
  if (lists === null) return false;
  runner.see(lists.channels, since(known, runner));
  const views = before.map(({ call }) => call.view);
  const seen = await askAbout(views, lists, ari, noteOf);
  for (const { call, live } of before) {
    const peer = peerOf(call.id, seen);
    const isNews = (event: CallEvent) => 'leg' in event && live.includes(event.leg) && isNotOf(peer)(event);
    const events = missed(call.view, seen, clock()).filter(isNews);
    if (events.length > 0) call.takeOver(events, factsOf(call, seen), clock());
    tellPeer(call, seen, runner, clock());
  }
  if (before.length > 0) await new Promise((resolve) => setTimeout(resolve, settleMs));
  for (const { call, entries } of before) {
    if (call.isOver) continue;
    const view = { ...call.view, journal: call.view.journal.slice(0, entries) };
    const { events, again } = outstanding(view, seen, clock());
    call.goOn({ events, again: again.filter(({ effect }) => effect.do !== 'DialOut') });
  }
  return true;
}
