import { expect, test } from 'vitest';
import type { JournalEntry } from '../../../services/core/call.ts';
import { decideOutbound, newOutboundCall } from '../../../services/core/outbound.ts';
import { foldRecord } from '../../../services/core/record.ts';
import { answers, begin, dialled, dialling, hangsUp, lookTime, rules, sees, type Told } from './story.ts';

/** What stands on record is what was decided. */

function journalOf(...events: Told[]): JournalEntry[] {
  let call = newOutboundCall('c', rules);
  return events.flatMap((told, n) => {
    const event = { ...told, at: begin + n * 10 };
    const step = decideOutbound(call, event);
    call = step.call;
    return [{ at: event.at, event }, ...step.effects.map((effect) => ({ at: event.at, effect }))];
  });
}

test('the looks of a guarded call, each as it was taken', () => {
  const record = foldRecord(
    'c',
    journalOf(
      dialled('guarded'),
      sees('suspect'),
      lookTime,
      sees('timed'),
      lookTime,
      sees('clear'),
      dialling('one'),
      answers('far'),
      sees('connected'),
      hangsUp('far'),
      hangsUp('resident'),
    ),
  );
  expect(record).toMatchObject({
    direction: 'outgoing',
    trunk: 'one',
    answeredAt: begin + 70,
    connectedAt: begin + 70,
    clearedAt: begin + 50,
    ending: { outcome: 'connected', by: 'far' },
  });
  const states = record.direction === 'outgoing' ? record.looks.map(({ assessment }) => assessment.state) : [];
  expect(states).toEqual(['clearing', 'held', 'clear', 'clear']);
});
