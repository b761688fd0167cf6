import { describe, expect, test } from 'vitest';
import type { CallEvent, Leg } from '../../../services/core/call.ts';
import { Mailbox } from '../../../services/interceptor/call/mailbox.ts';

/** Who hung up first, told from what Asterisk announces and in which order it ends the channels. */

type Said = `${'leaving' | 'gone' | 'answered'} ${Leg}`;

/** The legs of the hang-ups that the call is told, in order. */
function told(...said: readonly Said[]): Leg[] {
  const mailbox = new Mailbox('resident');
  for (const one of said) {
    const [what, leg] = one.split(' ') as ['leaving' | 'gone' | 'answered', Leg];
    if (what === 'leaving') mailbox.announceLeaving(leg, 16);
    else mailbox.put(what === 'gone' ? { type: 'HungUp', leg, cause: 16, at: 1 } : { type: 'Answered', leg, at: 1 });
  }
  const events: CallEvent[] = [];
  for (let event = mailbox.take(); event; event = mailbox.take()) events.push(event);
  const legs = events.flatMap((event) => (event.type === 'HungUp' ? [event.leg] : []));
  return [...new Set(legs)];
}

describe('of a resident and whom they called', () => {
  test.each<{ it: string; said: readonly Said[]; first: Leg }>([
    { it: 'the resident', said: ['leaving resident', 'gone far', 'gone resident'], first: 'resident' },
    { it: 'the resident, told late', said: ['gone far', 'leaving resident', 'gone resident'], first: 'resident' },
    { it: 'the resident, ended first', said: ['leaving resident', 'gone resident', 'gone far'], first: 'resident' },
    { it: 'the resident, never told', said: ['gone far', 'gone resident'], first: 'resident' },
    { it: 'the far end', said: ['leaving far', 'gone far', 'leaving resident', 'gone resident'], first: 'far' },
    { it: 'the far end, ended last', said: ['leaving far', 'gone resident', 'gone far'], first: 'far' },
    { it: 'the far end, told late', said: ['gone far', 'leaving far', 'gone resident'], first: 'far' },
    { it: 'both at once', said: ['leaving resident', 'leaving far', 'gone far', 'gone resident'], first: 'resident' },
  ])('$it hung up first', ({ said, first }) => {
    const second = first === 'far' ? 'resident' : 'far';
    expect(told('answered far', ...said)).toEqual([first, second]);
  });
});

test('a far end that does not answer is gone at once, though the resident stays', () => {
  expect(told('gone far')).toEqual(['far']);
});

test('and at the end of a resident who gave up, with them', () => {
  expect(told('leaving resident', 'gone far', 'gone resident')).toEqual(['resident', 'far']);
});
