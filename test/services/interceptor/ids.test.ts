import { expect, test } from 'vitest';
import { bridgeOf, callOf, mintedChannel, mintedLeg } from '../../../services/interceptor/exchange/ids.ts';

const calls = ['1795358400.17', 'clearline-1795358400.17', 'site-staff-1795358400.17', 'x-p1-1795358400.17'];
const legs = ['resident', 'staff'] as const;

test.each(calls)('what is minted from %s leads back to it', (call) => {
  for (const leg of legs) {
    const channel = mintedChannel(call, leg);
    expect(callOf(channel)).toBe(call);
    expect(mintedLeg(channel)).toBe(leg);
  }
  const made = ['p1', 'p27', 'name', 'message', 'call'].map((what) => `${call}-${what}`);
  expect(new Set([...made, bridgeOf(call)].map(callOf))).toEqual(new Set([call]));
});

test('what the call of a leg that went on to dial mints leads back to that call', () => {
  const call = mintedChannel('1.1', 'resident');
  expect([mintedChannel(call, 'staff'), `${call}-p1`, bridgeOf(call)].map(callOf)).toEqual([call, call, call]);
  expect(mintedLeg(mintedChannel(call, 'staff'))).toBe('staff');
});

test('the caller’s own channel was minted by nobody', () => {
  expect(calls.map(callOf)).toEqual(calls.map(() => null));
  expect(calls.map(mintedLeg)).toEqual(calls.map(() => null));
});

test('no two legs of a call, and no two calls, share a channel', () => {
  const channels = calls.flatMap((call) => [call, ...legs.map((leg) => mintedChannel(call, leg))]);
  expect(new Set(channels).size).toBe(calls.length * 3);
});

test.each(['', '-resident', '1.1-neighbour', '1.1-p', '1.1-resident-2', '1.1-cb1'])(
  '“%s” is no id that was minted',
  (id) => {
    expect(callOf(id)).toBeNull();
  },
);
