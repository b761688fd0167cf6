import { describe, expect, test } from 'vitest';
import { blockOf, type Sighting } from '../../../services/core/campaign/campaign.ts';
import { chanceOfAtLeast, oneIn, usualCalls } from '../../../services/core/campaign/chance.ts';
import { areaMark, campaignId } from '../../../services/core/campaign/id.ts';
import { sightingOf } from '../../../services/core/campaign/sight.ts';
import { tellKey } from '../../../services/core/campaign/tell.ts';
import { type NumberPast, withoutVouched } from '../../../services/core/campaign/vouch.ts';
import type { Incident } from '../../../services/core/incident/incident.ts';
import type { InboundRecord } from '../../../services/core/record.ts';
import { callingNumber, finishedCall, monday } from '../../support/finished-call.ts';
import { openedIncident } from '../../support/incidents.ts';
import { sighting } from '../../support/sightings.ts';

describe('chance', () => {
  // From tables of the Poisson distribution: 1 minus the sum of the terms below.
  test.each([
    [1, 1, 0.63212],
    [3, 1, 0.0803],
    [5, 0.4, 6.12e-5],
    [6, 0.4, 4.04e-6],
    [10, 5, 0.03183],
    [20, 0.1, 3.75e-39],
  ])('of %i or more where %f are usual', (least, usual, chance) => {
    expect(chanceOfAtLeast(least, usual) / chance).toBeCloseTo(1, 1);
  });
  test('of none or more is certain, and of anything where all is usual nearly so', () => {
    expect(chanceOfAtLeast(0, 3)).toBe(1);
    expect(chanceOfAtLeast(3, 400)).toBeCloseTo(1, 6);
  });
  test.each([
    [1 / 80_012, '80,000'],
    [0.0063, '160'],
    [1e-30, 'a million million'],
  ])('%f is once in %s', (chance, told) => {
    expect(oneIn(chance)).toBe(told);
  });
  test('one call more than was seen is usual, so that a new place is not alarmed by its first', () => {
    expect(usualCalls({ calls: 33, hours: 84 }, 60)).toBeCloseTo(34 / 84);
    expect(usualCalls({ calls: 0, hours: 0 }, 30)).toBe(0.5);
  });
});

describe('what of a call is noted', () => {
  const noted = (changes: Partial<InboundRecord> = {}, incident: Incident | null = null) =>
    sightingOf(finishedCall(changes).record, incident);
  const caller = finishedCall().record.caller;
  const verdict = finishedCall().record.verdict;
  if (!verdict) throw new Error('the call has a verdict');
  const told = (
    role: Incident['caller']['role'],
    pretext: Incident['caller']['pretext'],
    changes: Partial<Incident> = {},
  ) => openedIncident({ caller: { ...openedIncident().caller, role, pretext }, ...changes });

  test.each<[string, ReturnType<typeof noted>, Partial<Sighting>]>([
    [
      'number, line, area and time',
      noted(),
      { at: monday, line: 'room-12', area: 'Rickmansworth', shown: '+441923555001', network: null, counts: true },
    ],
    ['a rank in the name', noted(), { claim: 'police', script: null }],
    [
      'the network’s number where it is another',
      noted({ caller: { ...caller, network: callingNumber('x', '+442079460000') } }),
      { network: '+442079460000' },
    ],
    [
      'not where it is the same',
      noted({ caller: { ...caller, network: callingNumber('x', '+441923555001') } }),
      { network: null },
    ],
    [
      'no number where it is withheld',
      noted({ caller: { ...caller, withheld: true, network: callingNumber('x', '+442079460000') } }),
      { shown: null, network: null },
    ],
    [
      'a short number by its digits',
      noted({ caller: { ...caller, presentation: callingNumber('999') } }),
      { shown: '999' },
    ],
    [
      'no number where a name stands for it',
      noted({ caller: { ...caller, presentation: callingNumber('police<script>') } }),
      { shown: null },
    ],
    [
      'a delivery is no claim that says anything',
      noted({ caller: { ...caller, name: 'DPD Delivery' } }),
      { claim: null },
    ],
    ['unless staff heard it', noted({}, told('delivery-company', null)), { claim: 'delivery-company', script: null }],
    [
      'what staff heard stands above the name',
      noted({}, told('bank', 'card-misused')),
      { claim: 'bank', script: 'bank/card-misused', reported: true },
    ],
    ['"other" says nothing', noted({}, told('other', 'refund')), { claim: 'police', script: null }],
    [
      'nothing of an incident that was a mistake',
      noted({ alerts: [{ at: 1, alert: 'reported' }] }, told('bank', 'refund', { status: 'mistaken' })),
      { claim: 'police', script: null, reported: false },
    ],
    ['a report', noted({ alerts: [{ at: 1, alert: 'reported' }] }), { reported: true }],
    ['not every alert is one', noted({ alerts: [{ at: 1, alert: 'call-while-held' }] }), { reported: false }],
    [
      'that staff took it',
      noted({ ending: { outcome: 'handled-by-staff', by: 'staff', cause: 16 } }),
      { byStaff: true },
    ],
    ['a sign of forgery', noted({ verdict: { ...verdict, standing: 'suspect' } }), { suspect: true }],
  ])('%s', (_, found, expected) => {
    expect(found).toMatchObject(expected);
  });

  test.each<[string, Partial<InboundRecord>]>([
    ['a trusted caller', { verdict: { ...verdict, standing: 'trusted' } }],
    ['a call to no line', { line: null, area: null }],
    ['a call that nobody screened', { verdict: null }],
  ])('%s is not noted', (_, changes) => {
    expect(noted(changes)).toBeNull();
  });
});

describe('numbers that somebody stands for', () => {
  const shown = '+441923555700';
  const network = '+442079460000';
  const past = (changes: Partial<NumberPast> = {}): NumberPast => ({
    number: shown,
    trustedOn: null,
    ownOf: null,
    days: 0,
    byStaff: 0,
    reported: 0,
    ...changes,
  });
  const judge = (changes: Partial<NumberPast>, seen: Partial<Sighting> = {}) =>
    withoutVouched(sighting({ shown, ...seen }), [past(changes)]);

  test.each<[string, Partial<NumberPast>, boolean]>([
    ['nobody', {}, true],
    ['a list of another line', { trustedOn: 'room-1' }, false],
    ['the line that has it', { ownOf: 'room-1' }, false],
    ['staff once', { byStaff: 1 }, true],
    ['staff twice', { byStaff: 2 }, false],
    ['staff twice, and a report', { byStaff: 2, reported: 1 }, true],
    ['three quiet days', { days: 3 }, true],
    ['four quiet days', { days: 4 }, false],
    ['a list, whatever was reported', { trustedOn: 'room-1', reported: 3 }, false],
  ])('%s', (_, changes, counts) => {
    expect(judge(changes).sighting.counts).toBe(counts);
    expect(judge(changes).reasons).toHaveLength(counts ? 0 : 1);
  });

  test('a sign of forgery counts, and a report, without the number that somebody else may be showing', () => {
    const forged = judge({ trustedOn: 'room-1' }, { network, suspect: true });
    expect(forged.sighting).toMatchObject({ counts: true, shown: null, network });
    expect(judge({ days: 9 }, { suspect: true }).sighting).toMatchObject({ counts: true, shown });
    expect(judge({ days: 9 }, { reported: true }).sighting).toMatchObject({ counts: true, shown });
    expect(judge({ trustedOn: 'room-1' }, { reported: true }).sighting).toMatchObject({ counts: true, shown: null });
  });
});

test('neighbours share all but two digits; a short number has none', () => {
  expect([blockOf('+447700900123'), blockOf('999'), blockOf('0123')]).toEqual(['+4477009001', '999', '0123']);
});

test('ids are of their day, cause and first call', () => {
  const first = { call: 'a', at: monday };
  const id = campaignId('number', '+447700900123', first);
  expect(id).toBe(campaignId('number', '+447700900123', first));
  const others = [
    campaignId('number', '+447700900124', first),
    campaignId('claim', '+447700900123', first),
    campaignId('number', '+447700900123', { ...first, call: 'b' }),
  ];
  expect(new Set([id, ...others]).size).toBe(4);
  expect(areaMark('Oxhey')).not.toBe(areaMark('Watford'));
});

test.each([
  ['number', '+447700900123', 'calls from the number 07700 900123'],
  ['number', '999', 'calls from the number 999'],
  [
    'neighbours',
    '+4477009001',
    'calls from numbers that differ in their last two digits only (07700 900100 and so on)',
  ],
  ['claim', 'police@Oxhey', 'callers who say they are the police'],
  ['script', 'bank/card-misused', 'callers with the same story: a bank, a card was misused'],
  ['script', 'wizard/spell', 'callers with the same story: wizard, spell'],
  ['burst', 'Oxhey', 'many strangers at once in Oxhey'],
] as const)('%s %s is told as "%s"', (kind, key, told) => {
  expect(tellKey(kind, key)).toBe(told);
});
