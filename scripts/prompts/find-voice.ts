import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { openEspeak } from './espeak.ts';
import { openPico, picoFiles } from './pico.ts';
import { run } from './tools.ts';
import type { Voice } from './voice.ts';
import { sha256 } from './wording.ts';

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'clearline');
const voicePackage = 'libttspico-data';

/** SVOX Pico's British voice; espeak-ng where it cannot be had, with a line on why. */
export async function findVoice(): Promise<Voice> {
  try {
    const folder = fetchPicoFiles();
    return await openPico(folder, picoIdentity(folder));
  } catch (fault) {
    console.log(`No SVOX Pico voice: ${fault instanceof Error ? fault.message : fault}`);
    return openEspeak();
  }
}

function picoIdentity(folder: string): string {
  const engine: unknown = createRequire(import.meta.url)('@echogarden/svoxpico-wasm/package.json');
  const version = engine && typeof engine === 'object' && 'version' in engine ? engine.version : 'unknown';
  const files = picoFiles.map((file) => sha256(readFileSync(join(folder, file))).slice(0, 12)).join(' ');
  return `SVOX Pico en-GB, svoxpico-wasm ${version}, files ${files}`;
}

/** @returns the folder with the voice's files; fetched into the cache the first time, never installed */
function fetchPicoFiles(): string {
  const isVoice = (folder: string) => picoFiles.every((file) => existsSync(join(folder, file)));
  const kept = join(cache, 'pico-en-GB');
  const found = [kept, '/usr/share/pico/lang'].find(isVoice);
  if (found) return found;
  console.log(`Fetching the voice (${voicePackage} from Debian's non-free) …`);
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'pico-'));
  try {
    run('dpkg-deb', ['-x', downloadPackage(work), join(work, 'unpacked')]);
    rmSync(kept, { recursive: true, force: true });
    renameSync(join(work, 'unpacked/usr/share/pico/lang'), kept);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return kept;
}

/** apt with lists and sources of its own in `work`, so that the machine's choice of components stays as it is. */
function downloadPackage(work: string): string {
  const sources = join(work, 'sources.list');
  writeFileSync(sources, nonFreeSource());
  for (const folder of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(work, folder), { recursive: true });
  const own = {
    'Dir::Etc::SourceList': sources,
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::State::Lists': join(work, 'lists'),
    'Dir::Cache': join(work, 'cache'),
    'APT::Sandbox::User': '',
    'Acquire::Check-Valid-Until': 'false',
  };
  const options = Object.entries(own).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  run('apt-get', [...options, 'update']);
  run('apt-get', [...options, 'download', voicePackage], { cwd: work });
  const file = readdirSync(work).find((name) => name.endsWith('.deb'));
  if (!file) throw new Error(`apt-get brought no ${voicePackage}`);
  return join(work, file);
}

/** The mirror and release that this machine's apt already uses, with the component `non-free`. */
function nonFreeSource(): string {
  const targets = run('apt-get', ['indextargets', '--format', '$(CREATED_BY) $(COMPONENT) $(REPO_URI) $(RELEASE)']);
  const main = targets
    .toString()
    .split('\n')
    .map((line) => line.split(' '));
  const debian = main.find(
    ([by, component, uri]) => by === 'Packages' && component === 'main' && /\/debian\/?$/.test(uri ?? ''),
  );
  if (!debian) throw new Error('apt has no Debian mirror on this machine');
  const keys = '/usr/share/keyrings/debian-archive-keyring.gpg';
  return `deb ${existsSync(keys) ? `[signed-by=${keys}] ` : ''}${debian[2]} ${debian[3]} non-free\n`;
}
