import type { LineEvidence } from '../../core/clearance.ts';
import type { LineQuestion } from '../../core/line-look.ts';
import type { RunnerOptions } from '../runner-options.ts';
import type { Callers } from './callers.ts';

/**
 * All that is known of a line when it is asked for: what both witnesses see, afresh and at once, which trunks a far end may
 * hold open, and how the carriers of the last suspects let go of them. Never rejects.
 */
export async function inspectLine(
  question: LineQuestion,
  expectedPeer: string | null,
  callers: Callers,
  options: Pick<RunnerOptions, 'witnesses' | 'holds' | 'readHolds' | 'trunks' | 'releaseOf' | 'clock'>,
): Promise<LineEvidence> {
  const { witnesses, releaseOf, clock } = options;
  const unseen = () => null;
  const [ari, ami] = await Promise.all([witnesses.ari(question).catch(unseen), witnesses.ami(question).catch(unseen)]);
  const { line } = question;
  // Asked after the witnesses: a caller is on their lists until the dialplan has written into AstDB.
  const known = ari === null || ami === null || (await knowsTimedTrunks(options));
  const at = clock();
  return {
    ari,
    ami: known ? ami : null,
    expectedPeer,
    timedTrunks: timedTrunks(line, at, callers, options),
    releases: callers.goneFrom(line, at).map((channel) => ({ channel, state: releaseOf(channel) })),
  };
}

/** With the witnesses' second, less than the two after which a look counts as lost (core/outbound/look), in milliseconds. */
const readWithinMs = 800;

async function knowsTimedTrunks({ trunks, readHolds }: Pick<RunnerOptions, 'trunks' | 'readHolds'>): Promise<boolean> {
  if (readHolds === undefined || trunks.every(({ clearing }) => clearing === 'proven')) return true;
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), readWithinMs);
  });
  // What is read later than that is taken over all the same, and serves the next look.
  return Promise.race([readHolds().catch(() => false), tooLate]).finally(() => clearTimeout(timer));
}

/**
 * The witnesses may answer before Asterisk has told us that a caller whom they see no more is gone: that caller's trunk may be
 * held open from now on.
 */
function timedTrunks(
  line: string,
  at: number,
  callers: Callers,
  { holds, trunks }: Pick<RunnerOptions, 'holds' | 'trunks'>,
): LineEvidence['timedTrunks'] {
  const leaving = callers.trunksOn(line);
  const held = trunks.flatMap(({ name: trunk, clearing, clearingSeconds }) =>
    clearing === 'timed' && leaving.includes(trunk) ? [{ trunk, leftMs: clearingSeconds * 1000 }] : [],
  );
  return [...held, ...holds.timedTrunks(at).filter(({ trunk }) => !held.some((one) => one.trunk === trunk))];
}
