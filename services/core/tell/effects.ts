import type { Effect, Ending, Route, Sound } from '../call.ts';
import { formatNumber } from '../number.ts';
import type { Verdict } from '../screen.ts';
import { alertWords, enders, outcomeWords, phones, promptWords, standingWords, treatmentWords } from '../words.ts';
import { duration, party, partyWithin, type Seen, type Style, seconds, tellDialled } from './style.ts';

/** What Clearline did, in sentences; the first stands beside its time, the others under it. */
export function tellEffect(effect: Effect, seen: Seen, style: Style): string[] {
  switch (effect.do) {
    case 'Screen':
      return [`Clearline decides: ${tellVerdict(effect.verdict)}.`, ...effect.verdict.reasons.map(({ text }) => text)];
    case 'Answer':
      return [
        effect.leg === 'caller'
          ? 'Clearline answers the call itself.'
          : `${party(effect.leg, seen)}: the leg is answered.`,
      ];
    case 'Play': {
      const heard = effect.sounds.map((sound) => tellSound(sound, style)).join('; ');
      return [`${party(effect.leg, seen)} ${effect.leg === 'staff' ? 'hear' : 'hears'}: ${heard}.`];
    }
    case 'Record':
      return [`${party(effect.leg, seen)} may speak; up to ${seconds(effect.maxSeconds)} are recorded.`];
    case 'Ring': {
      const shown = [effect.showName, effect.showNumber && formatNumber(effect.showNumber, style.pack)];
      return [`${phones[effect.leg]}: ${shown.filter(Boolean).join(', ') || 'no name shown'}.`];
    }
    case 'Connect':
      return [`${party(effect.legs[0], seen)} and ${partyWithin(effect.legs[1], seen)} can speak with one another.`];
    case 'RecordCall':
      return ['The conversation is being recorded.'];
    case 'HangUp':
      seen.cut.add(effect.leg);
      return [];
    case 'Hold':
      return effect.seconds > 0 ? [`This call leaves the line held for ${duration(effect.seconds)}.`] : [];
    case 'DialOut':
      return [`The resident leaves this call, and ${formatNumber(effect.number, style.pack)} is called in another.`];
    case 'PutThrough':
      return [tellRoute(effect.route, tellDialled(effect.number, style))];
    case 'CallBackLater':
      return [`The resident is to be called back for ${tellDialled(effect.number, style)} once the line is clear.`];
    case 'Raise':
      return [`Staff are alerted: ${tellAlert(effect.alert)}.`];
    case 'Cut':
      return [`Clearline cuts what else is on the line: ${effect.channels.join(', ')}.`];
    case 'CutOthers':
      return ['Clearline ends every other call of this line.'];
    case 'Conclude':
      return [`The call is over: ${tellEnding(effect.ending)}.`];
    // What a look saw is told when it is known.
    case 'InspectLine':
    case 'Listen':
    case 'Alert':
    case 'StopPlaying':
    case 'Wake':
    case 'Unwake':
      return [];
  }
}

function tellRoute(route: Route, number: string): string {
  switch (route.kind) {
    case 'emergency':
      return `Clearline has ${number} called at once.`;
    case 'dialplan':
      return `Clearline leaves ${number} to the dialplan, which waits until no caller is left and the hold is over.`;
    case 'any':
      return `Clearline puts the resident through to ${number}.`;
    case 'over':
      return `Clearline puts the resident through to ${number} over the trunk ${route.trunk}.`;
  }
}

function tellSound(sound: Sound, { wording }: Style): string {
  if ('prompt' in sound) return wording?.(sound.prompt) ?? promptWords[sound.prompt] ?? sound.prompt;
  if ('digit' in sound) return `“${sound.digit}”`;
  if ('recording' in sound) return 'the caller’s recorded words';
  return 'the ringing tone';
}

/** What was decided about a caller, without its reasons: `trusted (Anna); the phone rings`. */
export function tellVerdict({ standing, treatment, trustedName, wording }: Verdict): string {
  const claimed =
    trustedName === null
      ? standingWords[standing]
      : `the number shown is ${trustedName}’s, but the caller may be somebody else`;
  const who = standing === 'trusted' ? `trusted (${trustedName})` : claimed;
  return `${who}; ${treatmentWords[treatment]}${wording === 'strong' ? ', with the stronger wording' : ''}`;
}

/** How a call ended, and who ended it. */
export function tellEnding({ outcome, by }: Ending): string {
  return `${tellOutcome({ outcome })}; ended by ${enders[by]}`;
}

/** What became of a call, in a few words. */
export function tellOutcome({ outcome }: Pick<Ending, 'outcome'>): string {
  return outcomeWords[outcome] ?? outcome;
}

/** What staff are alerted of. A later release may know of more kinds than this one has words for. */
export function tellAlert(kind: keyof typeof alertWords): string {
  return alertWords[kind] ?? kind;
}
