import { expect, test } from 'vitest';
import {
  type ArrivalRules,
  describe as describeCaller,
  readArrival,
} from '../../../services/interceptor/exchange/arrival.ts';
import { LoadedLines } from '../../../services/interceptor/line/line-book.ts';
import { monday, storedLine } from '../../support/finished-call.ts';

/** What the dialplan hands over with a call, as facts in base64. */
const order = [
  'from',
  'assertedIdentity',
  'privacy',
  'diversion',
  'identity',
  'callId',
  'userAgent',
  'sourceAddress',
  'codecs',
  'number',
] as const;
type Facts = Partial<Record<(typeof order)[number], string>>;

const lines = new LoadedLines();
lines.replaceBy([storedLine(), storedLine({ id: 'room-14', number: '+441923555014' })]);
const rules: ArrivalRules = {
  trunks: new Map([['abroad', { international: true, attests: false }]]),
  doNotOriginate: new Set(['+443457345345']),
  staffed: true,
};

function encode(facts: Facts): string[] {
  return order.map((name) => Buffer.from(facts[name] ?? '').toString('base64'));
}

function arrive(
  facts: Facts = {},
  {
    dialled = '01923555012',
    trunk = 'carrier',
    held = '',
    heldBy = null as string | null,
    engaged = false,
    legs = '0',
  } = {},
) {
  const args = ['inbound', dialled, trunk, ...encode(facts), legs];
  return readArrival(args, monday, rules, lines, (line) => ({ held: line === held, engaged, heldBy }), 0.25);
}

test('every fact lands in its place', () => {
  const arrived = arrive({
    from: '"PC Jones" <sip:02079460000@192.0.2.7>;tag=1',
    assertedIdentity: '<sip:02079460001@carrier.example>',
    privacy: 'none',
    diversion: '<sip:01923555999@carrier.example>',
    identity: 'abc.def.ghi',
    callId: 'a84b4c@192.0.2.7',
    userAgent: 'SIPp, "1.0"',
    sourceAddress: '192.0.2.7:5060',
    codecs: '(alaw|ulaw|g722)',
    number: '02079460000',
  });
  expect(arrived).toMatchObject({
    type: 'Arrived',
    at: monday,
    dialled: '01923555012',
    trunk: 'carrier',
    staffed: true,
    held: false,
    random: 0.25,
    caller: { name: 'PC Jones', presentation: { e164: '+442079460000' }, network: { e164: '+442079460001' } },
  });
  expect(arrived.signalling).toEqual({
    from: '"PC Jones" <sip:02079460000@192.0.2.7>;tag=1',
    assertedIdentity: '<sip:02079460001@carrier.example>',
    privacy: 'none',
    diversion: '<sip:01923555999@carrier.example>',
    identity: 'abc.def.ghi',
    callId: 'a84b4c@192.0.2.7',
    userAgent: 'SIPp, "1.0"',
    sourceAddress: '192.0.2.7:5060',
    codecs: ['alaw', 'ulaw', 'g722'],
  });
});

test.each(['01923555012', '+441923555012', '00441923555012', '441923555012', '01923 555 012'])(
  'the line is found by %s',
  (dialled) => {
    expect(arrive({}, { dialled }).line?.id).toBe('room-12');
  },
);

test.each(['01923555999', '', '999', 'sip:nobody', '0'.repeat(500)])('no line has the number “%s”', (dialled) => {
  expect(arrive({}, { dialled, held: 'room-12' })).toMatchObject({ line: null, held: false, dialled });
});

test('the line goes on record without its telephone’s password', () => {
  expect(arrive().line).not.toHaveProperty('phoneSecret');
});

test('only the line that is held counts as held', () => {
  expect(arrive({}, { held: 'room-12' }).held).toBe(true);
  expect(arrive({}, { held: 'room-14' }).held).toBe(false);
});

test('no argument at all is a call without number, line and headers', () => {
  const arrived = readArrival(
    ['inbound'],
    monday,
    rules,
    lines,
    () => ({ held: true, engaged: true, heldBy: null }),
    0,
  );
  expect(arrived).toMatchObject({
    dialled: '',
    trunk: '',
    line: null,
    held: false,
    caller: { presentation: null, network: null },
  });
  expect(new Set(Object.values(arrived.signalling).filter((fact) => !Array.isArray(fact)))).toEqual(new Set([null]));
});

test.each(['%%%', '====', '\u0000', 'YQ', 'é'])('an argument that is not base64 (%j) breaks nothing', (argument) => {
  const args = ['inbound', '01923555012', 'carrier', ...Array.from({ length: 10 }, () => argument)];
  expect(
    readArrival(args, monday, rules, lines, () => ({ held: false, engaged: false, heldBy: null }), 0).line?.id,
  ).toBe('room-12');
});

test('trusts a trunk as the site says, and one it does not know as an ordinary one', () => {
  const from = '<sip:02079460000@192.0.2.7>';
  const kinds = (trunk: string) => arrive({ from }, { trunk }).caller.signs.map(({ kind }) => kind);
  expect(kinds('abroad')).toContain('home-number-from-abroad');
  expect(kinds('unheard-of')).toEqual([]);
});

test('whoever shows a number that only receives calls shows a sign', () => {
  const { caller } = arrive({ from: '<sip:03457345345@192.0.2.7>' });
  expect(caller.signs.map(({ kind }) => kind)).toEqual(['do-not-originate']);
});

test('a From that says no number does not hide the one Asterisk read', () => {
  expect(arrive({ from: `"${'x'.repeat(200)}`, number: '01923555666' }).caller.presentation?.e164).toBe(
    '+441923555666',
  );
  expect(arrive({ number: '01923555666' }).caller.presentation?.e164).toBe('+441923555666');
});

test.each([
  { from: '"Anonymous" <sip:anonymous@anonymous.invalid>', number: 'anonymous' },
  { from: '<sip:02079460000@192.0.2.7>', privacy: 'id', number: '02079460000' },
])('a number that is withheld is not shown, wherever it is read: %j', (facts) => {
  expect(arrive(facts).caller).toMatchObject({ withheld: true, presentation: null });
});

test('the whole INVITE, told later, is read as at the arrival', () => {
  const facts: Facts = { from: '"Anna" <sip:01923555100@192.0.2.7>', callId: 'x@y', number: '01923555100' };
  const { caller, signalling } = describeCaller(encode(facts), 'carrier', rules);
  expect(caller).toMatchObject({ name: 'Anna', presentation: { e164: '+441923555100' } });
  expect(signalling).toMatchObject({ callId: 'x@y', userAgent: null });
});

test('the line is engaged when Clearline runs a guarded call of it, or the dialplan does', () => {
  expect(arrive().engaged).toBe(false);
  expect(arrive({}, { engaged: true }).engaged).toBe(true);
  expect(arrive({}, { legs: '1' }).engaged).toBe(true);
  expect(arrive({}, { dialled: '01923555999', engaged: true }).engaged).toBe(false);
});

test('whoever left the hold that stands is known by the number shown, however it was written', () => {
  const from = '<sip:02079460000@192.0.2.7>';
  const called = (heldBy: string | null, held = 'room-12', facts: Facts = { from }) =>
    arrive(facts, { held, heldBy }).calledBefore;
  expect(called('+442079460000')).toBe(true);
  expect(called('00442079460000')).toBe(true);
  expect(called('+442079460001')).toBe(false);
  expect(called(null)).toBe(false);
  expect(called('+442079460000', 'room-14')).toBe(false);
  expect(called('+442079460000', 'room-12', { from, privacy: 'id' })).toBe(false);
});
