import fc from 'fast-check';
import type { CallEvent, Effect, JournalEntry, Leg, Timer } from '../../../services/core/call.ts';
import { decideOutbound, newOutboundCall, type OutboundCall } from '../../../services/core/outbound.ts';
import {
  answers,
  begin,
  cameBack,
  deadline,
  dialled,
  dialling,
  evidence,
  failed,
  hangsUp,
  lookTime,
  presses,
  ringing,
  rules,
  sees,
  type Told,
  wordsTime,
} from './story.ts';

/** Calls to which anything happens, in any order; most of it what well may come next, so that every stage is reached. */

const legs: readonly Leg[] = ['resident', 'staff', 'far'];

/** An event that may depend on the call it comes to: the prompt that is playing. */
interface Happening {
  readonly what: string;
  readonly in: (call: OutboundCall) => Told;
}
export interface Life {
  readonly begins: ReturnType<typeof dialled>;
  readonly rules: typeof rules;
  readonly happenings: readonly { readonly happens: Happening; readonly afterMs: number }[];
}

const promptEnds = ({ playing }: OutboundCall): Told => ({ type: 'PromptFinished', playback: playing ?? 'c-p1' });
const promptFails = ({ playing }: OutboundCall): Told => failed('Play', playing ?? 'c-p1');
const known = (event: Told): Happening => ({ what: event.type, in: () => event });

/** One of the things that well may come next in the stage a call is in. */
function next(choice: number): Happening {
  return {
    what: `what may come next, ${choice}`,
    in: (call) => {
      const likely = likelyNext(call);
      return likely[choice % likely.length] ?? lookTime;
    },
  };
}

function likelyNext(call: OutboundCall): Told[] {
  switch (call.stage.name) {
    case 'checking':
      return likelyInChecking(call);
    case 'gone-on':
      return [dialling('one'), answers('far'), cameBack(), cameBack('CONGESTION', 0), hangsUp('far', 38)];
    case 'connected':
      return [sees('connected'), lookTime, sees('waiting'), sees('crowded'), sees('silent'), hangsUp('far')];
    case 'ringing-staff':
      return [answers('staff'), hangsUp('staff', 19), deadline];
    case 'with-staff':
      return [hangsUp('staff'), failed('Connect')];
    case 'promising':
      return [failed('CallBackLater'), promptEnds(call), hangsUp('resident')];
    default:
      return [promptEnds(call)];
  }
}

function likelyInChecking(call: OutboundCall): Told[] {
  if (call.guard?.look === 'none')
    return [lookTime, promptEnds(call), wordsTime, presses('2'), presses('0'), presses('1')];
  return [sees('clear'), sees('suspect'), sees('clear'), sees('silent'), sees('timed'), wordsTime, sees('oneTimed')];
}

const anything = fc.oneof(
  fc.constantFrom<Happening>({ what: 'prompt ends', in: promptEnds }, { what: 'prompt fails', in: promptFails }),
  fc.integer({ min: 1, max: 9 }).map((n) => known({ type: 'PromptFinished', playback: `c-p${n}` })),
  fc.constantFrom(...'0123456789*#').map((digit) => known(presses(digit))),
  fc
    .tuple(fc.constantFrom(...legs), fc.constantFrom(0, 16, 17, 19, 38, 127))
    .map(([leg, cause]) => known(hangsUp(leg, cause))),
  fc.constantFrom(...legs).map((leg) => known(answers(leg))),
  fc
    .constantFrom<Effect['do']>('Connect', 'Answer', 'InspectLine', 'CallBackLater', 'PutThrough', 'Ring', 'HangUp')
    .map((what) => known(failed(what))),
  fc.constantFrom(...Object.keys(evidence)).map((found) => known(sees(found as keyof typeof evidence))),
  fc.constantFrom(deadline, lookTime, wordsTime, ringing, dialling('one'), dialling('two')).map(known),
  fc
    .tuple(fc.constantFrom('BUSY', 'CHANUNAVAIL', 'ANSWER'), fc.constantFrom(0, 17))
    .map(([status, cause]) => known(cameBack(status, cause))),
  fc.constant(known(dialled('guarded'))),
);

const begins = fc
  .record({
    number: fc.constantFrom('guarded', 'guarded', 'guarded', 'guarded', 'ordinary', 'premium', 'emergency'),
    by: fc.constantFrom('phone', 'phone', 'ghost-dial', 'advice', 'call-back'),
    held: fc.boolean(),
    staffed: fc.boolean(),
    trunks: fc.constantFrom(['one', 'two'], ['one'], []),
    suspectTrunks: fc.constantFrom([], ['one'], ['one', 'two']),
  })
  .map(({ number, ...changes }) => dialled(number, changes));

export const lives: fc.Arbitrary<Life> = fc.record({
  begins,
  rules: fc.record({
    premium: fc.constantFrom('connect', 'refuse'),
    ordinaryWhileHeld: fc.constantFrom('connect', 'warn', 'refuse'),
    waitSeconds: fc.constantFrom(rules.waitSeconds, 10),
    abroad: fc.constantFrom('connect', 'refuse'),
    callsAtOnce: fc.constantFrom(1, 2),
    callsPerHour: fc.constantFrom(0, 60),
    premiumCallsPerHour: fc.constantFrom(0, 5),
  }),
  happenings: fc.array(
    fc.record({
      happens: fc.oneof({ weight: 4, arbitrary: fc.nat(6).map(next) }, { weight: 1, arbitrary: anything }),
      afterMs: fc.integer({ min: 1, max: 3000 }),
    }),
    { maxLength: 40 },
  ),
});

export interface Passed {
  readonly event: CallEvent;
  readonly before: OutboundCall;
  readonly call: OutboundCall;
  readonly effects: readonly Effect[];
  /** The timers that run after the event, and when they are due. */
  readonly timers: ReadonlyMap<Timer, number>;
}

export interface Followed {
  readonly call: OutboundCall;
  readonly steps: readonly Passed[];
  readonly journal: readonly JournalEntry[];
}

/** Lives a call from the dialling to its last happening. */
export function follow(life: Life): Followed {
  let at = begin;
  let followed = step({ call: newOutboundCall('c', life.rules), steps: [], journal: [] }, { ...life.begins, at });
  for (const { happens, afterMs } of life.happenings) {
    at += afterMs;
    followed = step(followed, { ...happens.in(followed.call), at });
  }
  return followed;
}

function step(past: Followed, event: CallEvent): Followed {
  const { call, effects } = decideOutbound(past.call, event);
  const timers = new Map(past.steps.at(-1)?.timers);
  if (event.type === 'Woke') timers.delete(event.timer);
  for (const effect of effects) {
    if (effect.do === 'Wake') timers.set(effect.timer, event.at + effect.afterMs);
    if (effect.do === 'Unwake') timers.delete(effect.timer);
  }
  const { at } = event;
  return {
    call,
    steps: [...past.steps, { event, before: past.call, call, effects, timers }],
    journal: [...past.journal, { at, event }, ...effects.map((effect) => ({ at, effect }))],
  };
}

/** Everybody hangs up, and the deadline fires if it runs. */
export function drained(call: Followed): Followed {
  let rest = call;
  for (let round = 0; round < 20 && rest.call.stage.name !== 'ended'; round += 1) {
    for (const leg of legs) {
      const live = rest.call.legs[leg] === 'up' || rest.call.legs[leg] === 'ringing';
      if (live) rest = step(rest, { ...hangsUp(leg), at: lastAt(rest) + 1 });
    }
    const last = rest.steps.at(-1)?.timers.get('deadline');
    if (last !== undefined) rest = step(rest, { ...deadline, at: last });
  }
  return rest;
}

/** Nothing more is heard of anything: only timers fire, in their order. */
export function silenced(life: Followed): OutboundCall {
  let { call } = life;
  const timers = new Map(life.steps.at(-1)?.timers);
  for (let round = 0; round < 5_000; round += 1) {
    const [due] = [...timers].toSorted(([, one], [, other]) => one - other);
    if (due === undefined || call.stage.name === 'ended') break;
    const [timer, at] = due;
    timers.delete(timer);
    const decided = decideOutbound(call, { type: 'Woke', timer, at });
    call = decided.call;
    for (const effect of decided.effects) {
      if (effect.do === 'Wake') timers.set(effect.timer, at + effect.afterMs);
      if (effect.do === 'Unwake') timers.delete(effect.timer);
    }
  }
  return call;
}

function lastAt({ steps }: Followed): number {
  return steps.at(-1)?.event.at ?? begin;
}
