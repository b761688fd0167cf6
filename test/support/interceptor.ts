import { startService } from '../../services/standalone/service.ts';
import type { TestStack } from './stack.ts';
import { until } from './until.ts';

/** An interceptor of a test's own beside the stack's, on the same data. Nobody starts it again, and nobody kills it when it hangs. */
export interface TestInterceptor {
  readonly pid: number;
  readonly alive: boolean;
  /** Settles when it is gone, with why: "exit code 1". */
  readonly exited: Promise<string>;
  said(text: string): boolean;
  output(): string;
  /** Resolves when it has the calls. */
  untilAnswering(): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** Whether or not it stands still. */
  end(): Promise<void>;
}

/** Resolves when it says that it is ready: it has the calls, or stands by. */
export async function startInterceptor(stack: TestStack): Promise<TestInterceptor> {
  const lines: string[] = [];
  const env = { ...process.env, CLEARLINE_CONFIG: stack.configFile };
  const options = { silenceMs: Number.POSITIVE_INFINITY, onLine: (line: string) => lines.push(line) };
  const child = await startService('interceptor', env, options, new AbortController().signal);
  const said = (text: string) => lines.some((line) => line.includes(text));
  return {
    pid: child.pid,
    get alive() {
      return child.alive;
    },
    exited: child.exited,
    said,
    output: () => lines.join('\n'),
    untilAnswering: async () => void (await until('it answers calls', () => said('"answering calls"'), 30_000)),
    kill: child.kill,
    async end() {
      child.kill('SIGKILL');
      await child.exited;
    },
  };
}
