import type { LeaseAnswer } from '../../core/ports.ts';

/**
 * Whose the calls are, as a table: what an interceptor does upon each answer of Redis and of Asterisk. No clock and no I/O; times
 * are milliseconds since the epoch. own-calls.ts does what comes of it.
 */

/** How long a lease is good for, in milliseconds, and for how long what was learnt of it may be relied upon. */
export const leaseMs = 3_000;
/** How long an application must be free before it is taken without the lease: its owner may be on the way back to Asterisk. */
const untakenMs = 1_000;

export type Ownership =
  | {
      readonly stage: 'waiting';
      /** Why it waits, for the log; null before the first look. */
      readonly why: string | null;
      /** Since when Redis has answered; null while it does not. */
      readonly answersSince: number | null;
      /** Since when the application has been free; null while it is taken, or nobody knows. */
      readonly untakenSince: number | null;
    }
  | {
      readonly stage: 'owning';
      /** Null as long as Redis has given none. */
      readonly token: string | null;
      readonly awaited: boolean;
      /** Until then nobody else can have taken the calls. */
      readonly trustedUntil: number;
      /** Since when Redis has said, of an owner without a token, that the lease is another's. */
      readonly contestedSince: number | null;
    }
  | { readonly stage: 'out' };

export type OwnershipEvent =
  /** An interceptor that waits has asked both. `dead`: the holder runs no more. `taken`: null when Asterisk does not say. */
  | {
      readonly type: 'Looked';
      readonly at: number;
      readonly lease: LeaseAnswer;
      readonly dead: boolean;
      readonly taken: boolean | null;
    }
  /** What came of `TakeLease`, or of an owner's renewal, asked for at that time. */
  | { readonly type: 'Asked'; readonly at: number; readonly lease: LeaseAnswer; readonly dead: boolean }
  /** Asterisk says that another connection has the application now. */
  | { readonly type: 'Replaced' };

export type OwnershipEffect =
  /** Said once for each reason. */
  | { readonly do: 'StandBy'; readonly why: string }
  | { readonly do: 'TakeLease'; readonly dead: string | null }
  | { readonly do: 'TakeCalls' }
  /** Before anything else is done for any call. */
  | { readonly do: 'Exit'; readonly why: string };

export interface OwnershipStep {
  readonly next: Ownership;
  readonly effects: readonly OwnershipEffect[];
}

export const atFirst: Ownership = { stage: 'waiting', why: null, answersSince: null, untakenSince: null };

export function decideOwnership(now: Ownership, event: OwnershipEvent): OwnershipStep {
  if (now.stage === 'out') return { next: now, effects: [] };
  if (event.type === 'Replaced') return exit('another interceptor took the application');
  if (now.stage === 'waiting') return event.type === 'Looked' ? onLook(now, event) : onTaken(now, event);
  return event.type === 'Asked' ? onRenewed(now, event) : { next: now, effects: [] };
}

type Waiting = Extract<Ownership, { stage: 'waiting' }>;
type Owning = Extract<Ownership, { stage: 'owning' }>;
type Looked = Extract<OwnershipEvent, { type: 'Looked' }>;
type Asked = Extract<OwnershipEvent, { type: 'Asked' }>;

function onLook(before: Waiting, { at, lease, dead, taken }: Looked): OwnershipStep {
  const answersSince = lease.state === 'away' ? null : (before.answersSince ?? at);
  const untakenSince = taken === false ? (before.untakenSince ?? at) : null;
  const now = { ...before, answersSince, untakenSince };
  switch (lease.state) {
    case 'ours':
      return begin(at, lease);
    case 'other':
      return dead
        ? { next: now, effects: [{ do: 'TakeLease', dead: lease.owner }] }
        : wait(now, 'another has the calls');
    case 'free': {
      // Where Redis was away, its owner lives and must be the first to have the lease back.
      const lapsed = answersSince !== null && at - answersSince >= leaseMs;
      const free = taken === false || lapsed;
      return free
        ? { next: now, effects: [{ do: 'TakeLease', dead: null }] }
        : wait(now, taken ? 'another has the application' : 'Asterisk does not answer');
    }
    case 'away':
      if (untakenSince !== null && at - untakenSince >= untakenMs) return begin(at, null);
      return wait(now, 'Redis is away, and another may have the calls');
  }
}

function wait(now: Waiting, why: string): OwnershipStep {
  return { next: { ...now, why }, effects: now.why === why ? [] : [{ do: 'StandBy', why }] };
}

function begin(at: number, lease: Extract<LeaseAnswer, { state: 'ours' }> | null): OwnershipStep {
  return { next: owning(at, lease?.token ?? null, lease?.awaited ?? false), effects: [{ do: 'TakeCalls' }] };
}

function owning(at: number, token: string | null, awaited: boolean): Owning {
  return { stage: 'owning', token, awaited, trustedUntil: at + leaseMs, contestedSince: null };
}

function onTaken(now: Waiting, { at, lease }: Asked): OwnershipStep {
  // Whatever else it was, the next look tells.
  return lease.state === 'ours' ? begin(at, lease) : { next: now, effects: [] };
}

function onRenewed(now: Owning, { at, lease, dead }: Asked): OwnershipStep {
  switch (lease.state) {
    case 'ours':
      return { next: owning(at, lease.token, lease.awaited), effects: [] };
    case 'away':
      // Whoever stands by leaves a taken application alone while Redis is away, and for as long as a lease lasts after that.
      return { next: owning(at, now.token, false), effects: [] };
    case 'free':
      return now.token === null ? { next: owning(at, null, false), effects: [] } : exit('the lease went to another');
    case 'other': {
      if (now.token !== null) return exit('another interceptor has the lease');
      if (dead) return { next: now, effects: [{ do: 'TakeLease', dead: lease.owner }] };
      // It may be what a dead owner on another machine has left, which runs out.
      const contestedSince = now.contestedSince ?? at;
      if (at - contestedSince > leaseMs) return exit('another interceptor has the lease');
      return { next: { ...now, contestedSince, trustedUntil: at + leaseMs }, effects: [] };
    }
  }
}

function exit(why: string): OwnershipStep {
  return { next: { stage: 'out' }, effects: [{ do: 'Exit', why }] };
}
