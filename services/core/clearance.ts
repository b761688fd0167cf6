/**
 * Is a line free of every audio path to a suspect? Unknown counts as not clear: a witness that does not answer within a
 * second proves nothing. Both witnesses read Asterisk's own books; neither waits for the far end to answer our BYE.
 */

/**
 * What one witness saw: channels that still exist of the suspect call, and of any other call to the line that nobody
 * vouched for (on hold, or waiting); null when it did not answer in time.
 */
export type Sighting = readonly string[] | null;

export interface LineEvidence {
  /** ARI's word. */
  readonly ari: Sighting;
  /** A fresh AMI channel list. */
  readonly ami: Sighting;
  /** How the suspect's trunk clears: `timed` gateways can be held open by their far end. */
  readonly clearing: 'proven' | 'timed';
  /** Seconds a timed trunk needs after the suspect's channel went. */
  readonly clearingSeconds: number;
  /** Milliseconds since the suspect's channel was seen to be gone. */
  readonly sinceClearedMs: number;
}

export type Assessment =
  | { readonly state: 'clear'; readonly reasons: readonly string[] }
  /** Not clear yet; these channels are to be cut, and the line inspected again. */
  | { readonly state: 'clearing'; readonly suspects: readonly string[]; readonly reasons: readonly string[] }
  /** Not clear, and nothing to do but wait. */
  | { readonly state: 'held'; readonly waitMs: number; readonly reasons: readonly string[] };

/** Decides from evidence alone; every answer says why. */
export function assessLine(evidence: LineEvidence): Assessment {
  const { ari, ami } = evidence;
  const suspects = [...new Set([...(ari ?? []), ...(ami ?? [])])];
  if (suspects.length > 0) {
    return { state: 'clearing', suspects, reasons: suspects.map((channel) => `channel ${channel} still exists`) };
  }
  if (ari === null || ami === null) {
    const silent = [ari === null ? 'ARI' : [], ami === null ? 'AMI' : []].flat();
    return {
      state: 'held',
      waitMs: 1000,
      reasons: silent.map((witness) => `${witness} did not answer within a second`),
    };
  }
  const waitMs = evidence.clearingSeconds * 1000 - evidence.sinceClearedMs;
  if (evidence.clearing === 'timed' && waitMs > 0) {
    return { state: 'held', waitMs, reasons: ['the trunk is an analogue gateway, which its far end can hold open'] };
  }
  return { state: 'clear', reasons: ['ARI and AMI both see no channel of a suspect call'] };
}
