import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SipSeen } from '../../../services/core/hep.ts';
import { Releases, type Settled } from '../../../services/interceptor/exchange/releases.ts';

const start = 1_800_000_000_000;
const callId = 'ca924adc@127.0.0.2';
let releases: Releases;

beforeEach(() => {
  vi.useFakeTimers({ now: start });
  releases = new Releases(Date.now);
});

afterEach(() => {
  vi.useRealTimers();
});

interface Told extends Partial<SipSeen> {
  readonly ours?: string;
}

/** One message of the call between us (tag `ours`) and the caller (tag `theirs`), or of another dialog with tag `ours`. */
function hear(sentBy: 'us' | 'them', method: string, status: number | null = null, told: Told = {}): void {
  const { ours = 'ours', ...rest } = told;
  const weAsked = (status === null) === (sentBy === 'us');
  const tags = weAsked ? { fromTag: ours, toTag: 'theirs' } : { fromTag: 'theirs', toTag: ours };
  releases.hear({ at: Date.now(), sentBy, callId, method, status, sequence: 1, ...tags, ...rest });
}

/** The caller's INVITE as far as our answer; `ours` is the tag of that. */
function arrive(told: Told = {}): void {
  hear('them', 'INVITE', null, { ...told, toTag: '' });
  hear('us', 'INVITE', 100, { ...told, toTag: '' });
  hear('us', 'INVITE', 180, told);
  releases.note('channel', callId);
}

function talk(told: Told = {}): void {
  arrive(told);
  hear('us', 'INVITE', 200, told);
  hear('them', 'ACK', null, told);
}

const state = () => releases.stateOf('channel');

/** What `settled` has come to, or 'waiting'. */
async function outcome(settled: Promise<Settled>): Promise<Settled | 'waiting'> {
  return Promise.race([settled, vi.advanceTimersByTimeAsync(0).then(() => 'waiting' as const)]);
}

describe('a caller we say goodbye to', () => {
  test.each([200, 481])('has let go once our BYE is answered %i', async (status) => {
    talk();
    expect(state()).toBe('awaited');
    hear('us', 'BYE', null, { sequence: 24833 });
    const settled = releases.settled('channel', 32_000);
    expect(await outcome(settled)).toBe('waiting');
    vi.setSystemTime(start + 7);
    hear('them', 'BYE', status, { sequence: 24833 });
    expect(state()).toBe('released');
    expect(await settled).toEqual({ state: 'released', at: start + 7, status, asked: true });
    expect(await releases.settled('channel', 32_000)).toEqual({
      state: 'released',
      at: start + 7,
      status,
      asked: true,
    });
  });

  test.each([100, 180, 302, 401, 404, 407, 408, 500, 503, 603])('has not when it is answered %i', (status) => {
    talk();
    hear('us', 'BYE');
    hear('them', 'BYE', status);
    expect(state()).toBe('awaited');
  });

  test('has when the BYE is sent again, with a password, and answered then', () => {
    talk();
    hear('us', 'BYE', null, { sequence: 5 });
    hear('them', 'BYE', 407, { sequence: 5 });
    hear('us', 'BYE', null, { sequence: 6 });
    hear('them', 'BYE', 401, { sequence: 6 });
    expect(state()).toBe('awaited');
    hear('them', 'BYE', 200, { sequence: 6 });
    expect(state()).toBe('released');
  });

  test('has not answered what we have not said', () => {
    talk();
    hear('them', 'BYE', 200);
    expect(state()).toBe('awaited');
    hear('us', 'BYE', null, { sequence: 2 });
    hear('them', 'INVITE', 200, { sequence: 2 });
    hear('them', 'BYE', 200, { sequence: 2, ours: 'another' });
    expect(state()).toBe('awaited');
  });

  test('may ask us anything meanwhile, and has not let go with it', () => {
    talk();
    hear('us', 'BYE', null, { sequence: 9 });
    hear('them', 'INVITE', null, { sequence: 2 });
    hear('us', 'INVITE', 481, { sequence: 2 });
    hear('them', 'ACK', null, { sequence: 2 });
    hear('them', 'INVITE', null, { sequence: 3 });
    hear('us', 'INVITE', 491, { sequence: 3 });
    hear('them', 'ACK', null, { sequence: 3 });
    hear('them', 'CANCEL', null, { sequence: 3, toTag: '' });
    expect(state()).toBe('awaited');
    hear('them', 'BYE', 200, { sequence: 9 });
    hear('them', 'INVITE', null, { sequence: 4 });
    hear('us', 'INVITE', 481, { sequence: 4 });
    expect(state(), 'and afterwards').toBe('released');
  });

  test('whom Asterisk sends two BYEs has let go with the answer to either', () => {
    talk();
    hear('us', 'BYE', null, { sequence: 9 });
    hear('them', 'INVITE', null, { sequence: 2 });
    hear('us', 'BYE', null, { sequence: 10 });
    hear('us', 'INVITE', 200, { sequence: 2 });
    hear('them', 'BYE', 200, { sequence: 9 });
    expect(state()).toBe('released');
    hear('us', 'BYE', null, { sequence: 10 });
    expect(state(), 'the second repeated').toBe('released');
  });

  test('who is refused has let go with the ACK', async () => {
    arrive();
    hear('us', 'INVITE', 603);
    const settled = releases.settled('channel', 32_000);
    hear('them', 'ACK', null, { sequence: 2 });
    expect(await outcome(settled)).toBe('waiting');
    hear('them', 'ACK');
    expect(await settled).toEqual({ state: 'released', at: start, status: 603, asked: true });
  });

  test('is given up on 32 s after the goodbye, however late somebody asks', async () => {
    talk();
    hear('us', 'BYE');
    await vi.advanceTimersByTimeAsync(30_000);
    const settled = releases.settled('channel', 32_000);
    await vi.advanceTimersByTimeAsync(1_999);
    expect(await outcome(settled)).toBe('waiting');
    await vi.advanceTimersByTimeAsync(1);
    expect(await outcome(settled)).toEqual({ state: 'unanswered' });
    expect(state()).toBe('awaited');
    hear('them', 'BYE', 200);
    expect(state(), 'an answer after that still counts').toBe('released');
  });
});

describe('a caller who hangs up', () => {
  test('was not asked to', async () => {
    talk();
    const settled = releases.settled('channel', 32_000);
    hear('them', 'BYE', null, { sequence: 2 });
    hear('us', 'BYE', 200, { sequence: 2 });
    expect(await settled).toEqual({ state: 'released', at: start, status: 200, asked: false });
  });

  test('has let go when we accept the BYE', () => {
    talk();
    hear('them', 'BYE', null, { sequence: 2 });
    expect(state()).toBe('awaited');
    hear('us', 'BYE', 200, { sequence: 2 });
    expect(state()).toBe('released');
  });

  test('has not with a BYE that fits no call', () => {
    talk();
    hear('them', 'BYE', null, { sequence: 2, ours: 'another' });
    hear('us', 'BYE', 481, { sequence: 2, ours: 'another' });
    hear('us', 'BYE', 481, { sequence: 2 });
    expect(state()).toBe('awaited');
  });

  test('has let go at the same time as we', () => {
    talk();
    hear('us', 'BYE', null, { sequence: 7 });
    hear('them', 'BYE', null, { sequence: 2 });
    hear('us', 'BYE', 200, { sequence: 2 });
    expect(state()).toBe('released');
  });

  test('before the answer has let go once we have ended the INVITE, without an ACK', () => {
    arrive();
    hear('them', 'CANCEL', null, { toTag: '' });
    expect(state()).toBe('awaited');
    hear('us', 'CANCEL', 200);
    hear('us', 'INVITE', 487);
    expect(state()).toBe('released');
  });

  test('while we answer has not let go', () => {
    arrive();
    hear('us', 'INVITE', 200);
    hear('them', 'CANCEL', null, { toTag: '' });
    hear('us', 'CANCEL', 200);
    expect(state()).toBe('awaited');
    hear('us', 'BYE', null, { sequence: 7 });
    hear('them', 'BYE', 200, { sequence: 7 });
    expect(state()).toBe('released');
  });
});

describe('one Call-ID used twice', () => {
  test('is released when each call is', async () => {
    talk();
    talk({ ours: 'second' });
    hear('us', 'BYE', null, { sequence: 7 });
    const settled = releases.settled('channel', 32_000);
    hear('them', 'BYE', 200, { sequence: 7 });
    expect(await outcome(settled)).toBe('waiting');
    hear('us', 'BYE', null, { sequence: 8, ours: 'second' });
    hear('them', 'BYE', 200, { sequence: 8, ours: 'second' });
    expect(await settled).toEqual({ state: 'released', at: start, status: 200, asked: true });
  });

  test('is not released by the end of the first when the second has begun', () => {
    talk();
    hear('us', 'BYE');
    hear('them', 'BYE', 200);
    hear('them', 'INVITE', null, { toTag: '', sequence: 2 });
    expect(state()).toBe('awaited');
  });

  test('does not fill the memory', () => {
    for (let i = 0; i < 1000; i += 1) talk({ ours: `tag-${i}` });
    expect(releases.size).toBe(1);
    for (let i = 0; i < 20; i += 1) {
      hear('us', 'BYE', null, { ours: `tag-${i}`, sequence: 3 });
      hear('them', 'BYE', 200, { ours: `tag-${i}`, sequence: 3 });
    }
    expect(state()).toBe('released');
    talk({ ours: 'one more' });
    expect(state()).toBe('awaited');
  });
});

describe('a leg that we dialled', () => {
  const dial = (sequence = 1) => {
    hear('us', 'INVITE', null, { toTag: '', sequence });
    releases.note('channel', callId);
  };

  test('is released like a caller', () => {
    dial();
    hear('them', 'INVITE', 200);
    hear('us', 'ACK');
    expect(state()).toBe('awaited');
    hear('us', 'BYE', null, { sequence: 2 });
    hear('them', 'BYE', 200, { sequence: 2 });
    expect(state()).toBe('released');
  });

  test.each([486, 487, 603])('is released when it ends with %i', (status) => {
    dial();
    hear('them', 'INVITE', 180);
    hear('them', 'INVITE', status);
    expect(state()).toBe('released');
  });

  test('is not over when it asks for a password, nor with a refused re-INVITE', () => {
    dial();
    hear('them', 'INVITE', 401);
    dial(2);
    expect(state()).toBe('awaited');
    hear('them', 'INVITE', 200, { sequence: 2 });
    hear('us', 'INVITE', null, { sequence: 3 });
    hear('them', 'INVITE', 488, { sequence: 3 });
    expect(state()).toBe('awaited');
  });
});

describe('a call that goes on without Clearline', () => {
  test('is waited for two seconds, and not taken for unanswered', async () => {
    talk();
    const settled = releases.settled('channel', 32_000);
    await vi.advanceTimersByTimeAsync(1_999);
    expect(await outcome(settled)).toBe('waiting');
    await vi.advanceTimersByTimeAsync(1);
    expect(await outcome(settled)).toEqual({ state: 'unknown' });
  });

  test('may still say goodbye in these', async () => {
    talk();
    const settled = releases.settled('channel', 32_000);
    await vi.advanceTimersByTimeAsync(1_000);
    hear('us', 'BYE');
    await vi.advanceTimersByTimeAsync(31_999);
    expect(await outcome(settled)).toBe('waiting');
    await vi.advanceTimersByTimeAsync(1);
    expect(await outcome(settled)).toEqual({ state: 'unanswered' });
  });
});

describe('a call nobody saw', () => {
  test('is unknown, and nobody waits for it', async () => {
    expect(state()).toBe('unknown');
    expect(await outcome(releases.settled('channel', 32_000))).toEqual({ state: 'unknown' });
    releases.note('channel', callId);
    expect(state()).toBe('unknown');
    expect(await outcome(releases.settled('channel', 32_000))).toEqual({ state: 'unknown' });
  });

  test('may be known by its end: the interceptor began in the middle', () => {
    releases.note('channel', callId);
    hear('us', 'BYE');
    expect(state()).toBe('awaited');
    hear('them', 'BYE', 200);
    expect(state()).toBe('released');
  });

  test('is not begun by what a far end says, nor by messages outside calls', () => {
    hear('them', 'BYE');
    hear('us', 'OPTIONS', null, { toTag: '' });
    hear('us', 'BYE', 481);
    expect(releases.size).toBe(0);
  });
});

describe('what is kept', () => {
  test('ends eleven minutes after the call', () => {
    talk();
    vi.advanceTimersByTime(7_200_000);
    hear('us', 'BYE');
    hear('them', 'BYE', 200);
    vi.advanceTimersByTime(659_000);
    hear('them', 'OPTIONS');
    expect(state()).toBe('released');
    vi.advanceTimersByTime(11_000);
    hear('them', 'OPTIONS', null, { callId: 'another' });
    expect(state()).toBe('unknown');
    expect(releases.size).toBe(0);
  });

  test('ends eleven minutes after the last answer could have come', () => {
    talk();
    hear('us', 'BYE');
    vi.advanceTimersByTime(691_000);
    hear('them', 'OPTIONS', null, { callId: 'another' });
    expect(state()).toBe('awaited');
    vi.advanceTimersByTime(11_000);
    hear('them', 'OPTIONS', null, { callId: 'another' });
    expect(state()).toBe('unknown');
  });

  test('ends a minute after the INVITE where it became no channel', () => {
    hear('them', 'INVITE', null, { toTag: '' });
    vi.advanceTimersByTime(71_000);
    hear('them', 'OPTIONS', null, { callId: 'another' });
    expect(releases.size).toBe(0);
  });

  test('has a bound, and gives up first what is no call', async () => {
    releases = new Releases(Date.now, 3);
    talk();
    const settled = releases.settled('channel', 32_000);
    const others = ['b', 'c', 'd', 'e'];
    for (const other of others) hear('them', 'INVITE', null, { callId: other, toTag: '' });
    expect(releases.size).toBe(3);
    expect(state()).toBe('awaited');
    for (const other of others) releases.note(`channel ${other}`, other);
    expect(releases.size).toBe(3);
    expect(state()).toBe('unknown');
    expect(await outcome(settled), 'and nobody waits for what is given up').toEqual({ state: 'unknown' });
  });
});

test('when Clearline stops, nobody waits any longer and nothing is claimed', async () => {
  talk();
  hear('us', 'BYE');
  const settled = releases.settled('channel', 32_000);
  releases.close();
  expect(await outcome(settled)).toEqual({ state: 'unknown' });
  expect(state()).toBe('unknown');
  expect(await outcome(releases.settled('channel', 32_000))).toEqual({ state: 'unknown' });
});
