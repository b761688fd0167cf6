import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { openTraces } from '../../services/adapters/otlp.ts';
import { traceOf } from '../../services/core/watch/trace-of.ts';
import { finishedCall, finishedOutgoing, monday } from '../support/finished-call.ts';
import { memoryLog } from '../support/log.ts';
import { until } from '../support/until.ts';

/** A collector on a real socket that remembers what is posted to it. */
async function collector(answer: (response: ServerResponse) => void = (response) => response.end('{}')) {
  const posts: { readonly path: string; readonly type: string; readonly body: string }[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    let body = '';
    for await (const part of request) body += String(part);
    posts.push({ path: request.url ?? '', type: request.headers['content-type'] ?? '', body });
    answer(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { posts, url: `http://127.0.0.1:${port}/v1/traces`, close: () => server.close() };
}

test('calls reach the collector together, as OTLP has it', async () => {
  const { posts, url, close } = await collector();
  const traces = openTraces(url, 'clearline', memoryLog());
  traces.take(traceOf(finishedCall()));
  traces.take(traceOf(finishedOutgoing()));
  await traces.close();
  close();
  expect(posts).toHaveLength(1);
  expect(posts[0]).toMatchObject({ path: '/v1/traces', type: 'application/json' });
  const sent = JSON.parse(posts[0]?.body ?? '');
  expect(sent.resourceSpans[0].resource.attributes).toEqual([
    { key: 'service.name', value: { stringValue: 'clearline' } },
  ]);
  const { spans } = sent.resourceSpans[0].scopeSpans[0];
  const [call, ...others] = spans;
  expect(call).toMatchObject({
    name: 'call to a line',
    kind: 1,
    traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
    startTimeUnixNano: `${monday}000000`,
    endTimeUnixNano: `${monday + 9000}000000`,
  });
  expect(call.attributes).toContainEqual({ key: 'clearline.cause', value: { intValue: '16' } });
  expect(call.attributes).toContainEqual({ key: 'clearline.reconstructed', value: { boolValue: false } });
  const outgoing = others.filter(({ traceId }: { traceId: string }) => traceId !== call.traceId);
  const root = outgoing.find(({ name }: { name: string }) => name === 'call from a line');
  const stages = outgoing.filter((span: unknown) => span !== root);
  expect(stages.length).toBeGreaterThan(0);
  for (const stage of stages) expect(stage).toMatchObject({ parentSpanId: root.spanId, traceId: root.traceId });
});

test('the same call has the same ids again', async () => {
  const { posts, url, close } = await collector();
  for (const _ of ['once', 'again']) {
    const traces = openTraces(url, 'clearline', memoryLog());
    traces.take(traceOf(finishedCall()));
    await traces.close();
  }
  close();
  expect(posts).toHaveLength(2);
  expect(posts[0]?.body).toBe(posts[1]?.body);
});

test('a collector that refuses is told of once, and again when it takes them', async () => {
  let status = 503;
  const { posts, url, close } = await collector((response) => response.writeHead(status).end());
  const log = memoryLog();
  const traces = openTraces(url, 'clearline', log);
  traces.take(traceOf(finishedCall()));
  await until('it is told', () => log.lines.length > 0);
  traces.take(traceOf(finishedCall()));
  await until('another was refused', () => posts.length === 2);
  status = 200;
  await until('it answers again', () => {
    traces.take(traceOf(finishedCall()));
    return log.lines.length === 2;
  });
  expect(log.lines).toEqual([
    { level: 'warn', message: 'the collector of traces does not take them; they are dropped' },
    { level: 'info', message: 'the collector of traces answers again' },
  ]);
  await traces.close();
  close();
});

test('what gathered while the collector was slow is sent before the process ends', async () => {
  const held: ServerResponse[] = [];
  const { posts, url, close } = await collector((response) => held.push(response));
  const traces = openTraces(url, 'clearline', memoryLog());
  traces.take(traceOf(finishedCall()));
  await until('it is being sent', () => posts.length === 1);
  traces.take(traceOf(finishedOutgoing()));
  const closed = traces.close();
  held[0]?.end('{}');
  await until('the other is sent too', () => posts.length === 2);
  held[1]?.end('{}');
  await closed;
  close();
});
