import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classifyDialled, formatNumber, numberRules, readNumber, waysToDial } from '../../services/core/number.ts';
import { gb } from '../../services/core/packs/gb.ts';

const site = {
  emergency: [
    { number: '0800 555 1212', name: 'The pendants’ centre' },
    { number: '101', name: 'A mistake' },
  ],
  guarded: [
    { number: '0345 123 4567', name: 'Watford Building Society' },
    { number: '01923 555100', name: 'The surgery' },
    { number: '111', name: 'The site’s own word for it' },
    { number: '112', name: 'A mistake' },
    { number: '0871 999 0000', name: 'A dear bank' },
  ],
  premium: ['0845 600 0000', '(020) 7946 0999', '101', '999', '0345 123 4567'],
  ordinary: ['0906 000 1111', '+33 1 23 45 67 89', '118 500', '159', '112', '0800 555 1212', '0871 999 0000'],
  abroadIsPremium: false,
  doNotOriginate: ['0800 123 1234'],
};
const rules = numberRules(gb, site);

describe('readNumber', () => {
  it.each([
    ['01923 555001', '+441923555001', 'full'],
    ['(01923) 555-001', '+441923555001', 'full'],
    ['+441923555001', '+441923555001', 'full'],
    ['+44 (0)1923 555001', '+441923555001', 'full'],
    ['0044 1923 555001', '+441923555001', 'full'],
    ['441923555001', '+441923555001', 'full'],
    ['1923555001', '+441923555001', 'full'],
    ['01923.555.001', '+441923555001', 'full'],
    ['01923\u00a0555\u2013001', '+441923555001', 'full'],
    ['07700 900123', '+447700900123', 'full'],
    ['0800 1111', '+448001111', 'full'],
    ['+33 1 23 45 67 89', '+33123456789', 'full'],
    ['0033123456789', '+33123456789', 'full'],
    ['33123456789', '+33123456789', 'full'],
    ['12025550123', '+12025550123', 'full'],
    ['999', '999', 'short'],
    ['+44101', '101', 'short'],
    ['0044 999', '999', 'short'],
    ['201', '201', 'short'],
    ['118118', '118118', 'short'],
    ['01923 555', '01923555', 'impossible'],
    ['0300 12', '030012', 'impossible'],
    ['00', '00', 'short'],
    ['01923 5550011', '019235550011', 'impossible'],
    ['+999123456789', '+999123456789', 'impossible'],
    ['999999999999999', '999999999999999', 'impossible'],
    ['', '', 'none'],
    ['+', '+', 'none'],
    ['alice', 'alice', 'none'],
    ['constructor', 'constructor', 'none'],
  ])('reads %j as %s, %s', (written, number, kind) => {
    expect(readNumber(written, gb)).toEqual({ written, number, kind, e164: kind === 'full' ? number : null });
  });

  it('reads its own answer back unchanged', () => {
    const digits = fc.stringMatching(/^\+?[0-9]{1,16}$/);
    fc.assert(
      fc.property(digits, (written) => {
        const once = readNumber(written, gb);
        expect(readNumber(once.number, gb).number).toBe(once.number);
      }),
    );
  });

  it('answers any text at once', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 9000 }), (written) => {
        expect(readNumber(written, gb).written).toBe(written);
      }),
      { interruptAfterTimeLimit: 5000, markInterruptAsFailure: true },
    );
  });
});

describe('formatNumber', () => {
  it.each([
    ['+441923555001', '01923 555001'],
    ['+447700900123', '07700 900123'],
    ['+33123456789', '0033 1 23 45 67 89'],
    ['101', '101'],
    ['201', '201'],
    ['alice', 'alice'],
  ])('writes %s as %s', (number, written) => {
    expect(formatNumber(number, gb)).toBe(written);
  });

  it('writes what readNumber reads back', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\+[1-9][0-9]{6,13}$/), (written) => {
        const { number, kind } = readNumber(written, gb);
        fc.pre(kind === 'full');
        expect(readNumber(formatNumber(number, gb), gb).number).toBe(number);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('classifyDialled', () => {
  it.each([
    ['999', 'emergency', '999', null, 'Emergency services'],
    ['112', 'emergency', '112', null, 'Emergency services'],
    ['18000', 'emergency', '18000', null, 'Emergency by text relay'],
    ['141 999', 'emergency', '999', '141', 'Emergency services'],
    ['18001 999', 'emergency', '999', '18001', 'Emergency services'],
    ['+44 112', 'emergency', '112', null, 'Emergency services'],
    ['999#', 'emergency', '999', null, 'Emergency services'],
    ['101', 'guarded', '101', null, 'Police'],
    ['101#', 'guarded', '101', null, 'Police'],
    ['18001 141 101', 'guarded', '101', '18001', 'Police'],
    ['1470101', 'guarded', '101', '1470', 'Police'],
    ['111', 'guarded', '111', null, 'NHS'],
    ['105', 'guarded', '105', null, 'Power cuts'],
    ['159', 'guarded', '159', null, 'Bank hotline'],
    ['0300 123 2040', 'guarded', '+443001232040', null, 'Report Fraud'],
    ['00443001232040', 'guarded', '+443001232040', null, 'Report Fraud'],
    ['+44 345 123 4567', 'guarded', '+443451234567', null, 'Watford Building Society'],
    ['14101923555100', 'guarded', '+441923555100', '141', 'The surgery'],
    ['0906 123 4567', 'premium', '+449061234567', null, undefined],
    ['118118', 'premium', '118118', null, undefined],
    ['0871 234 5678', 'premium', '+448712345678', null, undefined],
    ['0872 234 5678', 'premium', '+448722345678', null, undefined],
    ['141 0873 234 5678', 'premium', '+448732345678', '141', undefined],
    ['0800 555 1212', 'emergency', '+448005551212', null, 'The pendants’ centre'],
    ['0044 800 555 1212', 'emergency', '+448005551212', null, 'The pendants’ centre'],
    ['141 0800 555 1212#', 'emergency', '+448005551212', '141', 'The pendants’ centre'],
    ['0871 999 0000', 'guarded', '+448719990000', null, 'A dear bank'],
    ['0845 600 0000', 'premium', '+448456000000', null, undefined],
    ['00 44 845 600 0000', 'premium', '+448456000000', null, undefined],
    ['1470 020 7946 0999', 'premium', '+442079460999', '1470', undefined],
    ['0906 000 1111', 'ordinary', '+449060001111', null, undefined],
    ['+44 (0)906 000 1111', 'ordinary', '+449060001111', null, undefined],
    ['118 500', 'ordinary', '118500', null, undefined],
    ['0033 1 23 45 67 89', 'ordinary', '+33123456789', null, undefined],
    ['01923 555001', 'ordinary', '+441923555001', null, undefined],
    ['0870 234 5678', 'ordinary', '+448702345678', null, undefined],
    ['201', 'ordinary', '201', null, undefined],
    ['141', 'ordinary', '141', null, undefined],
    ['9990', 'ordinary', '9990', null, undefined],
    ['constructor', 'ordinary', 'constructor', null, undefined],
  ])('calls %j %s', (dialled, kind, number, prefix, name) => {
    const named = name === undefined ? {} : { name };
    expect(classifyDialled(dialled, rules)).toEqual({ class: kind, number, prefix, ...named });
  });

  it.each([
    ['0033 1 23 45 67 88', 'premium'],
    ['+1 202 555 0123', 'premium'],
    ['00 999 12', 'premium'],
    ['0033 1 23 45 67 89', 'ordinary'],
    ['01923 555001', 'ordinary'],
    ['+44 1923 555001', 'ordinary'],
    ['0044 1923', 'ordinary'],
    ['00', 'ordinary'],
    ['201', 'ordinary'],
    ['0300 123 2040', 'guarded'],
    ['0044 999', 'emergency'],
  ])('where the site treats numbers abroad as premium: %s is %s', (dialled, kind) => {
    expect(classifyDialled(dialled, numberRules(gb, { ...site, abroadIsPremium: true })).class).toBe(kind);
  });

  it('never lets what the site adds weaken the country’s own numbers', () => {
    const own = [...Object.keys(gb.emergency), ...Object.keys(gb.guarded)];
    const bare = numberRules(gb, {
      emergency: [],
      guarded: [],
      premium: [],
      ordinary: [],
      abroadIsPremium: false,
      doNotOriginate: [],
    });
    const some = fc.subarray(own).map((numbers) => numbers.map((number) => ({ number, name: 'Somebody' })));
    const plain = fc.subarray(own);
    fc.assert(
      fc.property(some, some, plain, plain, fc.boolean(), (emergency, guarded, premium, ordinary, abroadIsPremium) => {
        const sites = numberRules(gb, { emergency, guarded, premium, ordinary, abroadIsPremium, doNotOriginate: [] });
        for (const number of own) expect(classifyDialled(number, sites)).toEqual(classifyDialled(number, bare));
      }),
    );
  });

  it('gives every way to write a guarded number the same class', () => {
    const ways = fc.constantFrom('0', '+44', '0044', '44', '+44 (0)', '141 0', '1470 +44');
    const gap = fc.constantFrom('', ' ', '-', '.');
    fc.assert(
      fc.property(ways, gap, (way, between) => {
        expect(classifyDialled(`${way}300${between}123${between}2040`, rules).class).toBe('guarded');
      }),
    );
  });
});

describe('waysToDial', () => {
  it.each([
    ['101', ['101']],
    ['+443001232040', ['03001232040', '00443001232040', '443001232040', '3001232040']],
    ['+448001111', ['08001111', '00448001111', '448001111']],
    ['+33123456789', ['0033123456789', '33123456789']],
  ])('dials %s as %j', (number, ways) => {
    expect(waysToDial(number, gb)).toEqual(ways);
    for (const way of ways) expect(readNumber(way, gb).number).toBe(number);
  });
});
