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

/** How soon a witness that did not answer is asked again. */
const askAgainMs = 1000;

/**
 * Decides from evidence alone whether anybody else can hear or be heard on the line; every answer says why. Which trunk
 * a guarded call may then take is another question: `assessDeparture`.
 */
export function assessLine(evidence: LineEvidence): Assessment {
  const { ari, ami } = evidence;
  const strangers = strangersAmongPeers(evidence);
  const others = channelsOnLine(evidence);
  const suspects = [...new Set([...strangers, ...others])];
  if (suspects.length > 0) {
    const reasons = suspects.map((channel) =>
      strangers.includes(channel) ? `${channel} is connected to the resident` : `channel ${channel} still exists`,
    );
    return { state: 'clearing', suspects, reasons };
  }
  if (ari === null || ami === null) {
    const silent = [ari === null ? 'ARI' : [], ami === null ? 'AMI' : []].flat();
    const reasons = silent.map((witness) => `${witness} did not answer within a second`);
    return { state: 'held', waitMs: askAgainMs, reasons };
  }
  return { state: 'clear', reasons: ['ARI and AMI both see nobody else on the line'] };
}

/** Whom either witness saw connected to the resident, but for the guarded call's own far end. */
export function strangersAmongPeers({ ari, ami, expectedPeer }: LineEvidence): readonly string[] {
  const peers = new Set([...(ari?.peers ?? []), ...(ami?.peers ?? [])]);
  return [...peers].filter((peer) => peer !== expectedPeer);
}

/** The line's other channels, as either witness saw them. */
export function channelsOnLine({ ari, ami }: LineEvidence): readonly string[] {
  return [...new Set([...(ari?.channels ?? []), ...(ami?.channels ?? [])])];
}

/**
 * The trunks that may carry a guarded call now, best first: those over which no suspect came in, then the others. One that
 * its far end may still hold open is none of them.
 */
export function permittedTrunks(
  trunks: readonly string[],
  suspectTrunks: readonly string[],
  timedTrunks: LineEvidence['timedTrunks'],
): readonly string[] {
  const timed = new Set(timedTrunks.filter(({ leftMs }) => leftMs > 0).map(({ trunk }) => trunk));
  const free = trunks.filter((trunk) => !timed.has(trunk));
  const suspect = (trunk: string) => suspectTrunks.includes(trunk);
  return [...free.filter((trunk) => !suspect(trunk)), ...free.filter(suspect)];
}

/**
 * May a guarded call leave now, over one of these trunks? Nobody at all may be connected to the resident before that. A line that is clear, but whose every trunk may still be held
 * open by its far end, is held for the shortest of those times.
 */
export function assessDeparture(evidence: LineEvidence, trunks: readonly string[]): Assessment {
  const line = assessLine({ ...evidence, expectedPeer: null });
  if (line.state !== 'clear' || trunks.length === 0) return line;
  if (permittedTrunks(trunks, [], evidence.timedTrunks).length > 0) return line;
  const timed = evidence.timedTrunks.filter(({ trunk }) => trunks.includes(trunk));
  return {
    state: 'held',
    waitMs: Math.min(...timed.map(({ leftMs }) => leftMs)),
    reasons: timed.map(
      ({ trunk, leftMs }) => `the far end may hold trunk ${trunk} open for ${Math.ceil(leftMs / 1000)} s more`,
    ),
  };
}
