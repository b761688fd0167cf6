/** How much a line asks of callers; see the table in screen.ts. `guarded` is the default. */
export const screeningModes = ['announce', 'guarded', 'trusted-only', 'paused'] as const;
export type ScreeningMode = (typeof screeningModes)[number];

/** A caller the resident or the home vouches for. */
export interface TrustedContact {
  /** E.164 (`+441923555001`); an internal extension stays as dialled. */
  readonly number: string;
  readonly name: string;
}

/** One resident's telephone line. `id` names its SIP endpoint: lower-case letters, digits and hyphens. */
export interface ProtectedLine {
  readonly id: string;
  /** The public number callers dial, E.164. */
  readonly number: string;
  readonly resident: string;
  /** Where the home lies, as the police name it: "Rickmansworth". */
  readonly area: string;
  readonly mode: ScreeningMode;
  readonly trusted: readonly TrustedContact[];
  /** E.164 numbers that never reach the resident unwarned. */
  readonly blocked: readonly string[];
  /** Record the conversation; it is announced to both. Off by default. */
  readonly recordCalls: boolean;
  /** Listen for a dial tone that a caller nobody vouches for plays. On by default. */
  readonly toneWatch: boolean;
  /** How long the resident's phone rings before the caller is told that nobody answers, in seconds. */
  readonly ringSeconds: number;
  /** Strangers are screened one step more strictly until then (UTC ms): fraudsters are ringing the area. */
  readonly raisedUntil?: number;
  /** The campaign for which they are. */
  readonly raisedFor?: string;
  /** Screening rests until then (UTC ms), as in the mode `paused`; the lists and every guard stand. */
  readonly pausedUntil?: number;
  readonly expected?: readonly ExpectedCaller[];
}

/** Somebody who is to call between two times (UTC ms): trusted then, if the number is given and shown. */
export interface ExpectedCaller {
  readonly number: string | null;
  readonly name: string;
  readonly from: number;
  readonly until: number;
}

const stricter: Record<ScreeningMode, ScreeningMode> = {
  paused: 'announce',
  announce: 'guarded',
  guarded: 'trusted-only',
  'trusted-only': 'trusted-only',
};

/** What bears on a line's screening at one moment; `at` is the event's own time, UTC ms: no clock is asked. */
export interface Moment {
  readonly at: number;
  /** Held after a suspect call, or one is still going on. */
  readonly held: boolean;
}

/**
 * The mode in force. A pause takes the place of the line's own mode until it ends by itself; a hold or a raised guard makes it one
 * step stricter, whether the line is paused or not. Both together are one step, not two: they are two signs of the same danger, and
 * a second step would shut out callers whom neither alone does.
 */
export function modeInForce(line: ProtectedLine, { at, held }: Moment): ScreeningMode {
  const mode = isPaused(line, at) ? 'paused' : line.mode;
  return held || isRaised(line, at) ? stricter[mode] : mode;
}

/** A journal from before there were pauses has none. */
export function isPaused({ pausedUntil }: ProtectedLine, at: number): boolean {
  return pausedUntil !== undefined && at < pausedUntil;
}

/** Fraudsters are ringing the area. */
export function isRaised({ raisedUntil }: ProtectedLine, at: number): boolean {
  return raisedUntil !== undefined && at < raisedUntil;
}

/** Who is to call the line at this moment, in the order of the list. */
export function expectedAt({ expected = [] }: ProtectedLine, at: number): readonly ExpectedCaller[] {
  return expected.filter(({ from, until }) => from <= at && at < until);
}
