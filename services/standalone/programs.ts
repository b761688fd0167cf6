import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** How to run an Asterisk: in front of every argument, and the folders its own build does not know. */
export interface AsteriskProgram {
  readonly command: string;
  readonly prefix: readonly string[];
  /** `astmoddir` and `astdatadir`; null where the build's own default serves. */
  readonly modules: string | null;
  readonly share: string | null;
}

/** The folder scripts/setup.sh shares between checkouts. */
function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env.CLEARLINE_CACHE || join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'clearline');
}

/**
 * An `asterisk` in the PATH that is new enough (REST over the ARI websocket came with 20.14, 21.9 and 22.4), else the root
 * file system that scripts/setup.sh made. Throws an Error that says what to do where there is neither.
 */
export function findAsterisk(env: NodeJS.ProcessEnv = process.env): AsteriskProgram {
  const installed = inPath('asterisk', env);
  if (installed && newEnough(execFileSync(installed, ['-V'], { encoding: 'utf8' }))) {
    return { command: installed, prefix: [], ...installedFolders('/etc/asterisk/asterisk.conf') };
  }
  const root = join(cacheFolder(env), 'asterisk-22');
  const [loader, triplet] =
    process.arch === 'arm64'
      ? ['lib/ld-linux-aarch64.so.1', 'aarch64-linux-gnu']
      : ['lib64/ld-linux-x86-64.so.2', 'x86_64-linux-gnu'];
  const libraries = join(root, 'usr/lib', triplet);
  if (!existsSync(join(root, 'usr/sbin/asterisk'))) {
    throw new Error(`No Asterisk: none in the PATH that is new enough, none in ${root}. Run: npm run setup`);
  }
  return {
    command: join(root, loader),
    prefix: ['--library-path', `${libraries}:${join(root, 'usr/lib')}`, join(root, 'usr/sbin/asterisk')],
    modules: join(libraries, 'asterisk/modules'),
    share: join(root, 'usr/share/asterisk'),
  };
}

/** A `redis-server` in the PATH, else the one scripts/setup.sh linked. Throws an Error that says what to do. */
export function findRedis(env: NodeJS.ProcessEnv = process.env): string {
  const linked = join(cacheFolder(env), 'bin/redis-server');
  const found = inPath('redis-server', env) ?? (existsSync(linked) ? linked : null);
  if (!found) throw new Error(`No redis-server in the PATH or in ${linked}. Run: npm run setup`);
  return found;
}

/** `Asterisk 22.10.1~dfsg+~cs6.15` is; scripts/setup.sh asks the same question. */
function newEnough(version: string): boolean {
  const [, major = 0, minor = 0] = /Asterisk (\d+)\.(\d+)/.exec(version)?.map(Number) ?? [];
  const least: Record<number, number> = { 20: 14, 21: 9, 22: 4 };
  return major > 22 || minor >= (least[major] ?? Number.POSITIVE_INFINITY);
}

function inPath(name: string, env: NodeJS.ProcessEnv): string | null {
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    const candidate = join(folder, name);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not in this folder: the next may have it.
    }
  }
  return null;
}

/** Distributions name their module and data folders in the packaged asterisk.conf. */
function installedFolders(file: string): Pick<AsteriskProgram, 'modules' | 'share'> {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const value = (key: string) => new RegExp(`^${key}\\s*=>?\\s*(\\S+)`, 'm').exec(text)?.[1] ?? null;
  return { modules: value('astmoddir'), share: value('astdatadir') };
}
