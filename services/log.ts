import { type DestinationStream, type Logger, pino } from 'pino';
import type { Config } from './config.ts';

/** What every process writes its log with: one JSON object a line on the standard output. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;

/** Fields that hold a name, an address or words of a person. Numbers are found by their look, whatever field they are in. */
const personalFields = new Set([
  'name',
  'trustedName',
  'resident',
  'showName',
  'from',
  'assertedIdentity',
  'diversion',
  'identity',
  // A reason of a verdict, which names the trusted contact.
  'text',
  'phoneSecret',
  'password',
]);

/**
 * Makes a process's log, with its level and masking from the configuration. `to` is where the lines go; the standard
 * output when left out.
 *
 * With `log.maskPersonalData` names become `[hidden]` and telephone numbers keep their last two digits, so that one
 * call's lines can still be matched. Short codes (999, 101) are nobody's and stay.
 */
export function createLog(config: Pick<Config, 'log'>, process: string, to?: DestinationStream): Logger {
  const mask = config.log.maskPersonalData;
  return pino(
    {
      level: config.log.level,
      base: { process, pid: globalThis.process.pid },
      ...(mask && {
        formatters: { log: (fields: Record<string, unknown>) => maskFields(fields) as Record<string, unknown> },
        // The whole line once more: a number may stand inside a message, a SIP URI or an error's stack.
        hooks: { streamWrite: maskNumbers },
      }),
    },
    ...(to ? [to] : []),
  );
}

/** What a process says in sentences of its own rather than in the log, masked as that is: numbers are, names cannot be found. */
export function maskSentence({ log }: Pick<Config, 'log'>, sentence: string): string {
  return log.maskPersonalData ? maskNumbers(sentence) : sentence;
}

/** Depth is bounded because a log call must never fail on a value that contains itself. */
function maskFields(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Error) return value;
  if (depth > 6) return '[deep]';
  if (Array.isArray(value)) return value.map((item) => maskFields(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      personalFields.has(key) && inner !== null && inner !== undefined ? '[hidden]' : maskFields(inner, depth + 1),
    ]),
  );
}

/**
 * `+44…`, `0…` and `44…` with or without spaces; a call id such as 1795358400.17 and a time in ms are left alone, and so
 * is a bare JSON number, which cannot be a telephone number unless it starts with 44: hence the longer look behind.
 */
const telephoneNumber = /(?<![\d.+])(?:\+|00?|(?<!":|[,[-])44)[1-9](?:[ ()-]{0,2}\d){6,13}(?![\d.]\d)/g;

function maskNumbers(line: string): string {
  return line.replace(telephoneNumber, (found) => `[number ..${found.slice(-2)}]`);
}
