import { once } from 'node:events';
import { createConnection } from 'node:net';
import type { CallRecord } from '../../services/core/record.ts';
import type { Site } from '../support/site.ts';
import { until } from '../support/until.ts';
import type { Verdict } from './checks.ts';

/** Who hangs up at last may never be answered: a channel lives for 32 s then. */
const quietMs = 60_000;
const recordsMs = 60_000;

/** Waits until Asterisk is quiet and nothing more comes on record, and says what is left that should not be. */
export async function awaitQuiet(site: Site): Promise<Verdict> {
  const faults: string[] = [];
  await site.untilQuiet(quietMs).catch((error: unknown) => faults.push(String(error)));
  return { what: 'channels and bridges left in Asterisk', figure: faults.length === 0 ? '0' : 'some', faults };
}

/** All records, once `enough` says so of them, or when a minute is over. */
export async function awaitRecords(
  site: Site,
  enough: (records: readonly CallRecord[]) => boolean,
): Promise<readonly CallRecord[]> {
  const read = () => site.store.calls.list({ limit: 1_000_000 });
  await until('every call is on record', async () => enough(await read()), recordsMs).catch(() => undefined);
  return read();
}

/** Live recordings, notes in AstDB, journals kept in Redis: what a call leaves nowhere once it is over and on record. */
export async function judgeLeftovers(site: Site, records: readonly CallRecord[]): Promise<Verdict[]> {
  const judged = async (what: string, look: () => Promise<readonly string[]>): Promise<Verdict> => {
    let left: readonly string[] = [];
    const clean = async () => {
      left = await look();
      return left.length === 0;
    };
    await until(`${what} are gone`, clean, 30_000).catch(() => undefined);
    return { what, figure: String(left.length), faults: left };
  };
  return [
    await judged('recordings still being made', () => liveRecordings(site, records)),
    await judged("Asterisk's notes of calls", () => notes(site)),
    await judged('journals of running calls in Redis', () => keptCalls(site)),
  ];
}

async function liveRecordings({ stack }: Site, records: readonly CallRecord[]): Promise<string[]> {
  const authorization = `Basic ${Buffer.from(`clearline:${stack.secrets.ari}`).toString('base64')}`;
  const names = records.flatMap(({ recordings }) => recordings);
  const found: string[] = [];
  for (const name of names) {
    const url = `http://127.0.0.1:${stack.config.asterisk.httpPort}/ari/recordings/live/${encodeURIComponent(name)}`;
    if ((await fetch(url, { headers: { authorization } })).ok) found.push(name);
  }
  return found;
}

async function notes({ stack }: Site): Promise<string[]> {
  const shown = await stack.asterisk.cli('database show clearline-ended');
  return shown.split('\n').filter((line) => line.startsWith('/clearline-ended/'));
}

async function keptCalls({ stack }: Site): Promise<string[]> {
  const keys = await askRedis(stack.config.paths.redisSocket, 'KEYS clearline:*');
  return keys.split('\r\n').filter((key) => /^clearline:(call|kept|journal)/.test(key));
}

/** Sends one inline command and gives the raw answer, which comes in one piece where it is short. */
export async function askRedis(socket: string, command: string): Promise<string> {
  const connection = createConnection(socket);
  try {
    await once(connection, 'connect');
    let answer = '';
    connection.on('data', (chunk) => {
      answer += String(chunk);
    });
    connection.write(`${command}\r\nECHO the-end\r\n`);
    await until('Redis answers', () => answer.includes('the-end\r\n'), 10_000);
    return answer.replace(/\$7\r\nthe-end\r\n$/, '');
  } finally {
    connection.destroy();
  }
}
