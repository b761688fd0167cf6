import { describe, expect, test } from 'vitest';
import { type Incident, isMoneyAtRisk } from '../../../services/core/incident/incident.ts';
import { addCall, belongsTo, incidentOf, oneFraudMs } from '../../../services/core/incident/open.ts';
import type { InboundRecord } from '../../../services/core/record.ts';
import { finishedCall, monday } from '../../support/finished-call.ts';
import { openedIncident } from '../../support/incidents.ts';

/** What becomes of a finished call. */

const ended = (outcome: InboundRecord['ending']['outcome'], by: InboundRecord['ending']['by'] = 'clearline') =>
  ({ outcome, by, cause: 16 }) as const;
const open = (changes: Partial<InboundRecord>) => incidentOf(finishedCall(changes).record);

describe('a call opens', () => {
  test.each([
    ['reported', { ending: ended('reported', 'resident'), connectedAt: monday }, 'reported', 'resident', 'realised'],
    ['a ghost dial', { ending: ended('ghost-dialled'), connectedAt: monday }, 'ghost-dial', 'clearline', null],
    ['a dial tone', { ending: ended('fake-dial-tone'), connectedAt: monday }, 'fake-dial-tone', 'clearline', null],
    ['a pretence', { ending: ended('returned-call') }, 'returned-call', 'clearline', 'not-answered'],
    [
      'a pretence that staff took',
      { ending: ended('returned-call'), connectedAt: monday },
      'returned-call',
      'clearline',
      null,
    ],
    [
      'an alert alone',
      { alerts: [{ at: monday, alert: 'ghost-dial' }], connectedAt: monday },
      'ghost-dial',
      'clearline',
      null,
    ],
    [
      'two alerts: the one that says more',
      {
        alerts: [
          { at: monday, alert: 'returned-call' },
          { at: monday, alert: 'reported' },
        ],
        connectedAt: monday,
      },
      'reported',
      'resident',
      'realised',
    ],
  ] as const)('%s', (_, changes, openedFor, openedBy, outcome) => {
    expect(open(changes)).toMatchObject({ openedFor, openedBy, outcome, id: 'incident-1795358400.17', version: 1 });
  });

  test.each([
    ['talked', { ending: ended('talked', 'caller') }],
    ['refused', { ending: ended('challenge-failed') }],
    ['an alert of another kind', { alerts: [{ at: monday, alert: 'not-released' }] }],
  ] as const)('%s: nothing', (_, changes) => {
    expect(open(changes)).toBeNull();
  });

  test('whatever the record says of it, each time the same', () => {
    const call = { ending: ended('reported', 'resident'), connectedAt: monday };
    const incident = open(call);
    expect(incident).toEqual(open(call));
    expect(incident).toMatchObject({
      at: monday,
      openedAt: monday + 9000,
      line: 'room-12',
      resident: 'Elsie Brown',
      area: 'Rickmansworth',
      calls: ['1795358400.17'],
      status: 'open',
      endedBy: 'resident',
      suspicion: 'The resident reported the call.',
      caller: { name: 'PC Jones', role: 'police', callBackNumber: null },
    });
  });

  test('every sign is what raised suspicion: a dial tone that was cut, and reported thereafter', () => {
    const alerts = [{ at: monday, alert: 'fake-dial-tone' }] as const;
    const incident = open({ ending: ended('reported'), alerts, connectedAt: monday });
    expect(incident).toMatchObject({ openedFor: 'reported', outcome: 'realised', endedBy: 'clearline' });
    expect(incident?.suspicion).toBe('The resident reported the call. The caller played a dial tone.');
  });

  test('a caller’s name with a card number in it is masked, and signs of forgery are what raised suspicion', () => {
    const { caller, verdict } = finishedCall().record;
    if (verdict === null) throw new Error('the call has a verdict');
    const reasons = [{ kind: 'short-code', text: 'It shows 101, which calls nobody.' }] as const;
    const incident = open({
      ending: ended('ghost-dialled'),
      caller: { ...caller, name: 'PIN 4821' },
      verdict: { ...verdict, standing: 'suspect', reasons },
    });
    expect(incident?.caller.name).toBe('PIN [PIN or code removed]');
    expect(incident?.suspicion).toBe(
      'A safe number was dialled while the caller was still on the line. It shows 101, which calls nobody.',
    );
  });
});

describe('a second call of the line', () => {
  const first = openedIncident();
  const second = (changes: Partial<Incident> = {}) =>
    openedIncident({
      id: 'incident-17.2',
      at: monday + 120_000,
      calls: ['17.2'],
      suspicion: 'He rang back.',
      ...changes,
    });

  test.each([
    ['two minutes later', {}, {}, true],
    ['two minutes earlier: jobs come in any order', { at: monday - 120_000 }, {}, true],
    ['an hour later', { at: monday + oneFraudMs }, {}, true],
    ['later', { at: monday + oneFraudMs + 1 }, {}, false],
    ['after it was closed', {}, { status: 'closed' }, false],
    ['beside what staff opened', {}, { openedFor: 'staff' }, false],
  ] as const)('%s', (_, changes, known, belongs) => {
    const other = openedIncident(known);
    expect(belongsTo(second(changes), [other])).toEqual(belongs ? other : null);
  });

  test('is one more call of the same incident', () => {
    expect(addCall(first, second())).toMatchObject({
      id: first.id,
      calls: ['1795358400.17', '17.2'],
      version: 2,
      at: monday,
    });
    const earlier = addCall(first, second({ at: monday - 1 }));
    expect(earlier).toMatchObject({ calls: ['17.2', '1795358400.17'], at: monday - 1 });
  });

  test.each([
    ['realised', 'not-answered', 'realised'],
    ['not-answered', 'realised', 'realised'],
    [null, 'not-answered', null],
    ['not-answered', null, null],
    [null, 'realised', null],
    ['handed-over', null, 'handed-over'],
    ['handed-over', 'realised', 'handed-over'],
  ] as const)('%s, then %s: %s', (before, after, both) => {
    expect(addCall(openedIncident({ outcome: before }), second({ outcome: after })).outcome).toBe(both);
  });

  test('what staff know stays, and what raised suspicion is added once', () => {
    const known = { ...first, caller: { ...first.caller, name: 'DC Hall' }, suspicion: 'He was rude.' };
    const both = addCall(known, second({ caller: { ...first.caller, name: 'PC Jones', role: 'police' } }));
    expect(both.caller).toMatchObject({ name: 'DC Hall', role: 'police' });
    expect(both.suspicion).toBe('He was rude. He rang back.');
    expect(addCall(both, second()).suspicion).toBe('He was rude. He rang back.');
  });
});

test.each([
  ['realised', [], false],
  ['details-disclosed', ['name', 'account-number'], false],
  ['details-disclosed', ['pin'], true],
  ['agreed', [], true],
  ['money-withdrawn', [], true],
  [null, ['transfer'], true],
  [null, [], false],
] as const)('%s with %j given: money at risk is %s', (outcome, given, atRisk) => {
  expect(isMoneyAtRisk({ outcome, given })).toBe(atRisk);
});
