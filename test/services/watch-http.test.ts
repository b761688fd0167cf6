import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { serveWatch, type WatchPages } from '../../services/adapters/watch-http.ts';
import { memoryLog } from '../support/log.ts';
import { freePort } from '../support/stack.ts';
import { until } from '../support/until.ts';

const password = 'correct-horse';
const pages: WatchPages = {
  faults: async () => [],
  metrics: async () => ({ contentType: 'text/plain; version=0.0.4', text: 'clearline_up 1\n' }),
};
const opened: (() => void)[] = [];
afterEach(() => {
  for (const close of opened.splice(0)) close();
});

async function serve(changes: Partial<WatchPages> = {}, port?: number, given: string | null = password) {
  const at = { host: '127.0.0.1', port: port ?? (await freePort()), password: given, retryMs: 50, requestMs: 500 };
  const log = memoryLog();
  opened.push(serveWatch(at, { ...pages, ...changes }, log));
  const url = `http://127.0.0.1:${at.port}`;
  const get = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${url}${path}`, init);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  return { ...at, log, get };
}

function login(user: string, secret: string): RequestInit {
  return { headers: { authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}` } };
}

test('whether it lives and does its work is told to anybody', async () => {
  const { get } = await serve();
  expect(await until('it listens', () => get('/healthz'))).toMatchObject({ status: 200, text: 'alive\n' });
  expect(await get('/readyz?verbose=1')).toMatchObject({ status: 200, text: 'ready\n' });
});

test('what is to be known although it works is told beside', async () => {
  const { get } = await serve({ notes: async () => ['Alerts did not reach somebody.'] });
  expect(await until('it listens', () => get('/readyz'))).toMatchObject({
    status: 200,
    text: 'ready\nAlerts did not reach somebody.\n',
  });
});

test('what keeps it from its work is told in words, with 503', async () => {
  const { get } = await serve({ faults: async () => ['Asterisk is away.', 'AMI is lost.'] });
  expect(await until('it listens', () => get('/readyz'))).toMatchObject({
    status: 503,
    text: 'Asterisk is away.\nAMI is lost.\n',
  });
  expect(await get('/healthz')).toMatchObject({ status: 200 });
});

test('the figures are behind a login', async () => {
  const { get } = await serve();
  const refused = await until('it listens', () => get('/metrics'));
  expect(refused).toMatchObject({ status: 401, text: expect.stringContaining('secrets.json') });
  expect(refused.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
  expect(refused.text).not.toContain(password);
  const wrong = [
    login('clearline', 'wrong'),
    login('clearline', ''),
    login('admin', password),
    login('clearline', `${password} `),
    { headers: { authorization: `Bearer ${password}` } },
    { headers: { authorization: 'Basic !!' } },
  ];
  for (const init of wrong) expect((await get('/metrics', init)).status, JSON.stringify(init)).toBe(401);
  const shown = await get('/metrics', login('clearline', password));
  expect(shown).toMatchObject({ status: 200, text: 'clearline_up 1\n' });
  expect(shown.headers.get('content-type')).toBe('text/plain; version=0.0.4');
});

test('without a password nobody can log in', async () => {
  const { get } = await serve({}, undefined, null);
  await until('it listens', () => get('/healthz'));
  for (const secret of ['', 'null', 'undefined'])
    expect((await get('/metrics', login('clearline', secret))).status).toBe(401);
});

test('other paths are not there, and other methods not allowed', async () => {
  const { get } = await serve();
  const missing = await until('it listens', () => get('/'));
  expect(missing).toMatchObject({ status: 404, text: expect.stringContaining('/readyz') });
  for (const path of ['/metrics/', '/../secrets.json', '//metrics']) expect((await get(path)).status, path).toBe(404);
  const posted = await get('/healthz', { method: 'POST', body: 'x' });
  expect(posted.status).toBe(405);
  expect(posted.headers.get('allow')).toBe('GET, HEAD');
});

test('HEAD is GET without the body', async () => {
  const { get } = await serve();
  const head = await until('it listens', () => get('/healthz', { method: 'HEAD' }));
  expect(head).toMatchObject({ status: 200, text: '' });
  expect(head.headers.get('content-length')).toBe('6');
  expect((await get('/metrics', { method: 'HEAD' })).status).toBe(401);
});

test('a page that cannot be made is an error of its own, and tells nothing', async () => {
  const { get, log } = await serve({
    metrics: async () => {
      throw new Error('the password is correct-horse');
    },
  });
  await until('it listens', () => get('/healthz'));
  expect(await get('/metrics', login('clearline', password))).toMatchObject({
    status: 500,
    text: 'This page could not be made; the log says why.\n',
  });
  expect(log.lines).toContainEqual({ level: 'warn', message: 'a page to be watched by could not be made' });
});

test('who sends a request byte by byte is cut off, and others are served meanwhile', async () => {
  const { get, port } = await serve();
  await until('it listens', () => get('/healthz'));
  const slow = connect({ host: '127.0.0.1', port });
  slow.on('error', () => {});
  slow.write('GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ');
  let said = '';
  slow.on('data', (data) => {
    said += String(data);
  });
  const cut = once(slow, 'close');
  expect((await get('/healthz')).status).toBe(200);
  await cut;
  expect(said).toMatch(/^HTTP\/1\.1 408 /);
});

test('a header without end is refused', async () => {
  const { get } = await serve();
  await until('it listens', () => get('/healthz'));
  expect((await get('/healthz', { headers: { 'x-long': 'x'.repeat(10_000) } })).status).toBe(431);
});

test('a port that is taken is said once, and had as soon as it is free', async () => {
  const other = createServer();
  const port = await freePort();
  other.listen(port, '127.0.0.1');
  await once(other, 'listening');
  const { get, log } = await serve({}, port);
  const told = () => log.lines.filter(({ level }) => level === 'warn').length;
  await until('it is said', () => told() > 0);
  other.close();
  expect((await until('it listens', () => get('/healthz'))).text).toBe('alive\n');
  expect(told()).toBe(1);
  expect(log.lines.at(-1)).toEqual({ level: 'info', message: 'this process can be watched again' });
});

test('a connection that the system cannot accept ends neither the watching nor the process', async () => {
  let server: Server | undefined;
  const note = (message: unknown) => {
    server = (message as { server: Server }).server;
  };
  subscribe('http.server.request.start', note);
  const { get, log } = await serve();
  await until('it listens', () => get('/healthz'));
  unsubscribe('http.server.request.start', note);
  // To listen again, at a port that is listened at, is an error that would end the process.
  const later = vi.spyOn(globalThis, 'setTimeout');
  server?.emit('error', Object.assign(new Error('accept ENOBUFS'), { code: 'ENOBUFS', syscall: 'accept' }));
  expect(later).not.toHaveBeenCalled();
  later.mockRestore();
  expect(await get('/healthz')).toMatchObject({ status: 200 });
  expect(log.lines).toHaveLength(1);
});
