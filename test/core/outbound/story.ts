import type { CallEvent, Effect } from '../../../services/core/call.ts';
import type { LineEvidence, Sighting } from '../../../services/core/clearance.ts';
import type { Dialled, DialledClass } from '../../../services/core/number.ts';
import type { Stage } from '../../../services/core/outbound/state.ts';
import {
  decideOutbound,
  newOutboundCall,
  type OutboundCall,
  type OutboundRules,
} from '../../../services/core/outbound.ts';
import { type Bare, begin, elsiesLine, type Told, tellEffect, tellEnding, tellRoute } from '../told.ts';

export * from '../told.ts';

/**
 * Outgoing calls told in a line each: events by short names, effects and stages as words. Every call here has the id `c`, so
 * its playbacks are p1, p2 …; its trunks are `one` and `two`, its resident Elsie Brown in room-12.
 */

export const rules: OutboundRules = {
  premium: 'connect',
  ordinaryWhileHeld: 'warn',
  waitSeconds: 300,
  abroad: 'connect',
  callsAtOnce: 2,
  callsPerHour: 60,
  premiumCallsPerHour: 5,
};

const numbers: Record<DialledClass, Dialled> = {
  emergency: { class: 'emergency', number: '999', prefix: null, name: 'emergency services' },
  guarded: { class: 'guarded', number: '101', prefix: null, name: 'police' },
  premium: { class: 'premium', number: '+449011234567', prefix: null },
  ordinary: { class: 'ordinary', number: '+441923555777', prefix: null },
};

type DialledEvent = Bare<Extract<CallEvent, { type: 'Dialled' }>>;

/** The resident dials from the telephone, two trunks and no staff, unless said otherwise. */
export function dialled(what: DialledClass, changes: Partial<DialledEvent> = {}): DialledEvent {
  const number = numbers[what];
  const answered = changes.by !== undefined && changes.by !== 'phone';
  return {
    type: 'Dialled',
    line: { ...elsiesLine, trusted: [], blocked: [] },
    number,
    written: number.number,
    by: 'phone',
    outOf: null,
    answered,
    held: false,
    trunks: ['one', 'two'],
    suspectTrunks: [],
    staffed: false,
    ...changes,
  };
}

export const presses = (digit: string): Told => ({ type: 'KeyPressed', leg: 'resident', digit });
export const dialling = (trunk: string): Told => ({ type: 'Dialling', trunk });
export const ringing: Told = { type: 'Ringing', leg: 'far' };
export const cameBack = (status = 'CHANUNAVAIL', cause = 38): Told => ({ type: 'CameBack', status, cause });
export const lookTime: Told = { type: 'Woke', timer: 'inspect' };
export const wordsTime: Told = { type: 'Woke', timer: 'words' };

function saw(channels: readonly string[], peers: readonly string[] = []): Sighting {
  return { at: begin, tookMs: 1, channels, peers };
}
const nobody: LineEvidence = { ari: saw([]), ami: saw([]), expectedPeer: null, timedTrunks: [], releases: [] };
const oneTimed = { trunk: 'one', leftMs: 90_000 };

/** What a look may find; `far` is connected in the last ones. */
export const evidence = {
  clear: nobody,
  suspect: { ...nobody, ari: saw(['s']) },
  another: { ...nobody, ami: saw(['t']) },
  silent: { ...nobody, ami: null },
  timed: { ...nobody, timedTrunks: [oneTimed, { trunk: 'two', leftMs: 150_500 }] },
  oneTimed: { ...nobody, timedTrunks: [oneTimed] },
  nearlyClear: {
    ...nobody,
    timedTrunks: [
      { trunk: 'one', leftMs: 400 },
      { ...oneTimed, trunk: 'two' },
    ],
  },
  connected: { ...nobody, ari: saw([], ['f']), ami: saw([], ['f']), expectedPeer: 'f' },
  crowded: { ...nobody, ari: saw(['s'], ['f']), ami: saw([], ['f', 's']), expectedPeer: 'f' },
  waiting: { ...nobody, ari: saw(['s'], ['f']), ami: saw(['s'], ['f']), expectedPeer: 'f' },
} satisfies Record<string, LineEvidence>;
export const sees = (found: keyof typeof evidence): Told => ({ type: 'LineInspected', evidence: evidence[found] });

/** A call on its way, and what the latest event made it do. */
export class Story {
  readonly call: OutboundCall;
  readonly effects: readonly Effect[];
  readonly at: number;

  constructor(call: OutboundCall = newOutboundCall('c', rules), effects: readonly Effect[] = [], at = begin) {
    this.call = call;
    this.effects = effects;
    this.at = at;
  }

  static with(changes: Partial<OutboundRules>): Story {
    return new Story(newOutboundCall('c', { ...rules, ...changes }));
  }

  /** The next event, 10 ms after the one before unless said otherwise. */
  on(event: Told, afterMs = 10): Story {
    const at = this.at + afterMs;
    const { call, effects } = decideOutbound(this.call, { ...event, at });
    return new Story(call, effects, at);
  }

  get stage(): string {
    return tellStage(this.call.stage);
  }

  get does(): string[] {
    return this.effects.map(tellEffect);
  }
}

export function tellStage(stage: Stage): string {
  switch (stage.name) {
    case 'gone-on':
      return `gone on, ${tellRoute(stage.route)}`;
    case 'connected':
      return stage.audit === null || stage.audit.phase === 'over'
        ? 'connected'
        : `connected, ${stage.audit.phase} look`;
    case 'parting':
    case 'closing':
    case 'ended':
      return `${stage.name}, ${tellEnding(stage.ending)}`;
    default:
      return stage.name;
  }
}
