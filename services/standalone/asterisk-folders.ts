import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config.ts';
import type { AsteriskProgram } from './programs.ts';

/** The templates an admin reads. */
export const dialplanFolder = fileURLToPath(new URL('../../dialplan', import.meta.url));

/** sun_path holds 107 characters and its end. */
const longestSocket = 107;

/**
 * Lays out `config.paths.asterisk`: `etc` with links to the templates and this machine's asterisk.conf, `etc/site` for
 * the site's own files (never touched again), and the folders Asterisk writes to. Answers with the path of asterisk.conf.
 * Throws an Error where a template's name is taken by a file of the site's.
 */
export async function layOutAsterisk(config: Config, program: AsteriskProgram, templates: string): Promise<string> {
  const root = config.paths.asterisk;
  const etc = join(root, 'etc');
  checkSocketPath(join(root, 'run/asterisk.ctl'));
  for (const folder of ['etc/site', 'run', 'db', 'keys', 'var', 'cache', 'log', 'spool/recording', 'agi']) {
    await mkdir(join(root, folder), { recursive: true, mode: 0o700 });
  }
  await mkdir(config.paths.generated, { recursive: true, mode: 0o700 });
  if (dirname(config.paths.generated) !== etc || basename(config.paths.generated) !== 'generated') {
    await link(config.paths.generated, join(etc, 'generated'));
  }
  await linkTemplates(templates, etc);
  const file = join(etc, 'asterisk.conf');
  await writeFile(`${file}.new`, asteriskConf(root, program), { mode: 0o600 });
  await rename(`${file}.new`, file);
  return file;
}

/** Throws an Error where the path is too long for a socket. */
export function checkSocketPath(path: string): void {
  if (Buffer.byteLength(path) > longestSocket) {
    throw new Error(
      `data: the folder's path is too long: ${path} has ${Buffer.byteLength(path)} characters and a socket's path may have ` +
        `${longestSocket}. Choose a data folder with a shorter path.`,
    );
  }
}

async function linkTemplates(templates: string, etc: string): Promise<void> {
  const names = (await readdir(templates)).filter((name) => name.endsWith('.conf') && name !== 'asterisk.conf');
  for (const name of names) await link(join(templates, name), join(etc, name));
  for (const name of await readdir(etc)) {
    const stale = name.endsWith('.conf') && !names.includes(name) && (await lstat(join(etc, name))).isSymbolicLink();
    if (stale) await rm(join(etc, name));
  }
}

async function link(target: string, path: string): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (found && !found.isSymbolicLink()) {
    throw new Error(
      `${path} is a file of its own; Clearline links its template there. Move it to ${dirname(path)}/site.`,
    );
  }
  if (found && (await readlink(path)) === target) return;
  await rm(`${path}.new`, { force: true });
  await symlink(target, `${path}.new`);
  await rename(`${path}.new`, path);
}

/** The same at every start, and another for every machine and data folder. */
function nameOf(root: string): string {
  return createHash('sha256').update(`${hostname()} ${root}`).digest('hex').slice(0, 8);
}

function asteriskConf(root: string, program: AsteriskProgram): string {
  const folders = {
    astetcdir: 'etc',
    astvarlibdir: 'var',
    astdbdir: 'db',
    // Asterisk adds `keys` to it.
    astkeydir: '',
    astagidir: 'agi',
    astspooldir: 'spool',
    astrundir: 'run',
    astlogdir: 'log',
    astcachedir: 'cache',
  };
  const lines = Object.entries(folders).map(([key, folder]) => `${key} => ${join(root, folder)}`);
  if (program.modules) lines.push(`astmoddir => ${program.modules}`);
  if (program.share) lines.push(`astdatadir => ${program.share}`);
  return `; Written by Clearline at each start: the folders differ from machine to machine.
[directories]
${lines.join('\n')}

[options]
nocolor = yes
defaultlanguage = en_GB
live_dangerously = no
hide_messaging_ami_events = yes
; Begins the id of every call: two sites may share a database.
systemname = ${nameOf(root)}

[files]
astctlpermissions = 0600
`;
}
