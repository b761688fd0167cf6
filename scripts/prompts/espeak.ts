import { decodeWav } from '../../services/wav.ts';
import { need, run } from './tools.ts';
import type { Voice } from './voice.ts';

const voice = 'en-gb+f3';
/** Words a minute that espeak-ng calls normal is 175; prompts are for listening once. */
const pace = 160;

/** espeak-ng's British voice in its female variant, from Debian main. */
export function openEspeak(): Voice {
  need('espeak-ng', 'espeak-ng');
  const version = /text-to-speech: (\S+)/.exec(run('espeak-ng', ['--version']).toString())?.[1] ?? 'unknown';
  const speakOnce = async (text: string, speed: number) => speak(text, Math.round((pace * speed) / 100));
  return { identity: `espeak-ng ${version} ${voice}`, rate: 22_050, speak: speakOnce };
}

function speak(text: string, wordsPerMinute: number): Int16Array {
  const args = ['-v', voice, '-s', `${wordsPerMinute}`, '--stdin', '--stdout'];
  return decodeWav(run('espeak-ng', args, { input: text })).samples;
}
