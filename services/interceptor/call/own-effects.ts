import type { Effect } from '../../core/call.ts';
import type { LineEvidence } from '../../core/clearance.ts';
import type { ProtectedLine } from '../../core/line.ts';
import type { Unstamped } from '../perform.ts';
import type { RunnerOptions } from '../runner-options.ts';
import type { CallLegs } from './call-legs.ts';
import { promiseCallBack, raise } from './queue-effects.ts';
import type { Timers } from './timers.ts';
import type { Trace } from './trace.ts';

/** What the effects of a call need that concern more than the exchange. */
export interface OwnNeeds {
  readonly call: string;
  readonly line: ProtectedLine | null;
  readonly options: Pick<RunnerOptions, 'listening' | 'alerts' | 'callBacks' | 'log'>;
  readonly legs: CallLegs;
  readonly timers: Timers;
  readonly trace: Trace;
  readonly inspect: () => Promise<LineEvidence>;
  readonly cutOthers: () => void;
  readonly dialOut: (effect: Extract<Effect, { do: 'DialOut' }>) => void;
  /** The bridge of the call's parties is asked for. */
  readonly bridge: () => void;
  readonly conclude: (at: number) => void;
  readonly report: (answer: Unstamped) => void;
}

/** Does the effects that concern more than the exchange: time, evidence, other calls, queues, the end. */
export function ownEffects(needs: OwnNeeds): (effect: Effect, at: number) => void {
  const { call, options, legs, timers, trace, report } = needs;
  const line = needs.line?.id ?? '';
  let looks = 0;
  /** The answer to an earlier look, come when that was given up for lost and another asked for, is not the other's. */
  const inspect = () => {
    looks += 1;
    const look = looks;
    void needs.inspect().then((evidence) => {
      if (look === looks) report({ type: 'LineInspected', evidence });
    });
  };
  return (effect, at) => {
    switch (effect.do) {
      case 'Wake':
        return timers.set(effect.timer, effect.afterMs);
      case 'Unwake':
        return timers.unset(effect.timer);
      case 'InspectLine':
        return inspect();
      case 'CutOthers':
        return needs.cutOthers();
      case 'DialOut':
        return needs.dialOut(effect);
      case 'Screen':
      case 'Hold':
        return trace.take(effect, at);
      case 'Connect':
        return needs.bridge();
      case 'Listen': {
        const channel = legs.channelOf(effect.leg);
        return channel === null ? undefined : options.listening.listen(call, channel);
      }
      case 'Raise':
        return raise(call, line, effect.alert, at, options);
      case 'CallBackLater':
        return promiseCallBack({ id: call, line, number: effect.number, promisedAt: at, tries: 0 }, options, (why) =>
          report({ type: 'EffectFailed', effect: 'CallBackLater', about: line, why }),
        );
      case 'Conclude':
        return needs.conclude(at);
      default:
        return;
    }
  };
}
