import type { SipSeen } from '../../core/hep.ts';
import { begins, type Dialog, follow, newDialog } from '../../core/release.ts';

/** What became of a far end, as far as its SIP messages show. */
export type Settled =
  /**
   * It let go: when, and the SIP status that ended it (of the answer to our BYE: 200, or 481 "no such call"). `asked`: we had
   * said goodbye first.
   */
  | { readonly state: 'released'; readonly at: number; readonly status: number; readonly asked: boolean }
  /** It never answered our goodbye. */
  | { readonly state: 'unanswered' }
  /** Nobody saw, or nobody said goodbye. */
  | { readonly state: 'unknown' };

/** `unknown`: no copy of the call's SIP messages came, so that they cannot show anything. */
export type ReleaseState = 'released' | 'awaited' | 'unknown';

/** All dialogs under one SIP Call-ID. A far end may use one Call-ID twice; it has let go when it has of each. */
interface SipCall {
  readonly since: number;
  readonly channels: Set<string>;
  heard: boolean;
  /** By our tag, which the far end cannot choose. */
  readonly dialogs: Map<string, Dialog>;
  /** CSeq of an INVITE that the far end cancelled. */
  cancelled: number | null;
  /** When we first said goodbye. */
  goodbyeAt: number | null;
  release: { readonly at: number; readonly status: number } | null;
  readonly waiting: Set<(settled: Settled) => void>;
}

/** A call that no channel was noted for is kept this long after its beginning. */
const keptUnnotedMs = 60_000;
/** After its end: somewhat longer than the record of a later guarded call wants to know of it; see Suspects. */
const keptMs = 660_000;
/** How long our goodbye may come after Clearline takes a call for ended. */
const goodbyeWithinMs = 2_000;
/** PJSIP gives up on a BYE after 64 times T1, 32 s (RFC 3261 timer F); later answers prove as much. */
const goodbyeMs = 32_000;
const longestMs = 86_400_000;
const sweepMs = 10_000;
const mostDialogs = 20;
const unknown: Settled = { state: 'unknown' };

/**
 * Which far ends have let go of their calls, read off copies of the SIP messages: the only proof from outside Asterisk, whose
 * own books forget a channel as soon as the BYE is sent. It answers for legs that a far end began and for legs that
 * Asterisk dialled alike, once their channel is noted. Nothing here is worth delaying a guarded call for.
 */
export class Releases {
  private readonly calls = new Map<string, SipCall>();
  private readonly callIds = new Map<string, string>();
  private readonly clock: () => number;
  private readonly most: number;
  private sweptAt = 0;
  private closed = false;

  /** `clock` in milliseconds since the epoch; `most` calls are kept at once, those without a channel given up first. */
  constructor(clock: () => number, most = 20_000) {
    this.clock = clock;
    this.most = most;
  }

  get size(): number {
    return this.calls.size;
  }

  /** Takes one message. Anything may come, in any order and repeated. */
  hear(seen: SipSeen): void {
    this.sweep();
    const call = this.calls.get(seen.callId) ?? (seen.method === 'INVITE' ? this.open(seen.callId) : null);
    if (call === null) return;
    call.heard = true;
    if (seen.status === null && seen.method === 'INVITE' && seen.toTag === '') {
      // A new call under the same Call-ID.
      call.release = null;
      call.cancelled = null;
      call.goodbyeAt = null;
    }
    if (seen.status === null && seen.method === 'CANCEL' && seen.sentBy === 'them') call.cancelled = seen.sequence;
    const tag = (seen.status === null) === (seen.sentBy === 'us') ? seen.fromTag : seen.toTag;
    const dialog = tag === '' ? undefined : dialogOf(call, tag, seen);
    if (!dialog) return;
    const { saidGoodbye, released } = follow(dialog, seen, call.cancelled);
    if (saidGoodbye) call.goodbyeAt ??= seen.at;
    if (released === null) return;
    call.release = { at: seen.at, status: released };
    if (isReleased(call)) settle(call);
  }

  /** Says which channel a SIP Call-ID belongs to: ARI's `protocol_id` of the channel. */
  note(channel: string, callId: string): void {
    this.sweep();
    const call = this.calls.get(callId) ?? this.open(callId);
    call.channels.add(channel);
    this.callIds.set(channel, callId);
  }

  stateOf(channel: string): ReleaseState {
    const call = this.callOf(channel);
    if (!call?.heard) return 'unknown';
    if (isReleased(call)) return 'released';
    return this.closed ? 'unknown' : 'awaited';
  }

  /**
   * Resolves as soon as the far end has let go; `ms` after our goodbye at the latest. At once where nothing is known of the
   * call, and within two seconds where nobody says goodbye. Never rejects.
   */
  settled(channel: string, ms: number = goodbyeMs): Promise<Settled> {
    const call = this.callOf(channel);
    if (!call?.heard) return Promise.resolve(unknown);
    if (isReleased(call) || this.closed) return Promise.resolve(outcomeOf(call));
    return new Promise((resolve) => {
      const begun = this.clock();
      let timer: NodeJS.Timeout | undefined;
      const done = (settled: Settled) => {
        clearTimeout(timer);
        call.waiting.delete(done);
        resolve(settled);
      };
      const wait = () => {
        const end = call.goodbyeAt === null ? begun + goodbyeWithinMs : call.goodbyeAt + ms;
        const leftMs = end - this.clock();
        if (leftMs > 0) timer = setTimeout(wait, leftMs);
        else done(call.goodbyeAt === null ? unknown : { state: 'unanswered' });
      };
      call.waiting.add(done);
      wait();
    });
  }

  /** Nobody waits any longer: what is not known to be released stays unknown. */
  close(): void {
    this.closed = true;
    for (const call of this.calls.values()) settle(call);
  }

  private callOf(channel: string): SipCall | undefined {
    return this.calls.get(this.callIds.get(channel) ?? '');
  }

  private open(callId: string): SipCall {
    if (this.calls.size >= this.most) this.giveUpOne();
    const call: SipCall = {
      since: this.clock(),
      channels: new Set(),
      heard: false,
      dialogs: new Map(),
      cancelled: null,
      goodbyeAt: null,
      release: null,
      waiting: new Set(),
    };
    this.calls.set(callId, call);
    return call;
  }

  private giveUpOne(): void {
    let oldest: string | null = null;
    for (const [callId, { channels }] of this.calls) {
      oldest ??= callId;
      if (channels.size > 0) continue;
      oldest = callId;
      break;
    }
    if (oldest !== null) this.drop(oldest);
  }

  private sweep(): void {
    const now = this.clock();
    if (now - this.sweptAt < sweepMs) return;
    this.sweptAt = now;
    for (const [callId, call] of this.calls) if (now > lastsUntil(call)) this.drop(callId);
  }

  private drop(callId: string): void {
    const call = this.calls.get(callId);
    this.calls.delete(callId);
    if (!call) return;
    for (const channel of call.channels) this.callIds.delete(channel);
    settle(call);
  }
}

function isReleased(call: SipCall): boolean {
  return call.release !== null && [...call.dialogs.values()].every(({ over }) => over);
}

function lastsUntil(call: SipCall): number {
  if (call.channels.size === 0) return call.since + keptUnnotedMs;
  if (isReleased(call) && call.release !== null) return call.release.at + keptMs;
  return call.goodbyeAt === null ? call.since + longestMs : call.goodbyeAt + goodbyeMs + keptMs;
}

function outcomeOf(call: SipCall): Settled {
  if (call.release === null || !isReleased(call)) return unknown;
  return { state: 'released', ...call.release, asked: call.goodbyeAt !== null };
}

function settle(call: SipCall): void {
  for (const done of [...call.waiting]) done(outcomeOf(call));
}

function dialogOf({ dialogs }: SipCall, tag: string, seen: SipSeen): Dialog | undefined {
  const found = dialogs.get(tag);
  if (found || !begins(seen)) return found;
  if (dialogs.size >= mostDialogs) {
    const [over] = [...dialogs].find(([, { over }]) => over) ?? [];
    if (over === undefined) return undefined;
    dialogs.delete(over);
  }
  const dialog = newDialog();
  dialogs.set(tag, dialog);
  return dialog;
}
