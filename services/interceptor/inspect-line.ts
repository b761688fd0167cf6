import type { LineEvidence } from '../core/clearance.ts';
import type { LineQuestion } from '../core/line-look.ts';
import type { Callers } from './callers.ts';
import type { RunnerOptions } from './runner-options.ts';

/**
 * All that is known of a line when it is asked for: what both witnesses see, afresh and at once, which trunks a far end may
 * hold open, and how the carriers of the last suspects let go of them. Never rejects.
 */
export async function inspectLine(
  question: LineQuestion,
  expectedPeer: string | null,
  callers: Callers,
  { witnesses, holds, releaseOf, clock }: Pick<RunnerOptions, 'witnesses' | 'holds' | 'releaseOf' | 'clock'>,
): Promise<LineEvidence> {
  const unseen = () => null;
  const [ari, ami] = await Promise.all([witnesses.ari(question).catch(unseen), witnesses.ami(question).catch(unseen)]);
  const { line } = question;
  const at = clock();
  return {
    ari,
    ami,
    expectedPeer,
    timedTrunks: holds.timedTrunks(line, at),
    releases: callers.goneFrom(line, at).map((channel) => ({ channel, state: releaseOf(channel) })),
  };
}
