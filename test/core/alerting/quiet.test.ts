import { expect, test } from 'vitest';
import { endOfQuiet } from '../../../services/core/alerting/quiet.ts';

const iso = (text: string) => new Date(text).getTime();
const night = { from: '22:00', until: '07:00' };
const london = 'Europe/London';

test.each([
  // now, quiet hours, zone, when one may be told
  ['outside them', '2026-11-23T14:02:03.456Z', night, london, '2026-11-23T14:02:03.456Z'],
  ['the minute they begin', '2026-11-23T22:00:00Z', night, london, '2026-11-24T07:00:00Z'],
  ['the moment before they begin', '2026-11-23T21:59:59.999Z', night, london, '2026-11-23T21:59:59.999Z'],
  ['before midnight', '2026-11-23T23:14:15.678Z', night, london, '2026-11-24T07:00:00Z'],
  ['after midnight', '2026-11-24T03:14:15.678Z', night, london, '2026-11-24T07:00:00Z'],
  ['the moment before they end', '2026-11-24T06:59:59.999Z', night, london, '2026-11-24T07:00:00Z'],
  ['the minute they end', '2026-11-24T07:00:00Z', night, london, '2026-11-24T07:00:00Z'],
  ['in summer time', '2026-07-01T23:30:00Z', night, london, '2026-07-02T06:00:00Z'],
  ['over midday', '2026-11-23T13:30:00Z', { from: '13:00', until: '14:30' }, london, '2026-11-23T14:30:00Z'],
  // Clocks go forward at 01:00 UTC on 29 March 2026: the night is an hour shorter.
  ['the night of 23 hours', '2026-03-28T23:00:00Z', night, london, '2026-03-29T06:00:00Z'],
  ['an end that is skipped', '2026-03-29T00:15:00Z', { from: '22:00', until: '01:30' }, london, '2026-03-29T01:00:00Z'],
  ['an end right after', '2026-03-29T00:15:00Z', { from: '22:00', until: '02:00' }, london, '2026-03-29T01:00:00Z'],
  // And back at 01:00 UTC on 25 October 2026: from 01:00 to 02:00 twice.
  ['the night of 25 hours', '2026-10-24T22:00:00Z', night, london, '2026-10-25T07:00:00Z'],
  [
    'an end that comes twice',
    '2026-10-24T23:30:00Z',
    { from: '22:00', until: '01:30' },
    london,
    '2026-10-25T00:30:00Z',
  ],
  ['between its two', '2026-10-25T01:10:00Z', { from: '22:00', until: '01:30' }, london, '2026-10-25T01:30:00Z'],
  ['elsewhere', '2026-11-23T14:02:00Z', night, 'Asia/Kathmandu', '2026-11-23T14:02:00Z'],
  ['elsewhere, at night', '2026-11-23T20:00:00Z', night, 'Asia/Kathmandu', '2026-11-24T01:15:00Z'],
  [
    'half an hour forward',
    '2026-10-03T15:00:00Z',
    { from: '23:00', until: '02:15' },
    'Australia/Lord_Howe',
    '2026-10-03T15:30:00Z',
  ],
])('%s: %s', (_, now, hours, zone, then) => {
  expect(new Date(endOfQuiet(iso(now), hours, zone)).toISOString()).toBe(new Date(then).toISOString());
});

test('from any minute of a year one is told in the end, and never in quiet hours', () => {
  const wall = new Intl.DateTimeFormat('en-GB', { timeZone: london, hour: '2-digit', hourCycle: 'h23' });
  const start = iso('2026-01-01T00:00:00Z');
  for (let hour = 0; hour < 366 * 24; hour += 1) {
    const now = start + hour * 3_600_000 + 60_000 * (hour % 60);
    const then = endOfQuiet(now, night, london);
    const shown = Number(wall.format(then));
    expect(shown >= 7 && shown < 22).toBe(true);
    expect(then - now).toBeLessThanOrEqual(10 * 3_600_000);
  }
});
