import { expect, it } from 'vitest';
import { gb } from '../../services/core/packs/gb.ts';
import type { FinishedCall } from '../../services/core/record.ts';
import { tellCall, tellEnding } from '../../services/core/tell.ts';
import former from '../support/former-call.json' with { type: 'json' };

/** A call that the first release put on record: it rang the police itself, and its evidence had another shape. */
const call = former as unknown as FinishedCall;

it('tells a call of the first release as that release told it', () => {
  const told = tellCall(call, { timeZone: 'UTC', pack: gb }).map((line) => line.slice('10:00:01.000  '.length));
  expect(told.slice(told.indexOf('The resident presses 1.'))).toEqual([
    'The resident presses 1.',
    'The line is not clear yet.',
    'AMI did not answer within a second.',
    'The resident hears: that the line is not safe yet, and that nothing need be done.',
    'The line is not clear yet.',
    'The trunk is an analogue gateway, which its far end can hold open.',
    'The line is not clear yet.',
    'Channel 1795358400.17 still exists.',
    'Clearline cuts what else is on the line: 1795358400.17.',
    'The line is clear.',
    'ARI and AMI both see no channel of a suspect call.',
    'Clearline rings the police on 101, showing: 01923 555012.',
    'The resident hears: that the police are being called; the ringing tone.',
    'The police on 101 answer.',
    'The resident and the police on 101 can speak with one another.',
    'The police on 101 hangs up.',
    'Clearline ends the call to the resident.',
    'The call is over: caller and resident talked; ended by the caller.',
  ]);
});

it('knows who ended a call of the first release', () => {
  expect(tellEnding({ ...call.record.ending, by: 'police' as 'far' })).toBe(
    'caller and resident talked; ended by the police',
  );
});
