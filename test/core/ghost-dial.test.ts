import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Key, type Keying, keyIn, mayGoOn, nothingKeyed, numberAtEnd } from '../../services/core/ghost-dial.ts';
import { classifyDialled, numberRules } from '../../services/core/number.ts';
import { gb } from '../../services/core/packs/gb.ts';

const rules = numberRules(gb, {
  emergency: [{ number: '0800 555 1212', name: 'The pendants’ centre' }],
  guarded: [
    { number: '0345 111 3333', name: 'Watford Building Society' },
    { number: '01923 555100', name: 'The surgery' },
    { number: '0141 222 3333', name: 'A bank in Glasgow' },
    { number: '+33 1 23 45 67 89', name: 'A bank in Paris' },
  ],
  premium: [],
  ordinary: [],
  abroadIsPremium: false,
  doNotOriginate: [],
});

const begin = Date.UTC(2026, 10, 23, 10);
/** Digits, each `gapMs` after the one before. */
const keysOf = (digits: string, gapMs = 700): Key[] =>
  Array.from(digits, (digit, index) => ({ digit, at: begin + index * gapMs }));

interface Keyed {
  readonly keying: Keying;
  /** What was dialled, and by which key, counted from one. */
  readonly dialled: readonly (readonly [written: string, key: number])[];
}

function keyAll(keys: readonly Key[]): Keyed {
  return keys.reduce<Keyed>(
    ({ keying, dialled }, key, index) => {
      const next = keyIn(keying, key, rules);
      return {
        keying: next.keying,
        dialled: next.dial === null ? dialled : [...dialled, [next.dial.written, index + 1]],
      };
    },
    { keying: nothingKeyed, dialled: [] },
  );
}

describe('a number keyed', () => {
  it.each([
    ['101', '101', 'guarded'],
    ['111', '111', 'guarded'],
    ['159', '159', 'guarded'],
    ['105', '105', 'guarded'],
    ['999', '999', 'emergency'],
    ['112', '112', 'emergency'],
    ['18000', '18000', 'emergency'],
    ['1234101', '101', 'guarded'],
    ['00000000999', '999', 'emergency'],
    ['141101', '141101', 'guarded'],
    ['1470101', '1470101', 'guarded'],
    ['18001999', '18001999', 'emergency'],
    ['18001141159', '18001141159', 'guarded'],
    ['44101', '101', 'guarded'],
    ['0044999', '999', 'emergency'],
    ['03001232040', '03001232040', 'guarded'],
    ['00443001232040', '00443001232040', 'guarded'],
    ['443001232040', '443001232040', 'guarded'],
    ['3001232040', '3001232040', 'guarded'],
    ['14103001232040', '14103001232040', 'guarded'],
    ['777703001232040', '03001232040', 'guarded'],
    ['08005551212', '08005551212', 'emergency'],
    ['01412223333', '01412223333', 'guarded'],
    ['0033123456789', '0033123456789', 'guarded'],
    ['03451113333', '03451113333', 'guarded'],
    ['14101923555100', '14101923555100', 'guarded'],
  ])('%s: dials %s at its last digit', (digits, written, kind) => {
    const { dialled, keying } = keyAll(keysOf(digits));
    expect(dialled).toEqual([[written, digits.length]]);
    expect(keying).toEqual(nothingKeyed);
    expect(classifyDialled(written, rules).class).toBe(kind);
  });

  it.each([
    ['1', []],
    ['9', []],
    ['10', []],
    ['99', []],
    ['1234', []],
    ['147', []],
    ['1800', []],
    ['030012320', []],
    ['01923555001', []],
    ['4929123412345678', []],
    // A card number that happens to end so, or to have one inside.
    ['4929123412345101', [['101', 16]]],
    ['4921012345', [['101', 6]]],
    [
      '101101',
      [
        ['101', 3],
        ['101', 6],
      ],
    ],
  ])('%s: %j', (digits, dialled) => {
    expect(keyAll(keysOf(digits)).dialled).toEqual(dialled);
  });

  it('has a name, a class and the time of its first digit', () => {
    expect(numberAtEnd(keysOf('77141101'), rules)).toEqual({
      class: 'guarded',
      number: '101',
      prefix: '141',
      name: 'Police',
      written: '141101',
      from: begin + 2 * 700,
    });
  });

  it('is not reached over the star or the hash, which are no digits and reset nothing', () => {
    expect(keyAll(keysOf('1*0#1')).dialled).toEqual([['101', 5]]);
    expect(keyAll(keysOf('101#')).dialled).toEqual([['101', 3]]);
    expect(keyAll(keysOf('*#ABCD')).keying).toEqual(nothingKeyed);
  });
});

describe('pauses', () => {
  it.each([
    [20_000, [['101', 3]]],
    [20_001, []],
  ])('of %i ms', (gapMs, dialled) => {
    expect(keyAll(keysOf('101', gapMs)).dialled).toEqual(dialled);
  });

  it('begin another number, whose digits count', () => {
    const late = keysOf('101').map(({ digit, at }) => ({ digit, at: at + 60_000 }));
    expect(keyAll([...keysOf('10'), ...late]).dialled).toEqual([['101', 5]]);
  });
});

describe('a key that Asterisk reports twice', () => {
  /** Each digit reported again 40 ms later. */
  const doubled = (digits: string) =>
    keysOf(digits).flatMap(({ digit, at }) => [
      { digit, at },
      { digit, at: at + 40 },
    ]);

  it.each(['101', '159', '105', '112', '18000', '03001232040', '1470101', '03451113333'])('%s', (digits) => {
    const { dialled } = keyAll(doubled(digits));
    expect(dialled.map(([written]) => written)).toEqual([digits]);
  });

  it.each([
    ['once each', keysOf('999')],
    ['twice each', doubled('999')],
    ['fast, by a button of the telephone', keysOf('999', 80)],
    ['one of them twice', keysOf('999').toSpliced(1, 0, { digit: '9', at: begin + 40 })],
  ])('999 reported %s', (_, keys) => {
    expect(keyAll(keys).dialled[0]?.[0]).toBe('999');
  });

  it.each(['112', '101', '159', '18000', '03001232040'])('is a press each time where a button dials: %s', (digits) => {
    expect(keyAll(keysOf(digits, 80)).dialled).toEqual([[digits, digits.length]]);
  });

  it('is one press: 1 reported twice is not 11', () => {
    expect(mayGoOn(doubled('1'), begin, rules)).toBe(true);
    expect(keyAll(doubled('10')).dialled).toEqual([]);
    expect(keyAll(doubled('12')).dialled).toEqual([]);
    expect(keyAll(doubled('11')).dialled).toEqual([]);
  });
});

describe('what may be the inside of a longer number', () => {
  it('waits for the rest', () => {
    const { keying, dialled } = keyAll(keysOf('0345111'));
    expect(dialled).toEqual([]);
    expect(keying.pending).toMatchObject({ written: '111', from: begin + 4 * 700 });
  });

  it.each([
    ['03451113333', [['03451113333', 11]]],
    ['03451119', [['111', 8]]],
    ['0345111333', []],
    ['03451113334', [['111', 11]]],
    ['14101923555100', [['14101923555100', 14]]],
    ['1410192399', [['101', 9]]],
  ])('%s: %j', (digits, dialled) => {
    expect(keyAll(keysOf(digits)).dialled).toEqual(dialled);
  });

  it('does not hold back an emergency number', () => {
    const inside = numberRules(gb, {
      emergency: [],
      guarded: [{ number: '0345 999 3333', name: 'A bank' }],
      premium: [],
      ordinary: [],
      abroadIsPremium: false,
      doNotOriginate: [],
    });
    const last = keysOf('0345999').reduce(({ keying }, key) => keyIn(keying, key, inside), {
      keying: nothingKeyed,
      dial: null,
    } as ReturnType<typeof keyIn>);
    expect(last.dial).toMatchObject({ class: 'emergency', number: '999' });
  });
});

describe('whatever is keyed', () => {
  const digit = fc.constantFrom(...'0123456789');
  const digits = (most: number) => fc.array(digit, { maxLength: most }).map((all) => all.join(''));
  const safe = [...rules.emergency.keys(), ...rules.guarded.keys()];
  const emergency = fc.constantFrom('999', '112', '18000');
  const short = fc.constantFrom('101', '111', '105', '159', '999', '112', '18000');
  const gaps = fc.array(fc.integer({ min: 100, max: 20_000 }), { minLength: 64, maxLength: 64 });
  const timed = (text: string, between: readonly number[]): Key[] => {
    let at = begin;
    return Array.from(text, (one, index) => {
      at += between[index] ?? 500;
      return { digit: one, at };
    });
  };

  it('before it, an emergency number is dialled no later than with its last digit', () => {
    fc.assert(
      fc.property(digits(40), emergency, gaps, (before, number, between) => {
        const keys = timed(before + number, between);
        const { dialled, keying } = keyAll(keys);
        expect(dialled.length).toBeGreaterThan(0);
        expect(keying.pending).toBeNull();
        const [, last = 0] = dialled.at(-1) ?? [];
        expect(last).toBeGreaterThan(before.length);
      }),
      { numRuns: 2000 },
    );
  });

  it('before it, a guarded number is dialled or waits for no more than the rest of a longer one', () => {
    fc.assert(
      fc.property(digits(40), short, gaps, (before, number, between) => {
        const { dialled, keying } = keyAll(timed(before + number, between));
        const [, last = 0] = dialled.at(-1) ?? [];
        expect(last > before.length || keying.pending !== null).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('only guarded and emergency numbers are dialled, as they were keyed', () => {
    fc.assert(
      fc.property(digits(60), (text) => {
        for (const [written] of keyAll(keysOf(text)).dialled) {
          const number = classifyDialled(written, rules);
          expect(['guarded', 'emergency']).toContain(number.class);
          expect(safe).toContain(number.number);
          expect(text).toContain(written);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('no more is kept than the longest number needs, and a single digit does nothing', () => {
    fc.assert(
      fc.property(digits(200), digit, (text, one) => {
        const { keying } = keyAll(keysOf(text));
        expect(keying.keys.length).toBeLessThanOrEqual(32);
        expect(keyIn(nothingKeyed, { digit: one, at: begin }, rules).dial).toBeNull();
      }),
    );
  });
});
