import { expect, test } from 'vitest';
import { Home, numbers } from './home.ts';

/** Calls at the same time: each has its own ids, its own journal and its own record. */

const twoLines = { lines: [{ mode: 'announce' }, { id: 'room-14', number: '+441923555014', mode: 'paused' }] } as const;

test('two lines: neither call hears, waits for or ends with the other', async () => {
  const home = new Home(twoLines);
  home.onRing({ do: 'answer', afterMs: 1000 });
  home.onRing({ do: 'answer', afterMs: 1000 }, 'room-14');
  const first = home.call();
  const second = home.call({ to: '01923555014' });
  await home.pass(5);
  expect(first.hears).toEqual([`${first.id}-resident`]);
  expect(second.hears).toEqual([`${second.id}-resident`]);
  second.hangUp();
  await home.pass(0);
  expect(first.hears).toEqual([`${first.id}-resident`]);
  home.party(first, 'resident').hangUp();
  await home.pass(0);
  expect(home.record(first)).toMatchObject({ line: 'room-12', ending: { by: 'resident' } });
  expect(home.record(second)).toMatchObject({ line: 'room-14', ending: { by: 'caller' }, promptsPlayed: [] });
});

test('the same line: the second caller is screened as on a held line, hears that it is busy, and the first talks on', async () => {
  const home = new Home({ lines: [{ mode: 'announce' }] });
  const { caller, resident } = await home.talk();
  home.onRing({ do: 'busy', afterMs: 100 });
  const second = home.call();
  await home.passChallenge(second);
  await home.pass(3);
  expect(second.heard.slice(0, 2)).toEqual(['announcement', 'say-your-name']);
  expect(second.heard.at(-1)).toBe('busy');
  expect(caller.hears).toEqual([resident.id]);
  expect(home.record(second).ending).toEqual({ outcome: 'busy', by: 'resident', cause: 16 });
  caller.hangUp();
  resident.hangUp();
  await home.pass(0);
  expect(home.record(caller).ending.outcome).toBe('talked');
});

test('the same line, both before the answer: each rings under ids of its own', async () => {
  const home = new Home();
  const trusted = home.call({ from: numbers.anna });
  const other = home.call({ from: numbers.anna });
  await home.pass(1);
  expect(home.exchange.dialled.map(({ channel }) => channel)).toEqual([
    `${trusted.id}-resident`,
    `${other.id}-resident`,
  ]);
  home.party(other, 'resident').pickUp();
  await home.pass(0);
  expect(trusted.hears).toEqual([]);
  expect(other.hears).toEqual([`${other.id}-resident`]);
  trusted.hangUp();
  other.hangUp();
  await home.pass(0);
  expect(home.record(trusted).ending).toEqual({ outcome: 'caller-gone', by: 'caller', cause: 16 });
  expect(home.record(other).ending).toEqual({ outcome: 'talked', by: 'caller', cause: 16 });
});

test('a prompt that plays for one call holds up no other', async () => {
  const home = new Home(twoLines);
  home.onRing({ do: 'answer', afterMs: 0 }, 'room-14');
  const first = home.call();
  await home.pass(0.5);
  const second = home.call({ to: '01923555014' });
  await home.pass(0.01);
  expect(first.isPlaying).toBe(true);
  expect(second.hears).toEqual([`${second.id}-resident`]);
  first.hangUp();
  second.hangUp();
  await home.pass(0);
  expect(home.facts.calls).toHaveLength(2);
});

test('fifty at once: fifty records, each its own', async () => {
  const mode = (index: number) => (index % 2 === 0 ? 'announce' : 'paused');
  const lines = Array.from({ length: 50 }, (_, index) => {
    const number = `+44192355${String(5100 + index)}`;
    return { id: `flat-${index}`, number, mode: mode(index) } as const;
  });
  const home = new Home({ lines });
  lines.forEach(({ id }, index) => {
    home.onRing({ do: 'answer', afterMs: index % 2 === 0 ? 1500 : 700 }, id);
  });
  const callers = lines.map(({ number }, index) =>
    home.call({ to: `0${number.slice(3)}`, from: `0207946${String(1000 + index)}` }),
  );
  await home.pass(10);
  for (const caller of callers) expect(caller.hears).toEqual([`${caller.id}-resident`]);
  for (const caller of callers) caller.hangUp();
  await home.pass(60);
  expect(home.facts.calls).toHaveLength(50);
  callers.forEach((caller, index) => {
    const { caller: who, line, ending } = home.inbound(caller);
    expect(who.presentation?.written).toBe(`0207946${String(1000 + index)}`);
    expect({ line, outcome: ending.outcome }).toEqual({ line: `flat-${index}`, outcome: 'talked' });
  });
});
