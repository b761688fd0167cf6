import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../until.ts';
import {
  type AnswererScript,
  answererScenario,
  type CallerScript,
  callerScenario,
  registerScenario,
} from './scenarios.ts';
import { type LoadResult, readCalls, readStat } from './sipp-results.ts';
import { freePort, type Peer } from './wire.ts';

export type { AnswererScript, CallerScript } from './scenarios.ts';
export type { LoadResult } from './sipp-results.ts';

/** SIPp carries what is many and follows a script: callers by the hundred, and phones that answer for many lines. */

export interface LoadOptions {
  readonly asterisk: Peer;
  /** The callers' loopback address: Asterisk knows the trunk by it. */
  readonly address: string;
  readonly script: CallerScript;
  /** Header lines that every call carries besides, such as `Privacy: id`. */
  readonly headers?: readonly string[];
  /** One row a call, taken in turn and from the top again when they run out. */
  readonly rows: readonly { readonly to: string; readonly name: string; readonly number: string }[];
  readonly calls: number;
  /** Calls a second. */
  readonly rate: number;
  /** For the whole run; then SIPp is ended and the run fails. */
  readonly withinMs: number;
}

/** Places many calls and waits until the last has ended. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  return inFolder(async (folder) => {
    const rows = options.rows.map(({ to, name, number }) => [to, name, number]);
    const flags = ['-m', String(options.calls), '-r', String(options.rate), '-l', '5000'];
    const flagsOut = ['-trace_stat', '-stf', join(folder, 'stat.csv'), '-fd', '1'];
    const trace = [
      '-trace_shortmsg',
      '-shortmessage_file',
      join(folder, 'messages.csv'),
      '-shortmessage_overwrite',
      'true',
    ];
    const sipp = await startSipp(folder, callerScenario(options.script, options.headers), options, rows, [
      ...flags,
      ...flagsOut,
      ...trace,
    ]);
    await sipp.ended(options.withinMs);
    const [stat, messages] = await Promise.all([read(folder, 'stat.csv'), read(folder, 'messages.csv')]);
    return { ...readStat(stat), calls: readCalls(messages, options.rows), errors: await readErrors(folder) };
  });
}

export interface Answerers {
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

export interface AnswerersOptions {
  readonly asterisk: Peer;
  readonly address: string;
  readonly script: AnswererScript;
  /** Registered one after another before the phones go on the air; none for a trunk's far end. */
  readonly lines?: readonly { readonly user: string; readonly password: string }[];
  readonly port?: number;
  /** Sends every sound back to where it came from. */
  readonly echo?: boolean;
}

/** Phones that answer by script, for any number of lines on one address and port, until stopped. */
export async function startAnswerers(options: AnswerersOptions): Promise<Answerers> {
  const port = options.port ?? (await freePort(options.address));
  const here = { ...options, port };
  if (options.lines !== undefined && options.lines.length > 0) await registerLines(here, options.lines);
  const folder = await mkdtemp(join(tmpdir(), 'clearline-sipp-'));
  const sipp = await startSipp(folder, answererScenario(options.script), here, [], options.echo ? ['-rtp_echo'] : []);
  return {
    host: options.address,
    port,
    async stop() {
      await sipp.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function registerLines(
  where: { asterisk: Peer; address: string; port: number },
  lines: readonly { user: string; password: string }[],
): Promise<void> {
  await inFolder(async (folder) => {
    const rows = lines.map(({ user, password }) => [user, `[authentication username=${user} password=${password}]`]);
    const flags = ['-m', String(lines.length), '-r', '50'];
    const sipp = await startSipp(folder, registerScenario(), where, rows, flags);
    const code = await sipp.ended(30_000);
    if (code !== 0) throw new Error(`not every line could register:\n${await read(folder, 'errors.txt')}`);
  });
}

interface Sipp {
  /** SIPp's exit code: 0 when every call kept to the scenario, 1 when one did not. */
  ended(withinMs: number): Promise<number>;
  stop(): Promise<void>;
}

async function startSipp(
  folder: string,
  scenario: string,
  where: { asterisk: Peer; address: string; port?: number },
  rows: readonly (readonly string[])[],
  flags: readonly string[],
): Promise<Sipp> {
  const [scenarioPath, rowsPath] = [join(folder, 'scenario.xml'), join(folder, 'rows.csv')];
  await writeFile(scenarioPath, scenario);
  await writeFile(rowsPath, `SEQUENTIAL\n${rows.map((row) => `${row.join(';')};\n`).join('')}`);
  const port = where.port ?? (await freePort(where.address));
  const args = [
    `${where.asterisk.host}:${where.asterisk.port}`,
    ...['-sf', scenarioPath, '-i', where.address, '-p', String(port), '-mi', where.address],
    ...['-mp', String(await freePort(where.address)), '-nostdin', '-aa', '-timer_resol', '1'],
    // Should the test die, SIPp ends by itself.
    ...['-timeout', '900s'],
    ...['-trace_err', '-error_file', join(folder, 'errors.txt'), '-error_overwrite', 'true'],
    ...(rows.length > 0 ? ['-inf', rowsPath] : []),
    ...flags,
  ];
  const child = spawn('sipp', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  return control(child, folder);
}

function control(child: ChildProcess, folder: string): Sipp {
  let complaint = '';
  child.stderr?.on('data', (chunk) => {
    complaint += String(chunk);
  });
  const gone = once(child, 'exit').catch((error) => [String(error)]);
  const stop = async () => {
    if (child.exitCode === null && child.pid !== undefined) child.kill('SIGKILL');
    await gone;
  };
  return {
    stop,
    async ended(withinMs) {
      try {
        await until('SIPp has finished', () => child.exitCode !== null || child.pid === undefined, withinMs);
      } finally {
        await stop();
      }
      if (child.exitCode === 0 || child.exitCode === 1) return child.exitCode;
      throw new Error(`SIPp failed (${child.exitCode}): ${complaint}\n${await read(folder, 'errors.txt')}`);
    },
  };
}

async function read(folder: string, name: string): Promise<string> {
  return readFile(join(folder, name), 'utf8').catch(() => '');
}

/** SIPp's complaints. It also notes each timeout that a scenario provides for, which is none. */
async function readErrors(folder: string): Promise<string> {
  const events = (await read(folder, 'errors.txt')).replace(/^The following events occurred:\n/, '');
  return events
    .split(/(?=\d{4}-\d\d-\d\d\t\d\d:)/)
    .filter((event) => !event.includes('jumping to label'))
    .join('')
    .trim();
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'clearline-sipp-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
