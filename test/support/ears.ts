import { Worker } from 'node:worker_threads';
import { sampleRate } from './audio.ts';
import type { Heard, Span } from './phone/heard.ts';
import type { Found } from './phone/match.ts';

/**
 * Finding a sound in a long capture takes tenths of a second, and phones send audio every 20 ms: ears search on a thread
 * of their own.
 */

export interface Question {
  readonly id: number;
  readonly sound: Int16Array;
  readonly capture: Int16Array;
}

export interface Answer {
  readonly id: number;
  readonly found: Found | null;
}

export class Ears {
  readonly #thread = new Worker(new URL('./ears-thread.ts', import.meta.url));
  readonly #waiting = new Map<number, { resolve: (found: Found | null) => void; reject: (error: unknown) => void }>();
  #questions = 0;

  constructor() {
    this.#thread.on('message', ({ id, found }: Answer) => {
      this.#waiting.get(id)?.resolve(found);
      this.#waiting.delete(id);
    });
    this.#thread.on('error', (error) => {
      for (const { reject } of this.#waiting.values()) reject(error);
    });
  }

  /** As `heard.find`. */
  async find(sound: Int16Array, { samples, startedAt }: Heard): Promise<(Found & Span) | null> {
    this.#questions++;
    const question: Question = { id: this.#questions, sound, capture: samples };
    const found = await new Promise<Found | null>((resolve, reject) => {
      this.#waiting.set(question.id, { resolve, reject });
      this.#thread.postMessage(question);
    });
    const timeOf = (sample: number) => (startedAt ?? 0) + (sample * 1000) / sampleRate;
    return found && { ...found, from: timeOf(found.start), to: timeOf(found.end) };
  }

  async close(): Promise<void> {
    await this.#thread.terminate();
  }
}
