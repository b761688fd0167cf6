import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findRedis } from '../../services/standalone/programs.ts';
import { until } from './until.ts';

/** A real Redis of the test's own, which the test may ill-treat. Its data survive `kill` as they would a crash. */
export interface TestRedis {
  readonly socket: string;
  /** SIGKILL, and gone when this resolves. */
  kill(): Promise<void>;
  /** Starts it again on the same data; resolves when it answers. */
  start(): Promise<void>;
  /** Stops it in its tracks, connections open: nothing answers and nothing is refused. */
  freeze(): void;
  thaw(): void;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Starts Redis on a Unix socket, with no port: `socket`, else one in a temporary folder. */
export async function startRedis(
  socket = join(mkdtempSync(join(tmpdir(), 'clearline-redis-')), 'redis.sock'),
): Promise<TestRedis> {
  const folder = dirname(socket);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let server: ChildProcess | null = null;

  const start = async () => {
    const settings = ['--port', '0', '--unixsocket', socket, '--dir', folder, '--appendonly', 'yes', '--save', ''];
    // The kernel ends it if this process is killed: nothing a test started may outlive it.
    const started = spawn('setpriv', ['--pdeathsig', 'KILL', findRedis(), ...settings], { stdio: 'ignore' });
    server = started;
    await until('Redis answers', () => {
      if (started.exitCode !== null) throw new Error(`redis-server ended with code ${started.exitCode}`);
      return answersPing(socket);
    });
  };
  const kill = async () => {
    const victim = server;
    server = null;
    if (!victim || victim.exitCode !== null || victim.signalCode !== null) return;
    const gone = new Promise((resolve) => victim.once('exit', resolve));
    victim.kill('SIGKILL');
    await gone;
  };

  await start();
  return {
    socket,
    kill,
    start,
    freeze: () => void server?.kill('SIGSTOP'),
    thaw: () => void server?.kill('SIGCONT'),
    async stop() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function answersPing(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection(socket);
    const settle = (answer: boolean) => {
      connection.destroy();
      resolve(answer);
    };
    connection.setTimeout(500, () => settle(false));
    connection.once('error', () => settle(false));
    connection.once('connect', () => connection.write('PING\r\n'));
    connection.once('data', (reply) => settle(reply.toString().startsWith('+PONG')));
  });
}
