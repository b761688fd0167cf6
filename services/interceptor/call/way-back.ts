import type { Opening } from '../../core/call.ts';
import { dialable } from '../../core/number.ts';
import { gb } from '../../core/packs/gb.ts';
import type { Reply, Telephony } from '../../core/ports.ts';

/** How a call that Clearline lets go of goes on in the dialplan; null for one that never left it. */
export function wayBack(
  id: string,
  opening: Opening,
  telephony: Pick<Telephony, 'continueInDialplan'>,
): (() => Promise<Reply>) | null {
  if (opening.type === 'Arrived') return () => telephony.continueInDialplan(id, 'fallback-inbound', 's');
  const { number, by } = opening;
  const isEmergency = number.class === 'emergency';
  if (isEmergency && by === 'phone') return null;
  const context = isEmergency ? 'emergency' : 'fallback-outbound';
  return () => telephony.continueInDialplan(id, context, dialable(number.number, gb));
}
