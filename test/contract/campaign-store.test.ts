import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../services/adapters/sql/store.ts';
import { type Assessment, assessCampaign } from '../../services/core/campaign/assess.ts';
import type { Campaign, Sighting } from '../../services/core/campaign/campaign.ts';
import { monday, storedLine } from '../support/finished-call.ts';
import { openedIncident } from '../support/incidents.ts';
import { day, hour, minute, usualRules as rules, sighting } from '../support/sightings.ts';
import { storeBackends } from '../support/stores.ts';

const fraudster = '+447700900123';

describe.each(storeBackends().filter(({ name }) => name !== 'fake'))('CampaignStore: $name', (backend) => {
  let store: Store;
  beforeAll(() => backend.start());
  afterAll(() => backend.stop());
  beforeEach(async () => {
    store = await backend.open();
  });
  afterEach(() => store.close());

  /** What the worker does with a call. */
  async function follow(
    seen: Sighting,
  ): Promise<Assessment & { readonly added?: { campaign: Campaign; areas: readonly string[] } }> {
    await store.campaigns.note(seen);
    const assessment = assessCampaign(seen, await store.campaigns.evidence(seen, rules), rules);
    if (assessment.state === 'none') return assessment;
    return { ...assessment, added: await store.campaigns.add(assessment, seen, rules) };
  }
  const rings = (line: string, after: number, changes: Partial<Sighting> = {}) =>
    sighting({ line, at: monday + after, shown: fraudster, ...changes });
  const threeLines = () => [rings('room-1', 0), rings('room-2', hour), rings('room-3', 2 * hour)];
  const listed = () => store.campaigns.list({ limit: 10 });

  test('three lines rung by one number are a campaign; its calls, lines, area and guard are on record', async () => {
    const calls = threeLines();
    for (const call of calls) await follow(call);
    const [summary] = await listed();
    expect(await listed()).toHaveLength(1);
    expect(summary).toMatchObject({ calls: 3, lines: 3, areas: ['Oxhey'] });
    expect(summary?.campaign).toMatchObject({
      kind: 'number',
      key: fraudster,
      firstCall: calls[0]?.call,
      firstAt: monday,
      lastAt: monday + 2 * hour,
    });
    const until = monday + (2 + rules.guardHours) * hour;
    expect(summary?.guards).toEqual([{ area: 'Oxhey', until, campaign: summary?.campaign.id }]);
    expect((await store.campaigns.calls(summary?.campaign.id ?? '')).map(({ call }) => call)).toEqual(
      calls.map(({ call }) => call),
    );
    expect(await store.campaigns.find(summary?.campaign.id ?? '')).toEqual(summary);
    expect(await store.campaigns.find('none')).toBeNull();
  });

  test('done again, and in any order, it is the same campaign, and staff are told of the same area', async () => {
    const calls = threeLines();
    for (const call of calls) await follow(call);
    const before = await listed();
    const again = [];
    for (const call of calls.toReversed()) again.push((await follow(call)).added?.areas);
    expect(again).toEqual([['Oxhey'], [], []]);
    expect(await listed()).toEqual(before);
  });

  test.each(['forwards', 'backwards'])('two workers at once, going %s, make one campaign', async (way) => {
    const calls = Array.from({ length: 8 }, (_, line) => rings(`room-${line}`, line * minute));
    const ordered = way === 'forwards' ? calls : calls.toReversed();
    await Promise.all([...ordered, ...calls].map((call) => follow(call)));
    const found = await listed();
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ calls: 8, lines: 8 });
  });

  test('of two that are found by different first calls at one moment, one stands and gets the calls of both', async () => {
    const [a, b, c] = threeLines();
    if (!a || !b || !c) throw new Error('there are three');
    for (const call of [a, b, c]) await store.campaigns.note(call);
    const campaign = (id: string, first: Sighting, by: Sighting): Campaign => ({
      id,
      kind: 'number',
      key: fraudster,
      firstCall: first.call,
      firstAt: first.at,
      lastAt: by.at,
      foundBy: by.call,
      foundAt: by.at,
      reasons: ['why'],
      ended: null,
    });
    const added = await Promise.all([
      store.campaigns.add({ state: 'begins', campaign: campaign('one', a, b), calls: [a, b] }, b, rules),
      store.campaigns.add({ state: 'begins', campaign: campaign('other', b, c), calls: [b, c] }, c, rules),
    ]);
    expect(new Set(added.map((each) => each.campaign.id)).size).toBe(1);
    expect(added.flatMap(({ areas }) => areas)).toEqual(['Oxhey']);
    expect(await listed()).toMatchObject([{ calls: 3, lines: 3 }]);
  });

  test('an area that a later call brings in has its guard raised, and its staff told, once', async () => {
    for (const call of threeLines()) await follow(call);
    const elsewhere = rings('flat-1', 3 * hour, { area: 'Watford' });
    expect((await follow(elsewhere)).added?.areas).toEqual(['Watford']);
    expect((await follow(rings('flat-2', 4 * hour, { area: 'Watford' }))).added?.areas).toEqual([]);
    expect((await follow(elsewhere)).added?.areas).toEqual(['Watford']);
    expect(await listed()).toMatchObject([{ calls: 5, areas: ['Oxhey', 'Watford'] }]);
  });

  test('a raised guard stands on every line of the area, and only there, and lines are loaded anew', async () => {
    await store.lines.upsert([
      storedLine({ id: 'room-1', area: 'Oxhey' }),
      storedLine({ id: 'flat-1', area: 'Watford' }),
    ]);
    const revision = await store.lines.revision();
    for (const call of threeLines()) await follow(call);
    const raised = async () => (await store.lines.all()).map(({ id, raisedUntil }) => [id, raisedUntil]);
    const until = monday + (2 + rules.guardHours) * hour;
    expect(await raised()).toEqual([
      ['flat-1', undefined],
      ['room-1', until],
    ]);
    const after = await store.lines.revision();
    expect(after).toBeGreaterThan(revision);
    await follow(rings('room-4', 3 * hour));
    expect(await raised()).toEqual([
      ['flat-1', undefined],
      ['room-1', until + hour],
    ]);
    expect(await store.lines.revision()).toBeGreaterThan(after);
  });

  test('ended by staff, its guard is lowered, and its calls make no other campaign; new ones may', async () => {
    const calls = threeLines();
    for (const call of calls) await follow(call);
    const id = (await listed())[0]?.campaign.id ?? '';
    const ended = { at: monday + 3 * hour, by: 'anna', why: 'it was the surgery' };
    expect(await store.campaigns.end(id, ended)).toBe(true);
    expect(await store.campaigns.end(id, { ...ended, by: 'bob' })).toBe(false);
    expect(await store.campaigns.end('none', ended)).toBe(false);
    expect((await store.campaigns.find(id))?.campaign.ended).toEqual(ended);
    expect((await store.campaigns.find(id))?.guards).toMatchObject([{ until: ended.at }]);
    for (const call of calls) await follow(call);
    expect((await store.campaigns.find(id))?.guards).toMatchObject([{ until: ended.at }]);
    expect((await follow(rings('room-4', 4 * hour))).state).toBe('none');
    expect((await follow(rings('room-5', 5 * hour))).state).toBe('none');
    expect((await follow(rings('room-6', 6 * hour))).state).toBe('begins');
    expect(await listed()).toHaveLength(2);
  });

  test('after a quiet time it is over by itself, and the same number begins another', async () => {
    for (const call of threeLines()) await follow(call);
    const later = 10 * day;
    for (const [index, line] of ['room-1', 'room-2', 'room-3'].entries())
      await follow(rings(line, later + index * minute));
    const [second, first] = await listed();
    expect(second?.campaign.ended).toBeNull();
    expect(first?.campaign.ended).toMatchObject({
      by: 'clearline',
      why: 'quiet',
      at: monday + (2 + rules.quietHours) * hour,
    });
    // A call of the first that comes late from a queue is still of the first.
    const late = await follow(rings('room-9', 3 * hour));
    expect(late.added?.campaign.id).toBe(first?.campaign.id);
  });

  test('what is quiet for too long is put on record as over', async () => {
    for (const call of threeLines()) await follow(call);
    const over = monday + (2 + rules.quietHours) * hour;
    await store.campaigns.endQuiet(over, rules);
    expect((await listed())[0]?.campaign.ended).toBeNull();
    await store.campaigns.endQuiet(over + 1, rules);
    expect((await listed())[0]?.campaign.ended).toEqual({ at: over, by: 'clearline', why: 'quiet' });
  });

  test('a number is known by its neighbours, by what the network says, by claim and by story', async () => {
    const near = [
      rings('room-1', 0, { shown: '+442079460001', network: '+441923555999' }),
      rings('room-2', 0, { shown: '+441923555999' }),
      rings('room-3', 0, { shown: '+441923555901' }),
      rings('room-4', 0, { shown: null, claim: 'police', script: 'police/investigation' }),
      rings('room-5', 0, { shown: '+442079460099', claim: 'police', area: 'room-4' }),
      rings('room-6', 0, { shown: null, script: 'police/investigation' }),
      rings('room-7', 0, { shown: null }),
      rings('room-8', -20 * day, { claim: 'police' }),
      rings('room-9', 0, { shown: '+441923555999', area: 'Watford', counts: false }),
    ].map((each) => (each.area === 'Oxhey' ? { ...each, area: each.line } : each));
    for (const call of near) await store.campaigns.note(call);
    const lines = async (changes: Partial<Sighting>) => {
      const seen = sighting({ line: 'asks', area: 'asks', shown: null, ...changes });
      return (await store.campaigns.evidence(seen, rules)).near.map(({ line }) => line).sort();
    };
    expect(await lines({ shown: '+441923555955' })).toEqual(['room-1', 'room-2', 'room-3']);
    expect(await lines({ network: '+442079460042' })).toEqual(['room-1', 'room-5']);
    expect(await lines({ claim: 'police', area: 'room-4', at: monday + 2 * hour })).toEqual(['room-4', 'room-5']);
    expect(await lines({ script: 'police/investigation' })).toEqual(['room-4', 'room-6']);
    expect(await lines({})).toEqual([]);
    expect(await lines({ area: 'room-7', at: monday + hour })).toEqual(['room-7']);
    expect(await lines({ area: 'room-7', at: monday + hour + 1 })).toEqual([]);
  });

  test('what is usual is counted at this time of day, without today; a call noted twice counts once', async () => {
    const earlier = [10, 10.5, 9, 11, 13, 22].flatMap((hourOfDay) =>
      [3, 8].map((days) => sighting({ at: monday + (hourOfDay - 10) * hour - days * day })),
    );
    const ignored = [
      sighting({ at: monday - 2 * hour }),
      sighting({ at: monday - 3 * day, area: 'Watford' }),
      sighting({ at: monday - 3 * day, counts: false }),
    ];
    for (const call of [...earlier, ...earlier, ...ignored]) await store.campaigns.note(call);
    const { usual } = await store.campaigns.evidence(sighting(), rules);
    expect(usual).toEqual({ calls: 8, hours: 24, days: 8 });
    expect((await store.campaigns.evidence(sighting({ area: 'Bushey' }), rules)).usual).toEqual({
      calls: 0,
      hours: 0,
      days: 0,
    });
  });

  test('who stands for a number: a list of the area, a line that has it, staff, or many quiet days', async () => {
    await store.lines.upsert([
      storedLine({ id: 'room-1', area: 'Oxhey', trusted: [{ number: '+441923555100', name: 'Surgery' }] }),
      storedLine({ id: 'room-2', area: 'Oxhey', number: '+441923555102', trusted: [] }),
    ]);
    const depot = '+441923555700';
    for (const days of [0, 1, 5, 6, 7, 40])
      await store.campaigns.note(
        sighting({
          shown: days === 6 ? '+442079460000' : depot,
          network: days === 6 ? depot : null,
          at: monday - days * day,
          byStaff: days === 1,
        }),
      );
    await store.campaigns.note(sighting({ shown: depot, area: 'Watford', at: monday - 8 * day }));
    const past = async (shown: string, area = 'Oxhey') =>
      (await store.campaigns.pasts(sighting({ shown, area }), rules))[0];
    const none = { trustedOn: null, ownOf: null, days: 0, byStaff: 0, reported: 0 };
    expect(await past('+441923555100')).toEqual({ ...none, number: '+441923555100', trustedOn: 'room-1' });
    expect(await past('+441923555100', 'Watford')).toEqual({ ...none, number: '+441923555100' });
    expect(await past('+441923555102')).toEqual({ ...none, number: '+441923555102', ownOf: 'room-2' });
    expect(await past(depot)).toEqual({ ...none, number: depot, days: 3, byStaff: 1 });
    expect(await store.campaigns.pasts(sighting({ shown: null }), rules)).toEqual([]);
    await store.campaigns.note(sighting({ shown: depot, at: monday - 7 * day, reported: true }));
    expect(await past(depot)).toMatchObject({ reported: 1 });
  });

  test('calls whose incident was changed since they were noted are found, and no more once they are noted anew', async () => {
    const seen = sighting({ call: '1795358400.17' });
    await store.campaigns.note(seen);
    const incident = await store.incidents.open(openedIncident());
    expect(await store.campaigns.outdated(0, 10)).toEqual([seen.call]);
    expect(await store.campaigns.outdated(monday + day, 10)).toEqual([]);
    await store.campaigns.note({ ...seen, incidentVersion: incident.version });
    expect(await store.campaigns.outdated(0, 10)).toEqual([]);
    await store.incidents.change({ ...incident, version: 2 }, 'anna', monday + hour);
    expect(await store.campaigns.outdated(monday, 10)).toEqual([seen.call]);
  });

  test('odd areas, lines and numbers come back as they were', async () => {
    const odd = 'a\0b \ud800 % \\ 👵🏽';
    const calls = ['room-1', 'room-2', `room-${odd}`].map((line, index) =>
      rings(line, index, { area: odd, call: `${odd}-${index}` }),
    );
    for (const call of calls) await follow(call);
    const [summary] = await store.campaigns.list({ limit: 10, area: odd });
    expect(summary).toMatchObject({ areas: [odd], guards: [{ area: odd }] });
    expect(await store.campaigns.calls(summary?.campaign.id ?? '')).toEqual(
      calls.map(({ call, at, line, area }) => ({ call, at, line, area })),
    );
    expect(await store.campaigns.list({ limit: 10, area: 'Oxhey' })).toEqual([]);
    expect(await store.campaigns.list({ limit: 10, since: monday + hour })).toEqual([]);
    expect(await store.campaigns.list({ limit: 0 })).toEqual([]);
  });
});
