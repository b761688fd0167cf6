import fc from 'fast-check';
import type { CallEvent, Effect, JournalEntry, Leg } from '../../../services/core/call.ts';
import { decideInbound, type InboundCall, newInboundCall } from '../../../services/core/inbound.ts';
import { screeningModes } from '../../../services/core/line.ts';
import type { Standing, Treatment } from '../../../services/core/screen.ts';
import {
  type ArrivalOptions,
  answers,
  arrived,
  begin,
  callers,
  deadline,
  dialTone,
  failed,
  hangsUp,
  presses,
  recorded,
  reminderTime,
  restOfNumber,
  rules,
  signalling,
  type Told,
} from './story.ts';

/** Calls to which anything happens, in any order; most of it what well may come next, so that every stage is
 * reached. */

const legs: readonly Leg[] = ['caller', 'resident', 'staff'];

/** An event that may depend on the call it comes to: the prompt that is playing, the right digit. */
interface Happening {
  readonly what: string;
  readonly in: (call: InboundCall) => Told;
}
export interface Life {
  readonly arrival: ArrivalOptions;
  readonly happenings: readonly { readonly happens: Happening; readonly afterMs: number }[];
}

const promptEnds: Happening = {
  what: 'the awaited prompt ends',
  in: ({ playing }) => ({ type: 'PromptFinished', playback: playing ?? 'c-p1' }),
};
const promptFails: Happening = {
  what: 'the awaited prompt fails',
  in: ({ playing }) => failed('Play', playing ?? 'c-p1'),
};
const known = (event: Told): Happening => ({ what: event.type, in: () => event });

/** One of the things that well may come next in the stage a call is in. */
function next(choice: number): Happening {
  return {
    what: `what may come next, ${choice}`,
    in: (call) => {
      const likely = likelyNext(call);
      return likely[choice % likely.length] ?? promptEnds.in(call);
    },
  };
}

function likelyNext(call: InboundCall): Told[] {
  const { stage, facts } = call;
  const itsPromptEnds = promptEnds.in(call);
  switch (stage.name) {
    case 'naming':
      return [recorded('name', 2)];
    case 'challenging':
      return [presses('caller', facts?.digit ?? '1'), itsPromptEnds, presses('caller', '0')];
    case 'ringing':
      return [answers(stage.party)];
    case 'whispering':
      return [itsPromptEnds, itsPromptEnds, presses('resident', '*'), ...rings(call)];
    case 'talking':
      return [hangsUp('caller'), presses('resident', '*'), reminderTime, dialTone, ...rings(call)];
    case 'taking-message':
      return stage.since === null ? [itsPromptEnds] : [recorded('message', 9), hangsUp('caller')];
    case 'advising':
      return [presses('resident', '1'), itsPromptEnds, deadline, restOfNumber, ...rings(call)];
    default:
      return [itsPromptEnds];
  }
}

/** Numbers a resident may dial while somebody is on the line; some begin like another, one hides another. */
const dialled = ['101', '999', '112', '159', '18000', '141101', '03451113333', '00443001232040'];

/** The resident's next digit of each: whichever fits what they keyed last. */
function rings({ keying: { keys } }: InboundCall): Told[] {
  const keyed = keys.map(({ digit }) => digit).join('');
  return dialled.map((number) => {
    const begun = Array.from(number, (_, index) => number.slice(0, index)).findLast((part) => keyed.endsWith(part));
    return presses('resident', number[begun?.length ?? 0] ?? '1');
  });
}

/** What an inbound call hears nothing of, or has nothing to do for. */
const foreign: readonly Told[] = [
  { type: 'Released', leg: 'caller', status: 200 },
  { type: 'Dialling', trunk: 'carrier' },
  { type: 'CameBack', status: 'CONGESTION', cause: 34 },
  { type: 'Ringing', leg: 'far' },
  { type: 'Woke', timer: 'inspect' },
  { type: 'Woke', timer: 'words' },
];

const anything = fc.oneof(
  fc.constantFrom(promptEnds, promptFails),
  fc.integer({ min: 1, max: 12 }).map((n) => known({ type: 'PromptFinished', playback: `c-p${n}` })),
  fc.integer({ min: 1, max: 12 }).map((n) => known(failed('Play', `c-p${n}`))),
  fc
    .tuple(fc.constantFrom(...legs), fc.constantFrom(...'0123456789*#'))
    .map(([leg, digit]) => known(presses(leg, digit))),
  fc
    .tuple(fc.constantFrom(...legs), fc.constantFrom(0, 16, 17, 19, 20, 21, 127))
    .map(([leg, cause]) => known(hangsUp(leg, cause))),
  fc.constantFrom(...legs).map((leg) => known(answers(leg))),
  fc
    .tuple(fc.constantFrom('name', 'message', 'call'), fc.integer({ min: 0, max: 60 }))
    .map(([what, s]) => known(recorded(what, s))),
  fc
    .constantFrom('Connect', 'Record', 'HangUp', 'Answer', 'Alert', 'Hold', 'RecordCall')
    .map((what) => known(failed(what as Effect['do']))),
  fc.constantFrom(deadline, reminderTime, restOfNumber, dialTone).map(known),
  fc.constantFrom(...foreign).map(known),
  fc.constant(known({ type: 'Described', caller: callers.anna, signalling })),
  fc.constant(known(arrived({ caller: 'anna' }))),
);

export const lives: fc.Arbitrary<Life> = fc.record({
  arrival: fc.record({
    caller: fc.constantFrom(...(Object.keys(callers) as (keyof typeof callers)[])),
    mode: fc.constantFrom(...screeningModes),
    held: fc.boolean(),
    engaged: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    calledBefore: fc.boolean(),
    toneWatch: fc.boolean(),
    staffed: fc.boolean(),
    recordCalls: fc.boolean(),
    known: fc.integer({ min: 0, max: 19 }).map((n) => n > 0),
  }),
  happenings: fc.array(
    fc.record({
      happens: fc.oneof({ weight: 3, arbitrary: fc.nat(9).map(next) }, { weight: 1, arbitrary: anything }),
      afterMs: fc.integer({ min: 1, max: 6000 }),
    }),
    { maxLength: 30, size: 'medium' },
  ),
});

export interface Passed {
  readonly event: CallEvent;
  /** The call after the event. */
  readonly call: InboundCall;
  readonly effects: readonly Effect[];
  /** The deadline is running. */
  readonly deadline: boolean;
}

export interface Followed {
  readonly call: InboundCall;
  readonly steps: readonly Passed[];
  readonly journal: readonly JournalEntry[];
  readonly treatment: Treatment | null;
  readonly standing: Standing | null;
}

/** Lives a call from its arrival to its last happening. */
export function follow({ arrival, happenings }: Life): Followed {
  let at = begin;
  let followed = step(
    { call: newInboundCall('c', rules), steps: [], journal: [], treatment: null, standing: null },
    { ...arrived(arrival), at },
  );
  for (const { happens, afterMs } of happenings) {
    at += afterMs;
    followed = step(followed, { ...happens.in(followed.call), at });
  }
  return followed;
}

function step(before: Followed, event: CallEvent): Followed {
  const { call, effects } = decideInbound(before.call, event);
  let running = (before.steps.at(-1)?.deadline ?? false) && !(event.type === 'Woke' && event.timer === 'deadline');
  for (const effect of effects) {
    if (effect.do === 'Wake' && effect.timer === 'deadline') running = true;
    if (effect.do === 'Unwake' && effect.timer === 'deadline') running = false;
  }
  const { at } = event;
  return {
    call,
    steps: [...before.steps, { event, call, effects, deadline: running }],
    journal: [...before.journal, { at, event }, ...effects.map((effect) => ({ at, effect }))],
    treatment: call.facts?.verdict.treatment ?? null,
    standing: call.facts?.verdict.standing ?? null,
  };
}

/** Everybody hangs up, and every deadline that runs fires. */
export function drained(call: Followed): Followed {
  let rest = call;
  for (let round = 0; round < 20 && rest.call.stage.name !== 'ended'; round += 1) {
    for (const leg of legs) {
      const live = rest.call.legs[leg] === 'up' || rest.call.legs[leg] === 'ringing';
      if (live) rest = step(rest, { ...hangsUp(leg), at: lastAt(rest) + 1 });
    }
    if (rest.steps.at(-1)?.deadline) rest = step(rest, { ...deadline, at: lastAt(rest) + 60_000 });
  }
  return rest;
}

/** Nothing more is heard of anything: only deadlines fire. */
export function silenced(call: Followed): Followed {
  let rest = call;
  for (let round = 0; round < 40 && rest.steps.at(-1)?.deadline; round += 1) {
    rest = step(rest, { ...deadline, at: lastAt(rest) + 60_000 });
  }
  return rest;
}

/** Two people talk. */
export function isWaitingForPeople({ stage }: InboundCall): boolean {
  return stage.name === 'talking';
}

function lastAt({ steps }: Followed): number {
  return steps.at(-1)?.event.at ?? begin;
}
