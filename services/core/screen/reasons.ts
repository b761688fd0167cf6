import {
  type ExpectedCaller,
  isPaused,
  isRaised,
  type Moment,
  type ProtectedLine,
  type ScreeningMode,
} from '../line.ts';
import type { Reason, Treatment } from './verdict.ts';

/** What staff read of why a call was treated as it was, where that is not about the caller. */

export const heldReason: Reason = {
  kind: 'line-held',
  text: 'The line is held after an earlier suspect call, so it screens one step more strictly.',
};

function raisedReason({ raisedFor }: ProtectedLine): Reason {
  const which = raisedFor === undefined ? '' : ` (campaign ${raisedFor})`;
  const text = `Fraudsters are ringing the area${which}, so every line there screens one step more strictly for a while.`;
  return { kind: 'guard-raised', text };
}

const pausedReason: Reason = { kind: 'line-paused', text: 'Screening of this line is paused for a while.' };

/** What about this moment, and not about the caller, decides the mode in force. */
export function momentReasons(line: ProtectedLine, { at, held }: Moment): Reason[] {
  return [
    ...(isPaused(line, at) ? [pausedReason] : []),
    ...(held ? [heldReason] : []),
    ...(isRaised(line, at) ? [raisedReason(line)] : []),
  ];
}

export function awaitedReason({ name }: ExpectedCaller): Reason {
  const text = `${name} is expected about now and gave no number, so strangers are screened one step more mildly.`;
  return { kind: 'expected-caller', text };
}

const consequence: Record<Treatment, string> = {
  connect: 'the phone simply rings',
  warn: 'the resident hears the warning before the caller can speak',
  announce: 'the caller hears that the line is protected, and the resident hears the warning',
  challenge: 'the caller says a name and presses a digit, and the resident hears the warning',
  'staff-or-refuse': 'staff may take the call, else it is politely refused',
  'staff-or-message': 'staff may take the call, else the caller leaves a message',
  refuse: 'the call is politely refused',
};

export function modeReason(mode: ScreeningMode, treatment: Treatment): Reason {
  return { kind: 'mode', text: `In the mode in force, ${mode}, ${consequence[treatment]}.` };
}
