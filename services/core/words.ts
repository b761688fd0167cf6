import type { AlertKind, DialledBy, Ending, Leg, Outcome, PromptName } from './call.ts';
import type { DialledClass } from './number.ts';
import type { Standing, Verdict } from './screen.ts';

/** The words staff read for what the code names: parties, prompts, standings, treatments, outcomes, alerts. */

/** Records of the first release have a leg that is no more: then Clearline rang the police itself. */
type FormerLeg = 'police';

/** `far` has a name of its own, once a call has said whom the resident dialled. */
export const parties: Record<Leg | FormerLeg, string> = {
  caller: 'The caller',
  resident: 'The resident',
  staff: 'The staff',
  far: 'The number dialled',
  police: 'The police on 101',
};

export const answers: Record<Leg | FormerLeg, string> = {
  caller: 'is answered',
  resident: 'answers the phone',
  staff: 'answer the phone',
  far: 'answers',
  police: 'answer',
};

export const phones: Record<Leg | FormerLeg, string> = {
  caller: 'The caller’s phone rings',
  resident: 'The resident’s phone rings and shows',
  staff: 'The staff’s phone rings and shows',
  far: 'The phone dialled rings',
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
  'line-not-clear': 'that the line is not safe yet, and that nothing need be done',
  'cannot-reach': 'that the call could not be made',
  'hold-wait': 'that the line is being made safe first',
  goodbye: 'goodbye',
  'ghost-dialled': 'that the caller is cut off and the number dialled is being connected',
  'fake-dial-tone': 'that the dial tone was the caller’s, who is cut off',
  'connecting-you': 'that the call is being connected',
  'wait-up-to': 'how long it takes at most',
  minutes: 'minutes',
  'one-minute': 'that it takes a minute at most',
  'under-a-minute': 'that it takes less than a minute',
  'several-minutes': 'that it takes several minutes',
  'key-other-trunk': 'the key for another way at once',
  'key-call-back': 'the key for a call back',
  'key-staff': 'the key for staff',
  'call-back-promised': 'that a call back is promised',
  'call-back-impossible': 'that no call back can be promised',
  'call-back': 'that this is the call back that was promised',
  'call-back-cannot': 'that the number could not be reached, and to try again later or elsewhere',
  'held-warning': 'the warning that a stranger rang a short while ago',
  'held-refused': 'that this number cannot be called before the line is safe',
  'premium-refused': 'that such numbers are not connected',
  'abroad-refused': 'that calls abroad are not connected',
  'too-many-calls': 'that too many calls have been made',
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
  reported: 'the resident reported it',
  'ghost-dialled': 'the resident dialled a safe number inside it, and the caller was cut off',
  'fake-dial-tone': 'the caller played a dial tone and was cut off',
  'returned-call': 'refused: it posed as a call returned',
  engaged: 'refused: the resident was calling a safe number',
  connected: 'connected',
  'not-connected': 'could not be connected',
  'not-allowed': 'not allowed',
  'called-back-later': 'a call back was promised',
  'given-up': 'the resident gave up waiting',
  'cut-by-audit': 'cut: somebody else was found on the line',
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

export const enders: Record<Ending['by'] | FormerLeg, string> = {
  caller: 'the caller',
  resident: 'the resident',
  staff: 'the staff',
  far: 'the number dialled',
  police: 'the police',
  clearline: 'Clearline',
};

export const alertWords: Record<AlertKind, string> = {
  'ghost-dial': 'the resident dialled a safe number while a stranger was still on the line',
  'fake-dial-tone': 'a caller played a dial tone to the resident',
  'returned-call': 'a stranger rang back, posing as a call returned',
  'call-while-held': 'a stranger rang while the line was held',
  'not-released': 'a carrier has not let go of a call that was ended',
  'line-not-clear': 'the line could not be shown to be clear for a safe number',
  'audit-failed': 'somebody else was found on the line in a call to a safe number, which was cut',
  'call-back-failed': 'a call back that was promised could not be made',
  reported: 'the resident reported a call',
  'abroad-refused': 'a call abroad was not connected; name the number in the settings if it should be',
  'too-many-calls': 'the line made more calls than it may, and one was not connected',
  overloaded: 'there were more calls than there is room for, and callers were refused',
  'password-guessing': 'somebody guessed at the passwords of telephones; see: clearline bans',
  'spool-filling': 'records of calls waited on the disk, and filled four fifths of the room they have there',
  'spool-full': 'records of calls had no room on the disk and waited in memory',
  campaign: 'several calls belong together: fraudsters are ringing this area',
  'money-at-risk': 'a fraudster has been promised or given money, cards or details',
};

/** What kind of number was dialled, where that is worth a word. */
export const classWords: Record<DialledClass, string> = {
  emergency: 'an emergency number',
  guarded: 'a guarded number',
  premium: 'a premium-rate number',
  ordinary: '',
};

/** How a call from the line began, `X` being the number and `Y` the call out of which it was dialled. */
export const dialledWords: Record<DialledBy, string> = {
  phone: 'The resident dials X',
  'ghost-dial': 'Inside the call Y, the resident dialled X, and is being connected',
  advice: 'After the call Y, the resident asked for X',
  'call-back': 'As promised, Clearline calls the resident back to connect X',
};

/** Asterisk's DIALSTATUS. */
export const dialStatusWords: Readonly<Record<string, string>> = {
  BUSY: 'it is busy',
  NOANSWER: 'nobody answers',
  CONGESTION: 'the network has no way through',
  CHANUNAVAIL: 'it cannot be reached',
  CANCEL: 'the call was given up',
};
