import { EventEmitter } from 'node:events';
import { Worker } from 'node:worker_threads';

/**
 * Listens to callers for a dial tone, on a thread of its own: calls never wait for it. Each channel listened to has a UDP
 * port of 127.0.0.1, to which Asterisk sends what it hears as RTP.
 */
export interface Ears {
  readonly events: EventEmitter<{
    /** A dial tone, in what this id was given; it is listened to no more. Second: milliseconds since the epoch. */
    heard: [string, number];
    /** The thread died, and these are listened to no more; the next `listen` starts another. */
    deaf: [readonly string[], unknown];
  }>;
  /** Opens a port for `id` (in place of an earlier one of that id) and says where to send. Rejects when there is none. */
  listen(id: string): Promise<{ readonly host: string; readonly port: number }>;
  /** Closes the port of `id`; an id that is not listened to is no error. */
  stop(id: string): void;
  close(): Promise<void>;
}

/** What the thread is asked for; `turn` marks the answer. */
export type Order =
  | { readonly do: 'listen'; readonly id: string; readonly turn: number }
  | { readonly do: 'stop'; readonly id: string };

export type Told =
  | { readonly told: 'listening'; readonly turn: number; readonly host: string; readonly port: number }
  | { readonly told: 'refused'; readonly turn: number; readonly why: string }
  | { readonly told: 'heard'; readonly id: string; readonly at: number };

interface Waiting {
  resolve(where: { readonly host: string; readonly port: number }): void;
  reject(error: Error): void;
}

/** The thread starts at once, so that the first call does not wait for it. */
export function openEars(): Ears {
  return new ThreadedEars();
}

class ThreadedEars implements Ears {
  readonly events: Ears['events'] = new EventEmitter();
  private readonly listened = new Set<string>();
  private readonly waiting = new Map<number, Waiting>();
  private turns = 0;
  private thread: Worker | null = this.start();

  listen(id: string): Promise<{ readonly host: string; readonly port: number }> {
    this.turns += 1;
    const turn = this.turns;
    this.listened.add(id);
    return new Promise((resolve, reject) => {
      this.waiting.set(turn, { resolve, reject });
      this.thread ??= this.start();
      this.thread.postMessage({ do: 'listen', id, turn } satisfies Order);
    });
  }

  stop(id: string): void {
    this.listened.delete(id);
    this.thread?.postMessage({ do: 'stop', id } satisfies Order);
  }

  async close(): Promise<void> {
    const { thread } = this;
    this.thread = null;
    thread?.removeAllListeners();
    await thread?.terminate();
    this.reject(new Error('the ears were closed'));
  }

  private start(): Worker {
    const thread = new Worker(new URL('./ears/thread.ts', import.meta.url));
    // Without it an error on the thread would end the process.
    let why: unknown = null;
    thread.on('error', (error) => {
      why = error;
    });
    thread.on('exit', () => this.lose(thread, why));
    thread.on('message', (told: Told) => this.hear(told));
    // An open thread alone keeps no process alive.
    thread.unref();
    return thread;
  }

  private hear(told: Told): void {
    switch (told.told) {
      case 'listening':
        this.waiting.get(told.turn)?.resolve({ host: told.host, port: told.port });
        this.waiting.delete(told.turn);
        return;
      case 'refused':
        this.waiting.get(told.turn)?.reject(new Error(told.why));
        this.waiting.delete(told.turn);
        return;
      case 'heard':
        if (this.listened.delete(told.id)) this.events.emit('heard', told.id, told.at);
    }
  }

  private lose(thread: Worker, why: unknown): void {
    if (this.thread !== thread) return;
    this.thread = null;
    const lost = [...this.listened];
    this.listened.clear();
    this.reject(new Error('the thread that listens died'));
    this.events.emit('deaf', lost, why);
  }

  private reject(error: Error): void {
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}
