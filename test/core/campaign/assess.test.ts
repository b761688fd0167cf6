import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assessCampaign, type Evidence } from '../../../services/core/campaign/assess.ts';
import { type Campaign, keysOf, type PastSighting, type Sighting } from '../../../services/core/campaign/campaign.ts';
import { monday } from '../../support/finished-call.ts';
import { day, hour, minute, usualRules as rules, sighting } from '../../support/sightings.ts';

const fraudster = '+447700900123';
const quietArea = { calls: 28, hours: 84, days: 28 };

function evidence(near: readonly (Sighting | PastSighting)[], changes: Partial<Evidence> = {}): Evidence {
  return {
    near: near.map((each) => ({ campaign: null, ...each })),
    usual: quietArea,
    campaigns: [],
    own: null,
    ...changes,
  };
}

const rings = (line: string, after: number, changes: Partial<Sighting> = {}) =>
  sighting({ line, at: monday + after, shown: fraudster, call: `${line}+${after}`, ...changes });

describe('what makes a campaign', () => {
  type Row = readonly [what: string, calls: readonly Sighting[], kind: string | null];
  const strangers = (count: number, everyMs: number, changes: Partial<Sighting> = {}) =>
    Array.from({ length: count }, (_, index) =>
      sighting({ line: `room-${index}`, at: monday + index * everyMs, ...changes }),
    );
  const neighbour = (line: string, digits: string, after = 0) => rings(line, after, { shown: `+4477009001${digits}` });
  const rows: readonly Row[] = [
    ['one number, three lines in two days', [rings('1', 0), rings('2', day), rings('3', 2 * day)], 'number'],
    ['one number, three lines in more than two days', [rings('1', 0), rings('2', day), rings('3', 2 * day + 1)], null],
    ['one number, two lines', [rings('1', 0), rings('2', hour)], null],
    ['one number, one line five times', [0, 1, 2, 3, 4].map((index) => rings('1', index * hour)), null],
    ['one number, two lines, one call reported', [rings('1', 0, { reported: true }), rings('2', hour)], 'number'],
    [
      'the network’s number, another shown each time',
      [1, 2, 3].map((line) => sighting({ line: `${line}`, at: monday, network: fraudster })),
      'number',
    ],
    [
      'shown by two, and the network’s of a third',
      [rings('1', 0), rings('2', 0), sighting({ line: '3', at: monday, network: fraudster })],
      'number',
    ],
    ['999 shown to three lines', [1, 2, 3].map((line) => rings(`${line}`, 0, { shown: '999' })), 'number'],
    [
      'three numbers of a block in twelve hours',
      [neighbour('1', '00'), neighbour('2', '01'), neighbour('3', '99', 12 * hour)],
      'neighbours',
    ],
    [
      'three numbers of a block in more',
      [neighbour('1', '00'), neighbour('2', '01'), neighbour('3', '99', 12 * hour + 1)],
      null,
    ],
    ['short numbers are no neighbours', [1, 2, 3].map((line) => rings(`${line}`, 0, { shown: `10${line}` })), null],
    ['withheld numbers are not the same', [1, 2, 3, 4].map((line) => rings(`${line}`, 0, { shown: null })), null],
    ['the police in one area', strangers(3, 4 * hour, { claim: 'police' }), 'claim'],
    [
      'the police in three areas',
      strangers(3, hour, { claim: 'police' }).map((each) => ({ ...each, area: each.line })),
      null,
    ],
    ['police and banks', [...strangers(2, hour, { claim: 'police' }), sighting({ line: '9', claim: 'bank' })], null],
    [
      'the same story in two areas',
      strangers(2, hour, { script: 'bank/card-misused' }).map((each) => ({ ...each, area: each.line })),
      'script',
    ],
    ['nine strangers in an hour', strangers(9, 7 * minute), 'burst'],
    ['four strangers in an hour', strangers(4, minute), null],
    ['nine strangers in nine hours', strangers(9, hour), null],
    [
      'one stranger who rings a line nine times in an hour',
      strangers(9, minute).map((each) => ({ ...each, line: '1' })),
      null,
    ],
    ['nine strangers in nine areas', strangers(9, minute).map((each) => ({ ...each, area: each.line })), null],
  ];
  test.each(rows)('%s', (_, calls, kind) => {
    // Whichever of them is judged last sees all the others.
    for (const last of calls) {
      const assessment = assessCampaign(last, evidence(calls), rules);
      expect(assessment.state === 'none' ? null : assessment.campaign.kind).toBe(kind);
    }
  });

  test('a campaign is the same, whichever of its calls finds it', () => {
    const calls = [rings('1', 0), rings('2', hour), rings('3', 2 * hour), rings('4', 3 * hour)];
    const found = calls.map((call) => assessCampaign(call, evidence(calls), rules));
    const ids = found.map((each) => each.state === 'begins' && each.campaign.id);
    expect(ids[0]).toMatch(/^20261123-[0-9a-z]{8}$/);
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).not.toContain('900123');
  });
});

describe('what the figures say', () => {
  const why = (last: Sighting, near: readonly Sighting[], changes: Partial<Evidence> = {}) => {
    const assessment = assessCampaign(last, evidence([...near, last], changes), rules);
    return assessment.state === 'none' ? assessment.reasons : assessment.campaign.reasons;
  };
  test('of a number', () => {
    expect(why(rings('3', 90 * minute), [rings('1', 0), rings('2', hour)])).toEqual([
      'The number 07700 900123 rang 3 lines (3 calls) in Oxhey within 90 minutes (of 2 days that count); 3 lines make a campaign.',
    ]);
  });
  test('of a burst, to be checked with a table', () => {
    const near = Array.from({ length: 5 }, (_, index) =>
      sighting({ line: `room-${index}`, at: monday + index * minute }),
    );
    const usual = { calls: 33, hours: 84, days: 28 };
    expect(why(sighting({ line: 'room-4', at: monday + 50 * minute }), near, { usual })).toContain(
      '6 calls of strangers to 5 lines in Oxhey within 60 minutes; usual are 0.4 at this time of day (33 calls about this hour in 28 days). That is not rarer than once in 100,000 by chance.',
    );
    const rare = { calls: 7, hours: 84, days: 28 };
    expect(why(sighting({ line: 'room-4', at: monday + 50 * minute }), near, { usual: rare })).toEqual([
      '6 calls of strangers to 5 lines in Oxhey within 60 minutes; usual are 0.095 at this time of day (7 calls about this hour in 28 days). By chance that comes about once in 17,000,000 such stretches of time.',
    ]);
  });
  test('of what is none', () => {
    expect(why(rings('2', hour), [rings('1', 0)])).toEqual([
      'The number 07700 900123 rang 2 lines (2 calls) in Oxhey within 60 minutes (of 2 days that count); 3 lines would make a campaign.',
      'Numbers that differ in their last two digits only (07700 900100 and so on) rang 2 lines (2 calls) in Oxhey within 60 minutes (of 12 hours that count); 3 lines would make a campaign.',
      '2 calls of strangers to 2 lines in Oxhey within 60 minutes; 5 lines would be looked at as a burst.',
    ]);
  });
  test('of an area that is watched for less than a week nothing is said', () => {
    const near = Array.from({ length: 12 }, (_, index) => sighting({ line: `room-${index}`, at: monday }));
    expect(why(sighting({ line: 'x' }), near, { usual: { calls: 0, hours: 18, days: 6 } }).at(-1)).toBe(
      '13 calls of strangers to 13 lines in Oxhey within 60 minutes; nobody knows yet how many are usual there.',
    );
  });
});

describe('a campaign that goes on', () => {
  const calls = [rings('1', 0), rings('2', hour), rings('3', 2 * hour)];
  const begun = assessCampaign(calls[2] ?? sighting(), evidence(calls), rules);
  if (begun.state === 'none') throw new Error('three lines are a campaign');
  const { campaign } = begun;
  const of = (each: Campaign, over = false) => ({ id: each.id, kind: each.kind, over });
  const its: readonly PastSighting[] = calls.map((each) => ({ ...each, campaign: of(campaign) }));

  test.each<[string, Sighting, Campaign, string]>([
    ['one more call of the number', rings('9', 30 * hour), campaign, 'joins'],
    ['a call within the quiet time', rings('9', 50 * hour), campaign, 'joins'],
    ['one after it', rings('9', 50 * hour + 1), campaign, 'none'],
    [
      'one after staff ended it',
      rings('9', 4 * hour),
      { ...campaign, ended: { at: monday + 3 * hour, by: 'anna', why: 'the roofer' } },
      'none',
    ],
    [
      'one before staff ended it that comes late',
      rings('9', 2.5 * hour),
      { ...campaign, ended: { at: monday + 3 * hour, by: 'anna', why: 'the roofer' } },
      'joins',
    ],
  ])('%s: %s', (_, call, going, state) => {
    const over = state === 'none';
    const near = its.map((each) => ({ ...each, campaign: of(going, over) }));
    const assessment = assessCampaign(call, evidence([...near, call], { campaigns: [going] }), rules);
    expect(assessment.state).toBe(state);
    if (assessment.state !== 'none') expect(assessment.campaign.id).toBe(campaign.id);
  });

  test('another side of it is no second campaign: most of the calls that say "police" are its own', () => {
    const claiming = its.map((each) => ({ ...each, claim: 'police' }));
    const other = sighting({ line: 'room-9', at: monday + 3 * hour, claim: 'police' });
    const assessment = assessCampaign(other, evidence([...claiming, other], { campaigns: [campaign] }), rules);
    expect(assessment).toMatchObject({ state: 'joins', campaign: { id: campaign.id }, calls: [{ call: other.call }] });
  });

  test('its calls are no part of a burst', () => {
    const busy = Array.from(
      { length: 12 },
      (_, index): PastSighting => ({ ...rings(`room-${index}`, index), campaign: of(campaign) }),
    );
    const stranger = sighting({ line: 'room-20', at: monday });
    expect(assessCampaign(stranger, evidence(busy, { campaigns: [campaign] }), rules).state).toBe('none');
  });

  test('a call that has its campaign keeps it', () => {
    const [first] = calls;
    if (!first) throw new Error('there is one');
    expect(assessCampaign(first, evidence([], { own: campaign }), rules)).toMatchObject({
      state: 'joins',
      campaign: { id: campaign.id },
    });
  });
});

test('whatever calls there are: those of a campaign share its key, the call is among them, and lines enough', () => {
  const any = fc.record({
    line: fc.constantFrom('1', '2', '3', '4', '5', '6'),
    area: fc.constantFrom('Oxhey', 'Watford'),
    at: fc.integer({ min: 0, max: 3 * day }).map((after) => monday + after),
    shown: fc.constantFrom(null, fraudster, '+447700900124', '+442079460000', '999'),
    network: fc.constantFrom(null, '+442079460001'),
    claim: fc.constantFrom(null, 'police'),
    script: fc.constantFrom(null, 'bank/refund'),
    reported: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(any, { minLength: 1, maxLength: 12 }), (fields) => {
      const calls = fields.map((each, index) => sighting({ ...each, call: String(index) }));
      const last = calls[0] ?? sighting();
      const assessment = assessCampaign(last, evidence(calls), rules);
      if (assessment.state === 'none') return assessment.reasons.length > 0;
      const { kind, key } = assessment.campaign;
      const shared = assessment.calls.every(
        (each) => kind === 'burst' || keysOf(each).some((own) => own.kind === kind && own.key === key),
      );
      const lines = new Set(assessment.calls.map(({ line }) => line)).size;
      return shared && lines >= rules.linesIfReported && assessment.calls.some(({ call }) => call === last.call);
    }),
  );
});
