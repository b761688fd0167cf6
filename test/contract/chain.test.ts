import { Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { appendRemoval } from '../../services/adapters/sql/chain.ts';
import { migrationProvider } from '../../services/adapters/sql/migrations/index.ts';
import { postgresDialect } from '../../services/adapters/sql/postgres.ts';
import type { Tables } from '../../services/adapters/sql/schema.ts';
import { sqliteDialect } from '../../services/adapters/sql/sqlite.ts';
import { openStore, type Store } from '../../services/adapters/sql/store.ts';
import { type TemporaryConfig, temporaryConfig } from '../support/config.ts';
import { finishedCall, finishedOutgoing, monday } from '../support/finished-call.ts';
import { memoryLog } from '../support/log.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';

/** The chain over the journal: what adds a link, and that whatever is changed behind its back is named. */

let server: TestPostgres;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

describe.each(['SQLite', 'PostgreSQL'])('the chain in %s', (kind) => {
  let site: TemporaryConfig;
  let url: string | undefined;
  let store: Store;
  let db: Kysely<Tables>;

  beforeEach(async () => {
    site = temporaryConfig();
    url = kind === 'SQLite' ? undefined : await server.freshDatabase();
    db = openDirectly();
    store = await open();
  });
  afterEach(async () => {
    await store.close();
    await db.destroy();
    site.remove();
  });

  const open = () => openStore({ ...site.config, database: url === undefined ? {} : { url } });
  const openDirectly = () => {
    const dialect = url === undefined ? sqliteDialect(site.config.paths.database) : postgresDialect(url, memoryLog());
    return new Kysely<Tables>({ dialect });
  };
  const faults = async () => (await store.chain.verify()).faults;
  const saveThree = async () => {
    for (const id of ['one', 'two', 'three']) await store.calls.save(finishedCall({ id }));
  };

  test('an empty one is in order', async () => {
    expect(await store.chain.verify()).toEqual({
      links: 0,
      calls: 0,
      head: { seq: 0, hash: '0'.repeat(64) },
      faults: [],
      faultCount: 0,
    });
  });

  test('each account of a call adds a link, the same one again none, an earlier one none', async () => {
    const call = finishedCall({ id: 'nul \0 and \ud800', faults: ['\0 \ud800 ü 電'] });
    await store.calls.save(call);
    await store.calls.save(call);
    await store.calls.save({ ...call, revision: 1 });
    await store.calls.save(call);
    await store.calls.save({ ...call, revision: 1 });
    await store.calls.save(finishedOutgoing());
    const { faults, links, calls, head } = await store.chain.verify();
    expect({ faults, links, calls }).toEqual({ faults: [], links: 3, calls: 2 });
    expect(await store.chain.head()).toEqual(head);
    const own = await store.chain.linksOf([call.record.id]);
    expect(own.map(({ seq, revision, kind }) => [seq, revision, kind])).toEqual([
      [1, 0, 'call'],
      [2, 1, 'call'],
    ]);
    expect(await store.chain.link(2)).toEqual(own[1]);
  });

  test('calls saved by several workers at once are all linked, one after another', async () => {
    // SQLite has one writer, and waits for another on the event loop that both would share here.
    const others = kind === 'SQLite' ? [] : await Promise.all([open(), open()]);
    const saves = [store, ...others].flatMap((each, from) =>
      Array.from({ length: 12 }, (_, index) =>
        each.calls.save(finishedCall({ id: `call ${index % 8}`, faults: [`${from}`] })),
      ),
    );
    await Promise.all(saves);
    await Promise.all(others.map((other) => other.close()));
    expect(await store.chain.verify()).toMatchObject({ faults: [], calls: 8 });
  });

  test('a removal is a link of its own, and what was removed comes not back with a repeated job', async () => {
    await saveThree();
    await db.transaction().execute(async (trx) => {
      await appendRemoval(trx, { call: 'two', by: 'retention', why: 'older than a year', at: monday });
      await trx.deleteFrom('calls').where('id', '=', 'two').execute();
    });
    await store.calls.save(finishedCall({ id: 'two' }));
    expect(await store.calls.find('two')).toBeNull();
    expect(await store.chain.verify()).toMatchObject({ faults: [], links: 4, calls: 2 });
    expect((await store.chain.linksOf(['two'])).at(-1)).toMatchObject({ kind: 'removal', by: 'retention', at: monday });
  });

  test('a transaction that fails leaves neither a call nor a link', async () => {
    await saveThree();
    const failing = db.transaction().execute(async (trx) => {
      await appendRemoval(trx, { call: 'two', by: 'retention', why: 'old', at: monday });
      throw new Error('killed');
    });
    await expect(failing).rejects.toThrow('killed');
    expect(await store.chain.verify()).toMatchObject({ faults: [], links: 3, calls: 3 });
  });

  test.each([
    [
      'the record',
      `update call_facts set record = replace(record, 'PC Jones', 'PC Bones') where call_id = 'two'`,
      'record',
      2,
    ],
    ['the journal', `update call_facts set journal = replace(journal, '16', '17') where call_id = 'two'`, 'journal', 2],
    ['the revision', `update calls set revision = 5 where id = 'two'`, 'revision', 2],
    ['a link', `update journal_chain set at = at + 1 where seq = 2`, 'link', 2],
    ['a hash', `update journal_chain set hash = '${'0'.repeat(64)}' where seq = 2`, 'link', 2],
    ['what a link follows', `update journal_chain set previous = hash where seq = 2`, 'link', 2],
    ['a call', `delete from calls where id = 'two'`, 'row', 2],
    ['a link that was taken out', `delete from journal_chain where seq = 2`, 'row', 2],
    ['the end, cut off', `delete from journal_chain where seq = 3`, 'head', 3],
    ['the head', `update journal_chain_head set hash = '${'1'.repeat(64)}'`, 'head', 4],
    ['the head, taken away', `delete from journal_chain_head`, 'head', null],
  ] as const)('a change of %s is named', async (_, change, what, link) => {
    await saveThree();
    await sql.raw(change).execute(db);
    expect((await faults())[0]).toMatchObject({ what, link });
  });

  test.each([
    ['taken away', 'delete from journal_chain_head', []],
    ['set back', `update journal_chain_head set seq = 1, hash = '${'1'.repeat(64)}'`, []],
    [
      'cut off with the end of the chain',
      'delete from journal_chain where seq = 3',
      ['Link 3 is missing from the chain.'],
    ],
  ] as const)('a head that is %s keeps no call from being saved', async (_, change, named) => {
    await saveThree();
    await sql.raw(change).execute(db);
    await store.calls.save(finishedCall({ id: 'four' }));
    await store.calls.save(finishedCall({ id: 'five' }));
    const unlinked = named.length > 0 ? ['Call three is on record, but no link of the chain is about it.'] : [];
    expect((await faults()).map(({ why }) => why)).toEqual([...named, ...unlinked]);
    expect((await store.chain.head()).seq).toBe(5);
  });

  test('a head taken away before there was a link is made anew', async () => {
    await sql`delete from journal_chain_head`.execute(db);
    await saveThree();
    expect(await store.chain.verify()).toMatchObject({ faults: [], links: 3 });
  });

  test('calls that are saved while the chain is compared are no fault', async () => {
    await saveThree();
    const more = kind === 'SQLite' ? store : await open();
    const saving = (async () => {
      for (let id = 0; id < 40; id += 1)
        await more.calls.save(finishedCall({ id: `call ${id % 20}`, faults: [`${id}`] }));
    })();
    const reports = await Promise.all(Array.from({ length: 8 }, () => store.chain.verify()));
    await saving;
    if (more !== store) await more.close();
    expect(reports.flatMap((report) => report.faults)).toEqual([]);
    expect((await store.chain.verify()).links).toBe(43);
  });

  test('what is on record of a call is given as it is stored, with its newest link', async () => {
    const call = finishedCall({ id: 'nul \0 and \ud800' });
    await store.calls.save(call);
    await store.calls.save({ ...call, revision: 1 });
    const found = await store.chain.accountsOf([call.record.id, 'never']);
    expect([...found.keys()]).toEqual([call.record.id]);
    expect(found.get(call.record.id)).toMatchObject({
      link: { seq: 2, revision: 1 },
      newest: true,
      stored: { record: JSON.stringify(call.record), journal: JSON.stringify(call.journal), revision: 1 },
    });
  });

  test('a change says which call, what was expected and what is there', async () => {
    await saveThree();
    const [, link] = await store.chain.linksOf(['one', 'two']);
    await sql`update call_facts set record = record || ' ' where call_id = 'two'`.execute(db);
    expect(await faults()).toEqual([
      {
        what: 'record',
        link: 2,
        call: 'two',
        why: 'The record of call two is not the one of link 2.',
        expected: link?.record,
        found: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
  });

  test('a call that was slipped in, or is there although it was removed, is named', async () => {
    await saveThree();
    await db.transaction().execute((trx) => appendRemoval(trx, { call: 'one', by: 'x', why: 'y', at: monday }));
    await sql`insert into calls (id, direction, arrived_at, ended_at, party_search, outcome, ended_by)
      values ('slipped in', 'inbound', 0, 0, '', 'talked', 'caller')`.execute(db);
    await sql`insert into call_facts values ('slipped in', '{}', '[]')`.execute(db);
    expect((await faults()).map(({ why }) => why)).toEqual([
      'Call one was removed by link 4, and yet it is on record.',
      'Call slipped in is on record, but no link of the chain is about it.',
    ]);
  });

  test('more faults than a report lists are counted', async () => {
    for (let id = 0; id < 130; id += 1) await store.calls.save(finishedCall({ id: `call ${id}` }));
    await sql`update call_facts set journal = '[]'`.execute(db);
    const report = await store.chain.verify();
    expect([report.faults.length, report.faultCount]).toEqual([100, 130]);
  });

  test('a database from before the chain gets links for all it holds, and goes on from there', async () => {
    await store.close();
    await db.destroy();
    site.remove();
    site = temporaryConfig();
    url = kind === 'SQLite' ? undefined : await server.freshDatabase();
    db = openDirectly();
    const { error } = await new Migrator({ db, provider: migrationProvider }).migrateTo('0003-revisions');
    expect(error).toBeUndefined();
    for (let index = 0; index < 450; index += 1) {
      const id = `call ${String(index).padStart(3, '0')}`;
      await sql`insert into calls (id, direction, arrived_at, ended_at, party_search, outcome, ended_by)
        values (${id}, 'inbound', ${monday + Math.floor(index / 7)}, 0, '', 'talked', 'caller')`.execute(db);
      await sql`insert into call_facts values (${id}, '{}', '[]')`.execute(db);
    }
    store = await open();
    await store.calls.save(finishedCall({ id: 'afterwards' }));
    expect(await store.chain.verify()).toMatchObject({ faults: [], links: 451, calls: 451 });
  });
});
