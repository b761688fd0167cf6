import type { CallEvent, Effect, Leg, Sound, Timer } from './call.ts';

/** What one event makes of a call of either direction, and what Clearline asks of the world. */
export interface StepOf<C> {
  readonly call: C;
  readonly effects: readonly Effect[];
}

export type LegState = 'none' | 'ringing' | 'up' | 'gone';

/** What calls of both directions have; plain data, so that a call can be stored and taken up again. */
export interface CallInStages<S> {
  readonly id: string;
  readonly stage: S;
  readonly legs: Readonly<Record<Leg, LegState>>;
  /** Playbacks minted so far. */
  readonly played: number;
  /** The playback whose end moves the call on, or that is cut short when the call moves on. */
  readonly playing: string | null;
}

/** What stands on record for a digit that is not kept. */
export const unkeptDigit = '?';
/** In place of whatever else is pressed in a call in which so much was pressed that no more of it is kept. */
export const furtherKeys = '…';

/** Collects what one event changes and asks for; `done()` is the step. */
export class CallStep<C extends CallInStages<unknown>> {
  private current: C;
  private readonly effects: Effect[] = [];

  constructor(call: C) {
    this.current = call;
  }

  get call(): C {
    return this.current;
  }

  ask(...effects: readonly Effect[]): this {
    this.effects.push(...effects);
    return this;
  }

  set(change: Partial<C>): this {
    this.current = { ...this.current, ...change };
    return this;
  }

  leg(leg: Leg, state: LegState): this {
    this.current = { ...this.current, legs: { ...this.current.legs, [leg]: state } };
    return this;
  }

  isLive(leg: Leg): boolean {
    return this.current.legs[leg] === 'ringing' || this.current.legs[leg] === 'up';
  }

  /** Moves on to a stage that ends after `deadlineMs` at the latest; null for a conversation, which has no deadline. */
  enter(stage: C['stage'], deadlineMs: number | null): this {
    this.current = { ...this.current, stage, playing: null };
    const timer: Timer = 'deadline';
    return this.ask(deadlineMs === null ? { do: 'Unwake', timer } : { do: 'Wake', timer, afterMs: deadlineMs });
  }

  /** Plays something whose end moves the call on, or that is to be cut short when the call moves on. */
  play(leg: Leg, ...sounds: readonly Sound[]): this {
    const playing = this.mint(leg, sounds);
    this.current = { ...this.current, playing };
    return this;
  }

  /** What was playing is over: there is nothing to cut short any more. */
  finishPlaying(event: Extract<CallEvent, { type: 'PromptFinished' }>): this {
    if (event.playback === this.current.playing) this.current = { ...this.current, playing: null };
    return this;
  }

  /** Cuts short what is playing, because a key was pressed or somebody left. */
  stopPlaying(): this {
    if (this.current.playing === null) return this;
    this.ask({ do: 'StopPlaying', playback: this.current.playing });
    this.current = { ...this.current, playing: null };
    return this;
  }

  /** The first cause named in a step stands. */
  hangUp(leg: Leg, cause: number): this {
    const asked = this.effects.some((effect) => effect.do === 'HangUp' && effect.leg === leg);
    return this.isLive(leg) && !asked ? this.ask({ do: 'HangUp', leg, cause }) : this;
  }

  done(): StepOf<C> {
    return { call: this.current, effects: this.effects };
  }

  /** Plays something under an id minted from the call's, which is the answer. */
  protected mint(leg: Leg, sounds: readonly Sound[]): string {
    const played = this.current.played + 1;
    const playback = `${this.current.id}-p${played}`;
    this.current = { ...this.current, played };
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
export function endsPrompt(step: CallStep<CallInStages<unknown>>, event: CallEvent): boolean {
  if (event.type === 'PromptFinished') return event.playback === step.call.playing;
  if (isDeadline(event)) step.stopPlaying();
  return failsPrompt(step, event) || isDeadline(event);
}

/** Asterisk refused to play the awaited prompt, or broke it off. */
export function failsPrompt(step: CallStep<CallInStages<unknown>>, event: CallEvent): boolean {
  return event.type === 'EffectFailed' && event.effect === 'Play' && event.about === step.call.playing;
}
