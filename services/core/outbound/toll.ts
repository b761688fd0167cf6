import type { TollCounts } from '../call.ts';
import type { OutboundCall } from './state.ts';

/**
 * What a stolen telephone, or a resident who was talked into it, may run up: calls that cost money are limited for each line.
 * Emergency and guarded numbers never come here.
 */

/** Why a call is not made, and the alert that tells staff so; both have a prompt of that name. Null: it may be made. */
export type TollFault = 'abroad-refused' | 'too-many-calls';

const none: TollCounts = { atOnce: 1, lastHour: 0, premiumLastHour: 0 };

/** Judges a call to an ordinary or premium number. Whom the line trusts may be called wherever they live, and however often. */
export function tollFault({ rules, facts }: Pick<OutboundCall, 'rules' | 'facts'>): TollFault | null {
  if (facts === null) return null;
  const { line, number, toll = none } = facts;
  if (toll.atOnce > rules.callsAtOnce) return 'too-many-calls';
  if (line.trusted.some((contact) => contact.number === number.number)) return null;
  if (number.abroad === true && rules.abroad === 'refuse') return 'abroad-refused';
  if (toll.lastHour >= rules.callsPerHour) return 'too-many-calls';
  const isPremium = number.class === 'premium';
  return isPremium && toll.premiumLastHour >= rules.premiumCallsPerHour ? 'too-many-calls' : null;
}
