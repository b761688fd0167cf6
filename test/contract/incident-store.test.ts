import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../services/adapters/sql/store.ts';
import { tally, tellSimilarCalls } from '../../services/core/incident/counts.ts';
import type { Incident } from '../../services/core/incident/incident.ts';
import type { IncidentFilter } from '../../services/core/stores.ts';
import { monday } from '../support/finished-call.ts';
import { bulletinIncidents, openedIncident } from '../support/incidents.ts';
import { storeBackends } from '../support/stores.ts';

const day = 86_400_000;
const always = { since: 0, until: monday + 100 * day };
const next = (incident: Incident, changes: Partial<Incident>): Incident => ({
  ...incident,
  ...changes,
  version: incident.version + 1,
});

describe.each(storeBackends().filter(({ name }) => name !== 'fake'))('IncidentStore: $name', (backend) => {
  let store: Store;
  beforeAll(() => backend.start());
  afterAll(() => backend.stop());
  beforeEach(async () => {
    store = await backend.open();
  });
  afterEach(() => store.close());

  const ids = async (filter: Partial<IncidentFilter> = {}) =>
    (await store.incidents.list({ limit: 100, ...filter })).map(({ id }) => id);
  const total = async () => (await store.incidents.counts(always)).reduce((sum, { count }) => sum + count, 0);

  test('an incident comes back whole, whatever stands in it', async () => {
    const odd = openedIncident({
      id: 'incident-a:b/\0\ud800%',
      line: null,
      area: 'Süd\\stadt \0',
      calls: [],
      resident: '👵🏽 O’Brien\0',
      notes: [{ at: monday, by: 'Anna', text: 'He said "hang up\0 and dial 101" \ud800' }],
    });
    expect(await store.incidents.open(odd)).toEqual(odd);
    expect(await store.incidents.find(odd.id)).toEqual(odd);
    expect(await store.incidents.list({ limit: 10 })).toEqual([odd]);
    expect(await ids({ area: 'Süd\\stadt \0' })).toEqual([odd.id]);
    expect(await store.incidents.find('incident-none')).toBeNull();
  });

  test('opened again, and many times at once, it is one incident, as it was first opened', async () => {
    await store.incidents.open(openedIncident());
    const again = await store.incidents.open(openedIncident({ outcome: null, openedBy: 'clearline' }));
    expect(again).toEqual(openedIncident());
    const other = openedIncident({ id: 'incident-other', calls: ['other'] });
    const opened = await Promise.allSettled(Array.from({ length: 10 }, () => store.incidents.open(other)));
    expect(opened.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
    expect((await ids()).sort()).toEqual(['incident-1795358400.17', 'incident-other']);
    expect(await store.incidents.history(other.id)).toHaveLength(1);
    expect(await total()).toBe(2);
  });

  test('a call has one incident: opened for a call that has one already, that one is answered', async () => {
    const two = openedIncident({ calls: ['17.1', '17.2'] });
    await store.incidents.open(two);
    const late = openedIncident({ id: 'incident-17.2', calls: ['17.2'] });
    expect(await store.incidents.open(late)).toEqual(two);
    expect(await store.incidents.ofCall('17.2')).toEqual(two);
    expect(await store.incidents.ofCall('17.3')).toBeNull();
    expect(await total()).toBe(1);
  });

  test('of two who change it at the same time one is told that the other was first', async () => {
    const first = await store.incidents.open(openedIncident());
    const answers = await Promise.all([
      store.incidents.change(next(first, { outcome: 'agreed' }), 'Anna', monday + 10),
      store.incidents.change(next(first, { status: 'closed' }), 'Ben', monday + 10),
    ]);
    expect(answers.sort()).toEqual([false, true]);
    expect((await store.incidents.find(first.id))?.version).toBe(2);
    expect(await store.incidents.history(first.id)).toHaveLength(2);
    expect(await store.incidents.change(next(openedIncident({ id: 'none' }), {}), 'Anna', monday)).toBe(false);
  });

  test('every version is kept, with who made it and when', async () => {
    const first = await store.incidents.open(openedIncident());
    const second = next(first, { outcome: 'details-disclosed' });
    const third = next(second, { status: 'closed' });
    expect(await store.incidents.change(second, 'Anna \0', monday + 10_000)).toBe(true);
    expect(await store.incidents.change(third, 'Ben', monday + 20_000)).toBe(true);
    expect(await store.incidents.history(first.id)).toEqual([
      { incident: first, by: 'resident', at: monday + 9000 },
      { incident: second, by: 'Anna \0', at: monday + 10_000 },
      { incident: third, by: 'Ben', at: monday + 20_000 },
    ]);
    expect(await store.incidents.find(first.id)).toEqual(third);
  });

  test('calls are added and taken away; another’s call is refused and nothing is changed', async () => {
    const mine = await store.incidents.open(openedIncident({ calls: ['17.1'] }));
    await store.incidents.open(openedIncident({ id: 'incident-theirs', calls: ['17.9'] }));
    const more = next(mine, { calls: ['17.1', '17.2'] });
    expect(await store.incidents.change(more, 'Anna', monday)).toBe(true);
    expect((await store.incidents.ofCall('17.2'))?.id).toBe(mine.id);
    await expect(store.incidents.change(next(more, { calls: ['17.9'] }), 'Anna', monday)).rejects.toThrow();
    expect(await store.incidents.find(mine.id)).toEqual(more);
    const fewer = next(more, { calls: ['17.2'] });
    expect(await store.incidents.change(fewer, 'Anna', monday)).toBe(true);
    expect(await store.incidents.ofCall('17.1')).toBeNull();
  });

  test('newest first, and only those that fit every filter', async () => {
    const make = (id: string, changes: Partial<Incident>) =>
      store.incidents.open(openedIncident({ id, calls: [id], ...changes }));
    await make('a', { at: monday, campaign: 'c-1', area: 'Oxhey' });
    await make('b', { at: monday + 1, line: 'room-13', outcome: 'agreed' });
    await make('c', { at: monday + 2, status: 'closed', outcome: null });
    await make('d', { at: monday + 2, line: null, area: null });
    expect(await ids()).toEqual(['d', 'c', 'b', 'a']);
    expect(await ids({ limit: 2 })).toEqual(['d', 'c']);
    expect(await ids({ line: 'room-12' })).toEqual(['c', 'a']);
    expect(await ids({ area: 'Oxhey' })).toEqual(['a']);
    expect(await ids({ outcome: 'agreed' })).toEqual(['b']);
    expect(await ids({ status: 'closed' })).toEqual(['c']);
    expect(await ids({ campaign: 'c-1' })).toEqual(['a']);
    expect(await ids({ since: monday + 1, until: monday + 2 })).toEqual(['b']);
    expect(await ids({ line: 'room-12', status: 'open' })).toEqual(['a']);
  });

  test('ten calls are ten: more calls, a change, a closing and a reopening add none, and a mistake counts not at all', async () => {
    for (const incident of bulletinIncidents()) await store.incidents.open(incident);
    const [watford] = await store.incidents.list({ area: 'Watford', limit: 1 });
    if (!watford) throw new Error('the bulletin has Watford');
    let now = watford;
    const steps: Partial<Incident>[] = [
      { calls: [...watford.calls, 'rang-back'] },
      { status: 'closed' },
      { status: 'open' },
      { area: 'Watford', outcome: 'money-withdrawn' },
    ];
    for (const step of steps) {
      now = next(now, step);
      expect(await store.incidents.change(now, 'Anna', monday)).toBe(true);
    }
    await store.incidents.open(openedIncident({ id: 'incident-late', calls: ['rang-back'] }));
    await store.incidents.open(openedIncident({ id: 'incident-no-fraud', calls: [], status: 'mistaken' }));
    const areas = (await store.incidents.counts(always)).map(({ area, outcome, count }) => [area, outcome, count]);
    expect(areas.sort()).toEqual([
      ['Bushey', 'realised', 1],
      ['Oxhey', 'realised', 1],
      ['Rickmansworth', 'realised', 2],
      ['Watford', 'money-withdrawn', 1],
      ['north Watford', 'realised', 5],
    ]);
    expect(await total()).toBe(10);
  });

  test('the bulletin’s own sentence, once the two that it tells of apart are left out', async () => {
    for (const incident of bulletinIncidents().reverse()) await store.incidents.open(incident);
    const apart = ['incident-Watford-0', 'incident-Bushey-0'];
    const counts = await store.incidents.counts(always, apart);
    expect(tellSimilarCalls(counts)).toBe('Similar calls: Rickmansworth (2), Oxhey (1), north Watford (5)');
    expect(tally(await store.incidents.counts(always)).all.total).toBe(10);
  });

  test('counts go by when it happened, and those without area or outcome are counted too', async () => {
    await store.incidents.open(openedIncident({ id: 'a', calls: [], at: monday, area: null, outcome: null }));
    await store.incidents.open(openedIncident({ id: 'b', calls: [], at: monday + day }));
    const from = (since: number, until: number) => store.incidents.counts({ since, until });
    expect(await from(monday, monday + day)).toEqual([{ area: null, outcome: null, count: 1, first: monday }]);
    expect(await from(monday + 1, monday + day + 1)).toEqual([
      { area: 'Rickmansworth', outcome: 'realised', count: 1, first: monday + day },
    ]);
    expect(await from(monday + 2 * day, monday + 3 * day)).toEqual([]);
    await store.incidents.open(openedIncident({ id: 'c', calls: [], status: 'mistaken' }));
    expect(await store.incidents.outcomes(always)).toEqual([
      { at: monday, area: null, outcome: null },
      { at: monday + day, area: 'Rickmansworth', outcome: 'realised' },
    ]);
    expect(await store.incidents.outcomes(always, ['a', 'b'])).toEqual([]);
  });

  test('where money is at risk it is untold until it is marked, and then never again', async () => {
    const first = await store.incidents.open(openedIncident());
    expect(await store.incidents.untold(10)).toEqual([]);
    const agreed = next(first, { outcome: 'agreed' });
    await store.incidents.change(agreed, 'Anna', monday + 5);
    expect(await store.incidents.untold(10)).toEqual([{ incident: agreed, at: monday + 5 }]);
    await store.incidents.markTold(first.id);
    expect(await store.incidents.untold(10)).toEqual([]);
    await store.incidents.change(next(agreed, { outcome: 'handed-over' }), 'Anna', monday + 6);
    expect(await store.incidents.untold(10)).toEqual([]);
    const mistaken = { id: 'x', calls: [], outcome: 'agreed', status: 'mistaken' } as const;
    await store.incidents.open(openedIncident(mistaken));
    expect(await store.incidents.untold(10)).toEqual([]);
  });
});
