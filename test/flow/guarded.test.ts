import { describe, expect, test } from 'vitest';
import { Home, numbers } from './home.ts';

/** Calls from a resident's telephone: what is let through at once, what waits for a clear line, and over which trunk. */

const announce = { lines: [{ mode: 'announce' }] } as const;
const gateway = { clearing: 'timed', clearingSeconds: 300 } as const;

describe('101', () => {
  test('on a clear line: over the first trunk at once, unanswered and without a word', async () => {
    const home = new Home();
    const resident = home.dial('101');
    await home.pass(0.1);
    expect(home.routes(resident)).toEqual(['over-first 101']);
    await home.pass(3);
    const police = home.far(resident);
    expect(resident.hears).toEqual([police.id]);
    expect(resident.heard).toEqual([]);
    await home.pass(60);
    police.hangUp();
    await home.pass(0);
    expect(home.outgoing(resident)).toMatchObject({
      dialled: '101',
      by: 'phone',
      trunk: 'first',
      number: { class: 'guarded', name: 'Police' },
      ending: { outcome: 'connected', by: 'far' },
      faults: [],
    });
    expect(home.outgoing(resident).looks.map(({ assessment }) => assessment.state)).not.toContain('held');
  });

  test('while a stranger is on the phone: both legs of that call are cut, then over the other trunk', async () => {
    const home = new Home(announce);
    const { caller, resident: first } = await home.talk();
    const resident = home.dial('101');
    await home.pass(0);
    expect([caller.state, first.state]).toEqual(['gone', 'gone']);
    await home.pass(3);
    expect(home.routes(resident)).toEqual(['over-second 101']);
    await home.pass(3);
    expect(resident.hears).toEqual([home.far(resident).id]);
    resident.hangUp();
    await home.pass(0);
    expect(home.outgoing(resident)).toMatchObject({ held: true, trunk: 'second' });
    expect(home.inbound(caller).ending.outcome).toBe('talked');
  });

  test('while a trusted caller is on the phone: cut as well, since numbers can be forged', async () => {
    const home = new Home();
    home.onRing({ do: 'answer', afterMs: 100 });
    const anna = home.call({ from: numbers.anna });
    await home.pass(1);
    const resident = home.dial('101');
    await home.pass(4);
    expect(anna.state).toBe('gone');
    expect(resident.hears).toEqual([home.far(resident).id]);
    resident.hangUp();
    await home.pass(0);
  });

  test('with AMI silent: words that need no key, and through as soon as it answers', async () => {
    const home = new Home();
    home.amiSays = null;
    const resident = home.dial('101');
    await home.pass(20);
    expect(home.routes(resident)).toEqual([]);
    expect(resident.heard[0]).toBe('line-not-clear');
    expect(home.alerts.map(({ kind }) => kind)).toEqual(['line-not-clear']);
    home.amiSays = undefined;
    await home.pass(20);
    expect(home.routes(resident)).toEqual(['over-first 101']);
    resident.hangUp();
    await home.pass(1);
    expect(home.outgoing(resident).looks[0]?.evidence).toMatchObject({ ari: { channels: [] }, ami: null });
  });

  test('with AMI silent for five minutes: the dialplan, whose own books decide', async () => {
    const home = new Home();
    home.amiSays = null;
    const resident = home.dial('101');
    await home.pass(301);
    expect(home.routes(resident)).toEqual(['fallback-outbound 101']);
    resident.hangUp();
    await home.pass(1);
    expect(home.outgoing(resident).ending).toMatchObject({ outcome: 'given-up', by: 'resident' });
  });

  test('after a call over an analogue gateway: over the other trunk at once', async () => {
    const home = new Home({ ...announce, clearing: gateway });
    const { caller, resident: first } = await home.talk();
    caller.hangUp();
    first.hangUp();
    await home.pass(1);
    const resident = home.dial('101');
    await home.pass(1);
    expect(home.routes(resident)).toEqual(['over-second 101']);
    resident.hangUp();
    await home.pass(1);
  });

  test('after a call over the only trunk, an analogue gateway: when its time is up', async () => {
    const home = new Home({ ...announce, clearing: gateway, trunks: ['first'] });
    const { caller, resident: first } = await home.talk();
    caller.hangUp();
    first.hangUp();
    await home.pass(100);
    const resident = home.dial('101');
    await home.pass(190);
    expect(home.routes(resident)).toEqual([]);
    expect(resident.heard).toContain('wait-up-to');
    await home.pass(30);
    expect(home.routes(resident)).toEqual(['over-first 101']);
    resident.hangUp();
    await home.pass(1);
    expect(home.outgoing(resident).looks[0]?.evidence.timedTrunks).toEqual([{ trunk: 'first', leftMs: 200_000 }]);
  });

  test('over a trunk that does not take the call: the next one', async () => {
    const home = new Home();
    home.onTrunk('101', 'first', { do: 'decline', afterMs: 100 });
    const resident = home.dial('101');
    await home.pass(6);
    expect(home.routes(resident)).toEqual(['over-first 101', 'over-second 101']);
    expect(resident.hears).toEqual([home.far(resident).id]);
    resident.hangUp();
    await home.pass(1);
    expect(home.outgoing(resident)).toMatchObject({
      attempts: [{ trunk: 'first' }, { trunk: 'second' }],
      trunk: 'second',
    });
  });

  test('with a channel too many beside the connected call: both witnesses see it, and it is cut', async () => {
    const home = new Home();
    const resident = home.dial('101');
    await home.pass(2.9);
    home.amiSays = ['5.5'];
    await home.pass(60);
    expect(resident.state).toBe('gone');
    expect(home.outgoing(resident)).toMatchObject({ ending: { outcome: 'cut-by-audit', by: 'clearline' } });
    expect(home.alerts.map(({ kind }) => kind)).toContain('audit-failed');
  });

  test('while it lasts, a stranger who calls is told that the line is engaged, and rings nobody', async () => {
    const home = new Home();
    const resident = home.dial('101');
    await home.pass(5);
    const caller = home.call();
    await home.pass(1);
    expect(caller).toMatchObject({ state: 'gone', cause: 17 });
    expect(home.exchange.dialled).toEqual([]);
    expect(home.inbound(caller).ending.outcome).toBe('engaged');
    expect(resident.hears).toEqual([home.far(resident).id]);
    resident.hangUp();
    await home.pass(1);
  });
});

describe('dialled inside a call with a stranger', () => {
  const key = async (home: Home, who: { press(digit: string): void }, digits: string) => {
    for (const digit of digits) {
      who.press(digit);
      await home.pass(0.3);
    }
  };

  test('101: the stranger is cut, the resident is told, and goes on to the police over the other trunk', async () => {
    const home = new Home(announce);
    const { caller, resident } = await home.talk();
    await key(home, resident, '101');
    expect(caller.state).toBe('gone');
    expect(resident.hears).toEqual([]);
    await home.pass(5);
    expect(resident.heard).toContain('ghost-dialled');
    expect(home.routes(resident)).toEqual(['over-second 101']);
    await home.pass(3);
    expect(resident.hears).toEqual([home.far(resident).id]);
    resident.hangUp();
    await home.pass(1);
    expect(home.inbound(caller)).toMatchObject({ ending: { outcome: 'ghost-dialled' }, holdSeconds: 1800 });
    expect(home.outgoing(resident)).toMatchObject({ by: 'ghost-dial', outOf: caller.id });
    expect(home.alerts.map(({ kind }) => kind)).toEqual(['ghost-dial']);
  });

  test('999: nothing is said or looked at; the emergency call leaves at once', async () => {
    const home = new Home(announce);
    const { caller, resident } = await home.talk();
    for (const digit of '999') resident.press(digit);
    await home.pass(0);
    expect(home.routes(resident)).toEqual(['emergency 999']);
    expect(caller.state).toBe('gone');
    await home.pass(4);
    expect(resident.hears).toEqual([home.far(resident).id]);
    resident.hangUp();
    await home.pass(1);
    expect(home.outgoing(resident)).toMatchObject({ number: { class: 'emergency' }, looks: [] });
  });

  test('key 1 after the stranger has gone: the police, over the other trunk', async () => {
    const home = new Home(announce);
    const { caller, resident } = await home.talk();
    caller.hangUp();
    await home.pass(1);
    resident.press('1');
    await home.pass(8);
    expect(home.routes(resident)).toEqual(['over-second 101']);
    expect(resident.heard).toContain('reaching-101');
    resident.hangUp();
    await home.pass(1);
    expect(home.outgoing(resident)).toMatchObject({ by: 'advice', outOf: caller.id, held: true });
  });
});

describe('999', () => {
  test('from the telephone is the dialplan’s; whoever is on the line is cut, and it stands on record', async () => {
    const home = new Home(announce);
    const { caller, resident: first } = await home.talk();
    const resident = home.dial('999');
    await home.pass(0);
    expect([caller.state, first.state]).toEqual(['gone', 'gone']);
    await home.pass(4);
    expect(resident.hears).toEqual([home.far(resident).id]);
    expect(home.routes(resident)).toEqual(['emergency 999']);
    home.far(resident).hangUp();
    await home.pass(1);
    expect(home.outgoing(resident)).toMatchObject({ trunk: 'first', ending: { outcome: 'connected' } });
  });
});

describe('a call back', () => {
  /** A resident who waits, and presses 2 for a call back. */
  async function promised(home: Home) {
    home.amiSays = null;
    const resident = home.dial('101');
    await home.pass(15);
    resident.press('2');
    await home.pass(3);
    return resident;
  }

  test('is promised, and made when it is due: says what it is, and reaches the number', async () => {
    const home = new Home();
    const asked = await promised(home);
    expect(asked.state).toBe('gone');
    expect(home.outgoing(asked).ending.outcome).toBe('called-back-later');
    const [callBack] = home.promised;
    expect(callBack).toMatchObject({ id: asked.id, line: 'room-12', number: { number: '101' }, tries: 0 });
    if (!callBack) return;
    // Not while nobody can tell that the line is clear.
    expect(await home.callBacks.make(callBack)).toEqual({ value: callBack, inMs: 15_000 });
    home.amiSays = undefined;
    home.onRing({ do: 'answer', afterMs: 2000 });
    const made = home.callBacks.make(callBack);
    await home.pass(1);
    expect(home.exchange.dialled.at(-1)).toMatchObject({ showName: 'Call back: Police', showNumber: '101' });
    await home.pass(10);
    const rung = home.exchange.channel(`${asked.id}-cb1`);
    expect(rung.heard[0]).toBe('call-back');
    expect(rung.hears).toEqual([home.far(rung).id]);
    expect(await made).toBeNull();
    expect(home.promised).toEqual([]);
    rung.hangUp();
    await home.pass(1);
    expect(home.outgoing(rung)).toMatchObject({ by: 'call-back', outOf: asked.id, ending: { outcome: 'connected' } });
  });

  test('does not wait for the hold: the line is as clear as for a resident who dials again', async () => {
    const home = new Home(announce);
    const { caller, resident } = await home.talk();
    home.amiSays = null;
    for (const key of '101') resident.press(key);
    await home.pass(30);
    resident.press('2');
    await home.pass(3);
    const [callBack] = home.promised;
    if (!callBack) throw new Error('nothing was promised');
    expect(caller.state).toBe('gone');
    expect(home.holds.isHeld('room-12', Date.now())).toBe(true);
    home.amiSays = [caller.id];
    expect(await home.callBacks.make(callBack), 'AMI sees the caller still').toMatchObject({ inMs: 15_000 });
    home.amiSays = undefined;
    const made = home.callBacks.make(callBack);
    await home.pass(10);
    const rung = home.exchange.channel(`${callBack.id}-cb1`);
    expect(rung.hears).toEqual([home.far(rung).id]);
    expect(await made).toBeNull();
    rung.hangUp();
    await home.pass(1);
  });

  test('that nobody answers, or who hangs up, is tried again; then staff are told', async () => {
    const home = new Home();
    const asked = await promised(home);
    home.amiSays = undefined;
    let [callBack] = home.promised;
    if (!callBack) throw new Error('nothing was promised');
    for (const tries of [1, 2]) {
      home.onRing(tries === 1 ? { do: 'ring' } : { do: 'answer', afterMs: 100 });
      const made = home.callBacks.make(callBack);
      await home.pass(1);
      if (tries === 2) home.exchange.channel(`${asked.id}-cb2`).hangUp();
      await home.pass(60);
      const later = await made;
      expect(later).toMatchObject({ inMs: 120_000, value: { tries } });
      if (later) callBack = later.value;
    }
    home.exchange.phones.delete('PJSIP/room-12');
    const before = home.alerts.length;
    expect(await home.callBacks.make(callBack)).toBeNull();
    expect(home.alerts.slice(before)).toMatchObject([{ kind: 'call-back-failed', line: 'room-12', call: asked.id }]);
    await home.pass(10);
  });

  test('is not made while the only trunk may be held open: the resident would be rung only to wait', async () => {
    const home = new Home({ ...announce, clearing: gateway, trunks: ['first'] });
    const anna = home.call({ from: numbers.anna });
    await home.pass(1);
    anna.hangUp();
    await promised(home);
    home.amiSays = undefined;
    const [callBack] = home.promised;
    if (!callBack) throw new Error('nothing was promised');
    expect(await home.callBacks.make(callBack)).toEqual({ value: callBack, inMs: 15_000 });
    await home.pass(300);
    home.onRing({ do: 'answer', afterMs: 100 });
    const made = home.callBacks.make(callBack);
    await home.pass(10);
    expect(await made).toBeNull();
    home.exchange.channel(`${callBack.id}-cb1`).hangUp();
    await home.pass(1);
  });

  test('that cannot be promised is said to the resident, who goes on waiting', async () => {
    const home = new Home();
    home.forgetful = true;
    const resident = await promised(home);
    expect(resident.state).toBe('up');
    await home.pass(3);
    expect(resident.heard).toContain('call-back-impossible');
    resident.hangUp();
    await home.pass(1);
  });
});
