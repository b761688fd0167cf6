import { scryptSync } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { openStore, type Store } from '../../services/adapters/sql/store.ts';
import type { Config } from '../../services/config.ts';
import { openConsole } from '../../services/console/server.ts';
import type { Role } from '../../services/core/accounts.ts';
import { temporaryConfig } from './config.ts';
import { monday } from './finished-call.ts';
import { memoryLog } from './log.ts';

export const password = 'correct horse battery';
/** As services/accounts.ts has them, and a thousandth of the work. */
const salt = Buffer.from('salt');
const key = scryptSync(password, salt, 32, { N: 16, r: 8, p: 1 });
const cheapHash = ['scrypt', 16, 8, 1, salt.toString('base64'), key.toString('base64')].join(':');

export interface Request {
  readonly method?: string;
  /** Name of whoever is logged in as a browser, by `logIn`. */
  readonly session?: string;
  /** Name and password of a program. */
  readonly basic?: readonly [name: string, password: string];
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as a browser sends a form. */
  readonly form?: Readonly<Record<string, string | readonly string[]>>;
  /** Absent: that of the console itself, for a form; none for JSON. */
  readonly origin?: string | null;
}

export interface TestConsole {
  readonly url: string;
  readonly doors: readonly string[];
  readonly store: Store;
  readonly config: Config;
  readonly log: ReturnType<typeof memoryLog>;
  /** Moves its clock, in milliseconds. */
  advance(ms: number): void;
  addAccount(name: string, role?: Role): Promise<void>;
  ask(path: string, request?: Request): Promise<Response>;
  /** The session of a browser that logs in. */
  logIn(name: string): Promise<string>;
  close(): Promise<void>;
}

/** A console on a port of its own with an empty database; `monday` at ten is its time. */
export async function startConsole(
  source = '',
  limits: Parameters<typeof openConsole>[2] = { guessesPerMinute: 1000, requestsPerMinute: 10_000 },
): Promise<TestConsole> {
  const { config, remove } = temporaryConfig(source);
  mkdirSync(config.paths.data, { recursive: true });
  const store = await openStore(config);
  const log = memoryLog();
  let now = monday;
  const web = await openConsole({ store, config, now: () => now, wrongMs: 0 }, log, limits);
  const url = `http://127.0.0.1:${await web.listen('127.0.0.1', 0)}`;
  const ask: TestConsole['ask'] = (path, { method, session, basic, json, form, origin = form ? url : null } = {}) => {
    const headers = new Headers();
    if (session !== undefined) headers.set('cookie', `clearline=${session}`);
    if (basic !== undefined) headers.set('authorization', `Basic ${Buffer.from(basic.join(':')).toString('base64')}`);
    if (origin !== null) headers.set('origin', origin);
    if (json !== undefined) headers.set('content-type', 'application/json');
    const fields = Object.entries(form ?? {}).flatMap(([name, value]) => [value].flat().map((each) => [name, each]));
    const body = json === undefined ? form && new URLSearchParams(fields) : JSON.stringify(json);
    const what = method ?? (body === undefined ? 'GET' : 'POST');
    return fetch(`${url}${path}`, { method: what, headers, redirect: 'manual', ...(body !== undefined && { body }) });
  };
  return {
    ...{ url, doors: web.doors, store, config, log, ask },
    advance: (ms) => {
      now += ms;
    },
    addAccount: async (name, role = 'staff') => {
      await store.accounts.add({ name, role, hash: cheapHash, disabled: false, createdAt: monday });
    },
    logIn: async (name) => {
      const answer = await ask('/login', { form: { name, password } });
      const [, session] = /^clearline=([^;]+);/.exec(answer.headers.get('set-cookie') ?? '') ?? [];
      if (session === undefined) throw new Error(`${name} cannot log in: ${answer.status}`);
      return session;
    },
    close: async () => {
      await web.close();
      await store.close();
      remove();
    },
  };
}
