import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Log } from '../log.ts';

/** The three pages by which a process is watched. No library: there is nothing to route. */

export interface WatchPages {
  /** What keeps the process from its work, in plain words that tell no secret; empty when nothing does. */
  readonly faults: () => Promise<readonly string[]>;
  /** What is said beside `ready`. */
  readonly notes?: () => Promise<readonly string[]>;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

export interface WatchAddress {
  readonly host: string;
  readonly port: number;
  /** Of user `clearline`, for /metrics; null: nobody can log in. */
  readonly password: string | null;
  /** How often a port that cannot be had is tried again, in milliseconds. */
  readonly retryMs?: number;
  /** How long a request may take to come, in milliseconds. */
  readonly requestMs?: number;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Whoever watches needs one connection or two; the others are held off before they cost the calls anything. */
const mostConnections = 20;
const user = 'clearline';

/**
 * Serves /healthz, /readyz and /metrics. Never rejects: a port that is taken (by another interceptor on this machine, perhaps) is
 * said once in the log and tried again every ten seconds. Answers how to stop.
 */
export function serveWatch(address: WatchAddress, pages: WatchPages, log: Log): () => void {
  const { host, port, password, retryMs = 10_000, requestMs = 5_000 } = address;
  const server = createServer({
    requestTimeout: requestMs,
    headersTimeout: requestMs,
    connectionsCheckingInterval: requestMs / 5,
    maxHeaderSize: 8_192,
  });
  server.maxConnections = mostConnections;
  // Nor may the answer wait for ever for whoever does not read it.
  server.setTimeout(2 * requestMs);
  server.on('request', (request, response) => {
    answer(request, pages, password)
      .catch((err: unknown) => {
        log.warn({ err }, 'a page to be watched by could not be made');
        return { status: 500, text: 'This page could not be made; the log says why.' };
      })
      .then((made) => send(response, request.method, made));
  });
  const stopTrying = listenUntilDone(server, { host, port }, retryMs, log);
  return () => {
    stopTrying();
    server.close();
    server.closeAllConnections();
  };
}

function listenUntilDone(
  server: Server,
  at: { readonly host: string; readonly port: number },
  retryMs: number,
  log: Log,
): () => void {
  let retry: NodeJS.Timeout | undefined;
  let told = false;
  server.on('error', (err: NodeJS.ErrnoException) => {
    // A connection that the system could not accept is that one's misfortune; to listen twice would throw.
    if (server.listening) return log.warn({ ...at, why: err.message }, 'somebody who watches could not be let in');
    const why = err.code === 'EADDRINUSE' ? 'another program has the port' : err.message;
    if (!told) log.warn({ ...at, why }, 'nobody can watch this process: set another port under "watch". Calls go on');
    told = true;
    retry = setTimeout(() => server.listen(at), retryMs).unref();
  });
  server.on('listening', () => {
    if (told) log.info(at, 'this process can be watched again');
    told = false;
  });
  // Being watched keeps no process alive.
  server.listen(at).unref();
  return () => clearTimeout(retry);
}

async function answer(
  { method, url, headers }: IncomingMessage,
  pages: WatchPages,
  password: string | null,
): Promise<Answer> {
  const [path] = (url ?? '/').split('?');
  if (path !== '/healthz' && path !== '/readyz' && path !== '/metrics') {
    return {
      status: 404,
      text: 'There are /healthz (it lives), /readyz (it does its work) and /metrics (its figures).',
    };
  }
  if (method !== 'GET' && method !== 'HEAD') {
    return { status: 405, text: 'Only GET and HEAD.', headers: { allow: 'GET, HEAD' } };
  }
  if (path === '/healthz') return { status: 200, text: 'alive' };
  if (path === '/readyz') {
    const faults = await pages.faults();
    if (faults.length > 0) return { status: 503, text: faults.join('\n') };
    return { status: 200, text: ['ready', ...((await pages.notes?.()) ?? [])].join('\n') };
  }
  if (password === null || !isLogin(headers.authorization, password)) {
    return {
      status: 401,
      text: `Log in as "${user}" (HTTP basic) with the password "watch" of secrets.json in the data folder, or CLEARLINE_WATCH_PASSWORD.`,
      headers: { 'www-authenticate': 'Basic realm="Clearline", charset="UTF-8"' },
    };
  }
  const { contentType, text } = await pages.metrics();
  return { status: 200, text, headers: { 'content-type': contentType } };
}

/** Takes the same time whatever is wrong with it. */
function isLogin(given: string | undefined, password: string): boolean {
  const [, encoded = ''] = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(given ?? '') ?? [];
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(Buffer.from(encoded, 'base64').toString('utf8')), digest(`${user}:${password}`));
}

function send(response: ServerResponse, method: string | undefined, { status, text, headers }: Answer): void {
  const body = text.endsWith('\n') ? text : `${text}\n`;
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
    'content-length': Buffer.byteLength(body),
  });
  response.end(method === 'HEAD' ? undefined : body);
}
