import { createHash } from 'node:crypto';
import type { Span, Trace } from '../core/watch/trace-of.ts';
import type { Log } from '../log.ts';

/**
 * OpenTelemetry's own protocol, OTLP over HTTP with JSON (opentelemetry.io/docs/specs/otlp). A trace is made of a finished
 * journal, so nothing of OpenTelemetry's API, context or sampling is needed; its exporter would bring eleven packages and
 * 27 MB for the one request below.
 */

export interface Traces {
  /** Sends it soon; in vain where the collector is away, and it is not kept. */
  take(trace: Trace): void;
  /** Resolves when what has gathered is sent, or cannot be. */
  close(): Promise<void>;
}

/** How often what has gathered is sent, and how long the collector may take, in milliseconds. */
const sendEveryMs = 1_000;
const answerMs = 5_000;
/** So many calls wait at most for a collector that is slow. */
const mostWaiting = 1_000;

/** `collector` is where traces are posted: `http://127.0.0.1:4318/v1/traces`. */
export function openTraces(collector: string, service: string, log: Log): Traces {
  let waiting: Trace[] = [];
  let sending: Promise<void> | null = null;
  let away = false;
  const sendAll = async () => {
    const traces = waiting;
    waiting = [];
    try {
      await post(collector, JSON.stringify(requestOf(traces, service)));
      if (away) log.info('the collector of traces answers again');
      away = false;
    } catch (err) {
      if (!away)
        log.warn({ err, traces: traces.length }, 'the collector of traces does not take them; they are dropped');
      away = true;
    }
    sending = null;
  };
  const send = () => {
    if (waiting.length > 0) sending ??= sendAll();
  };
  const timer = setInterval(send, sendEveryMs).unref();
  return {
    take(trace) {
      if (waiting.length < mostWaiting) waiting.push(trace);
    },
    async close() {
      clearInterval(timer);
      await sending;
      // Whoever did not answer just now would only keep the process from its end.
      if (!away) send();
      await sending;
    },
  };
}

async function post(collector: string, body: string): Promise<void> {
  const response = await fetch(collector, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    redirect: 'error',
    signal: AbortSignal.timeout(answerMs),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`it answered ${response.status}`);
}

/** An ExportTraceServiceRequest in OTLP's JSON: ids are hexadecimal, 64-bit integers strings, kind 1 is INTERNAL. */
function requestOf(traces: readonly Trace[], service: string) {
  return {
    resourceSpans: [
      {
        resource: { attributes: attributesOf({ 'service.name': service }) },
        scopeSpans: [{ scope: { name: 'clearline' }, spans: traces.flatMap(spansOf) }],
      },
    ],
  };
}

/** Ids are made of the call's: a trace sent twice is one, and a call of the record is found by hashing its id. */
function spansOf({ call, whole, stages }: Trace) {
  const traceId = hash(call, 16);
  const root = hash(`${call} whole`, 8);
  const spanOf = ({ name, from, to, attributes }: Span) => ({
    traceId,
    name,
    kind: 1,
    startTimeUnixNano: `${Math.round(from)}000000`,
    endTimeUnixNano: `${Math.round(to)}000000`,
    attributes: attributesOf(attributes),
  });
  return [
    { ...spanOf(whole), spanId: root },
    ...stages.map((stage, index) => ({
      ...spanOf(stage),
      spanId: hash(`${call} stage ${index}`, 8),
      parentSpanId: root,
    })),
  ];
}

function hash(text: string, bytes: number): string {
  return createHash('sha256')
    .update(text)
    .digest('hex')
    .slice(0, 2 * bytes);
}

function attributesOf(attributes: Span['attributes']) {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: typed(value) }));
}

function typed(value: string | number | boolean) {
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'string') return { stringValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
