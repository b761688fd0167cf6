import type { CallEvent, Effect, Ending, Leg, Sound } from '../../services/core/call.ts';
import type { ProtectedLine } from '../../services/core/line.ts';

/** What stories of calls in both directions have in common: their beginning, the line, events by short names, and effects in words. */

/** When a story begins. */
export const begin = Date.UTC(2026, 10, 23, 10);

export const elsiesLine: ProtectedLine = {
  id: 'room-12',
  number: '+441923555012',
  resident: 'Elsie Brown',
  area: 'Rickmansworth',
  mode: 'guarded',
  trusted: [{ number: '+441923555100', name: 'Anna' }],
  blocked: ['+441923555666'],
  recordCalls: false,
  toneWatch: true,
  ringSeconds: 30,
};

export type Bare<E> = E extends CallEvent ? Omit<E, 'at'> : never;
export type Told = Bare<CallEvent>;

export const finished = (playback: number): Told => ({ type: 'PromptFinished', playback: `c-p${playback}` });
export const answers = (leg: Leg): Told => ({ type: 'Answered', leg });
export const hangsUp = (leg: Leg, cause = 16): Told => ({ type: 'HungUp', leg, cause });
export const deadline: Told = { type: 'Woke', timer: 'deadline' };
export const failed = (effect: Effect['do'], about = ''): Told => ({ type: 'EffectFailed', effect, about, why: 'no' });

export function tellEnding({ outcome, by, cause }: Ending): string {
  return `${outcome} by ${by} ${cause}`;
}

export function tellRoute(route: Extract<Effect, { do: 'PutThrough' }>['route']): string {
  return route.kind === 'over' ? `over ${route.trunk}` : route.kind;
}

export function tellEffect(effect: Effect): string {
  switch (effect.do) {
    case 'Screen':
      return `screen ${effect.verdict.standing}: ${effect.verdict.treatment}, ${effect.verdict.wording}`;
    case 'Hold':
      return `hold ${effect.seconds}${effect.vouched ? ', vouched' : ''}`;
    case 'Answer':
    case 'Alert':
      return `${effect.do.toLowerCase()} ${effect.leg}`;
    case 'Play':
      return `${short(effect.playback)} to ${effect.leg}: ${effect.sounds.map(tellSound).join(' ')}`;
    case 'StopPlaying':
      return `stop ${short(effect.playback)}`;
    case 'Record':
      return `record ${short(effect.recording)} of ${effect.leg}, ${effect.maxSeconds} s or ${effect.silenceSeconds} s of silence`;
    case 'Ring':
      return `ring ${effect.leg} as "${effect.showName}" ${effect.showNumber ?? 'no number'}, ${effect.seconds} s`;
    case 'Connect':
      return `connect ${effect.legs.join(' and ')}${effect.watchKeys ? ', watching keys' : ''}`;
    case 'RecordCall':
      return `record the call as ${short(effect.recording)}`;
    case 'Listen':
      return `listen to ${effect.leg}`;
    case 'DialOut':
      return `dial ${effect.number} by ${effect.by}`;
    case 'PutThrough':
      return `put ${effect.number.number} through, ${tellRoute(effect.route)}`;
    case 'CallBackLater':
      return `call back later for ${effect.number.number}`;
    case 'Raise':
      return `raise ${effect.alert}`;
    case 'HangUp':
      return `hang up ${effect.leg} ${effect.cause}`;
    case 'InspectLine':
      return 'look';
    case 'CutOthers':
      return 'cut others';
    case 'Cut':
      return `cut ${effect.channels.join(' ')}`;
    case 'Wake':
      return `wake ${effect.timer} ${effect.afterMs / 1000} s`;
    case 'Unwake':
      return `unwake ${effect.timer}`;
    case 'Conclude':
      return `conclude ${tellEnding(effect.ending)}`;
  }
}

function short(id: string): string {
  return id.replace(/^c-/, '');
}

function tellSound(sound: Sound): string {
  if ('prompt' in sound) return sound.prompt;
  if ('digit' in sound) return sound.digit;
  return 'recording' in sound ? `<${short(sound.recording)}>` : `(${sound.tone})`;
}
