import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { AsteriskFacts } from '../core/asterisk-facts.ts';
import { asteriskFiles, bansFile } from '../core/asterisk-files.ts';
import { gb } from '../core/packs/gb.ts';
import type { StoredLine } from '../core/ports.ts';
import { hepPassword, type Secrets } from '../secrets.ts';

/**
 * The modules that read the generated files anew without touching a call, in the order to reload them (AMI `Reload`, or
 * `module reload NAME` on the console). Ports, addresses and passwords of ARI and AMI are read at a start only.
 */
export const reloadableModules = ['res_pjsip.so', 'res_pjsip_endpoint_identifier_ip.so', 'pbx_config.so'] as const;

/**
 * Writes what Asterisk includes into `config.paths.generated`, each file whole or not at all and readable by its owner
 * alone. Answers whether anything changed, so that Asterisk is reloaded only when it must be.
 * Throws UnwritableError for a setting Asterisk cannot hold, and what the file system throws.
 */
export async function writeAsteriskFiles(
  config: Config,
  secrets: Secrets,
  lines: readonly StoredLine[],
  soundsFolder: string,
): Promise<boolean> {
  const folder = config.paths.generated;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = asteriskFiles(factsOf(config, secrets, lines, soundsFolder));
  const changed = await Promise.all([...files].map(([name, text]) => writeIfChanged(join(folder, name), text)));
  return changed.includes(true);
}

/** What the files are made of, from the configuration and the lines on record. */
export function factsOf(config: Config, secrets: Secrets, lines: readonly StoredLine[], sounds: string): AsteriskFacts {
  return {
    sip: sipOf(config),
    httpPort: config.asterisk.httpPort,
    amiPort: config.asterisk.amiPort,
    hep: { port: config.asterisk.hepPort, password: hepPassword(secrets) },
    trunks: config.trunks,
    staffPhone: config.staff.phone,
    passwords: secrets,
    holdSeconds: config.screening.holdSeconds,
    numbers: {
      ...config.numbers,
      emergency: config.numbers.emergency.map(({ number }) => number),
      guarded: config.numbers.guarded.map(({ number }) => number),
    },
    overload: config.overload,
    outgoing: config.outgoing,
    location: config.site.location,
    lines,
    sounds,
    pack: gb,
  };
}

function sipOf({ sip, paths }: Config): AsteriskFacts['sip'] {
  const { tls: settings, ...rest } = sip;
  return settings && paths.tls ? { ...rest, tls: { port: settings.port, ...paths.tls } } : rest;
}

/** Writes whom Asterisk is to refuse; it takes `module reload acl` to heart at once. Whether anything changed. */
export async function writeBans(config: Config, addresses: readonly string[]): Promise<boolean> {
  await mkdir(config.paths.generated, { recursive: true, mode: 0o700 });
  return writeIfChanged(join(config.paths.generated, 'acl.conf'), bansFile(addresses));
}

async function writeIfChanged(file: string, text: string): Promise<boolean> {
  const found = await readFile(file, 'utf8').catch(() => null);
  if (found === text) return false;
  const half = `${file}.${process.pid}.new`;
  await writeFile(half, text, { mode: 0o600 });
  await rename(half, file);
  return true;
}
