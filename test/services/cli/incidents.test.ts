import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStore, type Store } from '../../../services/adapters/sql/store.ts';
import { type TemporaryConfig, temporaryConfig } from '../../support/config.ts';
import { finishedCall, monday, storedLine } from '../../support/finished-call.ts';
import { bulletinIncidents, openedIncident } from '../../support/incidents.ts';
import { type Desk, desk } from './world.ts';

/** clearline incidents, on a real database. */

let site: TemporaryConfig;
let store: Store;
let typed: Desk;
const now = monday + 3_600_000;
beforeEach(async () => {
  site = temporaryConfig();
  store = await openStore(site.config);
  typed = desk([], { openStore: () => openStore(site.config), now: () => now, env: { USER: 'anna' } });
});
afterEach(async () => {
  await store.close();
  typed.remove();
  site.remove();
});

const run = (...args: string[]) => typed.run('incidents', ...args);
const lines = (text: string) => text.split('\n').map((line) => line.trimEnd());

describe('an empty database', () => {
  test.each([
    [[], /No incident is on record. A resident opens one .* clearline incidents open/],
    [['--area', 'Oxhey'], /No incident on record fits/],
    [['counts'], /No incident is on record from 2026-10-24 12:00:00 to 2026-11-23 11:00:00/],
  ])('%j is told in words', async (args, told) => {
    const { code, out } = await run(...args);
    expect(out).toMatch(told);
    expect(code).toBe(0);
  });

  test.each([
    [['show', 'last'], 'No incident is on record yet.'],
    [['change', 'none', '--close'], 'No incident none is on record'],
  ])('%j is refused', async (args, told) => {
    const { code, err } = await run(...args);
    expect(err).toContain(told);
    expect(code).toBe(1);
  });
});

test('the list shows the newest, filters them, and says when there are more', async () => {
  for (const incident of bulletinIncidents()) await store.incidents.open(incident);
  const { out, err } = await run('--limit', '2');
  const [heads, ...rows] = lines(out).map((line) => line.split(/ {2,}/));
  expect(heads).toEqual(['TIME', 'LINE', 'AREA', 'HOW FAR IT WENT', 'CLAIMED TO BE', 'STATUS', 'ID']);
  const realised = 'answered; realised it was false, no details passed';
  expect(rows).toEqual([
    ['2026-11-23 10:31:00', 'Elsie Brown (room-12)', 'north Watford', realised, 'open', 'incident-north-Watford-4'],
    ['2026-11-23 10:24:00', 'Elsie Brown (room-12)', 'north Watford', realised, 'open', 'incident-north-Watford-3'],
  ]);
  expect(err).toBe('These are the newest 2; --limit shows more.');
  const watford = await run('--outcome', 'money-withdrawn', '--json');
  expect(JSON.parse(watford.out).map(({ id }: { id: string }) => id)).toEqual(['incident-Watford-0']);
  expect(await run('--outcome', 'lost')).toMatchObject({
    code: 2,
    err: expect.stringContaining('--outcome: found "lost"'),
  });
});

test('what a resident reported is filled in by staff, action by action, and told whole', async () => {
  await store.calls.save(finishedCall());
  await store.incidents.open(openedIncident());
  const changed = await run(
    ...['change', 'last', '--outcome', 'agreed', '--role', 'police', '--name', 'PC Jones', '--asked', 'card,pin'],
    ...['--secrecy', 'yes', '--loss', '£1,250.50', '--courier-at', '2026-11-23 10:20', '--vehicle', 'white Ford'],
    ...['--note', 'She gave PIN 4821, her card 4929 1234 5678 9015.', '--call-back-number', '020 7946 0000'],
    ...['--action', '101', '--reference', '42/12345/26'],
  );
  expect(changed.err).toBe('Taken out before it was stored: PIN or code, card number.');
  expect(lines(changed.out)).toEqual([
    'incident-1795358400.17 is changed (version 2): Elsie Brown (room-12); Rickmansworth; card or cash agreed; open',
    'Money is at risk: ring the bank now, on 159 or the number on the card. Staff are alerted.',
  ]);
  // Told the bank: nothing more to press for. The call's own id names the incident as well.
  const told = await run('change', '1795358400.17', '--action', 'bank', '--by', 'Ben', '--hold', 'Operation Elm');
  expect(told.out).not.toContain('Money is at risk');
  const { out } = await run('show', 'last');
  expect(out).toContain('Claimed to be    the police\n');
  for (const part of [
    'Lost             £1,250.50',
    'Asked for        the card itself, PIN',
    'Number to ring   020 7946 0000',
    'Legal hold       since 2026-11-23 11:00:00 by Ben: Operation Elm',
    'rang 101: reference 42/12345/26',
    'She gave PIN [PIN or code removed], her card [card number removed].',
    'Its calls: clearline calls show 1795358400.17',
  ])
    expect(out).toContain(part);
  expect(lines(out.slice(out.indexOf('Versions'))).slice(0, 4)).toEqual([
    'Versions',
    '  1  2026-11-23 10:00:09  resident',
    '  2  2026-11-23 11:00:00  anna',
    '  3  2026-11-23 11:00:00  Ben',
  ]);
  const { incident, history } = JSON.parse((await run('show', 'last', '--json')).out);
  expect(incident).toEqual(await store.incidents.find('incident-1795358400.17'));
  expect(history).toHaveLength(3);
});

test('an entry is taken back, and an incident closed, reopened and found to be a mistake', async () => {
  await store.incidents.open(openedIncident());
  await run('change', 'last', '--role', 'bank', '--given', 'pin');
  await run('change', 'last', '--role', 'unknown', '--given', 'unknown', '--outcome', 'unknown');
  const refused = await run('change', 'last', '--close');
  expect(refused).toMatchObject({
    code: 2,
    err: '--outcome: found nothing, expected how far it went, before the incident is closed.',
  });
  expect((await run('change', 'last', '--close', '--outcome', 'realised')).out).toContain('closed');
  expect((await run('change', 'last', '--close')).out).toContain('was so already (version 4)');
  expect((await run('change', 'last', '--reopen')).out).toContain('open');
  expect((await run('counts')).out).toContain('1 incident from');
  await run('change', 'last', '--mistaken');
  expect((await run('counts')).out).toContain('No incident is on record from');
  expect(await store.incidents.list({ limit: 1 })).toMatchObject([
    { caller: { role: null }, given: [], status: 'mistaken', version: 6 },
  ]);
});

test('times are typed, and shown, as clocks at the site show them', async () => {
  const { out } = await run('open', '--area', 'Oxhey', '--at', '2026-07-01 10:00', '--id', 'form-9', '--json');
  expect(JSON.parse(out).at).toBe(Date.UTC(2026, 6, 1, 9));
  expect((await run('show', 'form-9')).out).toContain('2026-07-01 10:00:00');
  expect((await run('open', '--area', 'Oxhey', '--at', '2026-03-29 01:30')).err).toContain('--at: found');
});

test('every fault is told at once, by the option that has it', async () => {
  await store.incidents.open(openedIncident());
  const faulty = ['--role', 'polis', '--given', 'pin,pinn', '--loss', 'much', '--consent', 'maybe', '--action', 'banc'];
  const { code, err } = await run('change', 'last', ...faulty, '--age', '80', '--at', 'soon');
  expect(code).toBe(2);
  expect(
    lines(err)
      .map((line) => line.split(':')[0])
      .sort(),
  ).toEqual(['--action', '--age', '--at', '--consent', '--given', '--loss', '--role']);
  expect(err).toContain('--role: found "polis", expected one of police, bank,');
  const file = typed.file('form.json', '{"caller":{"roll":"bank"},"notes":"none","loss":{"cash":-1}}');
  expect((await run('change', 'last', '--from', file)).err.split('\n')).toEqual([
    'caller.roll: found "bank", expected no such field (did you mean "role"?).',
    '--loss: found -1, expected an amount in whole pence, 0 or more.',
    '--note: found "none", expected a list of texts.',
  ]);
  expect(await run('change', 'last', '--from', typed.file('bad.json', '{')).then(({ code }) => code)).toBe(2);
  expect(await run('change', 'last')).toMatchObject({
    code: 2,
    err: expect.stringContaining('Nothing is to be changed'),
  });
  expect(await run('open')).toMatchObject({ code: 2, err: expect.stringContaining('Nothing is said of the incident') });
  expect((await store.incidents.find(openedIncident().id))?.version).toBe(1);
});

test('a file and options make one change; what the file adds comes first', async () => {
  await store.incidents.open(openedIncident());
  const file = typed.file(
    'form.json',
    '{"actions":[{"what":"bank","at":"2026-11-23T10:30:00Z"}],"victim":{"needs":"deaf"}}',
  );
  await run('change', 'last', '--from', file, '--action', 'family', '--contact', 'her son, 01923 555001');
  expect(await store.incidents.find(openedIncident().id)).toMatchObject({
    actions: [
      { what: 'bank', at: monday + 1_800_000 },
      { what: 'family', at: now },
    ],
    victim: { needs: 'deaf', contact: 'her son, 01923 555001' },
    version: 2,
  });
});

test('an entry made on an older version is refused, and says what to do', async () => {
  await store.incidents.open(openedIncident());
  await run('change', 'last', '--outcome', 'agreed');
  const { code, err } = await run('change', 'last', '--version', '1', '--outcome', 'realised');
  expect(err).toContain('was changed meanwhile, and is now at version 2');
  expect(code).toBe(1);
  expect((await store.incidents.find(openedIncident().id))?.outcome).toBe('agreed');
});

describe('opened by staff', () => {
  test('from a call: line, resident, area and time are the call’s; twice with a name is once', async () => {
    await store.calls.save(finishedCall());
    for (const _ of [1, 2]) await run('open', '--call', '1795358400.17', '--outcome', 'realised', '--id', 'form-7');
    expect(await store.incidents.list({ limit: 10 })).toMatchObject([
      {
        id: 'form-7',
        line: 'room-12',
        resident: 'Elsie Brown',
        area: 'Rickmansworth',
        at: monday,
        calls: ['1795358400.17'],
      },
    ]);
  });

  test('of a line: resident and area are the line’s', async () => {
    await store.lines.upsert([storedLine()]);
    const { out } = await run('open', '--line', 'room-12', '--at', '2026-11-23 10:10', '--outcome', 'not-answered');
    expect(out).toContain('is open (version 1): Elsie Brown (room-12); Rickmansworth; not answered; open');
  });

  test('a line, a call that are not there, and another incident’s call are named', async () => {
    await store.calls.save(finishedCall());
    await store.incidents.open(openedIncident());
    const { code, err } = await run('open', '--line', 'room-99', '--call', '1795358400.17');
    expect(lines(err)).toEqual([
      '--call: found "1795358400.17", expected a call of no other incident; this one is of incident-1795358400.17.',
      '--line: found "room-99", expected the id of a protected line.',
    ]);
    expect(code).toBe(2);
    expect((await run('open', '--call', 'none')).err).toBe(
      '--call: found "none", expected the id of a call on record.',
    );
  });
});

test('counts give the sentence, the table and the trend of the bulletin', async () => {
  for (const incident of bulletinIncidents()) await store.incidents.open(incident);
  const all = await run('counts', '--by', 'week', '--since', '2026-11-20');
  expect(lines(all.out)).toEqual([
    '10 incidents from 2026-11-20 00:00:00 to 2026-11-23 11:00:00',
    'Similar calls: Watford (1), Rickmansworth (2), Oxhey (1), north Watford (5), Bushey (1)',
    '  Money withdrawn: Watford (1)',
    '  Answered; realised it was false, no details passed: Rickmansworth (2), Oxhey (1), north Watford (5), Bushey (1)',
    '',
    'AREA           ALL  REALISED  WITHDRAWN',
    'Watford        1    0         1',
    'Rickmansworth  2    2         0',
    'Oxhey          1    1         0',
    'north Watford  5    5         0',
    'Bushey         1    1         0',
    'all            10   9         1',
    '',
    'PERIOD                    TARGETED  NOT ANSWERED  REALISED  WENT FURTHER  UNKNOWN  REALISED ÷ TARGETED',
    '2026-11-16 to 2026-11-22  0         0             0         0             0',
    '2026-11-23 to 2026-11-29  10        0             9         1             0        90 % (9 of 10)',
  ]);
  const rest = await run('counts', '--without', 'incident-Watford-0', 'incident-Bushey-0', '--json');
  expect(JSON.parse(rest.out)).toMatchObject({
    sentence: 'Similar calls: Rickmansworth (2), Oxhey (1), north Watford (5)',
    all: { total: 8 },
  });
  expect(await run('counts', '--since', 'now', '--until', 'yesterday')).toMatchObject({ code: 2 });
});
