import { rm, writeFile } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { now } from './phone/wire.ts';
import { freePort, type TestStack } from './stack.ts';
import { until } from './until.ts';

/** What Asterisk's HTTP server, ARI above all, says to whoever connects, told as late as a test wants it. */
export interface AriDelay {
  /** From now on, in milliseconds: for what is on its way, too. */
  setDelay(ms: number): void;
  /** Ends every connection; new ones are taken. */
  cut(): void;
  /** What either end sends over the connections of now reaches nobody any more, its farewell neither; new ones are as ever. */
  loseAll(): void;
  /** Asterisk is connected to directly again. */
  remove(): Promise<void>;
}

/** Moves Asterisk's HTTP server to another port, takes its place, and has the interceptor connect anew. */
export async function delayAri(stack: TestStack): Promise<AriDelay> {
  const { httpPort } = stack.config.asterisk;
  const moved = await freePort();
  const file = join(stack.config.paths.asterisk, 'etc/site/http.conf');
  const reload = async (port: number) => {
    await stack.asterisk.cli('module reload http');
    await until(`Asterisk serves HTTP on ${port}`, async () =>
      (await stack.asterisk.cli('http show status')).includes(`:${port}`),
    );
  };
  await stack.stopService('interceptor');
  await writeFile(file, `[general](+)\nbindport = ${moved}\n`);
  await reload(moved);
  const middle = await openMiddle(httpPort, moved);
  await stack.startService('interceptor');
  return {
    setDelay: middle.setDelay,
    cut: middle.cut,
    loseAll: middle.loseAll,
    async remove() {
      await stack.stopService('interceptor');
      await middle.close();
      await rm(file);
      await reload(httpPort);
      await stack.startService('interceptor');
    },
  };
}

interface Middle {
  setDelay(ms: number): void;
  cut(): void;
  loseAll(): void;
  close(): Promise<void>;
}

async function openMiddle(port: number, behind: number): Promise<Middle> {
  let delayMs = 0;
  const pumps = new Set<() => void>();
  const sockets = new Set<Socket>();
  const losers = new Set<() => void>();
  const server = createServer((client) => {
    const asterisk = createConnection({ host: '127.0.0.1', port: behind });
    const waiting: { readonly at: number; readonly chunk: Buffer }[] = [];
    let timer: NodeJS.Timeout | undefined;
    let lost = false;
    const lose = () => {
      lost = true;
    };
    losers.add(lose);
    const pump = () => {
      clearTimeout(timer);
      for (let next = waiting[0]; next; next = waiting[0]) {
        const left = next.at + delayMs - now();
        if (left > 0) {
          timer = setTimeout(pump, left);
          return;
        }
        waiting.shift();
        if (!lost) client.write(next.chunk);
      }
    };
    pumps.add(pump);
    const close = () => {
      if (lost) return;
      clearTimeout(timer);
      pumps.delete(pump);
      losers.delete(lose);
      for (const socket of [client, asterisk]) {
        sockets.delete(socket);
        socket.destroy();
      }
    };
    for (const socket of [client, asterisk]) {
      sockets.add(socket);
      socket.on('close', close).on('error', close);
    }
    client.on('data', (chunk: Buffer) => lost || asterisk.write(chunk));
    asterisk.on('data', (chunk: Buffer) => {
      waiting.push({ at: now(), chunk });
      pump();
    });
  });
  const cut = () => {
    for (const socket of [...sockets]) socket.destroy();
  };
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ host: '127.0.0.1', port }, resolve);
  });
  return {
    setDelay(ms) {
      delayMs = ms;
      for (const pump of [...pumps]) pump();
    },
    cut,
    loseAll() {
      for (const lose of losers) lose();
      losers.clear();
    },
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
