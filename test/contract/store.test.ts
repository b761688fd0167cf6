import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { migrationProvider } from '../../services/adapters/sql/migrations/index.ts';
import { postgresDialect } from '../../services/adapters/sql/postgres.ts';
import { sqliteDialect } from '../../services/adapters/sql/sqlite.ts';
import { openStore } from '../../services/adapters/sql/store.ts';
import { type TemporaryConfig, temporaryConfig } from '../support/config.ts';
import { finishedCall, finishedOutgoing, storedLine } from '../support/finished-call.ts';
import former from '../support/former-call.json' with { type: 'json' };
import { limitFiles } from '../support/full-disk.ts';
import { memoryLog } from '../support/log.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';

/** Opening and closing the database; what it holds is in call-store.test.ts and line-store.test.ts. */

let site: TemporaryConfig;
let server: TestPostgres;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());
beforeEach(() => {
  site = temporaryConfig();
});
afterEach(() => site.remove());

const storeModule = fileURLToPath(new URL('../../services/adapters/sql/store.ts', import.meta.url));

/** Opens the store in a process of its own, as the interceptor and the worker do at the same moment. */
async function openElsewhere(database: { url?: string }): Promise<string> {
  const config = JSON.stringify({ database, paths: site.config.paths });
  const script = `
    const { openStore } = await import(${JSON.stringify(storeModule)});
    const store = await openStore(${config});
    console.log(await store.lines.revision());
    await store.close();`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  return stdout.trim();
}

test.each(['SQLite', 'PostgreSQL'])('five processes that open a new %s at once all find it ready', async (kind) => {
  const database = kind === 'SQLite' ? {} : { url: await server.freshDatabase() };
  const revisions = await Promise.all(Array.from({ length: 5 }, () => openElsewhere(database)));
  expect(revisions).toEqual(['0', '0', '0', '0', '0']);
});

test.each(['SQLite', 'PostgreSQL'])('what was stored in %s is there when it is opened again', async (kind) => {
  const database = kind === 'SQLite' ? {} : { url: await server.freshDatabase() };
  const first = await openStore({ ...site.config, database });
  await first.calls.save(finishedCall());
  await first.lines.upsert([storedLine()]);
  const revision = await first.lines.revision();
  await first.close();
  const second = await openStore({ ...site.config, database });
  expect(await second.calls.find(finishedCall().record.id)).toEqual(finishedCall());
  expect(await second.lines.all()).toEqual([storedLine()]);
  expect(await second.lines.revision()).toBe(revision);
  await second.close();
});

/** A database as the first release left it, with a line and a call in it. */
async function makeFormerDatabase(url: string | undefined): Promise<void> {
  const { database } = site.config.paths;
  const dialect = url === undefined ? sqliteDialect(database) : postgresDialect(url, memoryLog());
  const db = new Kysely<Record<string, Record<string, unknown>>>({ dialect });
  const { error } = await new Migrator({ db, provider: migrationProvider }).migrateTo('0001-calls-and-lines');
  expect(error).toBeUndefined();
  const { record, journal } = former;
  await sql`insert into lines values ('room-12', '+441923555012', 'Elsie Brown', 'Rickmansworth', 'guarded', 0, 30, 'secret-1')`.execute(
    db,
  );
  await db
    .insertInto('calls')
    .values({
      id: record.id,
      direction: 'inbound',
      line: 'room-12',
      arrived_at: record.arrivedAt,
      ended_at: record.endedAt,
      caller_number: '+442079460000',
      caller_search: '+442079460000 442079460000 02079460000',
      caller_name: 'PC Jones',
      outcome: 'talked',
      ended_by: 'caller',
    })
    .execute();
  await db
    .insertInto('call_facts')
    .values({ call_id: record.id, record: JSON.stringify(record), journal: JSON.stringify(journal) })
    .execute();
  await db.destroy();
}

test.each(['SQLite', 'PostgreSQL'])(
  'a %s of the first release is brought up to date, and keeps what it holds',
  async (kind) => {
    const database = kind === 'SQLite' ? {} : { url: await server.freshDatabase() };
    await makeFormerDatabase(database.url);
    const store = await openStore({ ...site.config, database });
    const record = { ...former.record, alerts: [], released: null };
    expect(await store.calls.find(former.record.id)).toEqual({ record, journal: former.journal });
    expect(await store.calls.list({ limit: 10, from: '020 7946' })).toEqual([record]);
    expect(await store.calls.list({ limit: 10, to: '020 7946' })).toEqual([]);
    expect((await store.lines.all()).map(({ id, toneWatch, recordCalls }) => ({ id, toneWatch, recordCalls }))).toEqual(
      [{ id: 'room-12', toneWatch: true, recordCalls: false }],
    );
    await store.calls.save(finishedOutgoing());
    expect(await store.calls.list({ limit: 10, to: '101' })).toEqual([finishedOutgoing().record]);
    expect(await store.alerts.list({ limit: 10 })).toEqual([]);
    await store.close();
  },
);

test.each(['SQLite', 'PostgreSQL'])(
  'of %s it is said when its tables are changed, and when they are ready',
  async (kind) => {
    const config = { ...site.config, database: kind === 'SQLite' ? {} : { url: await server.freshDatabase() } };
    const said: boolean[] = [];
    const open = () => openStore(config, memoryLog(), async (still) => void said.push(still));
    await (await open()).close();
    expect(said).toEqual([true, false]);
    await (await open()).close();
    expect(said).toEqual([true, false]);
  },
);

test('the SQLite file and its folder are the owner’s alone', async () => {
  const store = await openStore(site.config);
  await store.lines.upsert([storedLine()]);
  const { database, data } = site.config.paths;
  const modes = [database, `${database}-wal`, data].map((path) => (statSync(path).mode & 0o777).toString(8));
  expect(modes).toEqual(['600', '600', '700']);
  await store.close();
});

test('a reader does not wait for a writer of another process', async () => {
  const store = await openStore(site.config);
  await store.lines.upsert([storedLine()]);
  const other = new DatabaseSync(site.config.paths.database);
  other.exec("begin immediate; update lines set resident = 'Somebody'");
  const started = performance.now();
  expect(await store.lines.all()).toEqual([storedLine()]);
  expect(performance.now() - started).toBeLessThan(1500);
  await expect(store.calls.save(finishedCall())).rejects.toThrow('database is locked');
  other.exec('rollback');
  other.close();
  await store.calls.save(finishedCall());
  expect(await store.calls.find(finishedCall().record.id)).toEqual(finishedCall());
  await store.close();
});

test('a database that a newer release has changed is refused in words', async () => {
  await (await openStore(site.config)).close();
  const newer = new DatabaseSync(site.config.paths.database);
  newer.exec("insert into kysely_migration values ('9999-from-the-future', '2030-01-01T00:00:00Z')");
  newer.close();
  await expect(openStore(site.config)).rejects.toThrow(
    /cannot open the database .*clearline\.db: .*9999-from-the-future/,
  );
});

test('a file that is no database, a folder in its place, and a server that is not there are named', async () => {
  const { database } = site.config.paths;
  mkdirSync(site.config.paths.data);
  writeFileSync(database, 'this is a text, and long enough to be taken for a header of a database file');
  await expect(openStore(site.config)).rejects.toThrow(`cannot open the database ${database}: file is not a database`);
  rmSync(database);
  mkdirSync(database);
  await expect(openStore(site.config)).rejects.toThrow(`cannot open the database ${database}: EISDIR`);
  const url = 'postgres://clearline:secret@127.0.0.1:1/clearline';
  const failure = openStore({ ...site.config, database: { url } });
  await expect(failure).rejects.toThrow('cannot open the database postgres://127.0.0.1:1/clearline: ');
  await expect(failure).rejects.not.toThrow('secret');
});

test('a database moved away takes nothing until it is given back; no other is made in its place', async () => {
  const { database, data } = site.config.paths;
  const store = await openStore(site.config);
  await store.calls.save(finishedCall({ id: 'before' }));
  renameSync(data, `${data}.away`);
  const gone = `the database is gone: there is no file ${database}`;
  await expect(store.calls.save(finishedCall({ id: 'meanwhile' }))).rejects.toThrow(gone);
  await expect(store.lines.all()).rejects.toThrow(gone);
  mkdirSync(data);
  await expect(store.calls.list({ limit: 1 })).rejects.toThrow(gone);
  expect(existsSync(database)).toBe(false);
  rmSync(data, { recursive: true });
  renameSync(`${data}.away`, data);
  await store.calls.save(finishedCall({ id: 'after' }));
  expect((await store.calls.list({ limit: 10 })).map(({ id }) => id).sort()).toEqual(['after', 'before']);
  await store.close();
});

test('of a database that another is put in place of, nothing more is read or written', async () => {
  const { database } = site.config.paths;
  const store = await openStore(site.config);
  await store.calls.save(finishedCall({ id: 'before' }));
  const copy = `${database}.copy`;
  const reader = new DatabaseSync(database);
  reader.exec(`vacuum into '${copy}'`);
  reader.close();
  await store.calls.save(finishedCall({ id: 'not in the copy' }));
  for (const suffix of ['', '-wal', '-shm']) renameSync(`${database}${suffix}`, `${database}.away${suffix}`);
  renameSync(copy, database);
  await store.calls.save(finishedCall({ id: 'after' }));
  expect((await store.calls.list({ limit: 10 })).map(({ id }) => id).sort()).toEqual(['after', 'before']);
  await store.close();
  const again = await openStore(site.config);
  expect(await again.calls.list({ limit: 10 })).toHaveLength(2);
  await again.close();
});

test('a full disk is named, and used again when it has room', async () => {
  const store = await openStore(site.config);
  await store.calls.save(finishedCall({ id: 'before' }));
  limitFiles(process.pid, 1000);
  const failure = store.calls.save(finishedCall()).then(() => null, String);
  await failure.finally(() => limitFiles(process.pid));
  expect(await failure).toMatch(/disk (is full|I\/O error)/);
  await store.calls.save(finishedCall());
  expect(await store.calls.list({ limit: 10 })).toHaveLength(2);
  await store.close();
});
