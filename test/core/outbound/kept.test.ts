import { expect, test } from 'vitest';
import type { CallEvent } from '../../../services/core/call.ts';
import { asKept } from '../../../services/core/outbound.ts';
import { answers, begin, dialled, Story, sees, wordsTime } from './story.ts';

/** A PIN typed into a call must not stand on record; the keys with which a resident who waits chooses do. */

const checking = new Story().on(dialled('guarded'));
const waiting = checking.on(sees('suspect')).on(wordsTime);
const connected = checking.on(sees('clear')).on(answers('far'));

test.each<[string, Story, string]>([
  ['before any key is offered', checking, '?'],
  ['while the resident is told which keys there are', waiting, '2'],
  ['while the number rings', checking.on(sees('clear')), '?'],
  ['in the conversation', connected, '?'],
])('a key %s', (_, { call }, kept) => {
  const event: CallEvent = { type: 'KeyPressed', at: begin, leg: 'resident', digit: '2' };
  expect(asKept(call, event)).toEqual({ ...event, digit: kept });
});

test('a key of another leg', () => {
  const event: CallEvent = { type: 'KeyPressed', at: begin, leg: 'far', digit: '2' };
  expect(asKept(waiting.call, event)).toEqual({ ...event, digit: '?' });
});

test('any other event is kept as it was', () => {
  const event: CallEvent = { type: 'HungUp', at: begin, leg: 'far', cause: 16 };
  expect(asKept(waiting.call, event)).toBe(event);
});
