import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { atEase, judgeDelay, type Shedding } from '../../services/core/overload.ts';

/** The states that these delays, one a second, lead to: `-` lets callers in, `S` sheds them. */
function statesOf(...delays: number[]): string {
  let state: Shedding = atEase;
  return delays
    .map((delay) => {
      state = judgeDelay(state, delay);
      return state.on ? 'S' : '-';
    })
    .join('');
}

describe('callers are shed', () => {
  test.each([
    ['not while turns come in time', [0, 5, 99, 99, 99], '-----'],
    ['not for one long pause', [900, 0, 900, 0], '----'],
    ['after two late seconds', [100, 100], '-S'],
    ['until five easy ones', [100, 100, 29, 29, 29, 29, 29], '-SSSSS-'],
    ['for as long as it is neither late nor easy', [100, 100, 60, 60, 60, 60, 60, 60], '-SSSSSSS'],
    ['five easy seconds in a row', [100, 100, 0, 0, 0, 0, 30, 0, 0, 0, 0, 0], '-SSSSSSSSSS-'],
  ])('%s', (_, delays, states) => {
    expect(statesOf(...delays)).toBe(states);
  });

  test('never by turns from one second to the next', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 60 }), (delays) => {
        expect(statesOf(...delays)).not.toMatch(/-S{1,4}-/);
      }),
    );
  });
});
