import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { readTold } from '../../services/parent.ts';
import { until } from './until.ts';

export interface TestWorker {
  /** What it logged, a line each. */
  readonly output: readonly string[];
  untilReady(): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** Closes the channel to it, as its parent's death would. */
  disconnect(): void;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

const main = fileURLToPath(new URL('../../services/worker/main.ts', import.meta.url));

/** Starts the real worker, as a process of its own, on the configuration in `file`. It ends itself if this process dies. */
export function startWorker(file: string): TestWorker {
  const child = spawn(process.execPath, [main], {
    env: { ...process.env, CLEARLINE_CONFIG: file },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', (line) => output.push(line));
  }
  let ready = false;
  child.on('message', (message) => {
    ready ||= readTold(message)?.told === 'ready';
  });
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? code ?? -1));
  });
  const kill = (signal: NodeJS.Signals) => void child.kill(signal);
  return {
    output,
    untilReady: async () =>
      void (await until(`the worker is ready; it said: ${output.join('\n')}`, () => ready, 20_000)),
    kill,
    disconnect: () => child.disconnect(),
    ended,
  };
}
