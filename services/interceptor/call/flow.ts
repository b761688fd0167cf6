import type { CallEvent, Effect, Leg, Opening } from '../../core/call.ts';
import {
  asKept as asKeptInbound,
  decideInbound,
  forgetHalfKeyed,
  type InboundCall,
  type InboundRules,
  newInboundCall,
  reliveInbound,
} from '../../core/inbound.ts';
import {
  asKept as asKeptOutgoing,
  decideOutbound,
  newOutboundCall,
  type OutboundCall,
  type OutboundRules,
} from '../../core/outbound.ts';
import type { LegState, StepOf } from '../../core/step.ts';

/** How the core decides a call of either direction: what a running call asks of it. */
export interface Flow {
  /** The leg whose channel is the call's own. */
  readonly first: Leg;
  readonly legs: Readonly<Record<Leg, LegState>>;
  /** Legs that ring or are up. */
  readonly liveLegs: readonly Leg[];
  readonly stage: string;
  /** The playback whose end moves the call on. */
  readonly playing: string | null;
  /** What plays until it is stopped. */
  readonly comfort: string | null;
  /** The event as it may stand on record, in the state the call has now. */
  keep(event: CallEvent): CallEvent;
  /** Decides one event; what is to be done of it. */
  take(event: CallEvent): readonly Effect[];
  /** Lives an event again that was kept; `effects` is what it led to then, the answer what it would lead to now. */
  relive(event: CallEvent, effects: readonly Effect[]): readonly Effect[];
  /** To be called once all that was kept is lived again. */
  relived(): void;
}

/** The flow of a call that began so. */
export function flowFor(
  id: string,
  opening: Opening,
  rules: { readonly inbound: InboundRules; readonly outgoing: OutboundRules },
): Flow {
  return opening.type === 'Arrived' ? inboundFlow(id, rules.inbound) : outgoingFlow(id, rules.outgoing);
}

export function inboundFlow(id: string, rules: InboundRules): Flow {
  return flowOf<InboundCall>('caller', newInboundCall(id, rules), {
    decide: decideInbound,
    asKept: asKeptInbound,
    relive: reliveInbound,
    relived: forgetHalfKeyed,
    comfortOf: ({ comfort }) => comfort,
  });
}

export function outgoingFlow(id: string, rules: OutboundRules): Flow {
  return flowOf<OutboundCall>('resident', newOutboundCall(id, rules), {
    decide: decideOutbound,
    asKept: asKeptOutgoing,
    relive: decideOutbound,
    relived: (call) => call,
    comfortOf: () => null,
  });
}

interface Core<C> {
  decide(call: C, event: CallEvent): StepOf<C>;
  asKept(call: C, event: CallEvent): CallEvent;
  relive(call: C, event: CallEvent, effects: readonly Effect[]): StepOf<C>;
  relived(call: C): C;
  comfortOf(call: C): string | null;
}

function flowOf<C extends InboundCall | OutboundCall>(first: Leg, begin: C, core: Core<C>): Flow {
  let call = begin;
  const goOn = (step: StepOf<C>) => {
    call = step.call;
    return step.effects;
  };
  return {
    first,
    get legs() {
      return call.legs;
    },
    get liveLegs() {
      const legs = Object.entries(call.legs) as [Leg, LegState][];
      return legs.filter(([, state]) => state === 'up' || state === 'ringing').map(([leg]) => leg);
    },
    get stage() {
      return call.stage.name;
    },
    get playing() {
      return call.playing;
    },
    get comfort() {
      return core.comfortOf(call);
    },
    keep: (event) => core.asKept(call, event),
    take: (event) => goOn(core.decide(call, event)),
    relive: (event, effects) => goOn(core.relive(call, event, effects)),
    relived() {
      call = core.relived(call);
    },
  };
}
