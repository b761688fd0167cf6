import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeWav } from '../services/wav.ts';
import { findVoice } from './prompts/find-voice.ts';
import { type Manifest, parseManifest } from './prompts/manifest.ts';
import { join as joinSpeech, masterRate, telephoneRate, toMaster, tone, toTelephone, trim } from './prompts/shape.ts';
import { need } from './prompts/tools.ts';
import type { Voice } from './prompts/voice.ts';
import { fingerprint, parseWording, sentencesOf, sha256, type Wording } from './prompts/wording.ts';

/**
 * Renders each prompts.yaml into the sound files beside it: those whose wording changed, or all of them with `--all`. Needed
 * when the wording changes, never to run Clearline.
 */
const sounds = join(import.meta.dirname, '../dialplan/sounds/en_GB');
const folders = [sounds, join(sounds, 'advice')];
const endings = ['wav', 'wav16'] as const;

async function main(): Promise<void> {
  need('sox', 'sox');
  const voice = await findVoice();
  console.log(`Voice: ${voice.identity}`);
  for (const folder of folders) await renderFolder(folder, voice);
}

async function renderFolder(folder: string, voice: Voice): Promise<void> {
  const wording = parseWording(readFileSync(join(folder, 'prompts.yaml'), 'utf8'));
  const manifestPath = join(folder, 'rendered.json');
  const before = readManifest(manifestPath);
  // Two voices in one call would sound like two people, so another voice speaks everything anew.
  const all = process.argv.includes('--all') || before.voice !== voice.identity;
  const prompts: Manifest['prompts'] = {};
  for (const name of Object.keys(wording.prompts)) {
    const kept = before.prompts[name];
    const made = fingerprint(wording, name, voice.identity);
    const present =
      kept?.wording === made && endings.every((ending) => checksumOf(folder, name, ending) === kept[ending]);
    prompts[name] = kept && present && !all ? kept : await render(folder, wording, name, voice);
  }
  for (const name of Object.keys(before.prompts).filter((old) => !(old in prompts))) remove(folder, name);
  writeFileSync(manifestPath, `${JSON.stringify({ voice: voice.identity, prompts }, null, 2)}\n`);
}

async function render(
  folder: string,
  wording: Wording,
  name: string,
  voice: Voice,
): Promise<Manifest['prompts'][string]> {
  const pieces = [];
  for (const { spoken, pauseMs } of sentencesOf(wording, name)) {
    pieces.push({ samples: trim(await voice.speak(spoken, wording.speed), voice.rate), pauseMs });
  }
  const speech = toMaster(joinSpeech(pieces, voice.rate), voice.rate);
  const ending = wording.prompts[name]?.followedBy === 'tone' ? tone() : new Int16Array();
  const master = Int16Array.from([...speech, ...ending]);
  writeFileSync(fileOf(folder, name, 'wav16'), encodeWav(master, masterRate));
  writeFileSync(fileOf(folder, name, 'wav'), encodeWav(toTelephone(master), telephoneRate));
  console.log(`${name}  ${(master.length / masterRate).toFixed(1)} s`);
  const wordingChecksum = fingerprint(wording, name, voice.identity);
  return { wording: wordingChecksum, wav: checksumOf(folder, name, 'wav'), wav16: checksumOf(folder, name, 'wav16') };
}

function readManifest(path: string): Manifest {
  return existsSync(path) ? parseManifest(readFileSync(path, 'utf8')) : { voice: '', prompts: {} };
}

function remove(folder: string, name: string): void {
  for (const ending of endings) rmSync(fileOf(folder, name, ending), { force: true });
  console.log(`${name}  removed: prompts.yaml has no such prompt`);
}

function fileOf(folder: string, name: string, ending: (typeof endings)[number]): string {
  return join(folder, `${name}.${ending}`);
}

function checksumOf(folder: string, name: string, ending: (typeof endings)[number]): string {
  return existsSync(fileOf(folder, name, ending)) ? sha256(readFileSync(fileOf(folder, name, ending))) : '';
}

await main();
