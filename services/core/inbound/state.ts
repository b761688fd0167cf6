import type { Effect, Ending, Leg, Sound, Timer } from '../call.ts';
import type { CallerIdentity } from '../caller.ts';
import type { ProtectedLine } from '../line.ts';
import type { Verdict } from '../screen.ts';

/** The durations a site may tune, in seconds; config.ts gives their defaults. */
export interface InboundRules {
  readonly nameSeconds: number;
  readonly challengeSeconds: number;
  readonly messageSeconds: number;
  readonly reminderSeconds: number;
  readonly holdSeconds: number;
  readonly reportedHoldSeconds: number;
}

/** Where an inbound call is on its way. Each stage has a deadline, so none can be stuck. */
export type Stage =
  | { readonly name: 'arriving' }
  | { readonly name: 'announcing' }
  | { readonly name: 'naming' }
  /** `asking` while the prompt plays, then the caller's time to press runs. */
  | { readonly name: 'challenging'; readonly failures: number; readonly asking: boolean; readonly lastKeyAt: number }
  | { readonly name: 'ringing'; readonly party: Party }
  /** The answering party hears who is calling, and a resident the warning, before the caller can speak. */
  | { readonly name: 'whispering'; readonly party: Party }
  | { readonly name: 'talking'; readonly party: Party }
  | { readonly name: 'taking-message'; readonly recording: boolean }
  /** The caller has gone; the resident is still on the phone. */
  | { readonly name: 'advising'; readonly ending: Ending; readonly repeats: number }
  | { readonly name: 'clearing'; readonly ending: Ending; readonly told: boolean }
  | { readonly name: 'calling-police'; readonly ending: Ending; readonly connected: boolean }
  /** Last words to one leg, then the end. */
  | { readonly name: 'parting'; readonly ending: Ending; readonly to: Leg }
  /** Every leg is being hung up. */
  | { readonly name: 'closing'; readonly ending: Ending }
  | { readonly name: 'ended'; readonly ending: Ending };

/** Who answers a call: the resident, or the staff in their place. */
export type Party = 'resident' | 'staff';

export type LegState = 'none' | 'ringing' | 'up' | 'gone';

/** One inbound call as the core knows it: plain data, so that it can be stored and taken up again. */
export interface InboundCall {
  readonly id: string;
  readonly rules: InboundRules;
  readonly stage: Stage;
  readonly legs: Readonly<Record<Leg, LegState>>;
  /** Known from the arrival on. */
  readonly facts: CallFacts | null;
  /** Playbacks minted so far. */
  readonly played: number;
  /** The playback whose end moves the call on. */
  readonly playing: string | null;
  /** What the caller hears while waiting: stopped before they are connected. */
  readonly comfort: string | null;
  readonly nameRecording: string | null;
}

export interface CallFacts {
  readonly line: ProtectedLine;
  readonly caller: CallerIdentity;
  readonly verdict: Verdict;
  readonly staffed: boolean;
  /** The digit this caller has to press. */
  readonly digit: string;
}

export interface Step {
  readonly call: InboundCall;
  readonly effects: readonly Effect[];
}

/** A call nobody has told us anything about yet. */
export function newInboundCall(id: string, rules: InboundRules): InboundCall {
  return {
    id,
    rules,
    stage: { name: 'arriving' },
    legs: { caller: 'none', resident: 'none', staff: 'none', police: 'none' },
    facts: null,
    played: 0,
    playing: null,
    comfort: null,
    nameRecording: null,
  };
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

  /** Plays something whose end moves the call on. */
  play(leg: Leg, ...sounds: readonly Sound[]): this {
    return this.set({ playing: this.mint(leg, sounds) });
  }

  /** Plays something to a waiting caller that goes on until it is stopped. */
  comfort(...sounds: readonly Sound[]): this {
    return this.set({ comfort: this.mint('caller', sounds) });
  }

  /** Plays something beside the call's way: its end changes nothing. */
  mention(leg: Leg, ...sounds: readonly Sound[]): this {
    this.mint(leg, sounds);
    return this;
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

  hangUp(leg: Leg, cause: number): this {
    return this.isLive(leg) ? this.ask({ do: 'HangUp', leg, cause }) : this;
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

const parts: readonly Leg[] = ['caller', 'resident', 'staff', 'police'];
/** How long the hang-ups of a closing call may take to be confirmed before the record is written without them. */
const closingMs = 5_000;

/** Q.850 causes by name (ITU-T Q.850, table 1). */
export const causes = {
  unallocated: 1,
  normal: 16,
  busy: 17,
  noAnswer: 19,
  absent: 20,
  rejected: 21,
} as const;

/** Hangs up whoever is left and waits until all are gone; the record follows. */
export function close(step: StepBuilder, ending: Ending): Step {
  step.stopComfort().enter({ name: 'closing', ending }, closingMs).ask({ do: 'Unwake', timer: 'reminder' });
  for (const leg of parts) step.hangUp(leg, ending.cause);
  return concludeIfEmpty(step, ending);
}

/** Writes the end once nobody is left. */
export function concludeIfEmpty(step: StepBuilder, ending: Ending): Step {
  if (parts.some((leg) => step.isLive(leg))) return step.done();
  return conclude(step, ending);
}

export function conclude(step: StepBuilder, ending: Ending): Step {
  step.set({ stage: { name: 'ended', ending } });
  return step.ask({ do: 'Unwake', timer: 'deadline' }, { do: 'Conclude', ending }).done();
}

const partingMs = 22_000;

/**
 * Says why to a leg, then ends. A caller whose leg was never answered is not answered for that: the cause tells their
 * network, which has its own words.
 */
export function part(step: StepBuilder, to: Leg, ending: Ending, ...sounds: readonly Sound[]): Step {
  if (step.call.legs[to] !== 'up') return close(step, ending);
  step.stopComfort().enter({ name: 'parting', ending, to }, partingMs);
  for (const leg of parts) if (leg !== to) step.hangUp(leg, causes.normal);
  return step.play(to, ...sounds).done();
}
