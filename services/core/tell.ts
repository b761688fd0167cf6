import type { CallEvent, Effect, Ending, JournalEntry, Leg, PromptName, Sound } from './call.ts';
import type { CallerIdentity } from './caller.ts';
import { assessLine } from './clearance.ts';
import { unkeptDigit } from './inbound.ts';
import { type CountryPack, formatNumber } from './number.ts';
import { gb } from './packs/gb.ts';
import type { FinishedCall } from './record.ts';
import type { Verdict } from './screen.ts';
import { answers, enders, outcomeWords, parties, phones, promptWords, standingWords, treatmentWords } from './words.ts';

/** Puts calls into words that staff can follow: one sentence a thing that happened. */

export interface Style {
  /** IANA name, such as `Europe/London`; left out, the machine's own. */
  readonly timeZone?: string;
  /** How telephone numbers are written. */
  readonly pack: CountryPack;
  /** How a prompt is told; left out, by what it says and not by its wording. */
  readonly wording?: (prompt: PromptName) => string;
}

const british: Style = { pack: gb };

/**
 * A call's timeline from its journal, one line a happening: `14:02:11.250  The caller hears: …`. A reason stands under
 * its verdict, indented. What only concerns Clearline itself (timers, cut-off playbacks) is left out.
 */
export function tellCall({ record, journal }: FinishedCall, style: Style = british): string[] {
  return journal.flatMap(tellerOf(record.id, style));
}

/** The same, entry by entry, of a call that still goes on. Entries must come in their order. */
export function tellerOf(call: string, style: Style = british): (entry: JournalEntry) => string[] {
  const seen: Seen = { answered: new Set(['caller']), cut: new Set() };
  return (entry) => {
    const sentences =
      'event' in entry ? tellEvent(entry.event, call, seen, style) : tellEffect(entry.effect, seen, style);
    // A journal on record may come from a later release, with events this one has no words for.
    return (sentences ?? []).map((sentence, index) =>
      index === 0 ? `${clockTime(entry, style)}  ${sentence}` : indent + sentence,
    );
  };
}

const indent = ' '.repeat('14:02:11.250  '.length);

/** What has gone before decides what a hang-up means. */
interface Seen {
  /** Legs that have picked up. The caller's counts as such: it is they who called. */
  readonly answered: Set<Leg>;
  /** Legs that Clearline itself is hanging up. */
  readonly cut: Set<Leg>;
}

function clockTime({ at }: JournalEntry, { timeZone }: Style): string {
  const time = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone }).format(at);
  return `${time}.${String(Math.trunc(at) % 1000).padStart(3, '0')}`;
}

function tellEvent(event: CallEvent, call: string, seen: Seen, style: Style): string[] {
  switch (event.type) {
    case 'Arrived': {
      const to = event.line ? `${event.line.resident} (${event.line.id})` : 'a number that no protected line has';
      const said = event.caller.name ? `, who shows the name “${event.caller.name}”,` : '';
      const held = event.held ? ['The line is held after an earlier suspect call.'] : [];
      return [
        `A call from ${tellCaller(event.caller, style)}${said} arrives for ${to} over the trunk ${event.trunk}.`,
        ...held,
      ];
    }
    case 'Answered':
      seen.answered.add(event.leg);
      return [`${parties[event.leg]} ${answers[event.leg]}.`];
    case 'KeyPressed':
      return [
        `${parties[event.leg]} ${event.leg === 'staff' ? 'press' : 'presses'} ${event.digit === unkeptDigit ? 'a key' : event.digit}.`,
      ];
    case 'RecordingFinished':
      return [`${subject(event.recording, call)} is recorded: ${seconds(event.seconds)}.`];
    case 'HungUp':
      return [tellHangUp(event.leg, event.cause, seen)];
    case 'LineInspected': {
      const { state, reasons } = assessLine(event.evidence);
      return [state === 'clear' ? 'The line is clear.' : 'The line is not clear yet.', ...reasons.map(capital)];
    }
    case 'EffectFailed':
      return [`Asterisk did not do what Clearline asked (${event.effect}, ${event.about}): ${event.why}.`];
    case 'BrokenOff':
      return [`Clearline could not go on with this call: ${event.why}.`];
    case 'Woke':
      return event.timer === 'deadline' ? ['The time to wait for this is up.'] : [];
    case 'PromptFinished':
    case 'Described':
      return [];
  }
}

function tellEffect(effect: Effect, seen: Seen, style: Style): string[] {
  switch (effect.do) {
    case 'Screen':
      return [`Clearline decides: ${tellVerdict(effect.verdict)}.`, ...effect.verdict.reasons.map(({ text }) => text)];
    case 'Answer':
      return [
        effect.leg === 'caller' ? 'Clearline answers the call itself.' : `${parties[effect.leg]}: the leg is answered.`,
      ];
    case 'Play':
      return [
        `${parties[effect.leg]} ${effect.leg === 'staff' ? 'hear' : 'hears'}: ${effect.sounds.map((sound) => tellSound(sound, style)).join('; ')}.`,
      ];
    case 'Record':
      return [`${parties[effect.leg]} may speak; up to ${seconds(effect.maxSeconds)} are recorded.`];
    case 'Ring': {
      const shown = [effect.showName, effect.showNumber && formatNumber(effect.showNumber, style.pack)];
      return [`${phones[effect.leg]}: ${shown.filter(Boolean).join(', ') || 'no name shown'}.`];
    }
    case 'Connect':
      return [
        `${parties[effect.legs[0]]} and ${parties[effect.legs[1]].replace('The', 'the')} can speak with one another.`,
      ];
    case 'RecordCall':
      return ['The conversation is being recorded.'];
    case 'HangUp':
      seen.cut.add(effect.leg);
      return [];
    case 'Hold':
      return effect.seconds > 0 ? [`This call leaves the line held for ${duration(effect.seconds)}.`] : [];
    case 'Cut':
      return ['Clearline cuts what is left of the calls nobody vouched for.'];
    case 'InspectLine':
      return ['Clearline looks for any path to a caller nobody vouched for.'];
    case 'Conclude':
      return [`The call is over: ${tellEnding(effect.ending)}.`];
    case 'Alert':
    case 'StopPlaying':
    case 'Wake':
    case 'Unwake':
      return [];
  }
}

function tellHangUp(leg: Leg, cause: number, { answered, cut }: Seen): string {
  if (cut.has(leg))
    return `Clearline ends the call ${leg === 'caller' ? 'with' : 'to'} ${parties[leg].replace('The', 'the')}.`;
  if (answered.has(leg)) return `${parties[leg]} ${leg === 'staff' ? 'hang' : 'hangs'} up.`;
  const phone = leg === 'police' ? '101' : leg === 'staff' ? 'The staff’s phone' : 'The resident’s phone';
  switch (cause) {
    case 17:
      return `${phone} is busy.`;
    case 18:
    case 19:
      return `${phone} is not answered.`;
    case 20:
      return `${phone} is not registered.`;
    case 21:
      return `${phone} refuses the call.`;
    default:
      return `${phone} does not take the call (cause ${cause}).`;
  }
}

function tellSound(sound: Sound, { wording }: Style): string {
  if ('prompt' in sound) return wording?.(sound.prompt) ?? promptWords[sound.prompt] ?? sound.prompt;
  if ('digit' in sound) return `“${sound.digit}”`;
  if ('recording' in sound) return 'the caller’s recorded words';
  return 'the ringing tone';
}

function subject(recording: string, call: string): string {
  switch (recording.replace(`${call}-`, '')) {
    case 'name':
      return 'The caller’s name';
    case 'message':
      return 'The caller’s message';
    case 'call':
      return 'The conversation';
    default:
      return `“${recording}”`;
  }
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

/** Who called, as staff may see it: a withheld number is never told. */
export function tellCaller({ presentation, network, withheld }: CallerIdentity, style: Style = british): string {
  if (withheld) return 'a withheld number';
  const shown = presentation ?? network;
  if (shown === null) return 'no number';
  return formatNumber(shown.e164 ?? shown.written, style.pack);
}

/** How a call ended, and who ended it. */
export function tellEnding({ outcome, by }: Ending): string {
  return `${outcomeWords[outcome]}; ended by ${enders[by]}`;
}

/** What became of a call, in a few words. */
export function tellOutcome({ outcome }: Pick<Ending, 'outcome'>): string {
  return outcomeWords[outcome];
}

function seconds(count: number): string {
  return `${Math.round(count * 10) / 10} s`;
}

/** `45 s`, `5 min`, `2 min 5 s`. */
export function duration(count: number): string {
  const whole = Math.round(count);
  if (whole < 60) return `${whole} s`;
  return `${Math.floor(whole / 60)} min${whole % 60 === 0 ? '' : ` ${whole % 60} s`}`;
}

function capital(sentence: string): string {
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
}
