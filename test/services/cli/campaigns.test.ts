import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore, type Store } from '../../../services/adapters/sql/store.ts';
import { assessCampaign } from '../../../services/core/campaign/assess.ts';
import { type TemporaryConfig, temporaryConfig } from '../../support/config.ts';
import { monday, storedLine } from '../../support/finished-call.ts';
import { hour, usualRules as rules, sighting } from '../../support/sightings.ts';
import { type Desk, desk } from './world.ts';

/** clearline campaigns, on a real database. */

let site: TemporaryConfig;
let store: Store;
let typed: Desk;
let now: number;
beforeEach(async () => {
  now = monday + 5 * hour;
  site = temporaryConfig();
  store = await openStore(site.config);
  const world = { openStore: () => openStore(site.config), now: () => now, env: { USER: 'anna' }, timeZone: 'UTC' };
  typed = desk([], world);
});
afterEach(async () => {
  await store.close();
  typed.remove();
  site.remove();
});

const run = (...args: string[]) => typed.run('campaigns', ...args);

/** Three lines are rung by one number; the id of what that makes. */
async function rung(shown = '+447700900123', after = 0): Promise<string> {
  let id = '';
  for (const room of [1, 2, 3]) {
    const call = sighting({
      call: `17.${room}${shown}`,
      line: `room-${room}`,
      at: monday + after + room * hour,
      shown,
    });
    await store.campaigns.note(call);
    const found = assessCampaign(call, await store.campaigns.evidence(call, rules), rules);
    if (found.state !== 'none') id = (await store.campaigns.add(found, call, rules)).campaign.id;
  }
  return id;
}

test('an empty database says so, and names what is wrong with a request', async () => {
  expect(await run()).toMatchObject({ code: 0, out: 'No campaign was ever found.' });
  expect(await run('--area', 'Oxhey')).toMatchObject({ code: 0, out: 'No campaign on record fits.' });
  expect(await run('show', 'last')).toMatchObject({ code: 1, err: 'No campaign was ever found.' });
  expect(await run('show', 'x')).toMatchObject({
    code: 1,
    err: 'No campaign x is on record. Their ids: clearline campaigns',
  });
  expect(await run('end', 'x', '--reason', 'y')).toMatchObject({ code: 1 });
  expect(await run('end', 'x', '--reason', ' ')).toMatchObject({
    code: 2,
    err: '--reason: say why the campaign is over, or was none.',
  });
});

test('the list says what is going on, until when the guard is raised, and what is over', async () => {
  const id = await rung();
  const { out } = await run();
  expect(out.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['LAST CALL', 'STATE', 'CALLS', 'AREAS', 'ID', 'WHAT THEY HAVE IN COMMON'],
    [
      '2026-11-23 13:00:00',
      'on, guard raised until 2026-11-24 01:00:00',
      '3 calls to 3 lines',
      'Oxhey',
      id,
      'calls from the number 07700 900123',
    ],
  ]);
  now = monday + 20 * hour;
  expect((await run()).out).toMatch(/ {2}on {2}/);
  now = monday + 60 * hour;
  expect((await run()).out).toMatch(/ {2}over {2}/);
  expect(JSON.parse((await run('--json')).out)).toMatchObject([{ campaign: { id }, lines: 3 }]);
  await rung('+447700900999', 2 * hour);
  expect(await run('--limit', '1')).toMatchObject({ err: 'These are the newest 1; --limit shows more.' });
  expect((await run('--area', 'Watford')).out).toBe('No campaign on record fits.');
  expect((await run('--since', '1h')).out).toBe('No campaign on record fits.');
});

test('one is shown with its figures, its calls and whose they were', async () => {
  await store.lines.upsert([storedLine({ id: 'room-2', area: 'Oxhey' })]);
  const id = await rung();
  const { out } = await run('show', 'last');
  expect(out).toContain(`Campaign ${id}: calls from the number 07700 900123`);
  expect(out).toContain(
    'Why:      The number 07700 900123 rang 3 lines (3 calls) in Oxhey within 2 hours (of 2 days that count); 3 lines make a campaign.',
  );
  expect(out).toContain('Guard:    raised on every line of Oxhey until 2026-11-24 01:00:00');
  expect(out).toMatch(/2026-11-23 12:00:00 {2}Elsie Brown \(room-2\) {2}Oxhey {2}17\.2/);
  expect(JSON.parse((await run('--json', 'show', id)).out)).toMatchObject({ campaign: { id }, called: [{}, {}, {}] });
});

test('ended by staff, it stays on record with who did so and why, and the guard is down', async () => {
  await store.lines.upsert([storedLine({ id: 'room-2', area: 'Oxhey' })]);
  const id = await rung();
  expect((await store.lines.all())[0]?.raisedUntil).toBeGreaterThan(now);
  const ended = await run('end', id, '--reason', 'it was the roofer');
  expect(ended.code).toBe(0);
  expect(ended.out).toContain(`Campaign ${id} is ended, and the guard that it raised in Oxhey lowered.`);
  expect(ended.out).toContain('On record: anna: it was the roofer');
  expect((await store.lines.all())[0]?.raisedUntil).toBe(now);
  expect((await run('show', id)).out).toContain('Ended:    2026-11-23 15:00:00 by anna: it was the roofer');
  expect(await run('end', id, '--reason', 'again')).toMatchObject({
    code: 1,
    err: `Campaign ${id} was ended before: clearline campaigns show ${id}`,
  });
});
