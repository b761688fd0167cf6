import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import pg from 'pg';
import { until } from './until.ts';

/** Names the Unix socket at which a test run tells the address of its PostgreSQL: see postgres-of-run.ts. */
export const postgresOfRun = 'CLEARLINE_TEST_POSTGRES_OF_RUN';

export interface TestPostgres {
  /** Makes an empty database and gives its address, as `database.url` takes it. */
  freshDatabase(): Promise<string>;
  /** Likewise, of a copy of one that was made before and that nobody uses now: far quicker than to migrate anew. */
  copyOf(url: string): Promise<string>;
  /** Runs a statement as the server's administrator, outside those databases. */
  administer(statement: string): Promise<void>;
  /** Drops every database made here, and ends the server where it was started here. */
  stop(): Promise<void>;
}

/**
 * A PostgreSQL for one test file: the server that CLEARLINE_TEST_POSTGRES_URL names (its user must be allowed to create
 * databases), else the one that the files of a test run share, else, outside a test run, one of its own.
 */
export async function startPostgres(): Promise<TestPostgres> {
  const given = process.env.CLEARLINE_TEST_POSTGRES_URL;
  if (given) return serve(given, async () => {});
  const socket = process.env[postgresOfRun];
  if (socket) return serve(await askForAddress(socket), async () => {});
  const { url, stop } = await startCluster();
  return serve(url, stop);
}

async function askForAddress(socket: string): Promise<string> {
  const answer = await text(connect(socket));
  if (answer.startsWith('postgres:')) return answer;
  throw new Error(`the tests' PostgreSQL did not start: ${answer}`);
}

/** A private cluster in a temporary folder, reached over a Unix socket only. Debian's own, running or not, is not touched. */
export async function startCluster(): Promise<{ url: string; stop(): Promise<void> }> {
  const binaries = findBinaries();
  const folder = mkdtempSync(join(tmpdir(), 'clearline-pg-'));
  const user = serverUser();
  if (user) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  // LC_ALL: the machine's own locale may not exist here, and C sorts the same everywhere.
  const options = { ...user, cwd: folder, env: { ...process.env, LC_ALL: 'C' } };
  await promisify(execFile)(
    join(binaries, 'initdb'),
    ['-D', data, '-U', 'clearline', '-A', 'trust', '-E', 'UTF8', '--no-sync', '--no-instructions'],
    options,
  );
  const settings = ['listen_addresses=', `unix_socket_directories=${folder}`, 'fsync=off', 'max_connections=200'];
  // The kernel ends the server if this process is killed: nothing a test started may outlive it.
  const identity = user ? ['--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups'] : [];
  const server = spawn(
    'setpriv',
    [
      ...identity,
      '--pdeathsig',
      'INT',
      join(binaries, 'postgres'),
      '-D',
      data,
      ...settings.flatMap((each) => ['-c', each]),
    ],
    { cwd: folder, env: options.env, stdio: 'ignore' },
  );
  const stop = async () => {
    await ended(server, 'SIGINT');
    rmSync(folder, { recursive: true, force: true });
  };
  return { url: `postgres://clearline@localhost/postgres?host=${folder}`, stop };
}

async function serve(server: string, end: () => Promise<void>): Promise<TestPostgres> {
  await until('PostgreSQL answers', () => administer(server, ['select 1']), 30_000);
  const made: string[] = [];
  const create = async (template = '') => {
    const name = `clearline_test_${process.pid}_${randomBytes(4).toString('hex')}`;
    await administer(server, [`create database ${name} ${template}`]);
    made.push(name);
    const url = new URL(server);
    url.pathname = `/${name}`;
    return url.href;
  };
  return {
    freshDatabase: () => create(),
    copyOf: (url) => create(`template ${new URL(url).pathname.slice(1)}`),
    administer: async (statement) => void (await administer(server, [statement])),
    async stop() {
      await administer(
        server,
        made.map((name) => `drop database if exists ${name} with (force)`),
      );
      await end();
    },
  };
}

async function administer(server: string, statements: readonly string[]): Promise<true> {
  const client = new pg.Client({ connectionString: server });
  client.on('error', () => {});
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
    return true;
  } finally {
    await client.end();
  }
}

function findBinaries(): string {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const inPath = (process.env.PATH ?? '').split(':');
  const found = [...versions.map((version) => join(debian, version, 'bin')), ...inPath].find((folder) =>
    existsSync(join(folder, 'initdb')),
  );
  if (found) return found;
  throw new Error(
    'the tests need PostgreSQL: install it ("apt-get install postgresql"), or name a server by CLEARLINE_TEST_POSTGRES_URL',
  );
}

/** The server refuses to run as root; Debian's package makes the user `postgres`, and `nobody` is there without it. */
function serverUser(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string) => Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // No such user here: the next one.
    }
  }
  throw new Error('PostgreSQL does not run as root, and this machine has neither a user "postgres" nor "nobody"');
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await gone;
}
