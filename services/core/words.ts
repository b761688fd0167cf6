import type { Ending, Leg, Outcome, PromptName } from './call.ts';
import type { Standing, Verdict } from './screen.ts';

/** The words staff read for what the code names: parties, prompts, standings, treatments, outcomes. */

export const parties: Record<Leg, string> = {
  caller: 'The caller',
  resident: 'The resident',
  staff: 'The staff',
  police: 'The police on 101',
};

export const answers: Record<Leg, string> = {
  caller: 'is answered',
  resident: 'answers the phone',
  staff: 'answer the phone',
  police: 'answer',
};

export const phones: Record<Leg, string> = {
  caller: 'The caller’s phone rings',
  resident: 'The resident’s phone rings and shows',
  staff: 'The staff’s phone rings and shows',
  police: 'Clearline rings the police on 101, showing',
};

export const promptWords: Record<PromptName, string> = {
  announcement: 'the announcement that this line is protected',
  'announcement-strong': 'the announcement that this line is protected and that the call did not pass its checks',
  'recording-notice': 'that the call is recorded',
  'say-your-name': 'the request to say a name',
  'press-to-continue': 'the digit to press to be put through',
  'press-digit': 'again the digit to press',
  'wrong-digit': 'that it was another key, and again the digit to press',
  'please-wait': 'the request to wait',
  refused: 'that the call cannot be put through',
  'no-answer': 'that nobody has answered',
  busy: 'that the line is busy',
  'not-reachable': 'that the phone cannot be reached',
  'unknown-number': 'that nobody has this number',
  'leave-a-message': 'the request for a message',
  'message-saved': 'that the message is saved',
  'whisper-unknown': 'that the caller is unknown',
  'whisper-named': 'who the caller claims to be',
  'whisper-strong': 'that this call did not pass the checks',
  'whisper-warning': 'the warning of what bank and police never ask',
  'whisper-keys': 'which keys refuse the call, or end and report it',
  'whisper-staff': 'that a stopped call is passed on',
  'passing-to-staff': 'that the call is passed to staff',
  reminder: 'the reminder of what bank and police never ask',
  reported: 'that the call is ended and reported',
  'caller-gone': 'that the caller has gone',
  advice: 'the advice, and the key for the police',
  'reaching-101': 'that the police are being called',
  'line-not-clear': 'that the line is being made safe',
  'cannot-reach': 'that the call could not be made',
  'hold-wait': 'that the line is being made safe first',
  goodbye: 'goodbye',
};

export const standingWords: Record<Standing, string> = {
  trusted: 'trusted',
  unvouched: 'nobody vouches for the caller',
  suspect: 'the number may be forged',
  blocked: 'the number is blocked',
};

export const treatmentWords: Record<Verdict['treatment'], string> = {
  connect: 'the phone rings',
  warn: 'the phone rings, and the resident is warned',
  announce: 'announcement to the caller, warning to the resident',
  challenge: 'announcement, name and a digit to press, warning to the resident',
  'staff-or-refuse': 'to staff, else refused',
  'staff-or-message': 'to staff, else a message',
  refuse: 'refused',
};

export const outcomeWords: Record<Outcome, string> = {
  talked: 'caller and resident talked',
  reported: 'the resident ended and reported it',
  'handled-by-staff': 'staff took it',
  'message-left': 'the caller left a message',
  refused: 'refused',
  'challenge-failed': 'the caller did not press the digit',
  'resident-refused': 'the resident refused it',
  busy: 'the line was busy',
  'no-answer': 'nobody answered',
  'not-reachable': 'the phone was not registered',
  'caller-gone': 'the caller gave up',
  'unknown-number': 'no protected line has the number',
  failed: 'a fault ended it',
};

export const enders: Record<Ending['by'], string> = {
  caller: 'the caller',
  resident: 'the resident',
  staff: 'the staff',
  police: 'the police',
  clearline: 'Clearline',
};
