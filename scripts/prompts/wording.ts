import { createHash } from 'node:crypto';
import { parse } from 'yaml';
import { z } from 'zod';

const promptSchema = z.strictObject({
  text: z.string().regex(/^[A-Za-z0-9 .,:'-]+$/, 'plain words only: the voice takes < and & for commands'),
  heard: z.array(z.enum(['caller', 'resident', 'staff'])).min(1),
  when: z.string().min(1),
  followedBy: z.enum(['digit', 'name', 'tone']).optional(),
});

const wordingSchema = z.strictObject({
  speed: z.int().min(50).max(150),
  say: z.record(z.string(), z.string()),
  prompts: z.record(z.string(), promptSchema),
});

/** All of prompts.yaml. */
export type Wording = z.infer<typeof wordingSchema>;

/** One sentence to speak, and the silence that follows it, in milliseconds. */
interface Sentence {
  readonly spoken: string;
  readonly pauseMs: number;
}

/** To be raised when shape.ts or a voice changes what it makes of the same words: every prompt is then rendered anew. */
const workings = 2;

const pauseMs = { sentence: 300, afterKey: 600, beforeWhatFollows: 80 };

/** @throws ZodError naming every fault of the page */
export function parseWording(yaml: string): Wording {
  return wordingSchema.parse(parse(yaml));
}

/** What the voice is given for a prompt: its sentences with numbers and capitals written as they are spoken. */
export function sentencesOf(wording: Wording, name: string): Sentence[] {
  const prompt = wording.prompts[name];
  if (!prompt) throw new Error(`prompts.yaml has no wording for ${name}`);
  const texts = prompt.text.split(/(?<=[.?!])\s+/);
  return texts.map((text, i) => {
    const last = i === texts.length - 1;
    const asksForKey = /\bpress\b/i.test(text) || name.startsWith('digit-');
    const pause = asksForKey ? pauseMs.afterKey : pauseMs.sentence;
    return { spoken: asSpoken(wording, text), pauseMs: last && prompt.followedBy ? pauseMs.beforeWhatFollows : pause };
  });
}

function asSpoken(wording: Wording, text: string): string {
  return text.replace(/[A-Za-z0-9]+/g, (word) => wording.say[word] ?? word);
}

/**
 * Names what a prompt's sound files were made of: it differs when the sentences, their pauses, the pace, the voice or
 * the way of working differ.
 * @param voice identity of the voice that spoke
 * @returns SHA-256, hexadecimal
 */
export function fingerprint(wording: Wording, name: string, voice: string): string {
  const made = { workings, voice, speed: wording.speed, sentences: sentencesOf(wording, name) };
  return sha256(JSON.stringify(made));
}

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
