import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../../services/adapters/sql/store.ts';
import { readConfig } from '../../../services/config.ts';
import type { FinishedCall } from '../../../services/core/record.ts';
import { callingNumber, finishedCall, finishedOutgoing, monday, storedLine } from '../../support/finished-call.ts';
import former from '../../support/former-call.json' with { type: 'json' };
import { type Desk, desk, saveAll } from './world.ts';

const room12 = storedLine({ phoneSecret: 'Abcdef-123456' });
let at: Desk;
beforeEach(() => {
  at = desk([room12]);
});
afterEach(() => at.remove());

describe('the command itself', () => {
  it('shows a newcomer what there is, with examples and exit codes', async () => {
    const { code, out } = await at.run('--help');
    expect(code).toBe(0);
    for (const word of [
      'check',
      'explain',
      'lines',
      'calls',
      'alerts',
      'status',
      'clear',
      'lift',
      'Examples:',
      'Exit codes:',
    ])
      expect(out).toContain(word);
  });

  it.each([
    [['foo'], 'unknown command'],
    [['incidents', 'foo'], 'It has: show, open, change, counts. See: clearline incidents --help'],
    [['status', 'foo'], 'clearline status: "foo" is nothing that belongs there. See: clearline status --help'],
    [['campaigns', 'show'], '(clearline campaigns show --help shows what there is)'],
    [['explain'], "required option '--to <line>'"],
    [['calls', '--limit', '0'], 'It should be a number between 1 and 99999.'],
    [['calls', '--outcome', 'good'], 'Allowed choices are talked'],
    [['calls', '--since', '31/12/2026'], '--since: found "31/12/2026", expected a time such as today'],
    [['calls', '--since', '2026-02-30'], '--since: found "2026-02-30"'],
    [['--config', '/nowhere/clearline.yaml', 'lines', 'list'], '/nowhere/clearline.yaml: no such file'],
    [['lines', 'import', '/nowhere/homes.csv'], 'Cannot read /nowhere/homes.csv'],
    [['explain', '--to', 'room-12', '--trunk', 'x'], 'There is no trunk x. The trunks there are: carrier, abroad.'],
  ])('answers %j with exit code 2 and a sentence', async (args, sentence) => {
    const { code, err, out } = await at.run(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(sentence);
  });

  it('says in a sentence that the database cannot be opened', async () => {
    const closed = desk([], { openStore: async () => Promise.reject(new Error('cannot open the database x: locked')) });
    const { code, err } = await closed.run('lines', 'list');
    expect({ code, err }).toEqual({
      code: 1,
      err: 'cannot open the database x: locked. Is the data folder or database.url right? See: clearline check',
    });
    closed.remove();
  });
});

describe('lines', () => {
  const bad = 'id,number,resident\nroom-13,01923 555013,Tom Hill\nroom-14,01923,Ida Moor\n';

  it('imports what is new and what changed, and keeps the passwords of phones', async () => {
    const file = at.file(
      'homes.csv',
      'id,number,resident,mode\nroom-12,01923 555012,Elsie Brown,paused\nroom-13,01923 555013,Tom Hill,\n',
    );
    const { code, out } = await at.run('lines', 'import', file);
    expect(code).toBe(0);
    expect(out).toContain('Imported 2 lines: 1 new (room-13), 1 changed (room-12), 0 as before.');
    const [first, second] = await at.lines.all();
    expect(first).toMatchObject({ id: 'room-12', mode: 'paused', phoneSecret: 'Abcdef-123456' });
    expect(second).toMatchObject({ id: 'room-13', area: 'Rickmansworth', mode: 'guarded' });
    expect(second?.phoneSecret).toMatch(/^[\w-]{24}$/);
    expect((await at.run('lines', 'import', file)).out).toContain('0 new, 0 changed, 2 as before');
  });

  it('imports nothing while a row is bad, and says how many are good', async () => {
    const file = at.file('homes.csv', bad);
    const { code, err, out } = await at.run('lines', 'import', file);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(`${file}, row 3, number: found “01923”, expected the telephone number callers dial`);
    expect(err).toContain('Nothing was imported: 1 of 2 rows has faults. The other one is good');
    expect(await at.lines.all()).toEqual([room12]);
  });

  it('imports the good rows when asked to', async () => {
    const { code, out, err } = await at.run('lines', 'import', '--good-only', at.file('homes.csv', bad));
    expect(code).toBe(0);
    expect(out).toContain('Imported 1 line: 1 new (room-13), 0 changed, 0 as before. 1 row with faults left out.');
    expect(err).toContain('row 3, number');
    expect((await at.lines.all()).map(({ id }) => id)).toEqual(['room-12', 'room-13']);
  });

  it('names a number that a line on record has, unless that line gives it up', async () => {
    const clash = at.file('a.csv', 'id,number,resident\nroom-13,01923 555012,Tom Hill\n');
    const { code, err } = await at.run('lines', 'import', clash);
    expect(code).toBe(1);
    expect(err).toContain(
      'row 2, number: found “01923 555012”, expected a number that no other line has: room-12 has it.',
    );
    const swap = at.file('b.csv', 'id,number,resident\nroom-13,01923 555012,Tom\nroom-12,01923 555013,Elsie\n');
    expect((await at.run('lines', 'import', swap)).code).toBe(0);
  });

  it('changes nothing in a dry run', async () => {
    const { out } = await at.run(
      'lines',
      'import',
      '--dry-run',
      at.file('a.yaml', '- {id: a, number: 01923 555013, resident: T}'),
    );
    expect(out).toBe('Nothing is changed; this would import 1 line: 1 new (a), 0 changed, 0 as before.');
    expect(await at.lines.all()).toEqual([room12]);
  });

  it('reads the standard input', async () => {
    const piped = desk([], { readInput: async () => Buffer.from('- {id: a, number: 01923 555013, resident: T}\n') });
    expect((await piped.run('lines', 'import', '-')).code).toBe(0);
    expect(await piped.lines.all()).toHaveLength(1);
    piped.remove();
  });

  it.each([
    ['an empty file', '', 'row 1, id: found nothing'],
    ['a header alone', 'id,number,resident\n', 'has no rows that can be read'],
    ['only bad rows', 'id,number,resident\nX,1,\n', 'no row is without a fault'],
  ])('says so of %s', async (_, text, sentence) => {
    const { code, err } = await at.run('lines', 'import', '--good-only', at.file('homes.csv', text));
    expect(code).toBe(1);
    expect(err).toContain(sentence);
    expect(err).toContain('Nothing was imported');
  });

  it('exports what imports as the same lines, into a file only its owner can read', async () => {
    const file = join(at.folder, 'out.csv');
    expect((await at.run('lines', 'export', '--with-secrets', '--output', file)).code).toBe(0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8').startsWith('\ufeffid,number')).toBe(true);
    const other = desk();
    expect((await other.run('lines', 'import', file)).code).toBe(0);
    expect(await other.lines.all()).toEqual([room12]);
    other.remove();
  });

  it('lists them, without their passwords', async () => {
    const table = await at.run('lines', 'list');
    expect(table.out).toMatch(/^ID +NUMBER +RESIDENT/);
    expect(table.out).toMatch(/room-12 +01923 555012 +Elsie Brown +Rickmansworth +guarded +2 +1 +no +yes/);
    const json = await at.run('lines', 'list', '--json');
    expect(JSON.parse(json.out)[0]).toMatchObject({ id: 'room-12', number: '+441923555012' });
    for (const { out } of [table, json, await at.run('lines', 'export', '--format', 'yaml')]) {
      expect(out).not.toContain('Abcdef');
    }
  });

  it('removes one, and says when there is none', async () => {
    expect(await at.run('lines', 'remove', 'room-12')).toMatchObject({ code: 0 });
    expect(await at.run('lines', 'remove', 'room-12')).toMatchObject({
      code: 1,
      err: expect.stringContaining('no line room-12'),
    });
  });
});

describe('explain', () => {
  it.each([
    [['--from', '01923 555100'], '01923 555100', 'trusted (Anna); the phone rings', 'trusted list: Anna'],
    [['--from', '07700900123'], '07700 900123', 'nobody vouches for the caller; announcement, name', 'on neither'],
    [['--withheld'], 'a withheld number', 'nobody vouches for the caller', 'The caller withheld the number'],
    [[], 'no number', 'nobody vouches for the caller', 'without a number'],
    [['--from', '+441923555666'], '01923 555666', 'the number is blocked; to staff, else refused', 'blocked list'],
    [['--from', '999'], '999', 'the number may be forged', 'which never rings anybody'],
    [
      ['--from', '01923555100', '--trunk', 'abroad'],
      '01923 555100',
      'the number shown is Anna’s, but',
      'only brings calls from abroad',
    ],
    [
      ['--from', '01923555100', '--asserted', '+33123456789'],
      '01923 555100',
      'the number shown is Anna’s',
      'says the call comes from 0033 1 23',
    ],
    [
      ['--from', '"PC \\"J\\"" <sip:07700900123@x>', '--held'],
      '07700 900123, who shows the name “PC "J"”',
      'nobody vouches for the caller; to staff, else a message',
      'The line is held',
    ],
    [
      ['--from', '07700900123', '--name', 'A "B" \\ C'],
      '07700 900123, who shows the name “A "B" \\ C”',
      'nobody',
      'on neither',
    ],
  ])('%j', async (args, who, verdict, why) => {
    const { code, out } = await at.run('explain', '--to', '01923 555012', ...args);
    expect(code).toBe(0);
    expect(out).toContain(`A call from ${who}`);
    expect(out).toContain('to Elsie Brown (room-12).');
    expect(out).toContain(`Verdict:  ${verdict}`);
    expect(out).toContain(why);
  });

  it('gives the verdict as JSON', async () => {
    const { out } = await at.run('explain', '--to', 'room-12', '--from', '07700900123', '--held', '--json');
    expect(JSON.parse(out)).toMatchObject({
      line: { id: 'room-12' },
      held: true,
      modeInForce: 'trusted-only',
      verdict: { standing: 'unvouched', treatment: 'staff-or-message' },
    });
    expect(out).not.toContain('Abcdef');
  });

  it('says that nobody has the number', async () => {
    expect(await at.run('explain', '--to', '01923 555099')).toMatchObject({
      code: 1,
      err: expect.stringContaining('No protected line'),
    });
  });
});

describe('calls', () => {
  beforeEach(async () => {
    const forged = {
      presentation: callingNumber('999'),
      network: null,
      name: '\u202eecilop',
      withheld: false,
      attestation: null,
      signs: [],
    };
    await saveAll(at, [
      finishedCall({ id: '17.1' }),
      finishedCall({ id: '17.2', arrivedAt: monday + 60_000, caller: forged, line: 'room-13', resident: 'Tom Hill' }),
      finishedCall({
        id: '17.3',
        arrivedAt: monday - 86_400_000,
        ending: { outcome: 'talked', by: 'caller', cause: 16 },
      }),
    ]);
  });

  it('shows them newest first, in local time, with what happened and why', async () => {
    const { code, out } = await at.run('calls');
    const [header, ...rows] = out.split('\n');
    expect(code).toBe(0);
    expect(header).toMatch(/^TIME +FROM +TO +WHAT HAPPENED +ID +WHY$/);
    expect(rows.map((row) => row.match(/17\.\d/)?.[0])).toEqual(['17.2', '17.1', '17.3']);
    expect(rows[1]).toMatch(
      /^2026-11-23 10:00:00 +01923 555001 “PC Jones” +→ Elsie Brown \(room-12\) +the caller did not press the digit +17\.1 +The number is on no list\.$/,
    );
  });

  it.each([
    [['--line', 'room-13'], ['17.2']],
    [
      ['--from', '01923'],
      ['17.1', '17.3'],
    ],
    [['--outcome', 'talked'], ['17.3']],
    [['--standing', 'blocked'], []],
    [
      ['--since', '1h'],
      ['17.2', '17.1'],
    ],
    [['--until', '2026-11-22T23:00Z'], ['17.3']],
    [['--limit', '1'], ['17.2']],
  ])('filters by %j', async (args, ids) => {
    const { out } = await at.run('calls', '--json', ...args);
    expect(JSON.parse(out).map(({ id }: { id: string }) => id)).toEqual(ids);
  });

  it('says when there are more, and when there are none', async () => {
    expect((await at.run('calls', '--limit', '2')).err).toBe('These are the newest 2; --limit shows more.');
    expect((await at.run('calls', '--limit', '3')).err).toBe('');
    expect((await at.run('calls', '--line', 'room-99')).out).toBe('No call on record fits.');
  });

  it('tells one step by step, and nothing that could move the screen', async () => {
    const { code, out } = await at.run('calls', 'show', '17.1');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^Call 17\.1\n {2}Caller +01923 555001 “PC Jones”\n {2}Line +Elsie Brown \(room-12\), Rickmansworth\n/,
    );
    expect(out).toContain('Arrived     2026-11-23 10:00:00, over the trunk carrier');
    expect(out).toContain('Call-ID     a84b4c76e66710@192.0.2.7');
    expect(out).toContain('What happened\n  10:00:00.000  Clearline answers the call itself.');
    expect(out.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    expect((await at.run('calls', 'show', 'last')).out).toContain('Call 17.2');
    expect(JSON.parse((await at.run('calls', 'show', '17.1', '--json')).out).record.id).toBe('17.1');
  });

  it('tells no withheld number', async () => {
    const signalling = { ...finishedCall().record.signalling, privacy: 'id' };
    const caller = {
      presentation: null,
      network: callingNumber('+447700900123', '+447700900123'),
      name: null,
      withheld: true,
      attestation: null,
      signs: [],
    };
    await saveAll(at, [finishedCall({ id: '17.9', arrivedAt: monday + 90_000, caller, signalling })]);
    const { out } = await at.run('calls', 'show', '17.9');
    expect(out).toContain('a withheld number');
    expect(out).not.toMatch(/7700 ?900123|01923555001@/);
    expect((await at.run('calls')).out).not.toMatch(/7700 ?900123/);
  });

  it('says plainly of a call that nobody watched that its account was pieced together', async () => {
    const unwatched = { reconstructed: true, verdict: null, arrivedAt: monday + 90_000 };
    await saveAll(at, [
      finishedCall({ id: '17.7', ...unwatched, ending: { outcome: 'talked', by: 'caller', cause: 16 } }),
      finishedOutgoing({ id: '17.8', reconstructed: true, looks: [], arrivedAt: monday + 91_000 }),
    ]);
    const rows = (await at.run('calls', '--limit', '2')).out.split('\n').slice(1);
    const words = 'Nobody watched all of it: pieced together afterwards.';
    expect(rows.map((row) => row.replace(/.* (17\.\d)/, '$1').replace(/ {2,}/g, ' '))).toEqual([
      `17.8 ${words}`,
      `17.7 ${words}`,
    ]);
    expect((await at.run('calls', 'show', '17.7')).out).toMatch(new RegExp(`Account +${words}`));
    expect((await at.run('calls', 'show', '17.1')).out).not.toContain('Account');
  });

  it('shows calls from a line as what they are, and finds them by what was dialled', async () => {
    await saveAll(at, [
      finishedOutgoing({ id: '17.5' }),
      finishedOutgoing({
        id: '17.6',
        arrivedAt: monday + 120_000,
        number: { class: 'guarded', number: '+443001232040', prefix: '141', name: 'Report Fraud' },
        dialled: '14103001232040',
        by: 'ghost-dial',
        outOf: '17.1',
        trunk: null,
        looks: finishedOutgoing().record.looks.slice(0, 1),
        clearedAt: null,
        ending: { outcome: 'given-up', by: 'resident', cause: 16 },
      }),
    ]);
    const rows = (await at.run('calls', '--direction', 'outgoing')).out.split('\n').slice(1);
    expect(rows.map((row) => row.replace(/ {2,}/g, ' | '))).toEqual([
      '2026-11-23 10:02:00 | Elsie Brown (room-12) | → 0300 123 2040 (Report Fraud) | the resident gave up waiting | 17.6 | Channel 17.9 still exists.',
      '2026-11-23 10:01:00 | Elsie Brown (room-12) | → 101 (Police) | connected | 17.5',
    ]);
    expect((await at.run('calls', '--to', 'police')).out).toMatch(/17\.5/);
    expect((await at.run('calls', '--to', '0300')).out).not.toMatch(/17\.5/);
    const { out } = await at.run('calls', 'show', '17.6');
    expect(out).toMatch(/Dialled +0300 123 2040 \(Report Fraud\), keyed as 14103001232040\n/);
    expect(out).toMatch(/How +keyed while a caller was still on the line\n/);
    expect(out).toMatch(/Out of +the call 17\.1\n/);
    expect(out).toMatch(/Trunk +none took the call\n/);
    expect(out).toContain('Inside the call 17.1, the resident dialled 0300 123 2040 (Report Fraud), a guarded number');
  });

  it('tells each look at the line: when, what either witness saw, and what it was taken for', async () => {
    const [busy, clear] = finishedOutgoing().record.looks;
    if (!busy || !clear) throw new Error('a fixture with two looks');
    const again = { ...busy, at: busy.at + 3000 };
    await saveAll(at, [finishedOutgoing({ id: '17.5', looks: [busy, again, clear] })]);
    const { out } = await at.run('calls', 'show', '17.5');
    const table = out.slice(out.indexOf('Looks at the line')).split('\n').slice(1);
    expect(table.map((row) => row.trim().replace(/ {2,}/g, ' | '))).toEqual([
      'TIME | ARI SAW | AMI SAW | TAKEN FOR',
      '10:01:00.002 to 10:01:03.002, 2 times | 17.9 (0.4 ms) | 17.9 (0.4 ms) | not clear: channel 17.9 still exists',
      '10:01:00.020 | nobody else (0.4 ms) | nobody else (0.4 ms) | clear: ARI and AMI both see no other channel of the line',
    ]);
  });

  it('shows a call that the first release put on record', async () => {
    const real = desk([], { openStore: (config) => openStore(config) });
    const store = await openStore(readConfig({ CLEARLINE_CONFIG: join(real.folder, 'clearline.yaml') }));
    await store.calls.save(former as unknown as FinishedCall);
    await store.close();
    expect((await real.run('calls', '--line', 'room-12')).out).toContain('caller and resident talked');
    const { code, out } = await real.run('calls', 'show', former.record.id);
    expect(code).toBe(0);
    expect(out).toContain('The police on 101 answer.');
    real.remove();
  });

  it('says when there is no such call', async () => {
    expect(await at.run('calls', 'show', '1')).toMatchObject({
      code: 1,
      err: 'No call 1 is on record. Their ids: clearline calls',
    });
  });
});

it('says once that the defaults are used where the folder has no clearline.yaml', async () => {
  const lost = desk([], { env: { CLEARLINE_CONFIG: undefined } });
  const { code, err } = await lost.run('calls');
  expect(code).toBe(0);
  expect(err).toMatch(/^There is no \S+clearline\.yaml: the defaults are used\. --config names another file\.$/);
  lost.remove();
});
