import { createSocket } from 'node:dgram';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { openStore } from '../../services/adapters/sql/store.ts';
import { readConfig } from '../../services/config.ts';
import type { StoredLine } from '../../services/core/ports.ts';
import type { ServiceName } from '../../services/standalone/service.ts';
import { type Stack, startStack } from '../../services/standalone/stack.ts';
import { until } from './until.ts';

export interface TestStackOptions {
  /** A line is told by its id and number alone; the rest has the defaults of `testLine`. */
  readonly lines?: readonly (Partial<StoredLine> & Pick<StoredLine, 'id' | 'number'>)[];
  /** As in clearline.yaml. */
  readonly trunks?: readonly { readonly name: string; readonly address: string; readonly [setting: string]: unknown }[];
  /** Further settings of clearline.yaml by section, such as `{ screening: { holdSeconds: 5 } }`. */
  readonly settings?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** None by default: Asterisk and Redis alone. */
  readonly services?: readonly ServiceName[];
  readonly templates?: string;
  /** Infinity: a service that hangs stays so. */
  readonly silenceMs?: number;
  /** Files of the site's own, by name: `{ 'extensions.conf': '…' }`. */
  readonly site?: Readonly<Record<string, string>>;
}

export interface TestStack extends Stack {
  readonly asterisk: NonNullable<Stack['asterisk']>;
  readonly folder: string;
  readonly configFile: string;
  /** Where phones and trunks send SIP, `127.0.0.1:23456`. */
  readonly sip: string;
  /** What the stack said and its programs wrote, for a failing test's message. */
  readonly output: readonly string[];
  /** The ids of the channels Asterisk has now. */
  channels(): Promise<string[]>;
}

/** A line with everything a stored line needs; its phone's password is `secret-` and its id. */
function testLine(line: Partial<StoredLine> & Pick<StoredLine, 'id' | 'number'>): StoredLine {
  return {
    resident: `Resident of ${line.id}`,
    area: 'Rickmansworth',
    mode: 'guarded',
    trusted: [],
    blocked: [],
    recordCalls: false,
    toneWatch: true,
    ringSeconds: 30,
    phoneSecret: `secret-${line.id}`,
    ...line,
  };
}

/**
 * Starts a stack of its own in a temporary folder, on free ports of 127.0.0.1. `stop` ends it, fails when a process of it
 * outlives it, and removes the folder.
 */
export async function startTestStack(options: TestStackOptions = {}): Promise<TestStack> {
  const folder = await mkdtemp(join(tmpdir(), 'clearline-test-'));
  const { configFile } = await writeConfig(folder, options);
  const output: string[] = [];
  const stop = async (stack?: Stack) => {
    await stack?.stop();
    await until(`no process of ${folder} is left`, async () => (await processesOf(folder)).length === 0);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await writeSite(join(folder, 'data/asterisk/etc/site'), options.site ?? {});
    if (options.lines) await storeLines(configFile, options.lines);
    const stack = await startStack({
      configFile,
      services: options.services ?? [],
      log: (message) => output.push(message),
      output: (program, line) => output.push(`${program}: ${line}`),
      ...(options.templates && { templates: options.templates }),
      ...(options.silenceMs !== undefined && { silenceMs: options.silenceMs }),
    });
    const { asterisk } = stack;
    if (!asterisk) throw new Error('a test stack runs its own Asterisk: unset CLEARLINE_ASTERISK_URL');
    const channels = async () => {
      const rows = (await asterisk.cli('core show channels concise')).split('\n');
      return rows.filter((row) => row.includes('!')).map((row) => row.split('!').at(-1) ?? '');
    };
    return {
      ...stack,
      asterisk,
      folder,
      configFile,
      sip: `127.0.0.1:${stack.config.sip.port}`,
      output,
      channels,
      stop: () => stop(stack),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Writes clearline.yaml into `folder`, for a stack of its own on free ports of 127.0.0.1. */
export async function writeConfig(
  folder: string,
  options: Pick<TestStackOptions, 'trunks' | 'settings'> = {},
): Promise<{ readonly configFile: string; readonly sipPort: number }> {
  const { settings = {}, trunks = [] } = options;
  const [sipPort, httpPort, amiPort, hepPort, interceptorPort, workerPort, consolePort] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  // Asterisk draws a port from the range and draws again when it is taken, so an overlap with another stack does no harm.
  const rtpFrom = 12000 + 2 * Math.floor(Math.random() * 3000);
  const configFile = join(folder, 'clearline.yaml');
  const own = {
    sip: { bind: '127.0.0.1', port: sipPort, rtpFrom, rtpTo: rtpFrom + 1999 },
    asterisk: { httpPort, amiPort, hepPort },
    watch: { interceptorPort, workerPort },
    console: { port: consolePort },
    // Tests of many calls are not tests of their limits.
    overload: { callsAtOnce: 10_000, callsPerSecond: 10_000 },
    outgoing: { callsAtOnce: 100, callsPerHour: 10_000, premiumCallsPerHour: 10_000 },
    // The same strangers ring line after line here, and the next story must find its line as it is.
    campaigns: { enabled: false },
  };
  const merged: Record<string, unknown> = { data: 'data', trunks, ...settings };
  for (const [section, values] of Object.entries(own)) merged[section] = { ...values, ...settings[section] };
  await writeFile(configFile, stringify(merged));
  return { configFile, sipPort };
}

async function writeSite(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}

/** Each with the defaults of `testLine`. */
export async function storeLines(configFile: string, lines: NonNullable<TestStackOptions['lines']>): Promise<void> {
  const store = await openStore(readConfig({ ...process.env, CLEARLINE_CONFIG: configFile }));
  try {
    const stored = lines.map(testLine);
    await store.lines.upsert(stored);
    const [at, by] = [Date.now(), 'a test'];
    for (const { id, pausedUntil, expected = [] } of stored) {
      if (pausedUntil !== undefined)
        await store.contacts.pause({ line: id, at, until: pausedUntil, by, why: 'a test' });
      for (const [index, caller] of expected.entries()) {
        await store.contacts.expect({ ...caller, id: `${id}-${index}`, line: id, at, by });
      }
    }
  } finally {
    await store.close();
  }
}

/** Below the kernel's range for outgoing connections, which could take a port between our look and its use. */
const lowestPort = 20_000;
const highestPort = 32_000;

/** A port of 127.0.0.1 that is free for UDP and for TCP. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = lowestPort + Math.floor(Math.random() * (highestPort - lowestPort));
    if ((await bindsUdp(port)) && (await bindsTcp(port))) return port;
  }
  throw new Error(`no free port between ${lowestPort} and ${highestPort}`);
}

function bindsUdp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => resolve(false));
    socket.bind({ address: '127.0.0.1', port, exclusive: true }, () => socket.close(() => resolve(true)));
  });
}

function bindsTcp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Processes that name the folder in their command line or environment: Asterisk, Redis and the services all do. */
export async function processesOf(folder: string): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0 && pid !== process.pid);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const texts = await Promise.all(
        ['cmdline', 'environ'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
      );
      return texts.some((text) => text.includes(folder)) ? [pid] : [];
    }),
  );
  return found.flat();
}
