import { expect, test } from 'vitest';
import { Home, monday, numbers } from './home.ts';

/** Callers from their arrival to the end of their call, in each mode. */

const whisper = ['whisper-unknown', 'whisper-warning', 'whisper-keys'];

test('trusted: the phone rings at once, they talk, and nobody hears anything else', async () => {
  const home = new Home();
  home.onRing({ do: 'answer', afterMs: 4000 });
  const caller = home.call({ from: numbers.anna });
  await home.pass(1);
  expect(home.shown(caller)).toBe('Trusted: Anna');
  expect(caller).toMatchObject({ state: 'ringing', alerted: true });
  await home.pass(3);
  const resident = home.party(caller, 'resident');
  expect(caller.hears).toEqual([resident.id]);
  expect(caller.variables.get('CLEARLINE_HOLD_SECONDS')).toBe('trusted');
  await home.pass(60);
  caller.hangUp();
  await home.pass(0);
  expect(resident.state).toBe('gone');
  expect([...caller.heard, ...resident.heard]).toEqual([]);
  const record = home.record(caller);
  expect(record).toMatchObject({ ending: { outcome: 'talked', by: 'caller', cause: 16 }, holdSeconds: 0, faults: [] });
  expect(record).toMatchObject({ arrivedAt: monday, connectedAt: monday + 4000, clearedAt: monday + 64_000 });
  expect(home.holds.isHeld('room-12', Date.now())).toBe(false);
});

test('announce: the resident hears the warning to its end before the caller can speak', async () => {
  const home = new Home({ lines: [{ mode: 'announce' }] });
  home.onRing({ do: 'answer', afterMs: 2000 });
  const caller = home.call();
  await home.pass(1);
  expect(home.shown(caller)).toBe('Unknown caller');
  await home.pass(2);
  const resident = home.party(caller, 'resident');
  await home.pass(2.9);
  expect(resident.heard).toEqual(whisper);
  expect(resident.hears).toEqual([]);
  await home.pass(0.1);
  expect(resident.hears).toEqual([caller.id]);
  expect(caller.heard).toEqual(['announcement', 'please-wait', '(ring)']);
  resident.hangUp();
  await home.pass(0);
  expect(caller.cause).toBe(16);
  expect(home.record(caller)).toMatchObject({
    ending: { outcome: 'talked', by: 'resident', cause: 16 },
    holdSeconds: 300,
  });
});

test('guarded: the caller says a name and presses the digit; the resident hears the name before the warning', async () => {
  const home = new Home();
  home.onRing({ do: 'answer', afterMs: 1000 });
  const caller = home.call();
  await home.passChallenge(caller);
  expect(caller.heard).toEqual(['announcement', 'say-your-name', 'press-to-continue', '5', 'please-wait']);
  await home.pass(1);
  const resident = home.party(caller, 'resident');
  await home.pass(5);
  expect(resident.heard).toEqual([
    'whisper-unknown',
    'whisper-named',
    `<${caller.id}-name>`,
    'whisper-warning',
    'whisper-keys',
  ]);
  expect(resident.hears).toEqual([caller.id]);
  resident.hangUp();
  await home.pass(0);
  expect(home.record(caller)).toMatchObject({
    recordings: [`${caller.id}-name`],
    keys: [{ leg: 'caller', digit: '5' }],
    ending: { outcome: 'talked', by: 'resident' },
    faults: [],
  });
});

test('guarded: a silent machine is asked three times and refused; the phone never rings', async () => {
  const home = new Home();
  const caller = home.call();
  await home.pass(2 + 2 + 3 * (2 + 8) + 1);
  expect(caller.heard.filter((heard) => heard !== '5')).toEqual([
    'announcement',
    'say-your-name',
    'press-to-continue',
    'press-digit',
    'press-digit',
    'refused',
  ]);
  expect(caller.state).toBe('gone');
  expect(home.exchange.dialled).toEqual([]);
  expect(home.record(caller).ending).toEqual({ outcome: 'challenge-failed', by: 'clearline', cause: 16 });
});

test('guarded: a blocked number is refused in words', async () => {
  const home = new Home();
  const caller = home.call({ from: numbers.villain });
  await home.pass(1);
  expect(caller.heard).toEqual(['refused']);
  expect(caller.cause).toBe(16);
  expect(home.record(caller)).toMatchObject({ verdict: { standing: 'blocked' }, ending: { outcome: 'refused' } });
});

test('trusted-only without staff: the caller leaves a message and hangs up', async () => {
  const home = new Home({ lines: [{ mode: 'trusted-only' }] });
  const caller = home.call({ from: null });
  await home.pass(1);
  caller.speak(9000);
  await home.pass(9);
  caller.hangUp();
  await home.pass(0);
  expect(caller.heard).toEqual(['leave-a-message']);
  expect(home.record(caller)).toMatchObject({
    recordings: [`${caller.id}-message`],
    ending: { outcome: 'message-left', by: 'caller', cause: 16 },
  });
});

test('trusted-only without staff: whoever says nothing leaves no message', async () => {
  const home = new Home({ lines: [{ mode: 'trusted-only' }] });
  const caller = home.call();
  await home.pass(1 + 5 + 1);
  expect(caller.heard).toEqual(['leave-a-message', 'refused']);
  expect(home.record(caller).ending.outcome).toBe('refused');
});

test('trusted-only with staff: they hear whose call it is, and talk', async () => {
  const home = new Home({ lines: [{ mode: 'trusted-only' }], staff: { do: 'answer', afterMs: 5000 } });
  const caller = home.call();
  await home.pass(5);
  expect(home.shown(caller, 'staff')).toBe('For Elsie Brown: unvouched caller');
  const staff = home.party(caller, 'staff');
  await home.pass(1);
  expect(staff.heard).toEqual(['whisper-staff']);
  expect(staff.hears).toEqual([caller.id]);
  staff.hangUp();
  await home.pass(0);
  expect(home.record(caller)).toMatchObject({ ending: { outcome: 'handled-by-staff', by: 'staff' }, holdSeconds: 0 });
});

test.each([
  ['are busy', { do: 'busy', afterMs: 500 }, 2],
  ['do not answer', { do: 'ring' }, 31],
] as const)('trusted-only with staff who %s: the caller may leave a message', async (_, staff, seconds) => {
  const home = new Home({ lines: [{ mode: 'trusted-only' }], staff });
  const caller = home.call();
  await home.pass(seconds);
  expect(caller.heard.at(-1)).toBe('leave-a-message');
  caller.hangUp();
  await home.pass(0);
  expect(home.record(caller).ending).toEqual({ outcome: 'caller-gone', by: 'caller', cause: 16 });
});

test('paused: a stranger rings through unannounced, and the line is held all the same', async () => {
  const home = new Home({ lines: [{ mode: 'paused' }] });
  home.onRing({ do: 'answer', afterMs: 1000 });
  const caller = home.call();
  await home.pass(1);
  expect(caller.hears).toEqual([`${caller.id}-resident`]);
  expect(caller.variables.get('CLEARLINE_HOLD_SECONDS')).toBe('300');
  caller.hangUp();
  await home.pass(0);
  expect(home.record(caller)).toMatchObject({ promptsPlayed: [], ending: { outcome: 'talked', by: 'caller' } });
  expect(home.holds.isHeld('room-12', Date.now() + 299_000)).toBe(true);
  expect(home.holds.isHeld('room-12', Date.now() + 301_000)).toBe(false);
});

test('a held line screens one step more strictly until the hold is over', async () => {
  const home = new Home({ lines: [{ mode: 'paused' }] });
  home.holds.hold('room-12', Date.now() + 10_000);
  const first = home.call();
  await home.pass(0.5);
  expect(first.heard).toEqual(['announcement']);
  first.hangUp();
  await home.pass(10);
  const second = home.call();
  await home.pass(0.5);
  expect(second.heard).toEqual([]);
  expect(home.shown(second)).toBe('Unknown caller');
  second.hangUp();
  await home.pass(0);
  expect([home.record(first).held, home.record(second).held]).toEqual([true, false]);
});

test('a number that no line has is refused by its cause, and on record', async () => {
  const home = new Home();
  const caller = home.call({ to: '01923555999' });
  await home.pass(0);
  expect(caller).toMatchObject({ cause: 1, heard: [] });
  expect(home.record(caller)).toMatchObject({
    line: null,
    dialled: '01923555999',
    ending: { outcome: 'unknown-number' },
  });
});
