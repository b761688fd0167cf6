/** How long what is kept: the pure part of retention. Times are UTC milliseconds since the epoch. */

/** What is kept for a time of its own, in the order in which it is removed: incidents first, since their calls go with them. */
export const retentionKinds = [
  'incidents',
  'calls',
  'names',
  'messages',
  'conversations',
  'alerts',
  'sightings',
  'access',
] as const;
export type RetentionKind = (typeof retentionKinds)[number];

/** Days by kind; null: for ever. */
export type Periods = Readonly<Record<RetentionKind, number | null>>;

const dayMs = 86_400_000;

/** Before which moment something of this kind is due; null where it never is. */
export function dueBefore(kind: RetentionKind, periods: Periods, now: number): number | null {
  const days = periods[kind];
  return days === null ? null : now - days * dayMs;
}

/** An incident that has a call. */
export interface Tie {
  readonly incident: string;
  /** A legal hold is on it. */
  readonly held: boolean;
}

/** What becomes of something whose time is up: it goes, or stays because of an incident that goes on, or of a legal hold. */
export type Judgement = 'remove' | 'linked' | 'held';

/**
 * Of a call, its recordings and its alerts: they live at least as long as the incidents that the call belongs to, whose evidence
 * they are; and as a legal hold on one of them.
 */
export function judgeCall(ties: readonly Tie[]): Judgement {
  if (ties.some(({ held }) => held)) return 'held';
  return ties.length > 0 ? 'linked' : 'remove';
}

/** Of an incident: one that is open is not over, however old. */
export function judgeIncident({ open, held }: { readonly open: boolean; readonly held: boolean }): Judgement {
  if (held) return 'held';
  return open ? 'linked' : 'remove';
}

const suffixes = { name: 'names', message: 'messages', call: 'conversations' } as const;

export interface RecordingName {
  readonly name: string;
  readonly call: string;
  readonly kind: 'names' | 'messages' | 'conversations';
}

/** Which call's recording has this name (without `.wav`), and of what; null where it is none that Clearline makes. */
export function readRecordingName(name: string): RecordingName | null {
  const [, call, suffix] = /^([^/\\\0]+)-(name|message|call)$/.exec(name) ?? [];
  if (call === undefined || suffix === undefined || call.startsWith('.')) return null;
  return { name, call, kind: suffixes[suffix as keyof typeof suffixes] };
}
