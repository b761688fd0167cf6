import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Sighting } from '../../../services/core/clearance.ts';
import { tellCall } from '../../../services/core/tell.ts';
import { until } from '../../support/until.ts';
import { runner } from './runner.ts';

type TestHome = ReturnType<typeof runner>;

const cuts = ({ asked }: TestHome) => new Set(asked.filter((what) => what.startsWith('hang up')));
const routes = ({ asked }: TestHome) => asked.filter((what) => what.startsWith('continue'));
const evidence = ({ facts }: TestHome, id: string) =>
  facts.calls
    .find(({ record }) => record.id === id)
    ?.journal.flatMap((entry) =>
      'event' in entry && entry.event.type === 'LineInspected' ? [entry.event.evidence] : [],
    );

describe('the line after a suspect call', () => {
  /** The resident has spoken with a stranger, who has gone, and presses the key for 101. */
  function clearing(home: TestHome) {
    home.talks('1.1');
    home.hangsUp('1.1');
    return async () => {
      home.asked.length = 0;
      home.hear({ type: 'DigitReceived', channel: '1.1-resident', digit: '1' });
      // It might have been the beginning of 111.
      await until('the key counts', () => home.calls.isRunning('1.1-resident'));
      home.finishes('1.1-resident-p1');
    };
  }
  const through = ['continue 1.1-resident over-second 101'];

  it('with another stranger on it: both their legs are cut, and 101 is dialled only when they are gone', async () => {
    const home = runner();
    const pressKey = clearing(home);
    home.arrives('1.2');
    home.finishes('1.2-p1');
    home.answers('1.2-resident');
    await pressKey();
    expect(cuts(home)).toEqual(new Set(['hang up 1.2 16', 'hang up 1.2-resident 16']));
    await until('the line was looked at again', () => home.looks > 3);
    expect(routes(home)).toEqual([]);
    home.hangsUp('1.2');
    home.hangsUp('1.2-resident');
    await until('101 is dialled', () => routes(home).length > 0);
    expect(routes(home)).toEqual(through);
    home.hangsUp('1.1-resident');
    await until('it is on record', () => !home.calls.isRunning('1.1-resident'));
    const seen = ['1.2', '1.2-resident'];
    expect(evidence(home, '1.1-resident')?.[0]).toMatchObject({ ari: { channels: seen }, ami: { channels: seen } });
    expect(evidence(home, '1.1-resident')?.at(-1)).toMatchObject({ ari: { channels: [] }, ami: { channels: [] } });
  });

  it('with a stranger whose call Clearline has let go of: cut like any other', async () => {
    const home = runner({
      play: (channel) => {
        if (channel === '1.2') throw new Error('no such sound');
        return Promise.resolve({ ok: true });
      },
    });
    const pressKey = clearing(home);
    home.arrives('1.2');
    await until('it is forgotten', () => !home.calls.isRunning('1.2'));
    await pressKey();
    expect(cuts(home)).toEqual(new Set(['hang up 1.2 16']));
    home.hangsUp('1.2');
    await until('101 is dialled', () => routes(home).includes(through[0] ?? ''));
  });

  it('with a trusted caller: cut too, as numbers can be forged; a stranger on another line is not touched', async () => {
    const home = runner();
    const pressKey = clearing(home);
    home.arrives('1.2', 12, '01923555100');
    home.arrives('1.3', 14);
    await pressKey();
    expect(cuts(home)).toEqual(new Set(['hang up 1.2 16', 'hang up 1.2-resident 16']));
    home.hangsUp('1.2');
    await until('101 is dialled', () => routes(home).length > 0);
    expect([...cuts(home)].filter((cut) => cut.includes('1.3'))).toEqual([]);
  });

  it('what the leg hears and presses after that is told to the call it dials, not to the one it left', async () => {
    const home = runner();
    await clearing(home)();
    await until('101 is dialled', () => routes(home).length > 0);
    expect(home.calls.isRunning('1.1')).toBe(false);
    const dial = {
      type: 'DialTold',
      channel: '1.1-resident',
      peer: '9.9',
      peerName: 'PJSIP/trunk-second-0000000a',
    } as const;
    for (const status of ['dialling', 'dialling', 'ringing', 'ANSWER']) home.hear({ ...dial, status });
    home.hear({ type: 'ChannelLeaving', channel: '9.9', cause: 16 });
    home.hangsUp('9.9');
    home.hangsUp('1.1-resident');
    await until('it is on record', () => home.facts.calls.length === 2);
    expect(home.facts.calls[1]?.record).toMatchObject({
      id: '1.1-resident',
      outOf: '1.1',
      by: 'advice',
      trunk: 'second',
      attempts: [{ trunk: 'second' }],
      ending: { outcome: 'connected', by: 'far' },
    });
  });
});

describe('a resident who dials', () => {
  it('from a line that is not known is the dialplan’s', () => {
    const home = runner();
    home.dials('2.1', '101', 'room-99');
    expect(home.asked).toEqual(['continue 2.1 fallback-outbound 101']);
    expect(home.calls.running).toBe(0);
  });

  it.each([true, false])(
    '999 is never touched: who else is on the line is cut, and all is on record (%s)',
    async (asked) => {
      const home = runner();
      home.talks('1.1');
      home.asked.length = 0;
      const about = { name: 'PJSIP/room-12-2', line: 'room-12', number: '999' } as const;
      const dial = { type: 'DialTold', channel: '2.1', peer: '9.9', peerName: 'PJSIP/trunk-carrier-0000000a' } as const;
      if (asked) home.hear({ ...dial, status: 'dialling', emergency: about });
      home.hear({ type: 'EmergencyDialled', channel: '2.1', ...about });
      expect(cuts(home)).toEqual(new Set(['hang up 1.1 16', 'hang up 1.1-resident 16']));
      expect(home.asked.filter((what) => what.includes('2.1'))).toEqual([]);
      for (const status of asked ? ['ANSWER'] : ['dialling', 'ANSWER']) home.hear({ ...dial, status });
      home.hangsUp('9.9');
      home.hangsUp('2.1');
      await until('it is on record', () => home.facts.calls.some(({ record }) => record.id === '2.1'));
      const found = home.facts.calls.find(({ record }) => record.id === '2.1');
      expect(found?.record).toMatchObject({ number: { class: 'emergency' }, ending: { outcome: 'connected' } });
      const told = found?.journal.map((entry) => ('event' in entry ? entry.event.type : entry.effect.do)) ?? [];
      expect(told.filter((what) => what === 'Dialled' || what === 'Dialling')).toEqual(['Dialled', 'Dialling']);
    },
  );

  it('and a call to 999 on the same line is no suspect: it is neither cut nor in the way', async () => {
    const home = runner();
    home.channels.set('2.1', 'room-12');
    home.hear({ type: 'EmergencyDialled', channel: '2.1', name: 'PJSIP/room-12-2', line: 'room-12', number: '999' });
    home.hear({
      type: 'DialTold',
      channel: '2.1',
      peer: '9.9',
      peerName: 'PJSIP/trunk-carrier-0000000a',
      status: 'dialling',
    });
    home.dials('2.2', '101');
    await until('101 is dialled', () => routes(home).length > 0);
    expect(home.asked.filter((what) => what.startsWith('hang up'))).toEqual([]);
  });

  it('whom Clearline fails is the dialplan’s', async () => {
    const home = runner({
      play: () => {
        throw new Error('no such sound');
      },
    });
    home.channels.set('1.2', 'room-12');
    home.dials('2.1', '03001232040');
    await until('words fail', () => home.asked.includes('continue 2.1 fallback-outbound 03001232040'));
    await until('it is on record', () => home.facts.calls.length > 0);
    expect(home.facts.calls[0]?.record).toMatchObject({ ending: { outcome: 'failed', by: 'clearline' } });
  });

  it('and comes back to nobody who knows: the dialplan goes on', () => {
    const home = runner();
    const entry = { name: 'PJSIP/room-12-2', extension: '101', callId: '', createdAt: 0 };
    home.hear({ type: 'ChannelEntered', channel: '2.1', args: ['back', 'CONGESTION', '034'], ...entry });
    expect(home.asked).toEqual(['continue 2.1 fallback-outbound 101']);
  });

  it('while a stranger rings: who calls now finds the line engaged', async () => {
    const home = runner();
    home.dials('2.1', '101');
    home.arrives('1.1');
    home.hangsUp('1.1');
    await until('it is on record', () => home.facts.calls.length > 0);
    expect(home.facts.calls[0]?.record).toMatchObject({ id: '1.1', ending: { outcome: 'engaged' } });
  });
});

it('101 keeps off a trunk that may be held open by whoever called another line', async () => {
  const trunks = (['timed', 'proven'] as const).map((clearing, index) => ({
    name: index === 0 ? 'carrier' : 'second',
    clearing,
    clearingSeconds: 300,
  }));
  const home = runner({}, { trunks });
  home.arrives('1.1', 14);
  home.hangsUp('1.1');
  home.dials('2.1', '101');
  await until('101 is dialled', () => routes(home).length > 0);
  expect(routes(home)).toEqual(['continue 2.1 over-second 101']);
});

describe('a look that answers late', () => {
  afterEach(() => void vi.useRealTimers());

  it('is not taken for the answer to the next', async () => {
    vi.useFakeTimers();
    const answers: ((sighting: Sighting) => void)[] = [];
    const look = () => new Promise<Sighting>((resolve) => answers.push(resolve));
    const { dials, asked } = runner({}, { witnesses: { ari: look, ami: look } });
    dials('1.1', '101');
    expect(answers).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(answers.length).toBeGreaterThan(2);
    const clear = { at: 0, tookMs: 1, channels: [], peers: [] };
    for (const answer of answers.slice(0, 2)) answer(clear);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked.filter((one) => one.startsWith('continue'))).toEqual([]);
    for (const answer of answers.slice(-2)) answer(clear);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked.filter((one) => one.startsWith('continue'))).toEqual(['continue 1.1 over-carrier 101']);
  });
});

describe('a flood of keys', () => {
  it('is kept up to two hundred, with a word that there were more, and 999 at its end is dialled all the same', async () => {
    const { talks, hear, hangsUp, facts, asked } = runner();
    talks('1.1');
    const press = (digit: string) => hear({ type: 'DigitReceived', channel: '1.1-resident', digit });
    for (let pressed = 0; pressed < 300; pressed += 1) press('5');
    for (const digit of '999') press(digit);
    await until('999 is dialled', () => asked.some((one) => /continue 1\.1-resident emergency 999/.test(one)));
    hangsUp('1.1');
    hangsUp('1.1-resident');
    const call = await until('the record', () => facts.calls.find(({ record }) => record.id === '1.1'));
    expect(call.record.keys).toHaveLength(201);
    expect(call.record.keys.at(-1)?.digit).toBe('…');
    expect(tellCall(call).join('\n')).toContain('More keys are pressed, which are not kept.');
  });
});

describe('a call that Clearline fails in', () => {
  it('before anybody has spoken: the phone stops ringing, and the dialplan takes the caller', async () => {
    const home = runner({
      play: (channel) => {
        if (channel === '1.1-resident') throw new Error('no such sound');
        return Promise.resolve({ ok: true });
      },
    });
    home.arrives('1.1');
    home.arrives('1.2', 14);
    home.finishes('1.1-p1');
    home.answers('1.1-resident');
    const asked = home.asked.splice(0);
    expect(asked.filter((what) => /hang up|continue/.test(what))).toEqual([
      'hang up 1.1-resident 16',
      'continue 1.1 fallback-inbound s',
    ]);
    // The caller hears the ringing tone, which would play for ever and keep them from going on.
    expect(asked.indexOf('stop 1.1-p2')).toBeGreaterThan(0);
    expect(asked.indexOf('stop 1.1-p2')).toBeLessThan(asked.indexOf('continue 1.1 fallback-inbound s'));
    // Whoever picks up all the same is not left with a dead line.
    home.answers('1.1-resident');
    expect(home.asked).toEqual(['hang up 1.1-resident 16']);
    await until('it is on record and forgotten', () => !home.calls.isRunning('1.1'));
    expect(home.facts.calls.map(({ record }) => record)).toMatchObject([
      {
        id: '1.1',
        line: 'room-12',
        ending: { outcome: 'failed', by: 'clearline' },
        faults: ['broken off: no such sound'],
      },
    ]);
    expect(home.log.lines.filter(({ level }) => level === 'error').map(({ message }) => message)).toEqual([
      'Clearline failed in a call and lets go of it',
    ]);
    expect(home.calls.running).toBe(1);
    // The other call neither notices nor waits.
    home.finishes('1.2-p1');
    expect(home.asked).toContain('dial 1.2-resident');
  });

  it('in the conversation: both are hung up', async () => {
    let fails = false;
    const home = runner({
      setVariable: () => {
        if (fails) throw new Error('no such variable');
        return Promise.resolve({ ok: true });
      },
    });
    home.talks('1.1');
    expect([...home.listened]).toEqual(['1.1']);
    home.asked.length = 0;
    fails = true;
    home.hear({ type: 'DigitReceived', channel: '1.1-resident', digit: '*' });
    expect([...home.listened]).toEqual([]);
    expect(home.asked).toEqual(['hang up 1.1-resident 16', 'hang up 1.1 16', 'remove 1.1-talk']);
    await until('it is on record and forgotten', () => !home.calls.isRunning('1.1'));
    expect(home.facts.calls[0]?.record).toMatchObject({ ending: { outcome: 'failed' }, holdSeconds: 1800 });
  });

  it('at its very arrival: the caller goes to the dialplan, and the record says why', async () => {
    const home = runner();
    home.arrives('1.1', 13);
    home.arrives('1.2', 12);
    expect(home.asked.filter((what) => what.includes('1.1'))).toEqual(['continue 1.1 fallback-inbound s']);
    await until('it is on record and forgotten', () => !home.calls.isRunning('1.1'));
    expect(home.facts.calls[0]?.record).toMatchObject({ line: 'room-13', ending: { outcome: 'failed' } });
    expect(home.facts.calls[0]?.record.faults).toHaveLength(1);
    expect(home.calls.isRunning('1.2')).toBe(true);
  });
});
