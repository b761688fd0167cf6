import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Document, isMap, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import { faultsOf, show } from './config-faults.ts';
import type { TlsFiles } from './config-network.ts';
import { contradictions, type Settings, settings } from './settings.ts';
import { promptsFolder } from './sounds.ts';

/**
 * The one place that reads clearline.yaml and the environment. A process parses once at its start, gets a frozen object,
 * and reports every fault together. clearline.example.yaml names each setting with its unit and default.
 */

/** Where a setting's neighbours live; every path absolute. */
export interface Config extends Settings {
  readonly paths: {
    readonly data: string;
    readonly secrets: string;
    readonly database: string;
    readonly redisSocket: string;
    readonly spool: string;
    readonly asterisk: string;
    readonly generated: string;
    /** Where Asterisk puts ARI recordings. */
    readonly recordings: string;
    /** The prompts Asterisk plays. */
    readonly sounds: string;
    /** Null where there is no TLS. */
    readonly tls: TlsFiles | null;
    /** Whom the mail server's certificate must come from; null where the settings name no file. */
    readonly mailCa: string | null;
  };
}

/** One thing wrong with a setting, in a sentence that names file, line, key, what was found and what was expected. */
export interface ConfigFault {
  readonly key: string;
  readonly message: string;
}

export class ConfigError extends Error {
  readonly faults: readonly ConfigFault[];
  constructor(faults: readonly ConfigFault[]) {
    super(faults.map((fault) => fault.message).join('\n'));
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/** Environment names that stand above the file: what a container sets. */
const environment: Record<string, readonly string[]> = {
  CLEARLINE_DATA: ['data'],
  CLEARLINE_ASTERISK_URL: ['asterisk', 'url'],
  CLEARLINE_REDIS_URL: ['redis', 'url'],
  CLEARLINE_DATABASE_URL: ['database', 'url'],
  CLEARLINE_SOUNDS: ['sounds', 'folder'],
};

/**
 * Reads the configuration named by `CLEARLINE_CONFIG`, else `clearline.yaml` in the working folder, else the defaults.
 * Throws ConfigError with every fault at once.
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const named = env.CLEARLINE_CONFIG;
  const file = resolve(named ?? 'clearline.yaml');
  if (!existsSync(file)) {
    if (named !== undefined) {
      throw new ConfigError([{ key: '', message: `${file}: no such file (named by --config or CLEARLINE_CONFIG)` }]);
    }
    return parseConfig('', file, env);
  }
  return parseConfig(readFileSync(file, 'utf8'), file, env);
}

/** Parses configuration text as if read from `file`. Throws ConfigError with every fault at once. */
export function parseConfig(source: string, file: string, env: NodeJS.ProcessEnv = {}): Config {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, uniqueKeys: true });
  if (document.errors.length > 0) {
    throw new ConfigError(
      document.errors.map((error) => ({
        key: '',
        message: `${file}:${error.linePos?.[0].line ?? 1}: not valid YAML: ${error.message.split('\n')[0]}`,
      })),
    );
  }
  if (document.contents !== null && !isMap(document.contents)) {
    throw new ConfigError([
      { key: '', message: `${file}:1: found ${show(document.toJS())}, expected "key: value" settings` },
    ]);
  }
  // A section whose settings are all commented out reads as null: the same as a section left out.
  if (isMap(document.contents))
    document.contents.items = document.contents.items.filter((item) => !isEmpty(item.value));
  const overridden = applyEnvironment(document, env);
  const result = settings.safeParse(document.toJS() ?? {});
  const faults = result.success
    ? contradictions(result.data)
    : result.error.issues.flatMap((issue) => faultsOf(issue, settings));
  if (!result.success || faults.length > 0) {
    throw new ConfigError(
      faults.map(({ path, expected }) => {
        const key = path
          .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
          .join('')
          .replace(/^\./, '');
        const place = overridden.get(key) ?? `${file}${lineOf(document, path, lines)}`;
        return { key, message: `${place}: ${key}: found ${show(document.getIn(path))}, expected ${expected}` };
      }),
    );
  }
  return deepFreeze({ ...result.data, paths: pathsOf(result.data, dirname(file)) });
}

function isEmpty(value: unknown): boolean {
  return value === null || (isScalar(value) && value.value === null);
}

/** Sets what the environment names, and answers with the variable behind each key it set. */
function applyEnvironment(document: Document, env: NodeJS.ProcessEnv): Map<string, string> {
  const overridden = new Map<string, string>();
  for (const [variable, path] of Object.entries(environment)) {
    const value = env[variable];
    const [section = ''] = path;
    // A section that is no section (`redis: 5`) keeps its own fault.
    if (!value || (path.length > 1 && document.has(section) && !isMap(document.get(section)))) continue;
    document.setIn(path, value);
    overridden.set(path.join('.'), variable);
  }
  return overridden;
}

/** The line of the setting, or of the nearest one around it where it is missing: `:12`. */
function lineOf(document: Document, path: readonly (string | number)[], lines: LineCounter): string {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true) as Node | undefined;
    if (node?.range) return `:${lines.linePos(node.range[0]).line}`;
  }
  return '';
}

function pathsOf(config: Settings, base: string): Config['paths'] {
  const data = resolve(base, config.data);
  return {
    data,
    secrets: resolve(data, 'secrets.json'),
    database: resolve(data, 'clearline.db'),
    redisSocket: resolve(data, 'redis', 'redis.sock'),
    spool: resolve(data, 'spool'),
    asterisk: resolve(data, 'asterisk'),
    generated: config.asterisk.generated
      ? resolve(base, config.asterisk.generated)
      : resolve(data, 'asterisk', 'etc', 'generated'),
    recordings: resolve(data, 'asterisk', 'spool', 'recording'),
    sounds: config.sounds.folder ? resolve(base, config.sounds.folder) : promptsFolder,
    tls: config.sip.tls ? tlsFilesOf(config.sip.tls, base) : null,
    mailCa: config.alerts.smtp?.ca === undefined ? null : resolve(base, config.alerts.smtp.ca),
  };
}

function tlsFilesOf({ certificate, key, ca }: NonNullable<Settings['sip']['tls']>, base: string): TlsFiles {
  return {
    certificate: resolve(base, certificate),
    key: resolve(base, key),
    ...(ca !== undefined && { ca: resolve(base, ca) }),
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}
