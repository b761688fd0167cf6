import type { Sound } from '../../../services/core/call.ts';
import type { Task } from './clock.ts';

export type Kind = 'caller' | 'phone' | 'staff' | 'far';

/** Something that plays on a channel, or waits until what plays before it is over. */
export interface Playing {
  readonly playback: string;
  readonly sounds: readonly Sound[];
  task: Task | null;
}

/** A leg in the exchange, with all that the model has to know of it. */
export class Channel {
  readonly id: string;
  readonly name: string;
  readonly kind: Kind;
  /** The line it is marked with, as by Asterisk's account code; empty for staff. */
  readonly line: string;
  readonly trunk: string | null;
  state: 'ringing' | 'up' | 'gone' = 'ringing';
  /** `rung` by Clearline and not picked up; in Clearline's hands; in the dialplan's. */
  place: 'rung' | 'stasis' | 'dialplan' = 'dialplan';
  /** What Stasis was given, application and all. */
  given = '';
  extension = 's';
  bridge: Set<Channel> | null = null;
  readonly plays: Playing[] = [];
  readonly recordings = new Map<string, Task>();
  /** CLEARLINE_HOLD_SECONDS. */
  hold: string;

  // A caller's.
  /** They were let in, if only to hear a voice: a far end may hold open what was never more than ringing only in theory. */
  answered = false;
  shown: string | null = null;
  /** On the line's list of trusted contacts. */
  trusted = false;
  /** The exchange itself put them there, as a transfer may. */
  rogue = false;
  /** The digit that was said to them last. */
  digit = '';
  /** Clearline has asked to have them hung up. */
  unwanted = false;

  // A resident's.
  /** In the dialplan's group of legs that are in a guarded or an emergency call. */
  engaged = false;
  /** Begun at the telephone, not rung. */
  outgoing = false;
  emergency = false;
  keyedUntil = 0;
  /** The number being dialled is a guarded one. */
  guarded = false;
  /** Clearline chose the trunk, and audits the call once it is connected. */
  chosen = false;
  /** Ended by the dialplan for another call of the same telephone. */
  displaced = false;
  /** When the resident dialled. */
  dialledAt = 0;
  /** When the number was last offered to a trunk. */
  offeredAt = 0;

  // A call that the dialplan dials.
  far: Channel | null = null;
  near: Channel | null = null;
  connected = false;
  whenDialEnds: ((status: string, cause: number) => void) | null = null;
  whenAnswered: (() => void) | null = null;
  /** Counts the contexts it was sent into: what the one before still wanted to do is off. */
  visit = 0;

  constructor(id: string, kind: Kind, line: string, trunk: string | null, hold: number) {
    this.id = id;
    this.kind = kind;
    this.line = line;
    this.trunk = trunk;
    this.hold = String(hold);
    this.name = trunk === null ? `PJSIP/${line || 'office'}-${id}` : `PJSIP/trunk-${trunk}-${hex(id)}`;
  }

  /** Its account code: legs of an emergency call bear no line's. */
  get mark(): string {
    return this.emergency || this.near?.emergency === true ? '/emergency' : this.line;
  }

  get isLive(): boolean {
    return this.state !== 'gone';
  }

  /** The person at this end hears and is heard, were there somebody to talk to. */
  get isOpen(): boolean {
    return this.state === 'up' || (this.outgoing && this.isLive);
  }

  /** The guarded call of this leg is with a trunk, ringing or connected. */
  get isOffered(): boolean {
    return this.guarded && !this.emergency && this.far !== null;
  }
}

function hex(id: string): string {
  return Number(id.replace(/\D/g, '')).toString(16).padStart(8, '0').slice(-8);
}
