import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Config } from '../config.ts';
import type { Secrets } from '../secrets.ts';
import { dialplanFolder, layOutAsterisk } from './asterisk-folders.ts';
import { type Child, startChild, untilReady } from './child.ts';
import { type AsteriskProgram, findAsterisk } from './programs.ts';

const run = promisify(execFile);

/** A running Asterisk's console: the command line in, what it prints out. Rejects when Asterisk does not answer. */
export type AsteriskConsole = (command: string) => Promise<string>;

export interface AsteriskOptions {
  /** Folder of `*.conf` templates; the repository's dialplan by default. */
  readonly templates?: string;
  readonly lock?: number;
  readonly onLine?: (line: string) => void;
}

/**
 * Starts Asterisk in the foreground on `config.paths.asterisk`, whose `generated` files must have been written, and waits until ARI
 * answers and every module is loaded (about half a second). Rejects with its last words where it does not come up.
 */
export async function startAsterisk(config: Config, secrets: Secrets, options: AsteriskOptions = {}): Promise<Child> {
  const program = findAsterisk();
  const file = await layOutAsterisk(config, program, options.templates ?? dialplanFolder);
  const { templates: _, ...passed } = options;
  const child = await startChild({
    ...passed,
    name: 'asterisk',
    command: program.command,
    args: [...program.prefix, '-C', file, '-f'],
  });
  await untilReady(child, () => answersPing(config, secrets), 30_000);
  await consoleOf(config, program)('core waitfullybooted');
  return child;
}

/** The console of the Asterisk that runs on `config.paths.asterisk`. */
export function consoleOf(config: Config, program: AsteriskProgram = findAsterisk()): AsteriskConsole {
  const file = `${config.paths.asterisk}/etc/asterisk.conf`;
  return async (command) => {
    const args = [...program.prefix, '-C', file, '-rx', command];
    const { stdout } = await run(program.command, args, { timeout: 10_000, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  };
}

async function answersPing(config: Config, secrets: Secrets): Promise<boolean> {
  const authorization = `Basic ${Buffer.from(`clearline:${secrets.ari}`).toString('base64')}`;
  try {
    const reply = await fetch(`http://127.0.0.1:${config.asterisk.httpPort}/ari/asterisk/ping`, {
      headers: { authorization },
      signal: AbortSignal.timeout(1000),
    });
    if (reply.status === 401) throw new Error('ARI refuses the password in generated/ari.conf');
    return reply.ok;
  } catch (error) {
    // Refused or unanswered: it is still starting.
    if (error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError')) return false;
    throw error;
  }
}
