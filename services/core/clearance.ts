/**
 * Is a line free of every audio path to a suspect? Unknown counts as not clear: a witness that does not answer within a
 * second proves nothing. Both witnesses read Asterisk's own books; neither waits for the far end to answer our BYE.
 */

/** What one witness saw of a line, in a look made for this question; null when it did not answer within a second. */
export type Sighting = {
  /** When it was asked, ms since the epoch, and how long it took to answer, ms. */
  readonly at: number;
  readonly tookMs: number;
  /** Channels of the line beside the guarded call's own: callers' legs and the telephone's other calls. */
  readonly channels: readonly string[];
  /** Whom the resident's leg is connected to: channels, or names of channels. Nobody before the guarded call is connected. */
  readonly peers: readonly string[];
} | null;

export interface LineEvidence {
  /** ARI's word. */
  readonly ari: Sighting;
  /** AMI's. */
  readonly ami: Sighting;
  /** Who may be connected to the resident: the guarded call's own far end, once it is there. */
  readonly expectedPeer: string | null;
  /** Analogue trunks that a far end may still hold open, with the milliseconds left; they may not carry the guarded call. */
  readonly timedTrunks: readonly { readonly trunk: string; readonly leftMs: number }[];
  /** How the carriers of this line's last suspect calls answered our goodbye: recorded, never waited for. */
  readonly releases: readonly { readonly channel: string; readonly state: 'released' | 'awaited' | 'unknown' }[];
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
