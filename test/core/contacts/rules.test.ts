import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { block, trust, unlist } from '../../../services/core/contacts/lists.ts';
import { readBlockable, readTrustable } from '../../../services/core/contacts/trustable.ts';
import { expectationFault, pauseFault } from '../../../services/core/contacts/windows.ts';
import { numberRules } from '../../../services/core/number.ts';
import { gb } from '../../../services/core/packs/gb.ts';
import { storedLine } from '../../support/finished-call.ts';

const rules = numberRules(gb, {
  emergency: [{ number: '0800 555 1212', name: 'the pendants’ centre' }],
  guarded: [{ number: '0345 123 4567', name: 'Watford Building Society' }],
  premium: ['01923 555 900'],
  ordinary: ['0871 222 3344'],
  abroadIsPremium: true,
  doNotOriginate: ['0345 600 2323'],
});

describe('a number that somebody wants trusted', () => {
  it.each([
    ['01923 555001', '+441923555001'],
    ['(01923) 555-001', '+441923555001'],
    ['+44 (0)1923 555001', '+441923555001'],
    ['0044 1923 555001', '+441923555001'],
    ['44 1923 555001', '+441923555001'],
    [' 07700 900123 ', '+447700900123'],
    // Calls abroad may be dear, and a daughter may live there.
    ['+61 2 9876 5432', '+61298765432'],
    ['0871 222 3344', '+448712223344'],
  ])('%s is %s', (written, number) => {
    expect(readTrustable(written, rules)).toEqual({ number });
  });

  it.each([
    ['Anna', 'a telephone number such as 01923 555001'],
    ['', 'a telephone number such as 01923 555001'],
    ['01923 5550', 'a telephone number such as 01923 555001'],
    ['01923 555001 ext 5', 'a telephone number such as 01923 555001'],
    ['999', 'no emergency number'],
    ['112', 'no emergency number'],
    ['18000', 'no emergency number'],
    ['+44999', 'no emergency number'],
    ['0800 555 1212', 'no emergency number (the pendants’ centre)'],
    ['101', 'no number that fraudsters pose as'],
    ['159', 'no number that fraudsters pose as'],
    ['0300 123 2040', 'no number that fraudsters pose as'],
    ['+44 345 123 4567', 'no number that fraudsters pose as (Watford Building Society)'],
    ['201', 'no short number'],
    ['60010', 'no short number'],
    ['0345 600 2323', 'no number that only receives calls'],
    ['0909 123 4567', 'no premium number'],
    ['0871 555 1234', 'no premium number'],
    ['01923 555900', 'no premium number'],
  ])('%s is refused', (written, why) => {
    expect(readTrustable(written, rules)).toEqual({ expected: expect.stringContaining(why) });
  });
});

describe('a number that somebody wants blocked', () => {
  it.each([
    ['0909 123 4567', '+449091234567'],
    ['999', '999'],
    ['+44 (0)1923 555001', '+441923555001'],
  ])('%s is %s', (written, number) => {
    expect(readBlockable(written, rules)).toEqual({ number });
  });
  it('has to be a number', () => {
    expect(readBlockable('Anna', rules)).toHaveProperty('expected');
  });
});

const anna = { number: '+441923555001', name: 'Anna' };
const hill = { number: '+441923555002', name: 'Dr Hill' };
const bad = '+441923555666';

describe('trust', () => {
  it('tells what came of each contact', () => {
    const lists = { trusted: [anna, hill], blocked: [bad] };
    const added = { number: '+441923555003', name: 'Ben' };
    const renamed = { ...hill, name: 'Surgery' };
    const refused = { number: bad, name: 'PC Jones' };
    expect(trust(lists, [anna, renamed, added, refused])).toEqual({
      lists: { trusted: [anna, renamed, added], blocked: [bad] },
      added: [added],
      renamed: [{ ...renamed, formerly: 'Dr Hill' }],
      unchanged: [anna],
      refused: [refused],
    });
  });

  it('takes the later name of a number that comes twice', () => {
    const { lists, added } = trust({ trusted: [], blocked: [] }, [anna, { ...anna, name: 'Anna Brown' }]);
    expect(lists.trusted).toEqual([{ ...anna, name: 'Anna Brown' }]);
    expect(added).toHaveLength(1);
  });
});

it('whatever is done to the lists, no number is on both, and none twice', () => {
  const number = fc.constantFrom(anna.number, hill.number, bad);
  const act = fc.oneof(
    number.map((each) => ({ do: 'trust', number: each }) as const),
    number.map((each) => ({ do: 'block', number: each }) as const),
    number.map((each) => ({ do: 'unlist', number: each }) as const),
  );
  fc.assert(
    fc.property(fc.array(act), (acts) => {
      const { trusted, blocked } = acts.reduce(
        (lists, { do: what, number: each }) => {
          if (what === 'trust') return trust(lists, [{ number: each, name: 'x' }]).lists;
          return what === 'block' ? block(lists, each) : unlist(lists, each);
        },
        { trusted: [], blocked: [] } as ReturnType<typeof block>,
      );
      const all = [...trusted.map((contact) => contact.number), ...blocked];
      expect(new Set(all).size).toBe(all.length);
    }),
  );
});

const hour = 3_600_000;
const limits = { longestPauseHours: 24, longestWindowHours: 12 };

describe('a pause', () => {
  it.each<[string, number, string | null]>([
    ['of an hour', hour, null],
    ['of as long as may be', 24 * hour, null],
    ['of a moment more', 24 * hour + 1, 'A pause may last 24 hours at most'],
    ['of no time', 0, 'A pause has to end after now.'],
    ['that is over', -hour, 'A pause has to end after now.'],
    ['of no number', Number.NaN, 'A pause has to end after now.'],
  ])('%s', (_, lasts, fault) => {
    const found = pauseFault({ at: 1_000, until: 1_000 + lasts }, limits);
    expect(found).toEqual(fault === null ? null : expect.stringContaining(fault));
  });
});

describe('a window', () => {
  const line = storedLine();
  const wanted = { number: hill.number, at: 0, from: hour, until: 2 * hour };
  it.each<[string, Partial<Parameters<typeof expectationFault>[0]>, string | null]>([
    ['with a number', {}, null],
    ['without', { number: null }, null],
    ['that has begun', { from: -hour, until: hour }, null],
    ['that is over', { from: -hour, until: 0 }, 'over already'],
    ['that ends before it begins', { until: hour }, 'end after it begins'],
    ['too long', { until: 14 * hour }, 'Somebody who calls often belongs on the list'],
    ['too long, without a number', { number: null, until: 14 * hour }, '12 hours at most'],
    ['too far away', { from: 40 * 24 * hour, until: 40 * 24 * hour + 1 }, 'a month from now'],
    ['of a blocked number', { number: '+441923555666' }, 'blocked list, which stands above'],
    ['of a trusted one', { number: '+441923555100' }, 'trusted list already'],
    ['of no time', { until: Number.NaN }, 'end after it begins'],
  ])('%s', (_, changes, fault) => {
    const found = expectationFault({ ...wanted, ...changes }, line, limits);
    expect(found).toEqual(fault === null ? null : expect.stringContaining(fault));
  });
});
