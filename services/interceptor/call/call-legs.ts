import type { CallEvent, Leg } from '../../core/call.ts';
import { mintedChannel } from '../exchange/ids.ts';

const trunkName = /^PJSIP\/trunk-(.+)-[0-9a-f]{8}$/;

/** Which channel is which leg of one call: its own first channel, those it minted, and the one the dialplan dials for it. */
export class CallLegs {
  private readonly call: string;
  private readonly first: Leg;
  /** The channel that the dialplan dialled last. */
  private far: string | null = null;
  /** Channels that the dialplan dialled, and how each fares. */
  private readonly dialled = new Map<string, string>();

  constructor(call: string, first: Leg) {
    this.call = call;
    this.first = first;
  }

  channelOf = (leg: Leg): string | null => {
    if (leg === this.first) return this.call;
    return leg === 'far' ? this.far : mintedChannel(this.call, leg);
  };

  /** False when that was known: Asterisk may tell it to each of the two channels. */
  dials(channel: string, status: string): boolean {
    if (this.dialled.get(channel) === status) return false;
    this.dialled.set(channel, status);
    this.far = channel;
    return true;
  }

  isFar(channel: string): boolean {
    return channel === this.far;
  }
}

/** The trunk of a channel, by the channel's name; null for one that is no trunk's. */
export function trunkOf(channelName: string): string | null {
  return trunkName.exec(channelName)?.[1] ?? null;
}

/** What happens to a call when the dialplan tells how the channel fares that it dials for it. */
export function dialEvents(channelName: string, status: string, at: number): readonly CallEvent[] {
  const trunk = trunkOf(channelName);
  if (status === 'dialling' && trunk !== null) return [{ type: 'Dialling', trunk, at }];
  if (status === 'ringing' || status === 'PROGRESS') return [{ type: 'Ringing', leg: 'far', at }];
  return status === 'ANSWER' ? [{ type: 'Answered', leg: 'far', at }] : [];
}
