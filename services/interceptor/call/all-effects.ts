import type { Effect, Leg } from '../../core/call.ts';
import { bridgeOf } from '../exchange/ids.ts';
import { perform } from '../perform.ts';
import type { RunnerOptions } from '../runner-options.ts';
import { type OwnNeeds, ownEffects } from './own-effects.ts';

interface Needs extends OwnNeeds {
  readonly options: OwnNeeds['options'] & Pick<RunnerOptions, 'telephony' | 'staffEndpoint'>;
}

/** Does the effects of one call, those that concern the exchange and all others. */
export function allEffects(needs: Needs): (effect: Effect, at: number) => void {
  const { call, line, legs, options, report } = needs;
  const doOwn = ownEffects(needs);
  const endpointOf = (leg: Leg) => (leg === 'staff' ? options.staffEndpoint : line && `PJSIP/${line.id}`);
  const performance = { call, bridge: bridgeOf(call), channelOf: legs.channelOf, endpointOf, report };
  return (effect, at) => {
    doOwn(effect, at);
    perform(options.telephony, effect, performance);
  };
}
