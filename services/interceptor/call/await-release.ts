import type { AlertQueue, FactQueue } from '../../core/ports.ts';
import { type FinishedCall, foldRecord } from '../../core/record.ts';
import type { Log } from '../../log.ts';
import type { Releases, Settled } from '../exchange/releases.ts';

export interface ReleaseWatch {
  readonly releases: Pick<Releases, 'settled'>;
  readonly alerts: AlertQueue;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly log: Pick<Log, 'error'>;
}

/**
 * A call that is over, with what its caller's carrier made of our goodbye: normally known within milliseconds, after 32 s an
 * alert that it never answered. Comes back as it was, at once, where nobody said goodbye to a caller or nobody could see.
 */
export async function withRelease(call: FinishedCall, watch: ReleaseWatch): Promise<FinishedCall> {
  const { id, direction, line } = call.record;
  // Nobody who did not hear the call's end heard its carrier's answer; and such an account must not stand over another.
  if (direction !== 'inbound' || (call.revision ?? 0) < 0) return call;
  const settled = await watch.releases.settled(id);
  if (settled.state === 'released' && settled.asked) return amend(call, settled);
  if (settled.state !== 'unanswered') return call;
  const at = watch.clock();
  const alert = { id: `${id}-not-released`, kind: 'not-released', at, line: line ?? '', call: id } as const;
  watch.alerts
    .put(alert)
    .catch((err: unknown) => watch.log.error({ err, call: id, alert }, 'an alert cannot be queued'));
  return reviseWith(call, { at, effect: { do: 'Raise', alert: 'not-released' } });
}

function amend(call: FinishedCall, { at, status }: Extract<Settled, { state: 'released' }>): FinishedCall {
  return reviseWith(call, { at, event: { type: 'Released', leg: 'caller', status, at } });
}

function reviseWith({ record, journal: before, revision = 0 }: FinishedCall, entry: FinishedCall['journal'][number]) {
  const journal = [...before, entry];
  return { record: foldRecord(record.id, journal), journal, revision: revision + 1 };
}

export interface ReleasedQueue extends FactQueue {
  /** Calls that are on their way to the record, and whose carrier's answer is not. */
  pending(): number;
}

/**
 * The same queue, where a call is put at once, and once more, as a later account of it, when its carrier has answered: an
 * interceptor that is killed meanwhile takes only the answer with it. What fails here costs no record.
 */
export function awaitReleases(facts: FactQueue, watch: ReleaseWatch): ReleasedQueue {
  let pending = 0;
  const settle = async (call: FinishedCall) => {
    try {
      return await withRelease(call, watch);
    } catch (err) {
      watch.log.error({ err, call: call.record.id }, "the carrier's answer to our goodbye cannot be put on record");
      return call;
    }
  };
  const follow = async (call: FinishedCall, settling: Promise<FinishedCall>) => {
    pending += 1;
    try {
      const settled = await settling;
      if (settled !== call) await facts.put(settled);
    } catch (err) {
      watch.log.error({ err, call: call.record.id }, "a call stays on record without its carrier's answer");
    } finally {
      pending -= 1;
    }
  };
  return {
    pending: () => pending,
    async put(call) {
      const settling = settle(call);
      const known = await Promise.race([settling, oneTurn()]);
      if (known !== null) return facts.put(known);
      await facts.put(call);
      void follow(call, settling);
    },
  };
}

/** Time enough for an answer that is already there. */
function oneTurn(): Promise<null> {
  return new Promise((resolve) => setImmediate(resolve, null));
}
