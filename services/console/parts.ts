import type { Store } from '../adapters/sql/store.ts';
import type { Answer, Asked, Door } from '../adapters/web.ts';
import type { Config } from '../config.ts';
import type { Account } from '../core/accounts.ts';

/** What every page and call of the console has. */
export interface ConsoleParts {
  readonly store: Store;
  readonly config: Config;
  /** UTC milliseconds. */
  readonly now: () => number;
  /** How long a wrong password's answer takes, in milliseconds. */
  readonly wrongMs: number;
}

export type ConsoleDoor = Door<Account>;

/** What was asked cannot be done: told to whoever asked, on a page or as JSON. */
export class Refused extends Error {
  readonly status: number;
  /** Further members of a problem in JSON. */
  readonly more: Readonly<Record<string, unknown>>;
  constructor(status: number, sentence: string, more: Readonly<Record<string, unknown>> = {}) {
    super(sentence);
    this.name = 'Refused';
    this.status = status;
    this.more = more;
  }
}

/** Throws Refused where this account may not. */
export function checkAdmin({ role }: Account, what: string): void {
  if (role !== 'admin') throw new Refused(403, `Only an administrator may ${what}.`);
}

export function isApi({ url }: Asked): boolean {
  return url.startsWith('/api/');
}

export function json(value: unknown, status = 200): Answer {
  return { status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(value)}\n` };
}

/** RFC 9457. */
export function problem(status: number, detail: string, more: Readonly<Record<string, unknown>> = {}): Answer {
  const body = `${JSON.stringify({ status, title: titles[status] ?? 'It could not be done', detail, ...more })}\n`;
  return { status, type: 'application/problem+json; charset=utf-8', body };
}

const titles: Readonly<Record<number, string>> = {
  400: 'It cannot be read',
  401: 'Log in first',
  403: 'Not allowed',
  404: 'Not there',
  409: 'Somebody was faster',
  422: 'It is not right yet',
  429: 'Too often',
};

/** A parameter of the query that is one of these; the others are told which there are. */
export function oneOf<const T extends string>(asked: Asked, name: string, known: readonly T[]): T | undefined {
  const given = textOf(asked, name);
  const found = known.find((each) => each === given);
  if (given === undefined || found !== undefined) return found;
  throw new Refused(400, `${name}: expected one of ${known.join(', ')}.`);
}

/** A parameter of the query that is not empty. */
export function textOf({ query }: Asked, name: string): string | undefined {
  const given = [query[name]].flat()[0];
  return typeof given === 'string' && given.trim() !== '' ? given.trim() : undefined;
}
