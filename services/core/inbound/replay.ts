import type { CallEvent, Effect } from '../call.ts';
import { type GhostDial, nothingKeyed } from '../ghost-dial.ts';
import { classifyDialled } from '../number.ts';
import { unkeptDigit } from '../step.ts';
import type { InboundCall } from './state.ts';
import type { Step } from './step.ts';

/**
 * A call is lived again from what was kept of it. Which keys were pressed in a conversation is not kept, as they may be a PIN;
 * what they led to is: the number that was dialled, and that its rest is waited for.
 */

/** Stands for a number that was half keyed: nobody knows which. */
const halfKeyed: GhostDial = { class: 'ordinary', number: '', prefix: null, written: '', from: 0 };

/** Lives one kept event again; `effects` is what it led to then. */
export function relive(
  call: InboundCall,
  event: CallEvent,
  effects: readonly Effect[],
  decide: (call: InboundCall, event: CallEvent) => Step,
): Step {
  const unkept = event.type === 'KeyPressed' && event.digit === unkeptDigit;
  if (!unkept && !(event.type === 'Woke' && event.timer === 'keys')) return decide(call, event);
  const out = effects.find((effect) => effect.do === 'DialOut');
  if (out?.do === 'DialOut') {
    const number = classifyDialled(out.number, call.rules.safeNumbers);
    const pending = { ...number, written: out.number, from: event.at };
    return decide({ ...call, keying: { keys: [], pending } }, { type: 'Woke', timer: 'keys', at: event.at });
  }
  // By whoever pressed it: a caller's key changes nothing.
  if (!unkept || event.leg !== 'resident') return { call, effects };
  const waits = effects.some((effect) => effect.do === 'Wake' && effect.timer === 'keys');
  const listens = effects.some((effect) => effect.do === 'Wake' && effect.timer === 'deadline');
  const keying = waits ? { keys: [], pending: halfKeyed } : nothingKeyed;
  return { call: { ...call, keying, playing: listens ? null : call.playing }, effects };
}

/** What was half keyed is lost on purpose. */
export function forgetHalfKeyed(call: InboundCall): InboundCall {
  return call.keying.pending === halfKeyed ? { ...call, keying: nothingKeyed } : call;
}
