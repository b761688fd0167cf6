import { expect, test } from 'vitest';
import { callIn } from '../../services/facts.ts';
import { finishedCall } from '../support/finished-call.ts';

test.each([
  ['a finished call', finishedCall(), '1795358400.17'],
  ['an alert of a call', { id: 'x-reported', kind: 'reported', at: 0, line: 'room-1', call: '17.1' }, '17.1'],
  ['an alert of no call', { id: 'spool-full-1', kind: 'spool-full', at: 0, line: '', call: null }, undefined],
  ['what nobody can read', { record: 5 }, undefined],
  ['nothing', undefined, undefined],
])('the log names the call of %s', (_, data, call) => {
  expect(callIn(data)).toBe(call);
});
