import type { Telephony } from '../../core/ports.ts';
import { bridgeOf } from '../exchange/ids.ts';

/** The bridge in which the parties of one call hear one another. */
export class CallBridge {
  private readonly call: string;
  private readonly telephony: Pick<Telephony, 'removeBridge'>;
  private up = false;

  constructor(call: string, telephony: Pick<Telephony, 'removeBridge'>) {
    this.call = call;
    this.telephony = telephony;
  }

  /** It was asked for, here or by another process. */
  isAsked(): void {
    this.up = true;
  }

  /** Lets go of it, where there may be one; `first` is the channel that is needed out of it at once. */
  remove(first?: string): void {
    if (this.up) void this.telephony.removeBridge(bridgeOf(this.call), first);
    this.up = false;
  }
}
