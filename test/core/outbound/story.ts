import type { CallEvent, Effect, Ending, Leg, Sound } from '../../../services/core/call.ts';
import type { LineEvidence, Sighting } from '../../../services/core/clearance.ts';
import type { ProtectedLine } from '../../../services/core/line.ts';
import type { Dialled, DialledClass } from '../../../services/core/number.ts';
import type { Stage } from '../../../services/core/outbound/state.ts';
import {
  decideOutbound,
  newOutboundCall,
  type OutboundCall,
  type OutboundRules,
} from '../../../services/core/outbound.ts';

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

const line: ProtectedLine = {
  id: 'room-12',
  number: '+441923555012',
  resident: 'Elsie Brown',
  area: 'Rickmansworth',
  mode: 'guarded',
  trusted: [],
  blocked: [],
  recordCalls: false,
  toneWatch: true,
  ringSeconds: 30,
};

const numbers: Record<DialledClass, Dialled> = {
  emergency: { class: 'emergency', number: '999', prefix: null, name: 'emergency services' },
  guarded: { class: 'guarded', number: '101', prefix: null, name: 'police' },
  premium: { class: 'premium', number: '+449011234567', prefix: null },
  ordinary: { class: 'ordinary', number: '+441923555777', prefix: null },
};

/** When the story begins. */
export const begin = Date.UTC(2026, 10, 23, 10);

type Bare<E> = E extends CallEvent ? Omit<E, 'at'> : never;
export type Told = Bare<CallEvent>;
type DialledEvent = Bare<Extract<CallEvent, { type: 'Dialled' }>>;

/** The resident dials from the telephone, two trunks and no staff, unless said otherwise. */
export function dialled(what: DialledClass, changes: Partial<DialledEvent> = {}): DialledEvent {
  const number = numbers[what];
  const answered = changes.by !== undefined && changes.by !== 'phone';
  return {
    type: 'Dialled',
    line,
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

export const finished = (playback: number): Told => ({ type: 'PromptFinished', playback: `c-p${playback}` });
export const presses = (digit: string): Told => ({ type: 'KeyPressed', leg: 'resident', digit });
export const answers = (leg: Leg): Told => ({ type: 'Answered', leg });
export const hangsUp = (leg: Leg, cause = 16): Told => ({ type: 'HungUp', leg, cause });
export const dialling = (trunk: string): Told => ({ type: 'Dialling', trunk });
export const ringing: Told = { type: 'Ringing', leg: 'far' };
export const cameBack = (status = 'CHANUNAVAIL', cause = 38): Told => ({ type: 'CameBack', status, cause });
export const deadline: Told = { type: 'Woke', timer: 'deadline' };
export const lookTime: Told = { type: 'Woke', timer: 'inspect' };
export const wordsTime: Told = { type: 'Woke', timer: 'words' };
export const failed = (effect: Effect['do'], about = ''): Told => ({ type: 'EffectFailed', effect, about, why: 'no' });

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

function tellRoute(route: Extract<Effect, { do: 'PutThrough' }>['route']): string {
  return route.kind === 'over' ? `over ${route.trunk}` : route.kind;
}

function tellEnding({ outcome, by, cause }: Ending): string {
  return `${outcome} by ${by} ${cause}`;
}

function tellEffect(effect: Effect): string {
  switch (effect.do) {
    case 'Answer':
      return `answer ${effect.leg}`;
    case 'Play':
      return `${short(effect.playback)} to ${effect.leg}: ${effect.sounds.map(tellSound).join(' ')}`;
    case 'StopPlaying':
      return `stop ${short(effect.playback)}`;
    case 'Ring':
      return `ring ${effect.leg} as "${effect.showName}" ${effect.showNumber ?? 'no number'}, ${effect.seconds} s`;
    case 'Connect':
      return `connect ${effect.legs.join(' and ')}${effect.watchKeys ? ', watching keys' : ''}`;
    case 'PutThrough':
      return `put ${effect.number.number} through, ${tellRoute(effect.route)}`;
    case 'CallBackLater':
      return `call back later for ${effect.number.number}`;
    case 'Raise':
      return `raise ${effect.alert}`;
    case 'HangUp':
      return `hang up ${effect.leg} ${effect.cause}`;
    case 'Cut':
      return `cut ${effect.channels.join(' ')}`;
    case 'CutOthers':
      return 'cut others';
    case 'InspectLine':
      return 'look';
    case 'Wake':
      return `wake ${effect.timer} ${effect.afterMs / 1000} s`;
    case 'Unwake':
      return `unwake ${effect.timer}`;
    case 'Conclude':
      return `conclude ${tellEnding(effect.ending)}`;
    default:
      return effect.do;
  }
}

function short(id: string): string {
  return id.replace(/^c-/, '');
}

function tellSound(sound: Sound): string {
  if ('prompt' in sound) return sound.prompt;
  if ('digit' in sound) return sound.digit;
  return 'recording' in sound ? short(sound.recording) : `(${sound.tone})`;
}
