import type { FactQueue, RaisedAlert } from '../core/ports.ts';
import { type FinishedCall, foldRecord } from '../core/record.ts';
import type { Releases } from './releases.ts';

export interface ReleaseWatch {
  readonly releases: Pick<Releases, 'settled'>;
  readonly raise: (alert: RaisedAlert) => void;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
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
  watch.raise({ id: `${id}-not-released`, kind: 'not-released', at, line: line ?? '', call: id });
  const journal = [...call.journal, { at, effect: { do: 'Raise', alert: 'not-released' } } as const];
  return { record: foldRecord(id, journal), journal };
}

/** The same queue, which a call enters once its carrier has answered. `onFault` hears of a call that went in as it was. */
export function awaitReleases(facts: FactQueue, watch: ReleaseWatch, onFault: (err: unknown) => void): FactQueue {
  const settle = async (call: FinishedCall) => {
    try {
      return await withRelease(call, watch);
    } catch (err) {
      onFault(err);
      return call;
    }
  };
  return { put: async (call) => facts.put(await settle(call)) };
}
