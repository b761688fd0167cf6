import fc from 'fast-check';
import type { Channel } from './channel.ts';
import { weathers } from './clock.ts';
import { anna, type homeLines } from './home.ts';
import type { Witnesses } from './requests.ts';
import type { World } from './world.ts';

/** What people, carriers and machines do to the home, in any order. */

type Line = (typeof homeLines)[number]['id'];
type Who = 'fresh' | 'stranger' | 'police' | 'bank' | 'emergency' | 'anna' | 'withheld';

export type Deed =
  | { readonly do: 'call'; readonly line: Line; readonly who: Who; readonly trunk: number }
  | {
      readonly do: 'pass the challenge' | 'press a wrong digit' | 'caller hangs up' | 'call again' | 'play a dial tone';
      readonly which: number;
    }
  | { readonly do: 'pick up' | 'hang up'; readonly line: Line; readonly which: number }
  | { readonly do: 'dial'; readonly line: Line; readonly number: string }
  | { readonly do: 'key'; readonly line: Line; readonly which: number; readonly keys: string; readonly gapMs: number }
  | { readonly do: 'staff pick up' | 'staff hang up' | 'far end hangs up'; readonly which: number }
  | { readonly do: 'callee'; readonly is: 'answers' | 'busy' | 'rings' }
  | { readonly do: 'trunk'; readonly trunk: number; readonly is: 'works' | 'fails' | 'silent' }
  | { readonly do: 'witness'; readonly who: 'ari' | 'ami'; readonly is: Witnesses['ari'] }
  | { readonly do: 'redis'; readonly away: boolean }
  | { readonly do: 'weather'; readonly is: keyof typeof weathers }
  | { readonly do: 'hang' | 'lose the connection' | 'intruder'; readonly ms: number }
  | { readonly do: 'die' | 'come back' };

/** A deed, and how long nothing else is done after it. */
export interface Moment {
  readonly deed: Deed;
  readonly thenMs: number;
}

const line = fc.constantFrom<Line>('room-12', 'room-12', 'room-12', 'room-13');
const which = fc.nat(3);
const trunk = fc.nat(1);
const who = fc.constantFrom<Who>('fresh', 'stranger', 'stranger', 'police', 'bank', 'emergency', 'anna', 'withheld');
const thenMs = fc.oneof(
  fc.constantFrom(0, 1, 5, 20),
  fc.integer({ min: 0, max: 3_000 }),
  fc.integer({ min: 3_000, max: 20_000 }),
);
const dialled = fc.constantFrom('101', '101', '159', '999', '112', '01923555001', '0900123456');

const ofCallers = fc.record({
  do: fc.constantFrom('pass the challenge', 'press a wrong digit', 'caller hangs up', 'call again', 'play a dial tone'),
  which,
});
const atTheTelephone = fc.oneof(
  fc.record({ do: fc.constantFrom('pick up', 'hang up'), line, which }),
  fc.record({ do: fc.constant('dial'), line, number: dialled }),
  fc.record({
    do: fc.constant('key'),
    line,
    which,
    keys: fc.constantFrom('101', '999', '112', '159', '1', '9', '2', '0', '*', '10', '99', '4999', '12101'),
    gapMs: fc.constantFrom(160, 400, 2_000, 6_000),
  }),
);
const faults = fc.oneof(
  fc.record({ do: fc.constant('callee'), is: fc.constantFrom('answers', 'answers', 'busy', 'rings') }),
  fc.record({ do: fc.constant('trunk'), trunk, is: fc.constantFrom('works', 'fails', 'silent') }),
  fc.record({
    do: fc.constant('witness'),
    who: fc.constantFrom('ari', 'ami'),
    is: fc.constantFrom('sees', 'silent', 'blind'),
  }),
  fc.record({ do: fc.constant('redis'), away: fc.boolean() }),
  fc.record({ do: fc.constant('weather'), is: fc.constantFrom('calm', 'slow', 'faulty') }),
  fc.record({ do: fc.constantFrom('hang', 'lose the connection', 'intruder'), ms: fc.integer({ min: 1, max: 2_500 }) }),
  fc.record({ do: fc.constantFrom('die', 'come back', 'come back') }),
);
const call = fc.record({ do: fc.constant('call'), line, who, trunk });
const others = fc.record({
  do: fc.constantFrom('staff pick up', 'staff hang up', 'far end hangs up'),
  which,
});

const anyDeed = fc.oneof(
  { weight: 2, arbitrary: call },
  { weight: 2, arbitrary: ofCallers },
  { weight: 4, arbitrary: atTheTelephone },
  { weight: 1, arbitrary: others },
  { weight: 2, arbitrary: faults },
) as fc.Arbitrary<Deed>;

const oneDeed = fc.record({ deed: anyDeed, thenMs }).map((moment) => [moment]);

/** A caller gets as far as the conversation, if all goes well: else random deeds would seldom come there. */
const talk = fc.record({ line, who, trunk }).map(({ line, who, trunk }): Moment[] => [
  { deed: { do: 'call', line, who, trunk }, thenMs: 5_300 },
  { deed: { do: 'pass the challenge', which: 0 }, thenMs: 300 },
  { deed: { do: 'pick up', line, which: 0 }, thenMs: 2_500 },
]);

/** Clearline is new, one witness is silent and the other blind, while the resident dials past whoever is there. */
const blindly = fc
  .record({ line, who: fc.constantFrom('ari', 'ami'), number: dialled })
  .map(({ line, who, number }): Moment[] => [
    { deed: { do: 'die' }, thenMs: 1_000 },
    { deed: { do: 'come back' }, thenMs: 700 },
    { deed: { do: 'witness', who, is: 'silent' }, thenMs: 1 },
    { deed: { do: 'witness', who: who === 'ari' ? 'ami' : 'ari', is: 'blind' }, thenMs: 1 },
    { deed: { do: 'dial', line, number }, thenMs: 3_000 },
  ]);

export const days: fc.Arbitrary<Moment[]> = fc
  .array(
    fc.oneof({ weight: 8, arbitrary: oneDeed }, { weight: 3, arbitrary: talk }, { weight: 1, arbitrary: blindly }),
    { maxLength: 16, size: 'max' },
  )
  .map((parts) => parts.flat());

const shownBy: Record<Exclude<Who, 'fresh'>, string | null> = {
  stranger: '02079460000',
  police: '101',
  bank: '159',
  emergency: '999',
  anna,
  withheld: null,
};

function pick<T>(list: readonly T[], which: number): T | undefined {
  return list[which % list.length];
}

/** Does a deed, if there is anybody to do it. */
export function perform(world: World, deed: Deed): void {
  const { exchange } = world;
  switch (deed.do) {
    case 'call':
      return arrive(world, deed.line, deed.who, deed.trunk);
    case 'pass the challenge':
    case 'press a wrong digit':
    case 'caller hangs up':
    case 'call again':
    case 'play a dial tone': {
      const caller = pick(
        exchange.of('caller').filter((one) => !one.rogue),
        deed.which,
      );
      return caller && doAsCaller(world, caller, deed.do);
    }
    case 'pick up':
    case 'hang up': {
      const wanted = exchange.of('phone', deed.line).filter((one) => (deed.do === 'hang up') === one.isOpen);
      const phone = pick(wanted, deed.which);
      if (phone && deed.do === 'pick up' && !phone.outgoing) exchange.answer(phone);
      return phone && deed.do === 'hang up' ? exchange.end(phone, 16, true) : undefined;
    }
    case 'dial':
      if (exchange.of('phone', deed.line).filter(({ isOpen }) => isOpen).length < 3)
        world.dialplan.callOut(deed.line, deed.number);
      return;
    case 'key': {
      const phone = pick(
        exchange.of('phone', deed.line).filter(({ isOpen }) => isOpen),
        deed.which,
      );
      return phone && key(world, phone, deed.keys, deed.gapMs);
    }
    case 'staff pick up':
    case 'staff hang up':
    case 'far end hangs up': {
      const leg = pick(exchange.of(deed.do === 'far end hangs up' ? 'far' : 'staff'), deed.which);
      if (leg && deed.do === 'staff pick up') exchange.answer(leg);
      // Nobody at 999 hangs up on a caller.
      else if (leg?.isOpen && !leg.near?.emergency) exchange.end(leg, 16);
      return;
    }
    default:
      return trouble(world, deed);
  }
}

type Trouble = Extract<
  Deed,
  {
    do:
      | 'callee'
      | 'trunk'
      | 'witness'
      | 'redis'
      | 'weather'
      | 'hang'
      | 'lose the connection'
      | 'intruder'
      | 'die'
      | 'come back';
  }
>;

function trouble(world: World, deed: Trouble): void {
  const { exchange, requests, interceptor } = world;
  const { clock, outside, site } = exchange;
  switch (deed.do) {
    case 'callee':
      outside.callee = deed.is;
      return;
    case 'trunk':
      outside.trunks.set(pick(site.trunks, deed.trunk)?.name ?? '', deed.is);
      return;
    case 'witness':
      // Were both blind nobody could know; that is what two are for.
      if (deed.is === 'blind' && requests.witnesses[deed.who === 'ari' ? 'ami' : 'ari'] === 'blind') return;
      requests.witnesses[deed.who] = deed.is;
      return;
    case 'redis':
      interceptor.redis.away = deed.away;
      return;
    case 'weather':
      exchange.chance.weather = weathers[deed.is];
      return;
    case 'hang':
      exchange.stalledUntil = clock.now + deed.ms;
      return;
    case 'lose the connection':
      return interceptor.loseConnection(deed.ms);
    case 'intruder':
      outside.intruderAfterMs = deed.ms;
      return;
    case 'die':
      return world.die();
    case 'come back':
      return world.comeBack();
  }
}

function arrive(world: World, line: Line, who: Who, trunk: number): void {
  world.strangers += 1;
  const shown = who === 'fresh' ? `0207946${String(1000 + world.strangers)}` : shownBy[who];
  const caller = world.dialplan.arrive(line, pick(world.exchange.site.trunks, trunk)?.name ?? '', shown);
  caller.trusted = shown === anna;
}

function doAsCaller(world: World, caller: Channel, what: string): void {
  const { exchange, interceptor } = world;
  const { id, line, trunk, shown } = caller;
  switch (what) {
    case 'pass the challenge':
      return exchange.tell({ type: 'DigitReceived', channel: id, digit: caller.digit || '5' });
    case 'press a wrong digit':
      return exchange.tell({ type: 'DigitReceived', channel: id, digit: caller.digit === '7' ? '8' : '7' });
    case 'caller hangs up':
      return exchange.end(caller, 0);
    case 'call again': {
      exchange.end(caller, 0);
      const { trusted } = caller;
      world.dialplan.arrive(line, trunk ?? '', shown).trusted = trusted;
      return;
    }
    default:
      if ([...interceptor.listened.values()].includes(id)) interceptor.runner?.hearTone(id, exchange.clock.now);
  }
}

function key(world: World, phone: Channel, keys: string, gapMs: number): void {
  const { clock } = world.exchange;
  // One hand at a time.
  const begin = Math.max(clock.now, phone.keyedUntil);
  phone.keyedUntil = begin + keys.length * gapMs;
  [...keys].forEach((digit, index) => {
    clock.after(begin + index * gapMs - clock.now, () => {
      if (phone.isLive) world.exchange.tell({ type: 'DigitReceived', channel: phone.id, digit });
    });
  });
}
