import { expect, test } from 'vitest';
import type { CallEvent, Leg } from '../../../services/core/call.ts';
import type { Stage } from '../../../services/core/inbound/state.ts';
import { asKept, newInboundCall } from '../../../services/core/inbound.ts';
import { rules } from './story.ts';

/** A PIN typed for a fraudster must not stand on record. */

const talking: Stage = { name: 'talking', party: 'resident' };
const challenging: Stage = { name: 'challenging', failures: 0, asking: false, lastKey: null };

test.each<[string, Stage, Leg, string, string]>([
  ['the resident’s key in a conversation', talking, 'resident', '4', '?'],
  ['the caller’s key in a conversation', talking, 'caller', '*', '?'],
  ['the resident’s way out', talking, 'resident', '*', '*'],
  ['the caller’s answer to the challenge', challenging, 'caller', '4', '4'],
])('%s', (_, stage, leg, digit, kept) => {
  const event: CallEvent = { type: 'KeyPressed', at: 1, leg, digit };
  expect(asKept({ ...newInboundCall('1', rules), stage }, event)).toEqual({ ...event, digit: kept });
});

test('any other event is kept as it was', () => {
  const event: CallEvent = { type: 'HungUp', at: 1, leg: 'caller', cause: 16 };
  expect(asKept({ ...newInboundCall('1', rules), stage: talking }, event)).toBe(event);
});
