import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PromptName, promptNames } from '../../services/core/call.ts';
import { babble, joined, silence, writeWav } from './audio.ts';

/**
 * Half a second of its own babble in place of each prompt (and a moment of silence, since a call may end with it), for tests of what is said and not of how. Say it to Asterisk with
 * `dialplan set global CLEARLINE_SOUNDS <folder>`, and remove the folder at the end.
 */
export function makeShortPrompts(): {
  readonly folder: string;
  readonly sounds: Readonly<Record<PromptName, Int16Array>>;
} {
  const folder = mkdtempSync(join(tmpdir(), 'clearline-prompts-'));
  const entries = promptNames.map((name, index) => [name, joined(babble(500, 100 + index), silence(100))] as const);
  for (const [name, samples] of entries) writeWav(join(folder, `${name}.wav`), samples);
  return { folder, sounds: Object.fromEntries(entries) as Record<PromptName, Int16Array> };
}
