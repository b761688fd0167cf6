import { describe, expect, test } from 'vitest';
import { tellAlerts, tellTest, tellTime } from '../../../services/core/alerting/message.ts';
import { type AlertKind, alertKinds } from '../../../services/core/call.ts';
import type { RaisedAlert } from '../../../services/core/ports.ts';

const around = {
  site: 'Rose Court',
  timeZone: 'Europe/London',
  residentOf: (line: string) => (line === 'room-12' ? 'Alma Jones' : null),
};
const alert = (changes: Partial<RaisedAlert> = {}): RaisedAlert => ({
  id: '17.1-reported',
  kind: 'reported',
  at: new Date('2026-07-06T13:02:00Z').getTime(),
  line: 'room-12',
  call: '17.1',
  ...changes,
});

test('a reported call, whole', () => {
  expect(tellAlerts([alert()], around)).toEqual({
    subject: 'Clearline: a call was reported at Rose Court',
    urgent: false,
    text: `A call was reported at Rose Court.

The resident reported a call.
When: Monday 6 July 2026, 14:02
Line: Alma Jones (room-12)
Call: 17.1

What to do now:
- Speak to the resident, in person or on another telephone. Were they asked for bank details, a PIN, cash, a card, or to tell nobody?
- If money, a card or details were given or promised, or if somebody is on the way to collect something: ring 999.
- If not: tell the police on 101 or Report Fraud on 0300 123 2040, and the bank on 159.
- Staff: the call, step by step: clearline calls show CALL

Clearline sent this by itself. Nobody reads an answer to it.`,
  });
});

test('several that waited, with what to do once for all of them', () => {
  const message = tellAlerts([alert(), alert({ id: 'b', call: null, line: '', kind: 'overloaded' }), alert()], around);
  expect(message.subject).toBe('Clearline: 3 alerts at Rose Court');
  expect(message.text.match(/Line: /g)).toHaveLength(2);
  expect(message.text.match(/Speak to the resident/g)).toHaveLength(1);
  expect(message.text).toContain('clearline status');
});

describe.each(alertKinds)('%s', (kind) => {
  const odd = 'Mallory\r\nBcc: x@y\u202e <script>07700 900123</script>';
  test('no subject names anybody or says more than its kind, whatever the alert carries', () => {
    const carried = { line: odd, call: odd, area: odd, incident: odd, campaign: odd };
    const { subject } = tellAlerts([alert({ kind, ...carried })], { ...around, residentOf: () => odd });
    expect(subject).toBe(tellAlerts([alert({ kind })], around).subject);
    expect(subject).toMatch(/^Clearline: [a-z ]+ at Rose Court$/);
    expect(subject).not.toMatch(/\d|Alma|room/);
  });

  test('says what to do, on lines of its own', () => {
    const { text } = tellAlerts([alert({ kind, line: odd, call: null })], { ...around, residentOf: () => odd });
    expect(text).toMatch(/What to do now:\n- .{10,}/);
    expect(text).not.toMatch(/\nBcc|\r|\u202e/);
  });
});

test('a site without a name of its own, a kind of a later release, and a test', () => {
  const bare = { ...around, site: 'Clearline' };
  expect(tellAlerts([alert({ kind: 'from-the-future' as AlertKind })], bare)).toMatchObject({
    subject: 'Clearline: something happened',
    text: expect.stringContaining('From-the-future.'),
  });
  expect(tellTest(around).subject).toBe('Clearline: a test at Rose Court');
});

test('times are told by the clock on the wall', () => {
  expect(tellTime(new Date('2026-10-25T00:30:00Z').getTime(), 'Europe/London')).toBe('Sunday 25 October 2026, 01:30');
  expect(tellTime(new Date('2026-12-31T23:59:00Z').getTime(), 'Europe/London')).toBe(
    'Thursday 31 December 2026, 23:59',
  );
});
