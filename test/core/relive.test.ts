import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CallEvent, Effect, JournalEntry, Timer } from '../../services/core/call.ts';
import { nothingKeyed } from '../../services/core/ghost-dial.ts';
import {
  asKept as asKeptInbound,
  decideInbound,
  forgetHalfKeyed,
  type InboundCall,
  newInboundCall,
  reliveInbound,
} from '../../services/core/inbound.ts';
import { asKept as asKeptOutgoing, decideOutbound, newOutboundCall } from '../../services/core/outbound.ts';
import { inboundFlow, outgoingFlow } from '../../services/interceptor/call/flow.ts';
import { readPast, relive, timersDue } from '../../services/interceptor/restart/past.ts';
import { follow as followInbound, lives as inboundLives } from './inbound/random.ts';
import { rules as inboundRules } from './inbound/story.ts';
import { follow as followOutgoing, lives as outgoingLives } from './outbound/random.ts';

/** What is kept of a call, as Redis gives it back, leads to where the call was: thousands of calls, cut off anywhere. */

const runs = { numRuns: 3000, seed: 20261123 };

interface Turn {
  readonly event: CallEvent;
  readonly effects: readonly Effect[];
}

/** As it is kept: events masked, and all of it through JSON. */
function kept<C>(
  steps: readonly (Turn & { readonly call: C })[],
  begin: C,
  asKept: (call: C, event: CallEvent) => CallEvent,
): JournalEntry[] {
  const entries = steps.flatMap(({ event, effects }, index): JournalEntry[] => {
    const before = steps[index - 1]?.call ?? begin;
    return [{ at: event.at, event: asKept(before, event) }, ...effects.map((effect) => ({ at: event.at, effect }))];
  });
  return JSON.parse(JSON.stringify(entries)) as JournalEntry[];
}

function turnsOf(journal: readonly JournalEntry[]): Turn[] {
  const turns: { event: CallEvent; effects: Effect[] }[] = [];
  for (const entry of journal) {
    if ('event' in entry) turns.push({ event: entry.event, effects: [] });
    else turns.at(-1)?.effects.push(entry.effect);
  }
  return turns;
}

const withoutKeying = (call: InboundCall) => ({ ...call, keying: nothingKeyed });

test('an inbound call is where it was, but for what was keyed; each event led to what it leads to', () => {
  const outs: Effect[] = [];
  fc.assert(
    fc.property(inboundLives, fc.nat(40), (life, until) => {
      const steps = followInbound(life).steps.slice(0, until + 1);
      const begin = newInboundCall('c', inboundRules);
      const journal = kept(steps, begin, asKeptInbound);
      let call = begin;
      for (const { event, effects } of turnsOf(journal)) call = reliveInbound(call, event, effects).call;
      expect(withoutKeying(call)).toEqual(withoutKeying(steps.at(-1)?.call ?? begin));
      expect(forgetHalfKeyed(call).keying.pending?.written).not.toBe('');
      const flow = inboundFlow('c', inboundRules);
      const past = readPast(journal);
      expect(past).not.toBeNull();
      if (past) relive(flow, past);
      expect(flow.stage).toBe(steps.at(-1)?.call.stage.name);
      outs.push(...steps.flatMap(({ effects }) => effects.filter((effect) => effect.do === 'DialOut')));
    }),
    runs,
  );
  expect(outs.length).toBeGreaterThan(100);
});

test('an outgoing call is where it was', () => {
  fc.assert(
    fc.property(outgoingLives, fc.nat(40), (life, until) => {
      const steps = followOutgoing(life).steps.slice(0, until + 1);
      const begin = newOutboundCall('c', life.rules);
      const journal = kept(steps, begin, asKeptOutgoing);
      let call = begin;
      for (const { event } of turnsOf(journal)) call = decideOutbound(call, event).call;
      expect(call).toEqual(steps.at(-1)?.call);
      const flow = outgoingFlow('c', life.rules);
      const past = readPast(journal);
      if (past) relive(flow, past);
      expect(flow.legs).toEqual(steps.at(-1)?.call.legs);
      expect(timersDue(journal)).toEqual(steps.at(-1)?.timers);
    }),
    runs,
  );
});

test('what is relived goes on as the call would have: the next event leads to the same', () => {
  fc.assert(
    fc.property(inboundLives, (life) => {
      const all = followInbound(life).steps;
      const steps = all.slice(0, -1);
      const next = all.at(-1);
      const before = steps.at(-1)?.call;
      if (next === undefined || before === undefined || before.keying.keys.length > 0) return;
      const flow = inboundFlow('c', inboundRules);
      const past = readPast(kept(steps, newInboundCall('c', inboundRules), asKeptInbound));
      if (past) relive(flow, past);
      expect(flow.take(next.event)).toEqual(decideInbound(before, next.event).effects);
    }),
    runs,
  );
});

test('a journal that another release of Clearline would have written otherwise is refused', () => {
  const [life] = fc.sample(inboundLives, { numRuns: 1, seed: 1 });
  if (life === undefined) throw new Error('there is no life');
  const steps = followInbound(life).steps.slice(0, 1);
  const journal = kept(steps, newInboundCall('c', inboundRules), asKeptInbound);
  const other = [...journal, { at: 1, effect: { do: 'Raise', alert: 'reported' } }] as const;
  const past = readPast(other);
  expect(() => past && relive(inboundFlow('c', inboundRules), past)).toThrow(/led to .*Raise/);
});

test('of what has no beginning nothing is made', () => {
  expect(readPast([])).toBeNull();
  expect(readPast([{ at: 1, event: { type: 'HungUp', leg: 'caller', cause: 16, at: 1 } }])).toBeNull();
});

test('a timer is due when it was set to be, unless it has fired or was stopped', () => {
  const wake = (at: number, timer: Timer, afterMs: number): JournalEntry => ({
    at,
    effect: { do: 'Wake', timer, afterMs },
  });
  const due = timersDue([
    wake(10, 'deadline', 5),
    wake(20, 'reminder', 300),
    wake(20, 'keys', 9),
    wake(30, 'deadline', 7),
    { at: 31, event: { type: 'Woke', timer: 'keys', at: 31 } },
    { at: 32, effect: { do: 'Unwake', timer: 'inspect' } },
  ]);
  expect(due).toEqual(
    new Map([
      ['deadline', 37],
      ['reminder', 320],
    ]),
  );
});
