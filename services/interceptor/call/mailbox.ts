import type { CallEvent, Leg } from '../../core/call.ts';

/**
 * The events of one call, in the order in which they are to be decided, which is not quite that in which they are heard:
 * what ended because of a hang-up comes after it, and whoever hung up comes before whom that took along.
 */
export class Mailbox {
  private readonly first: Leg;
  private readonly waiting: CallEvent[] = [];
  /** Legs whose hang-up was announced, with its Q.850 cause, and what ended because of it: the hang-up is told first. */
  private readonly leaving = new Map<Leg, number>();
  private readonly afterHangUp: CallEvent[] = [];
  /** Whom the resident dialled has answered. */
  private connected = false;
  private firstIsGone = false;

  /** `first` is the leg whose channel is the call's own. */
  constructor(first: Leg) {
    this.first = first;
  }

  /** A leg is about to go: prompts and recordings that end now end because of it. */
  announceLeaving(leg: Leg, cause: number): void {
    this.leaving.set(leg, cause || (this.leaving.get(leg) ?? 0));
  }

  put(event: CallEvent): void {
    if (this.leaving.size > 0 && isEndOfSound(event)) {
      // A prompt that a hang-up cut short has not failed.
      if (event.type !== 'EffectFailed') this.afterHangUp.push(event);
      return;
    }
    if (event.type !== 'HungUp') {
      if (event.type === 'Answered' && event.leg === 'far') this.connected = true;
      this.waiting.push(event);
      return;
    }
    if (this.isTakenAlong(event.leg)) {
      this.afterHangUp.push(event);
      return;
    }
    if (event.leg === this.first) {
      this.firstIsGone = true;
      this.tellWhoBegan(event.at);
    }
    // A channel that is destroyed does not always remember why; its hang-up request did.
    this.waiting.push({ ...event, cause: event.cause || (this.leaving.get(event.leg) ?? 0) });
    if (this.leaving.delete(event.leg) || event.leg === this.first) this.waiting.push(...this.afterHangUp.splice(0));
  }

  /** An event that another process decided. */
  relive(event: CallEvent): void {
    if (event.type === 'Answered' && event.leg === 'far') this.connected = true;
    if (event.type === 'HungUp' && event.leg === this.first) this.firstIsGone = true;
  }

  take(): CallEvent | undefined {
    return this.waiting.shift();
  }

  clear(): void {
    this.waiting.length = 0;
  }

  /**
   * The resident hung up: the dialplan ends whom it dialled for them first, and their own leg then. On a busy machine their
   * hang-up may be announced only after that; but a far end that hangs up itself after the answer has been announced.
   */
  private isTakenAlong(leg: Leg): boolean {
    const [began] = this.leaving.keys();
    return leg === 'far' && !this.firstIsGone && (began === 'resident' || (this.connected && began !== 'far'));
  }

  /** The far end hung up first, but Asterisk destroys the channel that dialled before the one it dialled. */
  private tellWhoBegan(at: number): void {
    const [[leg, cause] = []] = this.leaving;
    if (leg !== 'far' || cause === undefined) return;
    this.leaving.delete(leg);
    this.waiting.push({ type: 'HungUp', leg, cause, at });
  }
}

function isEndOfSound(event: CallEvent): boolean {
  return (
    event.type === 'PromptFinished' ||
    event.type === 'RecordingFinished' ||
    (event.type === 'EffectFailed' && event.effect === 'Play')
  );
}
