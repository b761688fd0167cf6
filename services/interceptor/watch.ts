import type { Ami } from '../adapters/ami.ts';
import type { Ari } from '../adapters/ari.ts';
import type { ExchangeEvent } from '../adapters/ari-events.ts';
import { openQueueLook } from '../adapters/bullmq-look.ts';
import { openTraces } from '../adapters/otlp.ts';
import type { Config } from '../config.ts';
import type { Metrics, Reading } from '../core/metrics.ts';
import type { AlertQueue, FactQueue } from '../core/ports.ts';
import type { FinishedCall } from '../core/record.ts';
import { callMetrics } from '../core/watch/call-metrics.ts';
import { measureCall } from '../core/watch/measure-call.ts';
import { traceOf } from '../core/watch/trace-of.ts';
import type { Log } from '../log.ts';
import type { Secrets } from '../secrets.ts';
import { askedAtEase, depthReadings, openWatch, queueMetrics, up, upMetric, type Watch } from '../watch.ts';
import type { HoldBook } from './line/hold-book.ts';
import type { LoadedLines } from './line/line-book.ts';
import type { Facts } from './open-facts.ts';
import type { CallRunner } from './run-calls.ts';

/** What the interceptor lets itself be measured by; docs/watching.md says what to make of each. */
export const interceptorMetrics = {
  ...callMetrics,
  ...upMetric,
  ...queueMetrics,
  clearline_refused_callers_total: {
    kind: 'counter',
    help: 'Callers refused with SIP 503, because there were more calls than there is room for.',
    from: [{}],
  },
  clearline_owner: { kind: 'gauge', help: "1 when the calls are this interceptor's, 0 while it stands by." },
  clearline_calls_running: { kind: 'gauge', help: 'Calls of both directions that go on now.' },
  clearline_lines: { kind: 'gauge', help: 'Lines that are protected.' },
  clearline_held_lines: { kind: 'gauge', help: 'Lines held after a suspect call.' },
  clearline_spool_bytes: { kind: 'gauge', help: 'Bytes of records and alerts that wait on the disk for Redis.' },
  clearline_spool_limit_bytes: { kind: 'gauge', help: 'Bytes that may wait there: spool.maxMegabytes.' },
  clearline_spool_facts_in_memory: {
    kind: 'gauge',
    help: 'Records and alerts that the disk does not take: they are lost if the process ends.',
  },
} as const satisfies Metrics;

interface Parts {
  readonly ari: Pick<Ari, 'events'>;
  readonly ami: Pick<Ami, 'isUp'>;
  readonly runner: Pick<CallRunner, 'running'>;
  readonly holds: Pick<HoldBook, 'countHeld'>;
  readonly lines: Pick<LoadedLines, 'size'>;
  readonly facts: Pick<Facts, 'redis' | 'spool'>;
}

/** The interceptor as it is seen from outside. Nothing of it is waited for on a call's way. */
export interface InterceptorWatch {
  /** SQL was asked for the lines. */
  readonly onSql: (answered: boolean) => void;
  /** The same queue; what is put in it is counted, told in one line of the log, and traced where that is asked for. */
  counted(facts: FactQueue): FactQueue;
  countedAlerts(alerts: AlertQueue): AlertQueue;
  /** How many callers the dialplan has refused since Asterisk started. */
  readonly onRefused: (sinceStart: number) => void;
  /** To be told of each event after the calls were. */
  readonly hear: (event: ExchangeEvent) => void;
  /** Another interceptor has the calls, and this one waits. */
  standBy(): void;
  /** The calls are this interceptor's, with these parts. */
  own(parts: Parts): void;
  /** From now on new calls go to the dialplan, or to another interceptor. */
  leave(): void;
  close(): Promise<void>;
}

/** What /readyz says of one that stands by; docker-compose.yml knows its first words. */
export const standsBy = 'It stands by: another interceptor has the calls.';

/** To be opened first, so that one that waits for AMI or SQL can be seen to. */
export function openInterceptorWatch(config: Config, secrets: Secrets, log: Log): InterceptorWatch {
  const { host, interceptorPort: port, traces: collector } = config.watch;
  const watch = openWatch({ host, port, password: secrets.watch, metrics: interceptorMetrics, log });
  const traces = collector === undefined ? null : openTraces(collector, 'clearline', log);
  let sqlUp = true;
  let leaving = false;
  const finish = (call: FinishedCall) => {
    tellEnd(call, log);
    for (const reading of measureCall(call)) watch.take(reading);
    traces?.take(traceOf(call));
  };
  return {
    onSql(answered) {
      sqlUp = answered;
    },
    counted: (facts) => countCalls(facts, finish, log),
    countedAlerts: (alerts) => ({
      put(alert) {
        watch.take({ metric: 'clearline_alerts_total', labels: { kind: alert.kind }, value: 1 });
        return alerts.put(alert);
      },
    }),
    onRefused: countRefused(watch),
    hear: (event) => measureReaction(event, watch),
    standBy() {
      watch.show({
        faults: () => [standsBy],
        gauges: () => [{ metric: 'clearline_owner', value: 0 }, up('sql', sqlUp)],
      });
    },
    own: (parts) => showOwner(watch, parts, { isSqlUp: () => sqlUp, isLeaving: () => leaving }),
    leave() {
      leaving = true;
    },
    async close() {
      watch.close();
      await traces?.close();
    },
  };
}

/** A call is counted once: also when its record could not be put the first time, and comes again, or a later account follows. */
function countCalls(facts: FactQueue, finish: (call: FinishedCall) => void, log: Log): FactQueue {
  const seen = new WeakSet<FinishedCall>();
  return {
    put(call) {
      if (!seen.has(call) && (call.revision ?? 0) <= 0) {
        seen.add(call);
        // After the record is on its way, and whatever else this turn has to do.
        setImmediate(() => {
          try {
            finish(call);
          } catch (err) {
            log.warn({ err, call: call.record.id }, 'a call cannot be counted');
          }
        });
      }
      return facts.put(call);
    },
  };
}

/** One line a call, of what can be told without telling of anybody. */
function tellEnd({ record }: FinishedCall, log: Log): void {
  const { id: call, direction, arrivedAt, connectedAt, endedAt, reconstructed } = record;
  const { outcome, by, cause } = record.ending;
  const verdict = record.direction === 'inbound' ? record.verdict : null;
  const seconds = (endedAt - arrivedAt) / 1000;
  log.info(
    {
      ...{ call, direction, outcome, by, cause, seconds },
      talkedSeconds: connectedAt === null ? 0 : (endedAt - connectedAt) / 1000,
      ...(record.direction === 'outgoing' && { number: record.number.class }),
      ...(verdict && { standing: verdict.standing, treatment: verdict.treatment }),
      ...(reconstructed && { reconstructed }),
    },
    'a call is over',
  );
}

/** Asterisk counts from its start, this process from its own. */
function countRefused(watch: Pick<Watch, 'take'>): (sinceStart: number) => void {
  let before: number | null = null;
  return (sinceStart) => {
    const more = before === null ? 0 : sinceStart < before ? sinceStart : sinceStart - before;
    before = sinceStart;
    if (more > 0) watch.take({ metric: 'clearline_refused_callers_total', value: more });
  };
}

/** The calls have been told, and what follows was asked of Asterisk in the same turn. */
function measureReaction(event: ExchangeEvent, watch: Pick<Watch, 'take'>): void {
  const isArrival = event.type === 'ChannelEntered' && event.args[0] === 'inbound';
  if (!isArrival && event.type !== 'DigitReceived') return;
  const [to, since] = isArrival ? ['arrival', event.createdAt] : ['key', event.at];
  watch.take({
    metric: 'clearline_reaction_seconds',
    labels: { to },
    // Asterisk's clock is another's where it runs on another machine.
    value: Math.max(0, Date.now() - since) / 1000,
  });
}

interface Standing {
  readonly isSqlUp: () => boolean;
  readonly isLeaving: () => boolean;
}

function showOwner(watch: Watch, { ari, ami, runner, holds, lines, facts }: Parts, is: Standing): void {
  let ariUp = true;
  ari.events.on('lost', () => {
    ariUp = false;
  });
  ari.events.on('reconnected', () => {
    ariUp = true;
  });
  const look = openQueueLook(facts.redis, ['calls', 'alerts', 'call-backs']);
  const depths = askedAtEase(look);
  watch.show({
    faults: () => [
      ...(is.isLeaving() ? ['It is stopping: new calls go to the dialplan, or to another interceptor.'] : []),
      ...(ariUp ? [] : ['The connection to Asterisk (ARI) is lost: the dialplan answers calls by itself.']),
      ...(ami.isUp() ? [] : ['AMI is lost: no line counts as clear, and guarded calls wait.']),
    ],
    async gauges() {
      const found = facts.redis.status === 'ready' ? await depths() : null;
      const { bytes, limitBytes, inMemory } = facts.spool.fullness();
      const figures: Readonly<Partial<Record<keyof typeof interceptorMetrics, number>>> = {
        clearline_owner: 1,
        clearline_calls_running: runner.running,
        clearline_lines: lines.size,
        clearline_held_lines: holds.countHeld(Date.now()),
        clearline_spool_bytes: bytes,
        clearline_spool_limit_bytes: limitBytes,
        clearline_spool_facts_in_memory: inMemory,
      };
      return [
        ...Object.entries(figures).map(([metric, value]): Reading => ({ metric, value })),
        ...[up('ari', ariUp), up('ami', ami.isUp()), up('redis', found !== null), up('sql', is.isSqlUp())],
        ...depthReadings(found ?? [], Date.now()),
      ];
    },
  });
}
