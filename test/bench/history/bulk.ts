import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import pg from 'pg';
import type { Tables } from '../../../services/adapters/sql/schema.ts';

/** Rows by the thousand, into a database that nothing else uses: what is measured is how they are read. */
export interface Bulk {
  insert<T extends keyof Tables>(table: T, rows: readonly Tables[T][]): Promise<void>;
  run(statement: string): Promise<void>;
  close(): Promise<void>;
}

export function sqliteBulk(file: string): Bulk {
  const database = new DatabaseSync(file);
  // A bench whose machine fails is begun anew.
  database.exec('pragma synchronous = off; pragma cache_size = -200000');
  const statements = new Map<string, StatementSync>();
  return {
    async insert(table, rows) {
      const columns = columnsOf(rows);
      const text = `insert into ${table} (${columns.map(quoted)}) values (${columns.map(() => '?')})`;
      const statement = statements.get(text) ?? database.prepare(text);
      statements.set(text, statement);
      database.exec('begin');
      for (const row of rows) statement.run(...(Object.values(row) as SQLInputValue[]));
      database.exec('commit');
    },
    run: async (statement) => database.exec(statement),
    close: async () => database.close(),
  };
}

export async function postgresBulk(url: string): Promise<Bulk> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('set synchronous_commit = off');
  return {
    async insert(table, rows) {
      const columns = columnsOf(rows).map(quoted);
      const text = `insert into ${table} (${columns}) select ${columns} from json_populate_recordset(null::${table}, $1)`;
      await client.query(text, [JSON.stringify(rows)]);
    },
    run: async (statement) => void (await client.query(statement)),
    close: () => client.end(),
  };
}

function columnsOf(rows: readonly object[]): string[] {
  return Object.keys(rows[0] ?? {});
}

const quoted = (name: string) => `"${name}"`;
