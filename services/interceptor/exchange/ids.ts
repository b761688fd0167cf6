import type { Leg } from '../../core/call.ts';

/**
 * Ids are minted from the call id before the request that uses them, so that an event which overtakes its reply already
 * finds its call, and a restarted process can tell whose channel it sees. A resident's leg that went on to dial is a call
 * of its own, under the id it was minted with: what that one mints is named after both (`1.1-resident-staff`).
 */

const minted = /^(.+)-(resident|staff|p\d+|name|message|call|talk|ear|wire|listen)$/;

/** The channel of a leg that Clearline rang. */
export function mintedChannel(call: string, leg: Leg): string {
  return `${call}-${leg}`;
}

/** The one bridge a call ever has. */
export function bridgeOf(call: string): string {
  return `${call}-talk`;
}

/** Playbacks are numbered from 1, whoever hears them; core/step.ts mints them. */
export function playbackOf(call: string, number: number): string {
  return `${call}-p${number}`;
}

/** The call an id was minted for; null for an id that is nobody's but its own. */
export function callOf(id: string): string | null {
  return minted.exec(id)?.[1] ?? null;
}

/** Which leg of its call a minted channel is; null for a channel that no call minted. */
export function mintedLeg(channel: string): Leg | null {
  const leg = minted.exec(channel)?.[2];
  return leg === 'resident' || leg === 'staff' ? leg : null;
}

const listening = /-(ear|wire|listen)$/;

/** The two channels and the bridge by which a call's caller is listened to for a dial tone; see listen.ts. */
export function listeningIds(call: string): { readonly ear: string; readonly wire: string; readonly bridge: string } {
  return { ear: `${call}-ear`, wire: `${call}-wire`, bridge: `${call}-listen` };
}

/** One of those: nobody's leg, and nothing a call is told of. */
export function isListening(id: string): boolean {
  return listening.test(id);
}
