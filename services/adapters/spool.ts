import { mkdir } from 'node:fs/promises';
import type { AlertQueue, FactQueue, RaisedAlert } from '../core/ports.ts';
import type { FinishedCall } from '../core/record.ts';
import { callIn, readFinishedCall, readRaisedAlert } from '../facts.ts';
import type { Log } from '../log.ts';
import { type Fullness, fullnessAlarm } from './spool-alarm.ts';
import { startDrainer } from './spool-drainer.ts';
import { openMemory } from './spool-memory.ts';
import { openSegments } from './spool-segments.ts';

/** How often the queues are tried while the spool holds something, in milliseconds. */
const defaultRetryMs = 1000;
/** What may wait in memory when the disk is full as well, in bytes: some 3,000 calls. */
const defaultMemoryBytes = 64 * 1024 * 1024;

export interface SpoolOptions {
  /** Where the journal lies; made when missing. One process at a time. */
  readonly folder: string;
  /** Where facts should go. Their `put` must reject, not hang, while they are away. */
  readonly queues: { readonly calls: FactQueue; readonly alerts: AlertQueue };
  readonly log: Log;
  /** What may wait on the disk, in bytes. */
  readonly limitBytes: number;
  readonly memoryBytes?: number;
  readonly retryMs?: number;
}

export interface Spool {
  readonly calls: FactQueue;
  readonly alerts: AlertQueue;
  /** What waits for the queues to come back: bytes on the disk, and facts in memory where the disk is full. */
  fullness(): Fullness;
  /**
   * Resolves when the put in hand is settled. What is on the disk waits for the next start; what is in memory goes there if
   * it can, else its put rejects.
   */
  close(): Promise<void>;
}

type Fact = { readonly call: FinishedCall } | { readonly alert: RaisedAlert };

/**
 * Queues that outlive their queues: what cannot be put goes to a journal on the disk, and from there, in order, into its
 * queue once that is back, also after a restart. `put` resolves when the queue or the disk has the fact. When the journal
 * has reached its limit, or the disk takes nothing, the oldest facts stay: their puts were acknowledged and nobody else
 * has them. New ones wait in memory, their puts unanswered, until queue or disk takes them, and `put` rejects only when
 * there is no room in memory either. A crash while draining puts some facts twice, which the queue's job id and the upsert
 * forgive.
 */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  const { folder, queues, log, limitBytes, memoryBytes = defaultMemoryBytes, retryMs = defaultRetryMs } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const segments = await openSegments(folder, limitBytes);
  const memory = openMemory<Fact>(memoryBytes);
  const toQueue = (fact: Fact) => ('call' in fact ? queues.calls.put(fact.call) : queues.alerts.put(fact.alert));
  const fullness = () => ({ bytes: segments.bytes(), limitBytes, inMemory: memory.size });
  const look = fullnessAlarm((alert) => void put({ alert }).catch(() => {}), log);
  const drainer = startDrainer({
    ...{ folder, segments, memory, log, retryMs, read, put: toQueue },
    onTried: () => look(fullness()),
  });

  const put = async (fact: Fact) => {
    try {
      await toQueue(fact);
      drainer.nudge();
      return;
    } catch (err) {
      if (segments.bytes() === 0) log.warn({ err }, 'the queue is away: call facts go to the spool');
    }
    const line = write(fact);
    try {
      await segments.append(line);
    } catch (err) {
      log.debug({ err }, 'the spool does not take a call fact');
      const held = memory.hold(fact, line);
      drainer.later();
      look(fullness());
      return held.catch((why: unknown) => {
        log.error(
          { err: why, call: callIn('call' in fact ? fact.call : fact.alert), fact: idOf(fact) },
          'A CALL FACT HAS NOWHERE TO GO: neither queue, disk nor memory takes it',
        );
        throw why;
      });
    }
    drainer.later();
    look(fullness());
  };

  return {
    calls: { put: (call) => put({ call }) },
    alerts: { put: (alert) => put({ alert }) },
    fullness,
    async close() {
      await drainer.stop();
      memory.giveUp();
      await segments.close();
    },
  };
}

function idOf(fact: Fact): string {
  return 'call' in fact ? fact.call.record.id : fact.alert.id;
}

/** A call stands in the spool as it is, which is how the first release wrote it, and anything else under its name. */
function write(fact: Fact): string {
  return JSON.stringify('call' in fact ? fact.call : fact);
}

function read(line: string): Fact | null {
  try {
    const given: unknown = JSON.parse(line);
    if (typeof given === 'object' && given !== null && 'alert' in given) {
      const { value: alert } = readRaisedAlert(given.alert);
      return alert && { alert };
    }
    const { value: call } = readFinishedCall(given);
    return call && { call };
  } catch {
    return null;
  }
}
