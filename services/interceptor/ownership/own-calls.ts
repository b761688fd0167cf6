import { setTimeout as pause } from 'node:timers/promises';
import type { Lease, LeaseAnswer } from '../../core/ports.ts';
import type { Log } from '../../log.ts';
import {
  atFirst,
  decideOwnership,
  leaseMs,
  type Ownership,
  type OwnershipEffect,
  type OwnershipEvent,
} from './ownership.ts';

/** How often whoever waits looks, and an owner renews, in milliseconds. */
const lookMs = 250;
const renewMs = 1_000;
/** How long an owner that stood still asks a Redis that does not answer whether the calls are still its own, in milliseconds. */
const regainMs = 2_000;
const askAgainMs = 50;

export interface OwnershipParts {
  readonly lease: Lease;
  /** Whether an interceptor has the application; null when Asterisk does not say. */
  readonly isTaken: () => Promise<boolean | null>;
  /** Whether the owner of that name is known to run no more. */
  readonly isDead: (owner: string) => boolean;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Called whenever this interceptor stands by. */
  readonly onStandBy: () => void;
  /** Ends the process before it does anything more. */
  readonly exit: (why: string) => void;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

/** Sees to it that one interceptor has the calls: waits until they are ours, and then keeps the lease for as long as they are. */
export class CallOwnership {
  private readonly parts: OwnershipParts;
  private readonly begun = Promise.withResolvers<void>();
  private readonly stopped = new AbortController();
  private now: Ownership = atFirst;
  private leaving = false;
  private regaining: Promise<void> | null = null;
  private readonly living: Promise<void>;

  constructor(parts: OwnershipParts) {
    this.parts = parts;
    this.living = this.live();
  }

  /** Resolves when the calls are ours. */
  get ours(): Promise<void> {
    return this.begun.promise;
  }

  /** The fencing token: what another wrote into Redis with a greater one is not ours to change. Null where Redis has given none. */
  readonly token = (): string | null => (this.now.stage === 'owning' ? this.now.token : null);

  /** Somebody stands by to take over at once. */
  get awaited(): boolean {
    return this.now.stage === 'owning' && this.now.awaited;
  }

  get stage(): Ownership['stage'] {
    return this.now.stage;
  }

  /**
   * To be asked before anything is done for a call: null as long as nobody else can have taken the calls. Where this process stood
   * still for longer than a lease lasts, what resolves when it is known that they are still ours; if not, the process ends before.
   */
  readonly hold = (): Promise<void> | null => {
    if (this.leaving) return new Promise(() => {});
    if (this.now.stage !== 'owning' || this.parts.clock() <= this.now.trustedUntil) return null;
    this.regaining ??= this.regain().finally(() => {
      this.regaining = null;
    });
    return this.regaining;
  };

  /** Asterisk says that another connection has the application. */
  replaced(): void {
    this.take({ type: 'Replaced' });
  }

  /**
   * Gives the calls up for whoever waits: nothing is done for any of them from now on, then `leave` lets go of all that one alone
   * may have, and then the lease.
   */
  async letGo(leave: () => Promise<void> = async () => {}): Promise<void> {
    const token = this.token();
    this.leaving = true;
    this.stopped.abort();
    await this.living;
    await leave();
    if (token !== null) await this.parts.lease.release(token);
  }

  private async live(): Promise<void> {
    const { signal } = this.stopped;
    while (!signal.aborted && this.now.stage !== 'out') {
      const since = performance.now();
      const owning = this.now.stage === 'owning';
      if (owning) await (this.hold() ?? this.renew());
      else await this.look();
      const leftMs = (owning ? renewMs : lookMs) - (performance.now() - since);
      await pause(Math.max(leftMs, 0), undefined, { signal }).catch(() => {});
    }
  }

  private async look(): Promise<void> {
    const { lease, isTaken, isDead, clock } = this.parts;
    const at = clock();
    const [answer, taken] = await Promise.all([lease.standBy(), isTaken()]);
    const dead = answer.state === 'other' && isDead(answer.owner);
    await this.take({ type: 'Looked', at, lease: answer, dead, taken });
  }

  private async renew(): Promise<void> {
    const at = this.parts.clock();
    await this.hear(at, await this.ask());
  }

  private ask(dead: string | null = null): Promise<LeaseAnswer> {
    const token = this.token();
    return token === null ? this.parts.lease.take(dead) : this.parts.lease.renew(token);
  }

  private async hear(at: number, lease: LeaseAnswer): Promise<void> {
    await this.take({ type: 'Asked', at, lease, dead: lease.state === 'other' && this.parts.isDead(lease.owner) });
  }

  /**
   * A connection that was open all the while fails first of all, and Redis answers over the next one. Where it does not, Asterisk's
   * word that we were replaced has come by then.
   */
  private async regain(): Promise<void> {
    const { clock, log } = this.parts;
    const since = clock();
    log.warn(
      { stoodStillMs: this.now.stage === 'owning' ? since - this.now.trustedUntil + leaseMs : 0 },
      'this process stood still: doing nothing until the calls are known to be its own still',
    );
    for (;;) {
      const at = clock();
      const answer = await this.ask();
      if (answer.state !== 'away' || clock() - since > regainMs) await this.hear(at, answer);
      if (this.now.stage !== 'owning' || clock() <= this.now.trustedUntil) return;
      await pause(askAgainMs);
    }
  }

  private async take(event: OwnershipEvent): Promise<void> {
    const { next, effects } = decideOwnership(this.now, event);
    this.now = next;
    for (const effect of effects) await this.perform(effect);
  }

  private async perform(effect: OwnershipEffect): Promise<void> {
    const { log, onStandBy, exit, clock } = this.parts;
    switch (effect.do) {
      case 'StandBy':
        log.info({ why: effect.why }, 'standing by');
        return onStandBy();
      case 'TakeLease': {
        const at = clock();
        return this.hear(at, await this.ask(effect.dead));
      }
      case 'TakeCalls':
        log.info({ token: this.token() }, 'the calls are ours');
        return this.begun.resolve();
      case 'Exit':
        return exit(effect.why);
    }
  }
}
