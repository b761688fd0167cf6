import type { CallEvent, Effect, Leg } from '../core/call.ts';
import { asKept as asKeptInbound, decideInbound, type InboundRules, newInboundCall } from '../core/inbound.ts';
import { asKept as asKeptOutgoing, decideOutbound, newOutboundCall, type OutboundRules } from '../core/outbound.ts';
import type { LegState, StepOf } from '../core/step.ts';

/** How the core decides a call of either direction: what a running call asks of it. */
export interface Flow {
  /** The leg whose channel is the call's own. */
  readonly first: Leg;
  /** Legs that ring or are up. */
  readonly liveLegs: readonly Leg[];
  /** The event as it may stand on record, in the state the call has now. */
  keep(event: CallEvent): CallEvent;
  /** Decides one event; what is to be done of it. */
  take(event: CallEvent): readonly Effect[];
}

export function inboundFlow(id: string, rules: InboundRules): Flow {
  return flowOf('caller', newInboundCall(id, rules), decideInbound, asKeptInbound);
}

export function outgoingFlow(id: string, rules: OutboundRules): Flow {
  return flowOf('resident', newOutboundCall(id, rules), decideOutbound, asKeptOutgoing);
}

function flowOf<C extends { readonly legs: Readonly<Record<Leg, LegState>> }>(
  first: Leg,
  begin: C,
  decide: (call: C, event: CallEvent) => StepOf<C>,
  asKept: (call: C, event: CallEvent) => CallEvent,
): Flow {
  let call = begin;
  return {
    first,
    get liveLegs() {
      const legs = Object.entries(call.legs) as [Leg, LegState][];
      return legs.filter(([, state]) => state === 'up' || state === 'ringing').map(([leg]) => leg);
    },
    keep: (event) => asKept(call, event),
    take(event) {
      const step = decide(call, event);
      call = step.call;
      return step.effects;
    },
  };
}
