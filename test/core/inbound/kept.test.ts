import { expect, test } from 'vitest';
import type { CallEvent, Leg } from '../../../services/core/call.ts';
import type { Stage } from '../../../services/core/inbound/state.ts';
import { asKept, newInboundCall } from '../../../services/core/inbound.ts';
import { rules } from './story.ts';

/** A PIN typed for a fraudster must not stand on record. */

const talking: Stage = { name: 'talking', party: 'resident' };
const ending = { outcome: 'talked', by: 'caller', cause: 16 } as const;
const advising: Stage = { name: 'advising', ending, repeats: 0 };
const parting: Stage = { name: 'parting', ending, to: 'resident' };
const challenging: Stage = { name: 'challenging', failures: 0, asking: false, lastKey: null };

test.each<[string, Stage, Leg, string, string]>([
  ['the resident’s key in a conversation', talking, 'resident', '4', '?'],
  ['the caller’s key in a conversation', talking, 'caller', '*', '?'],
  ['the resident’s way out', talking, 'resident', '*', '*'],
  ['the key that the advice names', advising, 'resident', '1', '1'],
  ['the rest of a PIN when the caller has gone', advising, 'resident', '4', '?'],
  ['the rest of it in the last words', parting, 'resident', '1', '?'],
  ['the caller’s answer to the challenge', challenging, 'caller', '4', '4'],
])('%s', (_, stage, leg, digit, kept) => {
  const event: CallEvent = { type: 'KeyPressed', at: 1, leg, digit };
  expect(asKept({ ...newInboundCall('1', rules), stage }, event)).toEqual({ ...event, digit: kept });
});

test('the key that the advice names may be a PIN’s, when others came before it', () => {
  const keying = { keys: [{ digit: '4', at: 0 }], pending: null };
  const event: CallEvent = { type: 'KeyPressed', at: 1, leg: 'resident', digit: '1' };
  const call = { ...newInboundCall('1', rules), stage: advising, keying };
  expect(asKept(call, event)).toEqual({ ...event, digit: '?' });
});

test('any other event is kept as it was', () => {
  const event: CallEvent = { type: 'HungUp', at: 1, leg: 'caller', cause: 16 };
  expect(asKept({ ...newInboundCall('1', rules), stage: talking }, event)).toBe(event);
});
