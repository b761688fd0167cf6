import { mkdir } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { dirname } from 'node:path';
import type { Config } from '../config.ts';
import { checkSocketPath } from './asterisk-folders.ts';
import { type Child, startChild, untilReady } from './child.ts';
import { findRedis } from './programs.ts';

/**
 * Starts a Redis that nobody else can reach: a socket in a folder of mode 0700, no port. Every write is in the kernel before
 * its reply leaves (append-only), and a full memory refuses writes rather than dropping facts (noeviction, as BullMQ asks).
 */
export async function startRedis(
  config: Config,
  options: { readonly lock?: number; readonly onLine?: (line: string) => void } = {},
): Promise<Child> {
  const socket = config.paths.redisSocket;
  checkSocketPath(socket);
  await mkdir(dirname(socket), { recursive: true, mode: 0o700 });
  const settings = {
    port: '0',
    unixsocket: socket,
    unixsocketperm: '700',
    dir: dirname(socket),
    appendonly: 'yes',
    appendfsync: 'everysec',
    'maxmemory-policy': 'noeviction',
    save: '',
    loglevel: 'warning',
  };
  const args = Object.entries(settings).flatMap(([key, value]) => [`--${key}`, value]);
  const child = await startChild({ ...options, name: 'redis', command: findRedis(), args });
  await untilReady(child, () => answersPing(socket), 30_000);
  return child;
}

/** Redis answers `PING` with `-LOADING` until its file is read. */
function answersPing(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection(socket);
    const settle = (answer: boolean) => {
      connection.destroy();
      resolve(answer);
    };
    connection.setTimeout(1000, () => settle(false));
    connection.once('error', () => settle(false));
    connection.once('connect', () => connection.write('PING\r\n'));
    connection.once('data', (reply) => settle(reply.toString().startsWith('+PONG')));
  });
}
