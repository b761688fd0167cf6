import type { ExchangeEvent } from '../../adapters/ari-events.ts';
import type { RunningCall } from '../call/running-call.ts';
import { callOf, mintedLeg } from './ids.ts';
import type { Place } from './route.ts';

/** Which channel is whose, among the calls that run. */
export class Whereabouts {
  private readonly calls: ReadonlyMap<string, RunningCall>;
  /** Channels that the dialplan dials, each with the call it does so for. */
  private readonly dialled = new Map<string, string>();
  private readonly names = new Map<string, string>();

  constructor(calls: ReadonlyMap<string, RunningCall>) {
    this.calls = calls;
  }

  /** To be told of every event, before any call is. */
  hear(event: ExchangeEvent): void {
    if (event.type === 'ChannelEntered' || event.type === 'EmergencyDialled') this.names.set(event.channel, event.name);
    if (event.type !== 'DialTold' || !this.calls.has(event.channel) || callOf(event.peer) !== null) return;
    this.dialled.set(event.peer, event.channel);
    this.names.set(event.peer, event.peerName);
  }

  /** A channel of a call that is taken up; `dialledFor` is the call for which the dialplan dialled it. */
  find(channel: string, name: string, dialledFor: string | null): void {
    this.names.set(channel, name);
    if (dialledFor !== null) this.dialled.set(channel, dialledFor);
  }

  /** To be told when the channel's end has been told to its call. */
  forget(channel: string): void {
    this.dialled.delete(channel);
    this.names.delete(channel);
  }

  get channels(): Iterable<string> {
    return this.names.keys();
  }

  /** Channels that are not here are gone, unheard. */
  keepOnly(isHere: (channel: string) => boolean): void {
    for (const channel of [...this.names.keys()]) if (!isHere(channel)) this.forget(channel);
  }

  /**
   * A running call's own channel is that call's before all else: it may bear the id of another's leg, which it was.
   * Null for nobody's, also for the one that the dialplan dialled before it dialled another.
   */
  placeOf = (channel: string): Place | null => {
    const own = this.calls.get(channel);
    if (own) return { call: channel, leg: own.first };
    const caller = this.dialled.get(channel);
    if (caller !== undefined) return this.calls.get(caller)?.legs.isFar(channel) ? { call: caller, leg: 'far' } : null;
    const [call, leg] = [callOf(channel), mintedLeg(channel)];
    return call === null || leg === null ? null : { call, leg };
  };

  nameOf(channel: string): string {
    return this.names.get(channel) ?? channel;
  }
}
