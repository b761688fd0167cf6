import type { CallEvent, Effect, Leg, Sound, Timer } from '../call.ts';
import type { CallFacts, InboundCall, LegState, Stage } from './state.ts';

/** What one event makes of the call, and what Clearline asks of the world. */
export interface Step {
  readonly call: InboundCall;
  readonly effects: readonly Effect[];
}

/** Collects what one event changes and asks for; `done()` is the step. */
export class StepBuilder {
  private current: InboundCall;
  private readonly effects: Effect[] = [];

  constructor(call: InboundCall) {
    this.current = call;
  }

  get call(): InboundCall {
    return this.current;
  }

  /** The facts of a call past its arrival; every stage but `arriving` has them. */
  get facts(): CallFacts {
    if (this.current.facts === null) throw new Error(`call ${this.current.id} has not arrived yet`);
    return this.current.facts;
  }

  ask(...effects: readonly Effect[]): this {
    this.effects.push(...effects);
    return this;
  }

  set(change: Partial<InboundCall>): this {
    this.current = { ...this.current, ...change };
    return this;
  }

  leg(leg: Leg, state: LegState): this {
    return this.set({ legs: { ...this.current.legs, [leg]: state } });
  }

  isLive(leg: Leg): boolean {
    return this.current.legs[leg] === 'ringing' || this.current.legs[leg] === 'up';
  }

  /** Moves on to a stage that ends after `deadlineMs` at the latest; null for a conversation, which has no deadline. */
  enter(stage: Stage, deadlineMs: number | null): this {
    this.set({ stage, playing: null });
    const timer: Timer = 'deadline';
    return this.ask(deadlineMs === null ? { do: 'Unwake', timer } : { do: 'Wake', timer, afterMs: deadlineMs });
  }

  /** Plays something whose end moves the call on, or that is to be cut short when the call moves on. */
  play(leg: Leg, ...sounds: readonly Sound[]): this {
    return this.set({ playing: this.mint(leg, sounds) });
  }

  /** Plays something to a waiting caller that goes on until it is stopped. */
  comfort(...sounds: readonly Sound[]): this {
    return this.set({ comfort: this.mint('caller', sounds) });
  }

  /** What was playing is over: there is nothing to cut short any more. */
  finishPlaying(event: Extract<CallEvent, { type: 'PromptFinished' }>): this {
    return event.playback === this.current.playing ? this.set({ playing: null }) : this;
  }

  stopComfort(): this {
    if (this.current.comfort === null) return this;
    return this.ask({ do: 'StopPlaying', playback: this.current.comfort }).set({ comfort: null });
  }

  /** Cuts short what is playing, because a key was pressed or somebody left. */
  stopPlaying(): this {
    if (this.current.playing === null) return this;
    return this.ask({ do: 'StopPlaying', playback: this.current.playing }).set({ playing: null });
  }

  answerCaller(): this {
    if (this.current.legs.caller === 'up') return this;
    return this.ask({ do: 'Answer', leg: 'caller' }).leg('caller', 'up');
  }

  /** The first cause named in a step stands. */
  hangUp(leg: Leg, cause: number): this {
    const asked = this.effects.some((effect) => effect.do === 'HangUp' && effect.leg === leg);
    return this.isLive(leg) && !asked ? this.ask({ do: 'HangUp', leg, cause }) : this;
  }

  done(): Step {
    return { call: this.current, effects: this.effects };
  }

  private mint(leg: Leg, sounds: readonly Sound[]): string {
    const playback = `${this.current.id}-p${this.current.played + 1}`;
    this.set({ played: this.current.played + 1 });
    this.ask({ do: 'Play', leg, playback, sounds });
    return playback;
  }
}

/** The stage has lasted as long as it may. */
export function isDeadline(event: CallEvent): boolean {
  return event.type === 'Woke' && event.timer === 'deadline';
}

/**
 * The awaited prompt is over: heard to its end, refused by Asterisk, or its end was lost. One whose end was lost is
 * stopped, should it still play: Asterisk connects no channel on which something does.
 */
export function endsPrompt(step: StepBuilder, event: CallEvent): boolean {
  if (event.type === 'PromptFinished') return event.playback === step.call.playing;
  if (isDeadline(event)) step.stopPlaying();
  return failsPrompt(step, event) || isDeadline(event);
}

/** Asterisk refused to play the awaited prompt, or broke it off. */
export function failsPrompt(step: StepBuilder, event: CallEvent): boolean {
  return event.type === 'EffectFailed' && event.effect === 'Play' && event.about === step.call.playing;
}
