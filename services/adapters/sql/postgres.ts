import { type Dialect, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Log } from '../../log.ts';

/** pg gives eight-byte integers as strings; ours are times and counts, far below 2^53. */
const int8 = 20;
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === int8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

/** PostgreSQL at `url`. A connection that breaks is logged and replaced; it must not end the process. */
export function postgresDialect(url: string, log: Log): Dialect {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'clearline',
    max: 5,
    connectionTimeoutMillis: 5000,
    statement_timeout: 30_000,
    keepAlive: true,
    types,
  });
  pool.on('error', (err) => log.warn({ err }, 'lost an idle connection to PostgreSQL'));
  // The pool listens to a client only while it is idle: one cut between two statements of a transaction would end the
  // process. Its next statement rejects, which is how whoever uses it learns of it.
  pool.on('connect', (client) => client.on('error', (err) => log.debug({ err }, 'lost a connection to PostgreSQL')));
  return new PostgresDialect({ pool });
}
