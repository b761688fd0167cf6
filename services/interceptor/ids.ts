import type { Leg } from '../core/call.ts';

/**
 * Ids are minted from the call id before the request that uses them, so that an event which overtakes its reply already
 * finds its call, and a restarted process can tell whose channel it sees.
 */

const minted = /^(.+)-(resident|staff|police|p\d+|name|message|call|talk|onward)$/;

/** The caller's channel is the call; every other leg is named after it. */
export function channelOf(call: string, leg: Leg): string {
  return leg === 'caller' ? call : `${call}-${leg}`;
}

/** The bridge of caller and party, or the one in which the resident goes on to the police. */
export function bridgeOf(call: string, legs: readonly Leg[]): string {
  return legs.includes('caller') ? `${call}-talk` : `${call}-onward`;
}

/** The call an id was minted for; null for an id that is nobody's but its own. */
export function callOf(id: string): string | null {
  return minted.exec(id)?.[1] ?? null;
}

/** Which leg of its call a channel is. */
export function legOf(channel: string): Leg {
  const leg = minted.exec(channel)?.[2];
  return leg === 'resident' || leg === 'staff' || leg === 'police' ? leg : 'caller';
}
