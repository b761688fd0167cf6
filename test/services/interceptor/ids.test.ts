import { expect, test } from 'vitest';
import { bridgeOf, callOf, channelOf, legOf } from '../../../services/interceptor/ids.ts';

const calls = ['1795358400.17', 'clearline-1795358400.17', 'site-staff-1795358400.17', 'x-p1-1795358400.17'];
const legs = ['caller', 'resident', 'staff', 'police'] as const;

test.each(calls)('what is minted from %s leads back to it', (call) => {
  for (const leg of legs) {
    const channel = channelOf(call, leg);
    expect(callOf(channel) ?? channel).toBe(call);
    expect(legOf(channel)).toBe(leg);
  }
  const made = ['p1', 'p27', 'name', 'message', 'call', 'talk', 'onward'].map((what) => `${call}-${what}`);
  expect(new Set(made.map(callOf))).toEqual(new Set([call]));
});

test('the caller’s own channel was minted by nobody', () => {
  expect(calls.map(callOf)).toEqual(calls.map(() => null));
});

test('no two legs of a call, and no two calls, share a channel', () => {
  const channels = calls.flatMap((call) => legs.map((leg) => channelOf(call, leg)));
  expect(new Set(channels).size).toBe(calls.length * legs.length);
});

test('caller and party meet in one bridge, the resident and the police in another', () => {
  expect(bridgeOf('1.1', ['caller', 'resident'])).toBe('1.1-talk');
  expect(bridgeOf('1.1', ['staff', 'caller'])).toBe('1.1-talk');
  expect(bridgeOf('1.1', ['resident', 'police'])).toBe('1.1-onward');
});

test.each(['', '-resident', '1.1-neighbour', '1.1-p', '1.1-resident-2'])('“%s” is no id that was minted', (id) => {
  expect(callOf(id)).toBeNull();
});
