import type { Readable } from 'node:stream';
import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Log } from '../log.ts';

/** Pages and programs' calls over HTTP: the sole import of Fastify. What is asked and answered is plain data. */

export interface Asked {
  readonly method: string;
  /** With what follows the question mark. */
  readonly url: string;
  /** Parts of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  /** JSON, or a form's fields; undefined where there is none. */
  readonly body: unknown;
  readonly authorization: string | null;
  /** The session's cookie. */
  readonly session: string | null;
  /** Counts one more guess from this address; false: it had too many within a minute. */
  mayGuess(): Promise<boolean>;
}

export interface Answer {
  /** 200 by default; 303 with `to`. */
  readonly status?: number;
  readonly type?: string;
  readonly body?: string | Readable;
  /** Where to go from here. */
  readonly to?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sets the session's cookie; null takes it away. */
  readonly session?: string | null;
}

export interface Door<Who> {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  /** Anybody may: `answer` is given null. */
  readonly open?: true;
  readonly answer: (asked: Asked, who: Who) => Promise<Answer>;
}

export interface WebParts<Who> {
  readonly doors: readonly Door<Who>[];
  /** Who asks; null: nobody that is known. */
  readonly recognise: (asked: Asked) => Promise<Who | null>;
  /** What whoever is not known is told. */
  readonly turnAway: (asked: Asked) => Answer;
  /** What is told of a fault. */
  readonly tellFault: (asked: Asked, status: number, sentence: string) => Answer;
  /** Where browsers find it, if behind a proxy with TLS. */
  readonly url: string | undefined;
  readonly log: Log;
  /** Guesses at passwords from one address within a minute. */
  readonly guessesPerMinute?: number;
  readonly requestsPerMinute?: number;
}

export interface Web {
  /** Every path that is answered, as the library has them: "GET /incidents/:id". */
  readonly doors: readonly string[];
  /** Rejects where the port cannot be had. Resolves with the port. */
  listen(host: string, port: number): Promise<number>;
  close(): Promise<void>;
}

const cookieName = 'clearline';
const mostBytes = 256 * 1024;
const safe = ['GET', 'HEAD'];

/** Nothing is answered before `recognise` has named who asks, but where the door is open. */
export async function openWeb<Who>(parts: WebParts<Who>): Promise<Web> {
  const { url, requestsPerMinute = 600 } = parts;
  const app = fastify({
    bodyLimit: mostBytes,
    // Only a proxy on this machine is believed who asks, and only where the settings say that there is one.
    trustProxy: isBehindTls(url) ? 'loopback' : false,
    requestTimeout: 15_000,
    connectionTimeout: 60_000,
    routerOptions: { maxParamLength: 500 },
    forceCloseConnections: true,
  });
  const known: string[] = [];
  app.addHook('onRoute', ({ method, url: path }) => {
    known.push(...[method].flat().map((each) => `${each} ${path}`));
  });
  app.removeContentTypeParser('text/plain');
  await app.register(cookie);
  await app.register(formbody, { bodyLimit: mostBytes });
  await app.register(helmet, headersFor(url));
  await app.register(rateLimit, { max: requestsPerMinute, timeWindow: '1 minute' });
  route(app, parts);
  await app.ready();
  return {
    doors: known,
    listen: async (host, port) => {
      await app.listen({ host, port });
      const address = app.server.address();
      return typeof address === 'object' && address !== null ? address.port : port;
    },
    close: async () => {
      await app.close();
    },
  };
}

function isBehindTls(url: string | undefined): boolean {
  return url?.startsWith('https:') === true;
}

/** No script at all, nothing from elsewhere, and in nobody's frame. */
function headersFor(url: string | undefined) {
  const own = ["'self'"];
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: own,
        imgSrc: own,
        formAction: own,
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    },
    strictTransportSecurity: isBehindTls(url),
    referrerPolicy: { policy: 'same-origin' as const },
  };
}

function route<Who>(app: FastifyInstance, parts: WebParts<Who>): void {
  const { doors, url, tellFault, turnAway, recognise, log, guessesPerMinute = 10 } = parts;
  const countGuess = app.createRateLimit({ max: guessesPerMinute, timeWindow: '1 minute' });
  const asked = (request: FastifyRequest) =>
    askedBy(request, async () => {
      const counted = await countGuess(request);
      return counted.isAllowed || !counted.isExceeded;
    });
  const send = (reply: FastifyReply, answer: Answer) => answerWith(reply, answer, url);
  const guests = new WeakMap<FastifyRequest, Who>();
  const open = new Set(doors.filter((door) => door.open).map(({ method, path }) => `${method} ${path}`));
  // After the limits and before the body is read: whoever is not known cannot make us read one.
  app.addHook('preParsing', async (request, reply) => {
    const it = asked(request);
    if (isForeign(request, url)) {
      const sentence =
        'This request came from a page of another site, and was refused. Do it again from the console itself.';
      return send(reply, tellFault(it, 403, sentence));
    }
    if (open.has(`${request.method === 'HEAD' ? 'GET' : request.method} ${request.routeOptions.url}`)) return;
    const who = await recognise(it);
    if (who === null) return send(reply, turnAway(it));
    guests.set(request, who);
  });
  for (const { method, path, answer } of doors) {
    // For an open door it is null, which its type says.
    app.route({
      method,
      url: path,
      handler: async (request, reply) => send(reply, await answer(asked(request), guests.get(request) as Who)),
    });
  }
  app.setNotFoundHandler((request, reply) => send(reply, tellFault(asked(request), 404, 'There is nothing here.')));
  app.setErrorHandler((error: Error & { readonly statusCode?: number }, request, reply) => {
    const status = error.statusCode !== undefined && error.statusCode >= 400 ? error.statusCode : 500;
    if (status >= 500) log.error({ err: error, path: request.routeOptions.url }, 'the console could not answer');
    return send(reply, tellFault(asked(request), status, sentenceFor(status)));
  });
}

function askedBy(request: FastifyRequest, mayGuess: () => Promise<boolean>): Asked {
  return {
    method: request.method,
    url: request.url,
    params: (request.params ?? {}) as Record<string, string>,
    query: (request.query ?? {}) as Record<string, unknown>,
    body: request.body,
    authorization: request.headers.authorization ?? null,
    session: request.cookies?.[cookieName] ?? null,
    mayGuess,
  };
}

function answerWith(reply: FastifyReply, answer: Answer, url: string | undefined): FastifyReply {
  const { to, session, body, type = 'text/plain; charset=utf-8', status = to === undefined ? 200 : 303 } = answer;
  const kept = { httpOnly: true, sameSite: 'strict', secure: isBehindTls(url), path: '/' } as const;
  if (session !== undefined) {
    if (session === null) reply.clearCookie(cookieName, kept);
    else reply.setCookie(cookieName, session, kept);
  }
  reply.code(status).headers({ 'cache-control': 'no-store', 'content-type': type, ...answer.headers });
  return to === undefined ? reply.send(body ?? '') : reply.header('location', to).send('');
}

/**
 * A change that a page of another site asks for, in whosever browser. Browsers say whose page it is; programs, which have no
 * cookie that anybody could use, say nothing.
 */
function isForeign({ method, headers }: FastifyRequest, url: string | undefined): boolean {
  if (safe.includes(method)) return false;
  const { origin, host, authorization } = headers;
  if (origin === undefined) return authorization === undefined;
  const own = url === undefined ? host : new URL(url).host;
  return own === undefined || URL.parse(origin)?.host !== own;
}

function sentenceFor(status: number): string {
  switch (status) {
    case 400:
      return 'What was sent cannot be read: expected JSON, or the fields of a form.';
    case 413:
      return 'That is too long: at most 256 kB can be sent at once.';
    case 415:
      return 'Expected JSON (content-type: application/json), or the fields of a form.';
    case 429:
      return 'That was too often within a minute. Wait a minute, and try again.';
    default:
      return status < 500
        ? 'This cannot be done so.'
        : 'This could not be done: the database may be away. The log of Clearline says why. Try again.';
  }
}
