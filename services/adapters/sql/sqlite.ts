import { closeSync, mkdirSync, openSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { type Dialect, SqliteAdapter, type SqliteDatabase, SqliteDialect } from 'kysely';

/**
 * How long a statement waits for another process's write, in milliseconds. It waits on the event loop, so it is short:
 * the worker's queue tries again, and a reader in WAL mode does not wait at all.
 */
const busyTimeoutMs = 2000;

/** Kysely's SQLite on Node's built-in one: no native build is needed. `file` is made with its folder where missing. */
export function sqliteDialect(file: string): Dialect {
  return new NodeSqliteDialect({ database: async () => open(file) });
}

/**
 * SQLite's schema changes are transactional (sqlite.org/transactional.html), which Kysely's adapter does not say. With it
 * a migration is done whole or not at all, and of two processes that start at once the second waits and finds it done.
 */
class NodeSqliteDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new (class extends SqliteAdapter {
      override get supportsTransactionalDdl(): boolean {
        return true;
      }
    })();
  }
}

/**
 * SQLite goes on writing into a file that was moved or deleted, and says that all is well. So the file is looked for before
 * each transaction: while it is gone everything rejects, and when another is in its place (a copy given back) that is
 * opened. It is made only at the first opening: an empty one would stand in the way of the one given back.
 */
function open(file: string): SqliteDatabase {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // It holds callers' numbers and the phones' passwords. SQLite gives its -wal and -shm files the same mode.
  closeSync(openSync(file, 'a', 0o600));
  let opened = openExisting(file);
  const current = (): DatabaseSync => {
    if (opened.database.isTransaction) return opened.database;
    const { ino, dev } = lookFor(file);
    if (ino === opened.ino && dev === opened.dev) return opened.database;
    const another = openExisting(file);
    // SQLite sees that this one was moved and leaves the other's -wal file alone.
    opened.database.close();
    opened = another;
    return another.database;
  };
  return {
    close: () => opened.database.close(),
    // SQLite has rolled back by itself when the disk is full (sqlite.org/lang_transaction.html); asked to do so once more it
    // complains of that, and the reason would be lost.
    prepare: (sql) => (sql === 'rollback' && !opened.database.isTransaction ? nothing : statement(current(), sql)),
  };
}

const nothing: ReturnType<SqliteDatabase['prepare']> = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  iterate: () => [].values(),
};

function openExisting(file: string): { readonly database: DatabaseSync } & Pick<Stats, 'ino' | 'dev'> {
  const { ino, dev } = lookFor(file);
  const database = new DatabaseSync(file, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true });
  try {
    database.exec('pragma journal_mode = wal');
    // With WAL this still syncs each commit to the disk, which NORMAL does not: an acknowledged call is on the disk.
    database.exec('pragma synchronous = full');
    // What retention or a person has removed is written over, and not only forgotten.
    database.exec('pragma secure_delete = on');
  } catch (error) {
    database.close();
    throw error;
  }
  return { database, ino, dev };
}

/** Throws a sentence when there is no such file. */
function lookFor(file: string): Stats {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found?.isFile()) throw new Error(`the database is gone: there is no file ${file}`);
  return found;
}

function statement(database: DatabaseSync, sql: string): ReturnType<SqliteDatabase['prepare']> {
  // A deferred transaction that reads before it writes gets SQLITE_BUSY at once, without the timeout, when another
  // process wrote in between (two processes migrating at their start do just that).
  const prepared = database.prepare(sql === 'begin' ? 'begin immediate' : sql);
  return {
    reader: prepared.columns().length > 0,
    all: (parameters) => prepared.all(...(parameters as SQLInputValue[])),
    run: (parameters) => prepared.run(...(parameters as SQLInputValue[])),
    iterate: (parameters) => prepared.iterate(...(parameters as SQLInputValue[])),
  };
}
