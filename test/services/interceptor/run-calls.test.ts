import { describe, expect, it } from 'vitest';
import { until } from '../../support/until.ts';
import { runner } from './runner.ts';

describe('the line after a suspect call', () => {
  /** The resident has spoken with a stranger, who has gone, and presses the key for 101. */
  function clearing(home: ReturnType<typeof runner>) {
    home.talks('1.1');
    home.hangsUp('1.1');
    return () => {
      home.asked.length = 0;
      home.hear({ type: 'DigitReceived', channel: '1.1-resident', digit: '1' });
    };
  }
  const cuts = ({ asked }: ReturnType<typeof runner>) => asked.filter((what) => what.startsWith('hang up'));
  const evidence = ({ facts }: ReturnType<typeof runner>) =>
    facts.calls
      .find(({ record }) => record.id === '1.1')
      ?.journal.flatMap((entry) =>
        'event' in entry && entry.event.type === 'LineInspected' ? [entry.event.evidence] : [],
      );

  it('with another stranger on it: both their legs are cut, and 101 is dialled only when they are gone', async () => {
    const home = runner();
    const pressKey = clearing(home);
    home.arrives('1.2');
    home.finishes('1.2-p1');
    home.answers('1.2-resident');
    pressKey();
    await until('the stranger is cut', () => cuts(home).length > 0);
    expect(cuts(home)).toEqual(['hang up 1.2 16', 'hang up 1.2-resident 16']);
    await until('the stranger is cut again', () => cuts(home).length > 2, 3000);
    expect(home.asked).not.toContain('dial 1.1-police');
    home.hangsUp('1.2');
    home.hangsUp('1.2-resident');
    await until('101 is dialled', () => home.asked.includes('dial 1.1-police'), 3000);
    home.hangsUp('1.1-resident');
    home.hangsUp('1.1-police');
    await until('it is on record', () => !home.calls.isRunning('1.1'));
    const seen = ['1.2', '1.2-resident'];
    expect(evidence(home)?.[0]).toMatchObject({ ari: seen, ami: seen });
    expect(evidence(home)?.at(-1)).toMatchObject({ ari: [], ami: [] });
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
    pressKey();
    await until('the stranger is cut', () => cuts(home).length > 0);
    expect(cuts(home)).toEqual(['hang up 1.2 16']);
    home.hangsUp('1.2');
    await until('101 is dialled', () => home.asked.includes('dial 1.1-police'), 3000);
  });

  it('with a trusted caller, or a stranger on another line: neither is touched', async () => {
    const home = runner();
    const pressKey = clearing(home);
    home.arrives('1.2', 12, '01923555100');
    home.arrives('1.3', 14);
    pressKey();
    await until('101 is dialled', () => home.asked.includes('dial 1.1-police'));
    expect(cuts(home)).toEqual([]);
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
    expect(asked.filter((what) => /hang up|give back/.test(what))).toEqual([
      'hang up 1.1-resident 16',
      'give back 1.1',
    ]);
    // The caller hears the ringing tone, which would play for ever and keep them from going on.
    expect(asked.indexOf('stop 1.1-p2')).toBeGreaterThan(0);
    expect(asked.indexOf('stop 1.1-p2')).toBeLessThan(asked.indexOf('give back 1.1'));
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
    home.asked.length = 0;
    fails = true;
    home.hear({ type: 'DigitReceived', channel: '1.1-resident', digit: '*' });
    expect(home.asked).toEqual(['hang up 1.1-resident 16', 'hang up 1.1 16', 'remove 1.1-talk']);
    await until('it is on record and forgotten', () => !home.calls.isRunning('1.1'));
    expect(home.facts.calls[0]?.record).toMatchObject({ ending: { outcome: 'failed' }, holdSeconds: 1800 });
  });

  it('at its very arrival: the caller goes to the dialplan, and the record says why', async () => {
    const home = runner();
    home.arrives('1.1', 13);
    home.arrives('1.2', 12);
    expect(home.asked.filter((what) => what.includes('1.1'))).toEqual(['give back 1.1']);
    await until('it is on record and forgotten', () => !home.calls.isRunning('1.1'));
    expect(home.facts.calls[0]?.record).toMatchObject({ line: 'room-13', ending: { outcome: 'failed' } });
    expect(home.facts.calls[0]?.record.faults).toHaveLength(1);
    expect(home.calls.isRunning('1.2')).toBe(true);
  });
});
