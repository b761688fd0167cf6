import { expect, test } from 'vitest';
import { Home, monday } from './home.ts';

/** The conversation with a stranger, what the resident can do in it and after it, and the way to the police. */

const announce = { lines: [{ mode: 'announce' }] } as const;

test('reported: star ends the call; the longer hold stands before the hang-up; the resident is advised', async () => {
  const home = new Home(announce);
  const { caller, resident } = await home.talk();
  resident.press('*');
  await home.pass(0);
  expect(caller).toMatchObject({ state: 'gone', cause: 16 });
  expect(caller.variables.get('CLEARLINE_HOLD_SECONDS')).toBe('1800');
  await home.pass(2);
  expect(resident.heard.slice(-2)).toEqual(['reported', 'advice']);
  resident.hangUp();
  await home.pass(0);
  expect(home.record(caller)).toMatchObject({
    ending: { outcome: 'reported', by: 'resident', cause: 16 },
    keys: [{ leg: 'resident', digit: '*' }],
    holdSeconds: 1800,
    faults: [],
  });
});

test('the advice is heard twice, then goodbye, and the call ends by itself', async () => {
  const home = new Home(announce);
  const { caller, resident } = await home.talk();
  caller.hangUp();
  await home.pass(2 + 10 + 1 + 10 + 1);
  expect(resident.heard.slice(-4)).toEqual(['caller-gone', 'advice', 'advice', 'goodbye']);
  expect(resident.cause).toBe(16);
  expect(home.record(caller)).toMatchObject({ ending: { outcome: 'talked', by: 'caller' }, endedAt: Date.now() });
});

test('a long call is interrupted by reminders, which the caller does not hear; star cuts one short', async () => {
  const home = new Home(announce);
  const { caller, resident } = await home.talk();
  await home.pass(600.5);
  expect(resident.heard.slice(-2)).toEqual(['reminder', 'reminder']);
  expect(caller.heard).toEqual(['announcement', 'please-wait', '(ring)']);
  resident.press('*');
  await home.pass(0.1);
  expect(resident.heard.at(-1)).toBe('reported');
  resident.hangUp();
  await home.pass(0);
  expect(home.record(caller).ending.outcome).toBe('reported');
});

test('who rings back while the advice still plays is screened as on a held line', async () => {
  const home = new Home(announce);
  const { caller, resident } = await home.talk();
  caller.hangUp();
  await home.pass(1);
  const again = home.call({ from: '02079460001' });
  await home.pass(1.5);
  expect(again.heard).toContain('say-your-name');
  again.hangUp();
  resident.hangUp();
  await home.pass(0);
  expect([home.record(caller).held, home.record(again).held]).toEqual([false, true]);
});

test('who rings back from the same number, as if they were the police returning the call, reaches nobody', async () => {
  const home = new Home(announce);
  const { caller, resident } = await home.talk();
  caller.hangUp();
  await home.pass(1);
  const again = home.call();
  await home.pass(3);
  expect(again.heard).toEqual(['refused']);
  expect(home.alerts).toMatchObject([{ kind: 'returned-call', call: again.id }]);
  resident.hangUp();
  await home.pass(1);
  expect(home.record(again).ending.outcome).toBe('returned-call');
});

test('the resident ends it: the caller is hung up, and the line held from then on', async () => {
  const home = new Home(announce);
  const { caller, resident } = await home.talk();
  await home.pass(60);
  resident.hangUp();
  await home.pass(0);
  expect(caller.cause).toBe(16);
  const { clearedAt, holdSeconds } = home.inbound(caller);
  expect({ clearedAt, holdSeconds }).toEqual({ clearedAt: monday + 65_000, holdSeconds: 300 });
  expect(home.holds.isHeld('room-12', monday + 65_000 + 299_999)).toBe(true);
});

test('star in the whisper: the resident is free at once, and staff take the caller', async () => {
  const home = new Home({ ...announce, staff: { do: 'answer', afterMs: 2000 } });
  home.onRing({ do: 'answer', afterMs: 500 });
  const caller = home.call();
  await home.pass(2);
  const resident = home.party(caller, 'resident');
  resident.press('*');
  await home.pass(0);
  expect(resident.cause).toBe(16);
  await home.pass(3);
  expect(caller.hears).toEqual([`${caller.id}-staff`]);
  caller.hangUp();
  await home.pass(0);
  expect(home.record(caller)).toMatchObject({ ending: { outcome: 'handled-by-staff', by: 'caller' }, faults: [] });
});
