import { type Assessment, assessDeparture, assessLine, type LineEvidence, type Sighting } from '../clearance.ts';
import { capital, duration, type Seen } from './style.ts';

/** Looks at a line in words: what each witness saw, and what it was taken for. */

/** Evidence as the first release wrote it: lists of channels, and how the suspect's one trunk clears. */
interface FormerEvidence {
  readonly ari: readonly string[] | null;
  readonly ami: readonly string[] | null;
  readonly clearing: 'proven' | 'timed';
  readonly clearingSeconds: number;
  readonly sinceClearedMs: number;
}

/** The timeline's sentences. A look that saw the same as the one before is no news. */
export function tellLook(evidence: LineEvidence, seen: Seen): string[] {
  const { state, reasons } = assess(evidence, seen);
  // Only times differ between two looks at a line where nothing happens.
  const look = [state, ...reasons].join('\n').replace(/\d+(\.\d+)? ?(ms|s|min|seconds|minutes)\b/g, '');
  if (look === seen.look) return [];
  seen.look = look;
  return [state === 'clear' ? 'The line is clear.' : 'The line is not clear yet.', ...reasons.map(capital)];
}

function assess(evidence: LineEvidence | FormerEvidence, { trunks }: Seen): Pick<Assessment, 'state' | 'reasons'> {
  if ('sinceClearedMs' in evidence) return assessFormer(evidence);
  return trunks === null ? assessLine(evidence) : assessDeparture(evidence, trunks);
}

/** As that release took it. */
function assessFormer(evidence: FormerEvidence): Pick<Assessment, 'state' | 'reasons'> {
  const { ari, ami, clearing, clearingSeconds, sinceClearedMs } = evidence;
  const suspects = [...new Set([...(ari ?? []), ...(ami ?? [])])];
  if (suspects.length > 0)
    return { state: 'clearing', reasons: suspects.map((channel) => `channel ${channel} still exists`) };
  const silent = [ari === null ? 'ARI' : [], ami === null ? 'AMI' : []].flat();
  if (silent.length > 0)
    return { state: 'held', reasons: silent.map((witness) => `${witness} did not answer within a second`) };
  if (clearing === 'timed' && sinceClearedMs < clearingSeconds * 1000) {
    return { state: 'held', reasons: ['the trunk is an analogue gateway, which its far end can hold open'] };
  }
  return { state: 'clear', reasons: ['ARI and AMI both see no channel of a suspect call'] };
}

/** What one witness saw, in a few words: `nobody else`, `17.9 (0.4 ms)`. */
export function tellSighting(sighting: Sighting): string {
  if (sighting === null) return 'no answer within a second';
  const { channels, peers, tookMs } = sighting;
  const others = channels.length === 0 ? 'nobody else' : channels.join(', ');
  const connected = peers.length === 0 ? '' : `; connected to ${peers.join(', ')}`;
  return `${others}${connected} (${tookMs} ms)`;
}

/** Beside the witnesses: trunks that far ends may hold open, and how the carriers answered our goodbyes. */
export function tellBeside({ timedTrunks, releases }: LineEvidence): string[] {
  const answered = {
    released: 'has let go of',
    awaited: 'has not yet let go of',
    unknown: 'was not heard to let go of',
  };
  return [
    ...timedTrunks.map(
      ({ trunk, leftMs }) => `the far end may hold the trunk ${trunk} open for another ${duration(leftMs / 1000)}`,
    ),
    ...releases.map(({ channel, state }) => `the carrier ${answered[state]} ${channel}`),
  ];
}

/** What a look was taken for: `clear: …`. */
export function tellAssessment({ state, reasons }: Assessment): string {
  return `${state === 'clear' ? 'clear' : 'not clear'}${reasons.length > 0 ? `: ${reasons.join('; ')}` : ''}`;
}
