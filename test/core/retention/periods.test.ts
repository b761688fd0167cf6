import { describe, expect, test } from 'vitest';
import { lastNight } from '../../../services/core/retention/nights.ts';
import {
  dueBefore,
  judgeCall,
  judgeIncident,
  type Periods,
  readRecordingName,
  retentionKinds,
} from '../../../services/core/retention/periods.ts';
import { periodsOf, retention } from '../../../services/settings/retention.ts';

const day = 86_400_000;
const defaults = periodsOf(retention.parse(undefined));

describe('what is due', () => {
  test.each(retentionKinds)('%s: what is older than its period, and nothing where that is for ever', (kind) => {
    const periods: Periods = { ...defaults, [kind]: 40 };
    expect(dueBefore(kind, periods, 100 * day)).toBe(60 * day);
    expect(dueBefore(kind, { ...periods, [kind]: null }, 100 * day)).toBeNull();
  });

  test('a recording is never kept for longer than its call', () => {
    for (const kind of ['names', 'messages', 'conversations'] as const) {
      expect(defaults[kind] ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(defaults.calls ?? 0);
    }
  });

  test('“forever” is for ever', () => {
    expect(periodsOf(retention.parse({ incidentDays: 'forever' })).incidents).toBeNull();
  });
});

describe('what stays all the same', () => {
  test.each([
    [[], 'remove'],
    [[{ incident: 'a', held: false }], 'linked'],
    [[{ incident: 'a', held: true }], 'held'],
    [
      [
        { incident: 'a', held: false },
        { incident: 'b', held: true },
      ],
      'held',
    ],
  ] as const)('a call of %j: %s', (ties, judgement) => {
    expect(judgeCall(ties)).toBe(judgement);
  });

  test.each([
    [{ open: false, held: false }, 'remove'],
    [{ open: true, held: false }, 'linked'],
    [{ open: false, held: true }, 'held'],
    [{ open: true, held: true }, 'held'],
  ] as const)('an incident %j: %s', (incident, judgement) => {
    expect(judgeIncident(incident)).toBe(judgement);
  });
});

describe('the name of a recording', () => {
  test.each([
    ['5bb93ec6-1795362185.3-name', '5bb93ec6-1795362185.3', 'names'],
    ['1795362185.3-message', '1795362185.3', 'messages'],
    ['5bb93ec6-1795362185.3-call', '5bb93ec6-1795362185.3', 'conversations'],
    ['a-name-call', 'a-name', 'conversations'],
  ])('%s', (name, call, kind) => {
    expect(readRecordingName(name)).toEqual({ name, call, kind });
  });

  test.each([
    '',
    'name',
    '-name',
    '5bb-names',
    '../../etc/x-name',
    '..-name',
    '.x-name',
    'a\\b-name',
    'a\0-name',
    'music',
  ])('not %j', (name) => {
    expect(readRecordingName(name)).toBeNull();
  });
});

describe('the night that is due', () => {
  const at = (text: string) => Date.parse(text);
  test.each([
    ['after it, in winter', '2026-11-23T09:00:00Z', 'night-2026-11-23', '2026-11-23T03:30:00Z'],
    ['to the millisecond', '2026-11-23T03:30:00Z', 'night-2026-11-23', '2026-11-23T03:30:00Z'],
    ['before it', '2026-11-23T03:29:59.999Z', 'night-2026-11-22', '2026-11-22T03:30:00Z'],
    ['in summer', '2026-07-01T02:45:00Z', 'night-2026-07-01', '2026-07-01T02:30:00Z'],
    [
      'when the date in London is another than in UTC',
      '2026-06-30T23:30:00Z',
      'night-2026-06-30',
      '2026-06-30T02:30:00Z',
    ],
    ['on the first of the year', '2027-01-01T00:10:00Z', 'night-2026-12-31', '2026-12-31T03:30:00Z'],
    ['when the clocks go back', '2026-10-25T04:00:00Z', 'night-2026-10-25', '2026-10-25T03:30:00Z'],
    ['when the clocks go forward', '2026-03-29T02:40:00Z', 'night-2026-03-29', '2026-03-29T02:30:00Z'],
  ])('%s', (_, now, id, begins) => {
    expect(lastNight(at(now), '03:30', 'Europe/London')).toEqual({ id, at: at(begins) });
  });

  test('an hour that the clocks leave out still has its night', () => {
    const night = lastNight(at('2026-03-29T12:00:00Z'), '01:30', 'Europe/London');
    expect(night.id).toBe('night-2026-03-29');
    expect(Math.abs(night.at - at('2026-03-29T01:00:00Z'))).toBeLessThanOrEqual(3_600_000);
  });
});
