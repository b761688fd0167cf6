import { describe, expect, it } from 'vitest';
import { until } from '../../support/until.ts';
import { runner } from './runner.ts';

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
