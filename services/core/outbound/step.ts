import type { CallEvent, Sound, Timer } from '../call.ts';
import { CallStep, endsPrompt, type StepOf } from '../step.ts';
import type { DialledFacts, Guard, OutboundCall } from './state.ts';

/** What one event makes of an outgoing call, and what Clearline asks of the world. */
export type Step = StepOf<OutboundCall>;

/** One step of an outgoing call, in the making. */
export class OutboundStep extends CallStep<OutboundCall> {
  /** When the event happened, ms since the epoch. */
  readonly at: number;

  constructor(call: OutboundCall, at: number) {
    super(call);
    this.at = at;
  }

  /** Every stage but `arriving` has them. */
  get facts(): DialledFacts {
    if (this.call.facts === null) throw new Error(`nothing has been dialled in call ${this.call.id} yet`);
    return this.call.facts;
  }

  /** Every stage that only a guarded number reaches has it. */
  get guard(): Guard {
    if (this.call.guard === null) throw new Error(`call ${this.call.id} is not to a guarded number`);
    return this.call.guard;
  }

  guarding(change: Partial<Guard>): this {
    return this.set({ guard: { ...this.guard, ...change } });
  }

  wake(timer: Timer, afterMs: number): this {
    return this.ask({ do: 'Wake', timer, afterMs });
  }

  unwake(...timers: readonly Timer[]): this {
    return this.ask(...timers.map((timer) => ({ do: 'Unwake', timer }) as const));
  }

  /** Says something to the resident, instead of whatever was being said: their leg is answered for it. */
  say(...sounds: readonly Sound[]): this {
    this.stopPlaying();
    if (this.call.legs.resident === 'ringing') this.ask({ do: 'Answer', leg: 'resident' }).leg('resident', 'up');
    return this.play('resident', ...sounds);
  }
}

/** What was being said is over, and there is nothing left to cut short. */
export function isSaid(step: OutboundStep, event: CallEvent): boolean {
  if (!endsPrompt(step, event)) return false;
  step.set({ playing: null });
  return true;
}
