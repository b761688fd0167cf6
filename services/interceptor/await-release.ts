import type { AlertQueue, FactQueue } from '../core/ports.ts';
import { type FinishedCall, foldRecord } from '../core/record.ts';
import type { Log } from '../log.ts';
import type { Releases } from './releases.ts';

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
  if (direction !== 'inbound') return call;
  const settled = await watch.releases.settled(id);
  if (settled.state === 'released' && settled.asked) {
    const { at, status } = settled;
    const journal = [...call.journal, { at, event: { type: 'Released', leg: 'caller', status, at } } as const];
    return { record: foldRecord(id, journal), journal };
  }
  if (settled.state !== 'unanswered') return call;
  const at = watch.clock();
  const alert = { id: `${id}-not-released`, kind: 'not-released', at, line: line ?? '', call: id } as const;
  watch.alerts.put(alert).catch((err: unknown) => watch.log.error({ err, alert }, 'an alert cannot be queued'));
  const journal = [...call.journal, { at, effect: { do: 'Raise', alert: 'not-released' } } as const];
  return { record: foldRecord(id, journal), journal };
}

/** The same queue, which a call enters once its carrier has answered. What fails here costs no record. */
export function awaitReleases(facts: FactQueue, watch: ReleaseWatch): FactQueue {
  const settle = async (call: FinishedCall) => {
    try {
      return await withRelease(call, watch);
    } catch (err) {
      watch.log.error({ err, call: call.record.id }, "the carrier's answer to our goodbye cannot be put on record");
      return call;
    }
  };
  return { put: async (call) => facts.put(await settle(call)) };
}
