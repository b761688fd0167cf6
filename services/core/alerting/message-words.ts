import type { AlertKind } from '../call.ts';

/** The words of messages, by kind: what stands in a subject, before "at Rose Court", and what to do. */

export const headlines: Record<AlertKind, string> = {
  'ghost-dial': 'a resident may be on the line with a fraudster',
  'fake-dial-tone': 'a resident may be on the line with a fraudster',
  'returned-call': 'a resident may be on the line with a fraudster',
  'call-while-held': 'a stranger rang again',
  'not-released': 'a line needs a look',
  'line-not-clear': 'a line could not be cleared',
  'audit-failed': 'a call was cut for safety',
  'call-back-failed': 'a call back could not be made',
  reported: 'a call was reported',
  'abroad-refused': 'a call was not connected',
  'too-many-calls': 'a call was not connected',
  overloaded: 'callers were refused',
  'password-guessing': 'passwords were guessed at',
  'spool-filling': 'records are waiting',
  'spool-full': 'records are waiting',
  campaign: 'fraudsters are ringing the area',
  'money-at-risk': 'money may be at risk',
};

const speak =
  'Speak to the resident, in person or on another telephone. Were they asked for bank details, a PIN, cash, a card, or to tell nobody?';
const emergency =
  'If money, a card or details were given or promised, or if somebody is on the way to collect something: ring 999.';
const report = 'If not: tell the police on 101 or Report Fraud on 0300 123 2040, and the bank on 159.';
const seeCall = 'Staff: the call, step by step: clearline calls show CALL';
const tellOthers = 'Tell the residents and their relatives that fraudsters are ringing, and what they say.';
const lineClear = 'Staff: how the line stands now: clearline clear LINE';
const ringFor =
  'The resident wanted to reach a safe number and could not. Help them to make the call on another telephone.';
const connectAfterAll = 'If the call was wanted: docs/screening.md says which settings allow it.';

export const steps: Record<AlertKind, readonly string[]> = {
  'ghost-dial': [speak, emergency, report, seeCall],
  'fake-dial-tone': [speak, emergency, report, seeCall],
  'returned-call': [speak, emergency, report, seeCall],
  'call-while-held': ['Ask the resident who has been ringing, and whether all is well.', seeCall],
  'not-released': [lineClear, 'Let the resident use another telephone for calls to the police or the bank meanwhile.'],
  'line-not-clear': [ringFor, lineClear],
  'audit-failed': [speak, ringFor, seeCall],
  'call-back-failed': [ringFor, seeCall],
  reported: [speak, emergency, report, seeCall],
  'abroad-refused': [connectAfterAll, seeCall],
  'too-many-calls': ['Ask the resident whether the telephone works as it should.', connectAfterAll, seeCall],
  overloaded: ['Staff: see whether the exchange is flooded with calls: clearline status'],
  'password-guessing': ['Staff: who is shut out, and why: clearline bans'],
  'spool-filling': ['Staff: bring Redis back before the disk is full: clearline status'],
  'spool-full': ['Staff: bring Redis back, or make room on the disk, now: clearline status'],
  campaign: [tellOthers, 'Staff: what is known of it: clearline campaigns'],
  'money-at-risk': [emergency, speak, 'Ring the bank on 159: money that has just left can often be stopped.', seeCall],
};
