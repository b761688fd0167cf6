import { parentPort } from 'node:worker_threads';
import type { Answer, Question } from './ears.ts';
import { findSound } from './phone/match.ts';

/** The thread on which ears search. */

parentPort?.on('message', ({ id, sound, capture }: Question) => {
  parentPort?.postMessage({ id, found: findSound(sound, capture) } satisfies Answer);
});
