import type { Sound } from '../call.ts';
import { CallStep, type StepOf } from '../step.ts';
import type { CallFacts, InboundCall } from './state.ts';

export { endsPrompt, failsPrompt, isDeadline } from '../step.ts';

/** What one event makes of an inbound call, and what Clearline asks of the world. */
export type Step = StepOf<InboundCall>;

/** One step of an inbound call, in the making. */
export class StepBuilder extends CallStep<InboundCall> {
  /** The facts of a call past its arrival; every stage but `arriving` has them. */
  get facts(): CallFacts {
    if (this.call.facts === null) throw new Error(`call ${this.call.id} has not arrived yet`);
    return this.call.facts;
  }

  /** Plays something to a waiting caller that goes on until it is stopped. */
  comfort(...sounds: readonly Sound[]): this {
    return this.set({ comfort: this.mint('caller', sounds) });
  }

  stopComfort(): this {
    if (this.call.comfort === null) return this;
    return this.ask({ do: 'StopPlaying', playback: this.call.comfort }).set({ comfort: null });
  }

  answerCaller(): this {
    if (this.call.legs.caller === 'up') return this;
    return this.ask({ do: 'Answer', leg: 'caller' }).leg('caller', 'up');
  }
}
