import type { CallEvent, Leg } from '../call.ts';
import { furtherKeys, unkeptDigit } from '../step.ts';
import { answers, classWords, dialledWords, dialStatusWords } from '../words.ts';
import { tellLook } from './looks.ts';
import { party, partyWithin, type Seen, type Style, seconds, tellCaller, tellDialled } from './style.ts';

/** What happened, in sentences; the first stands beside its time, the others under it. */
export function tellEvent(event: CallEvent, call: string, seen: Seen, style: Style): string[] {
  switch (event.type) {
    case 'Arrived':
      return tellArrival(event, style);
    case 'Dialled':
      return tellDialling(event, seen, style);
    case 'Dialling':
      return [`The call goes out over the trunk ${event.trunk}.`];
    case 'Ringing':
      return event.leg === 'far' ? [`${party('far', seen)} rings.`] : [];
    case 'CameBack':
      return [
        `The call is not taken: ${dialStatusWords[event.status] ?? event.status.toLowerCase()} (cause ${event.cause}).`,
      ];
    case 'DialToneHeard':
      return [`A dial tone is heard in what ${partyWithin(event.leg, seen)} sends.`];
    case 'Released':
      return [`The carrier has let go of the call with ${partyWithin(event.leg, seen)} (SIP ${event.status}).`];
    case 'Answered':
      seen.answered.add(event.leg);
      if (event.leg === 'far') seen.trunks = null;
      return [`${party(event.leg, seen)} ${answers[event.leg]}.`];
    case 'KeyPressed':
      if (event.digit === furtherKeys) return ['More keys are pressed, which are not kept.'];
      return [
        `${party(event.leg, seen)} ${event.leg === 'staff' ? 'press' : 'presses'} ${event.digit === unkeptDigit ? 'a key' : event.digit}.`,
      ];
    case 'RecordingFinished':
      return [`${subject(event.recording, call)} is recorded: ${seconds(event.seconds)}.`];
    case 'HungUp':
      return [tellHangUp(event.leg, event.cause, seen)];
    case 'LineInspected':
      return tellLook(event.evidence, seen);
    case 'EffectFailed':
      return [`Asterisk did not do what Clearline asked (${event.effect}, ${event.about}): ${event.why}.`];
    case 'TakenOver':
      return ['What went on since the line above was not watched; it was pieced together afterwards.'];
    case 'BrokenOff':
      return [`Clearline could not go on with this call: ${event.why}.`];
    case 'Woke':
      return event.timer === 'deadline' ? ['The time to wait for this is up.'] : [];
    case 'PromptFinished':
    case 'Described':
      return [];
  }
}

type EventOf<T extends CallEvent['type']> = Extract<CallEvent, { type: T }>;

function tellArrival(event: EventOf<'Arrived'>, style: Style): string[] {
  const to = event.line ? `${event.line.resident} (${event.line.id})` : 'a number that no protected line has';
  const said = event.caller.name ? `, who shows the name “${event.caller.name}”,` : '';
  return [
    `A call from ${tellCaller(event.caller, style)}${said} arrives for ${to} over the trunk ${event.trunk}.`,
    ...(event.held ? ['The line is held after an earlier suspect call.'] : []),
    ...(event.calledBefore ? ['Whoever left that hold showed the same number.'] : []),
    ...(event.engaged ? ['The resident is calling a guarded or an emergency number.'] : []),
  ];
}

function tellDialling(event: EventOf<'Dialled'>, seen: Seen, style: Style): string[] {
  const { number, by, written, outOf, held, answered } = event;
  seen.far = tellDialled(number, style);
  seen.trunks = event.trunks;
  if (by !== 'call-back' || answered) seen.answered.add('resident');
  const what = [classWords[number.class], written === number.number ? '' : `keyed as ${written}`].filter(Boolean);
  const sentence = dialledWords[by].replace('X', () => [seen.far, ...what].join(', '));
  return [
    `${sentence.replace('Y', () => outOf ?? 'unknown')}.`,
    ...(held ? ['The line is held after an earlier suspect call, or one still goes on.'] : []),
  ];
}

function tellHangUp(leg: Leg, cause: number, seen: Seen): string {
  if (seen.cut.has(leg)) {
    return `Clearline ends the call ${leg === 'caller' || leg === 'far' ? 'with' : 'to'} ${partyWithin(leg, seen)}.`;
  }
  if (seen.answered.has(leg)) return `${party(leg, seen)} ${leg === 'staff' ? 'hang' : 'hangs'} up.`;
  const phone = leg === 'staff' ? 'The staff’s phone' : leg === 'resident' ? 'The resident’s phone' : party(leg, seen);
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
