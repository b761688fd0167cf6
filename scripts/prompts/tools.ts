import { spawnSync } from 'node:child_process';

/**
 * Runs a program to its end.
 * @param options `input` for its standard input, `cwd` for the folder it runs in
 * @returns what it wrote to standard output
 * @throws Error with what the program said
 */
export function run(command: string, args: readonly string[], options: { input?: string | Buffer; cwd?: string } = {}) {
  const done = spawnSync(command, args, { ...options, maxBuffer: 64 * 1024 * 1024 });
  if (done.status === 0) return done.stdout;
  throw new Error(`${command} failed: ${done.error?.message ?? done.stderr.toString().trim()}`);
}

function isInstalled(command: string): boolean {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined;
}

/** Installs a program's Debian package where it is missing. @throws Error saying what to install where that is not possible */
export function need(command: string, debianPackage: string): void {
  if (isInstalled(command)) return;
  if (process.getuid?.() !== 0 || !isInstalled('apt-get'))
    throw new Error(`please install ${command} (${debianPackage})`);
  console.log(`Installing ${debianPackage} …`);
  run('apt-get', ['update']);
  run('apt-get', ['install', '-y', '--no-install-recommends', debianPackage]);
}
