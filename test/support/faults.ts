import { closeSync, fsyncSync, openSync, statSync, writeSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ServiceName } from '../../services/standalone/service.ts';
import { startRedis, type TestRedis } from './redis.ts';
import type { TestStack } from './stack.ts';
import { until } from './until.ts';

/** A part of Clearline that a test takes away. It stays away until it is mended: nobody starts it again meanwhile. */
export interface Fault {
  readonly name: string;
  begin(): Promise<void>;
  /** That the part is away, looked at afresh and from outside. */
  isAway(): Promise<boolean>;
  mend(): Promise<void>;
  /** Ends what it started itself in place of the part. */
  readonly stop?: () => Promise<void>;
}

/** The whole of Clearline but for Asterisk, to be taken away part by part. Made once a stack, and stopped before it. */
export function faultsOf(stack: TestStack) {
  return {
    interceptorKilled: killed(stack, 'interceptor'),
    interceptorHung: hung(stack, 'interceptor'),
    workerKilled: killed(stack, 'worker'),
    redisKilled: redisKilled(stack),
    amiRefused: amiRefused(stack),
    sqlReadOnly: sqlReadOnly(stack),
  } satisfies Record<string, Fault>;
}

/** SIGKILL, and no supervisor that would start it again. */
function killed(stack: TestStack, service: ServiceName): Fault {
  let pid = 0;
  return {
    name: `${service} killed`,
    async begin() {
      pid = pidOf(stack, service);
      process.kill(pid, 'SIGKILL');
      // In the same turn, so that its supervisor has not noticed the death yet and takes it for the end.
      await stack.stopService(service);
    },
    isAway: async () => stack.service(service) === undefined && (await stateOf(pid)) === null,
    mend: () => stack.startService(service),
  };
}

/** SIGSTOP: its connections stay open and nothing answers. The stack's `silenceMs` must be Infinity. */
function hung(stack: TestStack, service: ServiceName): Fault {
  let pid = 0;
  return {
    name: `${service} hung`,
    async begin() {
      pid = pidOf(stack, service);
      process.kill(pid, 'SIGSTOP');
      await until(`${service} stands still`, async () => (await stateOf(pid)) === 'T');
    },
    isAway: async () => (await stateOf(pid)) === 'T',
    async mend() {
      process.kill(pid, 'SIGCONT');
    },
  };
}

/** The stack's own first, and then the one that was started in its place. */
function redisKilled(stack: TestStack): Fault {
  const socket = stack.config.paths.redisSocket;
  let stood: TestRedis | null = null;
  return {
    name: 'Redis killed',
    async begin() {
      if (stood) return stood.kill();
      stack.redis?.kill('SIGKILL');
      await stack.redis?.stop();
    },
    isAway: () => refuses({ path: socket }),
    async mend() {
      if (stood) await stood.start();
      else stood = await startRedis(socket);
    },
    stop: async () => stood?.stop(),
  };
}

/** SIGSTOP: its connections stay open, others are taken, and nothing answers. */
export function redisHung({ redis }: TestStack): Fault {
  return {
    name: 'Redis hung',
    async begin() {
      redis?.kill('SIGSTOP');
      await until('Redis stands still', async () => (await stateOf(redis?.pid ?? 0)) === 'T');
    },
    isAway: async () => (await stateOf(redis?.pid ?? 0)) === 'T',
    async mend() {
      redis?.kill('SIGCONT');
    },
  };
}

/** AMI takes no connection, and drops those that it has. */
export function amiRefused({ asterisk, config }: TestStack): Fault {
  const file = join(config.paths.asterisk, 'etc/site/manager.conf');
  const sessions = async () => {
    const shown = await asterisk.cli('manager show connected');
    return [...shown.matchAll(/^ *clearline .* (\d+) +\d+ +\d+ +\d+ *$/gm)].map(([, session]) => session);
  };
  const reload = async (settings: string | null) => {
    await (settings === null ? rm(file) : writeFile(file, settings));
    await asterisk.cli('manager reload');
  };
  return {
    name: 'AMI refused',
    async begin() {
      await reload('[general](+)\nenabled = no\n');
      await until('nobody has AMI', async () => {
        for (const session of await sessions()) await asterisk.cli(`manager kick session ${session}`);
        return (await sessions()).length === 0;
      });
    },
    isAway: async () => (await refuses({ host: '127.0.0.1', port: config.asterisk.amiPort })) && !(await sessions())[0],
    async mend() {
      await reload(null);
    },
  };
}

/** Where SQLite's file says which format may be written to it: 2 as long as there is a write-ahead log. */
const writeVersionAt = 18;

/**
 * SQLite's file may be read and not written, by whoever has it open too. A mode of 0444 would not bind root, nor anybody
 * who has the file open already; a header that names a format of the future binds all (sqlite.org/fileformat2.html, 1.3.1).
 *
 * The header is page 1. A copy of it in the log would stand above the file's and be copied back into it, and a connection that
 * keeps one in memory would go by that. So the header is written while nobody else may commit and the log is empty, and a
 * commit that leaves page 1 alone then has all of them read it again.
 */
function sqlReadOnly(stack: TestStack): Fault {
  const { database } = stack.config.paths;
  const setVersion = (version: number) => {
    const file = openSync(database, 'r+');
    writeSync(file, Buffer.from([version]), 0, 1, writeVersionAt);
    fsyncSync(file);
    closeSync(file);
  };
  const begin = (file: DatabaseSync): boolean => {
    const emptied = file.prepare('pragma wal_checkpoint(truncate)').get();
    if (emptied?.busy !== 0) return false;
    file.exec('begin immediate');
    if (statSync(`${database}-wal`).size > 0) {
      file.exec('rollback');
      return false;
    }
    setVersion(3);
    file.exec('update fault set turns = turns + 1; commit');
    return true;
  };
  return {
    name: 'SQL read-only',
    begin: () =>
      withDatabase(database, async (file) => {
        file.exec('create table if not exists fault (turns integer)');
        file.exec('insert into fault select 0 where not exists (select * from fault)');
        await until('SQL is read-only for all', () => begin(file));
      }),
    isAway: () => withDatabase(database, async (file) => !mayWrite(file)),
    async mend() {
      setVersion(2);
      // SQLite writes over no connection again that has met such a header once, and of all only the worker writes.
      if (!stack.service('worker')) return;
      await stack.stopService('worker');
      await stack.startService('worker');
    },
  };
}

async function withDatabase<Answer>(path: string, use: (file: DatabaseSync) => Promise<Answer>): Promise<Answer> {
  const file = new DatabaseSync(path, { timeout: 5_000 });
  try {
    return await use(file);
  } finally {
    file.close();
  }
}

/** Asked without writing: what was written would stay. */
function mayWrite(file: DatabaseSync): boolean {
  try {
    file.exec('begin immediate; rollback');
    return true;
  } catch (error) {
    if (/readonly/.test(String(error))) return false;
    throw error;
  }
}

/** Never 0, which would be every process of the test's own. */
function pidOf(stack: TestStack, service: ServiceName): number {
  const pid = stack.service(service)?.pid;
  if (!pid) throw new Error(`${service} does not run`);
  return pid;
}

/** What /proc says a process does, `T` for one that was stopped; null for one that is gone. */
async function stateOf(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  return stat?.replace(/^.*\) /, '').charAt(0) ?? null;
}

function refuses(where: { path: string } | { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection(where);
    connection.once('error', () => resolve(true));
    connection.once('connect', () => {
      connection.destroy();
      resolve(false);
    });
  });
}
