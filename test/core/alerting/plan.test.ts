import { describe, expect, test } from 'vitest';
import type { Recipient } from '../../../services/core/alerting/delivery.ts';
import { planDeliveries } from '../../../services/core/alerting/plan.ts';
import { nextTryMs } from '../../../services/core/alerting/try-again.ts';
import type { RaisedAlert } from '../../../services/core/ports.ts';

const now = new Date('2026-11-23T14:00:00Z').getTime();
const minute = 60_000;
const hour = 60 * minute;

const recipient = (changes: Partial<Recipient> = {}): Recipient => ({
  name: 'warden',
  channel: 'email',
  to: 'warden@example.org',
  lines: [],
  areas: [],
  atOnce: ['money-at-risk'],
  gapSeconds: 0,
  perHour: 20,
  ...changes,
});

const alert = (changes: Partial<RaisedAlert> = {}): RaisedAlert => ({
  id: '17.1-reported',
  kind: 'reported',
  at: now,
  line: 'room-12',
  call: '17.1',
  ...changes,
});

const plan = (
  who: Partial<Recipient>,
  what: Partial<RaisedAlert> = {},
  { at = now, recent = [] as number[], area = 'Oxhey' as string | null } = {},
) => {
  const situation = { now: at, timeZone: 'Europe/London', area, recent: new Map([['warden', recent]]) };
  return planDeliveries(alert(what), [recipient(who)], situation).map((each) => each.at);
};

describe('who hears of an alert', () => {
  test.each<[string, Partial<Recipient>, Partial<RaisedAlert>, boolean]>([
    ['nothing is chosen', {}, {}, true],
    ['of no line, nothing chosen', {}, { kind: 'overloaded', line: '', call: null }, true],
    ['a kind that is chosen', { kinds: ['reported'] }, {}, true],
    ['a kind that is not', { kinds: ['campaign'] }, {}, false],
    ['no kind at all', { kinds: [] }, {}, false],
    ['their line', { lines: ['room-12'] }, {}, true],
    ['another’s line', { lines: ['room-14'] }, {}, false],
    ['their line, of no interest to relatives', { lines: ['room-12'] }, { kind: 'abroad-refused' }, false],
    [
      'their line, and they chose it',
      { lines: ['room-12'], kinds: ['abroad-refused'] },
      { kind: 'abroad-refused' },
      true,
    ],
    [
      'of no line, to a relative',
      { lines: ['room-12'], kinds: ['overloaded'] },
      { kind: 'overloaded', line: '' },
      false,
    ],
    ['their area, by its line', { areas: ['Oxhey'] }, {}, true],
    ['their area, by itself', { areas: ['Watford'] }, { kind: 'campaign', line: '', area: 'Watford' }, true],
    ['another area, though the line lies in theirs', { areas: ['Oxhey'] }, { area: 'Watford' }, false],
    ['another area', { areas: ['Watford'] }, {}, false],
    ['of no area', { areas: ['Oxhey'] }, { kind: 'spool-full', line: '' }, true],
  ])('%s', (_, who, what, hears) => {
    const area = 'Oxhey';
    expect(plan(who, what, { area })).toEqual(hears ? [null] : []);
  });

  test('an alert of no line and no area reaches nobody of an area', () => {
    expect(plan({ areas: ['Oxhey'] }, { kind: 'spool-full', line: '' }, { area: null })).toEqual([]);
  });
});

describe('when', () => {
  const night = { from: '22:00', until: '07:00' };
  const at = new Date('2026-11-23T23:00:00Z').getTime();
  const seven = new Date('2026-11-24T07:00:00Z').getTime();
  test.each<[string, Partial<Recipient>, Partial<RaisedAlert>, { at?: number; recent?: number[] }, number | null]>([
    ['at once', {}, {}, {}, null],
    ['after quiet hours', { quietHours: night }, {}, { at }, seven],
    ['at once in quiet hours', { quietHours: night }, { kind: 'money-at-risk' }, { at }, null],
    ['by day', { quietHours: night }, {}, {}, null],
    ['with the hour’s number not reached', { perHour: 2 }, {}, { recent: [now - minute] }, null],
    ['with it reached', { perHour: 2 }, {}, { recent: [now - 2 * minute, now - 50 * minute] }, now + 10 * minute],
    ['with one of long ago', { perHour: 1 }, {}, { recent: [now - hour] }, null],
    ['with it passed', { perHour: 1 }, {}, { recent: [now - 2 * minute, now - 50 * minute] }, now + 58 * minute],
    ['above it, at once', { perHour: 1 }, { kind: 'money-at-risk' }, { recent: [now - minute] }, null],
    ['too soon', { gapSeconds: 300 }, {}, { recent: [now - minute] }, now + 4 * minute],
    ['no gap, and another’s clock is ahead', {}, {}, { recent: [now + 5] }, null],
    ['late enough', { gapSeconds: 300 }, {}, { recent: [now - 6 * minute] }, null],
    [
      'too soon, and then it is night',
      { gapSeconds: 300, quietHours: { from: '14:01', until: '15:00' } },
      {},
      { recent: [now - minute] },
      now + hour,
    ],
  ])('%s', (_, who, what, when, expected) => {
    expect(plan(who, what, when)).toEqual([expected]);
  });
});

describe('the next attempt', () => {
  test('twice as long each time, up to an hour, and up to a quarter less', () => {
    expect([1, 2, 3, 4].map((attempts) => nextTryMs(attempts, 0))).toEqual([10_000, 20_000, 40_000, 80_000]);
    expect(nextTryMs(1, 0.999)).toBeGreaterThanOrEqual(7_500);
    expect(nextTryMs(10, 0)).toBe(3_600_000);
    expect(nextTryMs(1_000, 1)).toBe(2_700_000);
  });

  test('fifteen of them take some six hours, as the settings say', () => {
    const all = Array.from({ length: 14 }, (_, index) => nextTryMs(index + 1, 0.5));
    const hours = all.reduce((sum, each) => sum + each) / hour;
    expect(hours).toBeGreaterThan(5);
    expect(hours).toBeLessThan(7);
  });
});
