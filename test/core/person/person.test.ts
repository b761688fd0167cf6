import { describe, expect, test } from 'vitest';
import { keyDigits, mentions, withoutResident } from '../../../services/core/person/person.ts';
import { finishedCall, finishedOutgoing, storedLine } from '../../support/finished-call.ts';

describe('a number in a text', () => {
  const digits = keyDigits('+447700900123', '44');
  test.each(['07700 900123', '+44 (0)7700-900 123', 'rang from 07700900123, twice', '0044 7700 900123'])(
    'is in %j',
    (text) => {
      expect(mentions({ notes: [{ text }] }, digits)).toBe(true);
    },
  );
  test.each(['07700 900124', '', 'seven'])('is not in %j', (text) => {
    expect(mentions({ notes: [{ text }], at: 7700900123, no: null }, digits)).toBe(false);
  });
  test('of another country keeps its code', () => {
    expect(keyDigits('+33123456789', '44')).toBe('33123456789');
  });
});

describe('a call as it is handed to whoever rang', () => {
  test('says what they did, and not whose line it was nor whom that line trusts', () => {
    const call = finishedCall();
    const journal = [{ at: 1, event: { at: 1, type: 'Arrived', line: storedLine(), caller: call.record.caller } }];
    const text = JSON.stringify(withoutResident({ ...call, journal } as never));
    expect(text).toContain('+441923555001');
    expect(text).toContain('challenge-failed');
    expect(text).not.toMatch(/Elsie|room-12|Anna|Kitchen|555666/);
  });
  test('that a resident made, likewise', () => {
    expect(JSON.stringify(withoutResident(finishedOutgoing()))).not.toMatch(/Elsie|Anna|Kitchen|555666/);
  });
});
