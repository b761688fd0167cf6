import type { AlertKind, JournalEntry, Sound } from './call.ts';
import type { ProtectedLine } from './line.ts';
import type { Dialled } from './number.ts';
import type { CallRecord, FinishedCall } from './record.ts';

/**
 * What the core needs of the world, in the core's own words. Each port has one contract suite in test/contract, run
 * against the real adapter and against the fake the flow tests use.
 */

/** What became of a request: done, its target already gone, or refused or unanswered (never an exception). */
export type Reply = { readonly ok: true } | { readonly ok: false; readonly gone: boolean; readonly why: string };

/** The telephone exchange: channels, bridges, playbacks and recordings by the ids the caller chose. */
export interface Telephony {
  answer(channel: string): Promise<Reply>;
  alert(channel: string): Promise<Reply>;
  play(channel: string, playback: string, sounds: readonly Sound[]): Promise<Reply>;
  stopPlaying(playback: string): Promise<Reply>;
  record(channel: string, recording: string, maxSeconds: number, silenceSeconds: number): Promise<Reply>;
  recordBridge(bridge: string, recording: string): Promise<Reply>;
  dial(request: DialRequest): Promise<Reply>;
  connect(bridge: string, channels: readonly string[], watchKeys: boolean): Promise<Reply>;
  /** `first` is taken out before: whatever is asked of that channel next finds it out of the bridge. */
  removeBridge(bridge: string, first?: string): Promise<Reply>;
  hangUp(channel: string, cause: number): Promise<Reply>;
  setVariable(channel: string, name: string, value: string): Promise<Reply>;
  /** Sends a channel on to the dialplan at once, even out of a bridge: `context`, `extension`, priority 1. */
  continueInDialplan(channel: string, context: string, extension: string): Promise<Reply>;
}

/** A guarded call that Clearline promised to make once the line is clear. `id` is that of the call that asked for it. */
export interface CallBack {
  readonly id: string;
  readonly line: string;
  /** As `classifyDialled` gave it. */
  readonly number: Dialled;
  readonly promisedAt: number;
  /** Times the resident's telephone was rung for it. */
  readonly tries: number;
}

/** Where promised call backs wait; they survive the restart of any process. Rejects within a second without Redis. */
export interface CallBackQueue {
  promise(callBack: CallBack): Promise<void>;
}

/** Something staff are to hear of at once, as it is queued. `id` is that of its call and the kind: put twice, told once. */
export interface RaisedAlert {
  readonly id: string;
  readonly kind: AlertKind;
  readonly at: number;
  readonly line: string;
  readonly call: string | null;
  /** What else it is about, where it is not about a call alone. */
  readonly area?: string;
  readonly incident?: string;
  readonly campaign?: string;
}

export interface AlertQueue {
  put(alert: RaisedAlert): Promise<void>;
}

export interface DialRequest {
  readonly channel: string;
  /** The call this new leg belongs to, and which leg it is: they come back with its events. */
  readonly call: string;
  readonly leg: string;
  /** Asterisk's dial string, `PJSIP/room-12`. */
  readonly endpoint: string;
  readonly showName: string;
  readonly showNumber: string | null;
  readonly seconds: number;
  /** The channel whose codecs the new one should offer first. */
  readonly originator: string | null;
}

/** The lines this exchange protects, in memory: nothing on the call path waits for SQL. */
export interface LineBook {
  byNumber(number: string): ProtectedLine | null;
  byId(id: string): ProtectedLine | null;
}

/** Where finished calls go. `put` may be repeated for the same call id and revision without harm. */
export interface FactQueue {
  put(call: FinishedCall): Promise<void>;
}

/**
 * What must outlive the process that runs a call, so that another can take the call up: its journal, whose events lead to the
 * state it is in, and the channel that the dialplan dialled for it.
 */
export type KeptEntry =
  | JournalEntry
  | {
      readonly at: number;
      readonly dialled: { readonly channel: string; readonly name: string; readonly status: string };
    };

/** Where running calls are kept. Nothing on the call path waits for it, and no call fails with it. */
export interface CallKeeper {
  /** Entries of a running call, in the order in which they came. */
  keep(call: string, entries: readonly KeptEntry[]): void;
  /** The call is over and its record is safe. */
  drop(call: string): void;
  /** Every kept call by its id; null when they cannot be read within a second. */
  load(): Promise<ReadonlyMap<string, readonly KeptEntry[]> | null>;
}

/** What Redis says of the lease, or that it does not answer within a second. */
export type LeaseAnswer =
  /** `awaited`: somebody stands by to take over. */
  | { readonly state: 'ours'; readonly token: string; readonly awaited: boolean }
  | { readonly state: 'other'; readonly owner: string }
  | { readonly state: 'free' }
  | { readonly state: 'away' };

/**
 * Whose the calls are. It runs out three seconds after it was taken or renewed. Each taking has a token, greater than all before
 * it, and the greatest stands in Redis: what is written there with another is not the owner's. No method rejects.
 */
export interface Lease {
  /** Says that we stand by, which is believed for a second, and asks who has it. */
  standBy(): Promise<LeaseAnswer>;
  /** Takes it where it is free, or this one's who is known to be dead. `ours`, or whose it is. */
  take(dead: string | null): Promise<LeaseAnswer>;
  /** Also after Redis has lost it, if nobody else took it meanwhile. `other` or `free`: it is not ours any more. */
  renew(token: string): Promise<LeaseAnswer>;
  /** Gives it up for whoever waits; nothing where it is not ours. */
  release(token: string): Promise<void>;
}

/** Calls on record. */
export interface CallStore {
  /** Upserts by call id. An account with a lower revision than the one on record changes nothing. */
  save(call: FinishedCall): Promise<void>;
  find(id: string): Promise<FinishedCall | null>;
  /** Newest first. */
  list(filter: CallFilter): Promise<readonly CallRecord[]>;
}

export interface CallFilter {
  readonly line?: string;
  readonly direction?: CallRecord['direction'];
  /** The caller's number in any form, or how it begins or ends: only calls to a line fit. */
  readonly from?: string;
  /** The same of the number that a resident dialled, or a word of whose it is: only calls from a line fit. */
  readonly to?: string;
  readonly outcome?: string;
  readonly standing?: string;
  /** UTC milliseconds of the call's arrival: `since` is included, `until` is not. */
  readonly since?: number;
  readonly until?: number;
  readonly limit: number;
}

/** Alerts on record. */
export interface AlertStore {
  /** Upserts by id. */
  save(alert: RaisedAlert): Promise<void>;
  /** Newest first. */
  list(filter: AlertFilter): Promise<readonly RaisedAlert[]>;
}

export interface AlertFilter {
  readonly line?: string;
  readonly limit: number;
}

/** A hold that somebody took off a line before its time. */
export interface HoldLift {
  readonly line: string;
  readonly at: number;
  readonly by: string;
  readonly why: string;
}

/** Who lifted which hold, when and why: kept for as long as the access log. */
export interface HoldLiftStore {
  put(lift: HoldLift): Promise<void>;
  /** Newest first. */
  list(line: string, limit: number): Promise<readonly HoldLift[]>;
}

/** A line as it is stored, with what its telephone needs to register. */
export interface StoredLine extends ProtectedLine {
  readonly phoneSecret: string;
}

export interface LineStore {
  all(): Promise<readonly StoredLine[]>;
  /**
   * Replaces lines with the same id, adds the others, removes none; all or nothing. What holds for a while only (`pausedUntil`,
   * `expected`, `raisedUntil`) has stores of its own, and stays as it is.
   */
  upsert(lines: readonly StoredLine[]): Promise<void>;
  remove(id: string): Promise<boolean>;
  /** A number that changes whenever a line does. */
  revision(): Promise<number>;
}
