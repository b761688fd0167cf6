import { describe, expect, test } from 'vitest';
import type { JournalEntry } from '../../services/core/call.ts';
import { foldRecord } from '../../services/core/record.ts';
import {
  answers,
  arrived,
  begin,
  failed,
  finished,
  hangsUp,
  presses,
  recorded,
  Story,
  signalling,
  type Told,
} from './inbound/story.ts';

/** Journals made by the decisions themselves: an event every three seconds, each with the effects it had. */
function journalOf(...events: readonly Told[]): JournalEntry[] {
  let call = new Story();
  return events.flatMap((event) => {
    call = call.on(event, 3000);
    const { at } = call;
    return [{ at, event: { ...event, at } }, ...call.effects.map((effect) => ({ at, effect }))];
  });
}

/** The time of the nth event, counted from one. */
const nth = (n: number) => begin + n * 3000;

const whole = [
  arrived({ held: true, mode: 'announce', recordCalls: true }),
  finished(1),
  recorded('name', 2),
  presses('caller', '4'),
  presses('caller', '5'),
  answers('resident'),
  finished(5),
  finished(6),
  presses('resident', '*'),
  hangsUp('caller'),
  hangsUp('resident'),
];

describe('the record of a reported call', () => {
  const record = foldRecord('c', journalOf(...whole));

  test('says whose line it was, and what the trunk said', () => {
    expect(record).toMatchObject({
      id: 'c',
      direction: 'inbound',
      line: 'room-12',
      resident: 'Elsie Brown',
      area: 'Rickmansworth',
      dialled: '01923555012',
      trunk: 'carrier',
      clock: 'asterisk',
      signalling,
      held: true,
    });
    expect(record.caller.presentation?.e164).toBe('+442079460000');
    expect(record.verdict).toMatchObject({ standing: 'unvouched', treatment: 'challenge' });
  });

  test('has each time from the event that made it', () => {
    const { arrivedAt, answeredAt, connectedAt, clearedAt, endedAt } = record;
    expect({ arrivedAt, answeredAt, connectedAt, clearedAt, endedAt }).toEqual({
      arrivedAt: nth(1),
      answeredAt: nth(1),
      connectedAt: nth(8),
      clearedAt: nth(10),
      endedAt: nth(11),
    });
  });

  test('lists every prompt by who heard it, without digits, names and tones', () => {
    expect(record.promptsPlayed.map(({ leg, prompt }) => `${leg}: ${prompt}`)).toEqual([
      'caller: announcement',
      'caller: recording-notice',
      'caller: say-your-name',
      'caller: press-to-continue',
      'caller: wrong-digit',
      'caller: please-wait',
      'resident: whisper-unknown',
      'resident: whisper-named',
      'resident: whisper-warning',
      'resident: recording-notice',
      'resident: whisper-keys',
      'resident: reported',
      'resident: advice',
    ]);
    expect(record.promptsPlayed.at(-1)?.at).toBe(nth(9));
  });

  test('has keys, recordings and the hold the call leaves', () => {
    expect(record.keys).toEqual([
      { at: nth(4), leg: 'caller', digit: '4' },
      { at: nth(5), leg: 'caller', digit: '5' },
      { at: nth(9), leg: 'resident', digit: '*' },
    ]);
    expect(record.recordings).toEqual(['c-name', 'c-call']);
    expect(record.holdSeconds).toBe(1800);
  });

  test('ends as the call did', () => {
    expect(record.ending).toEqual({ outcome: 'reported', by: 'resident', cause: 16 });
    expect(record.faults).toEqual([]);
  });
});

describe('the record of a call that', () => {
  test('reached no line has no line, no verdict and no answer', () => {
    const record = foldRecord('c', journalOf(arrived({ known: false }), hangsUp('caller', 1)));
    expect(record).toMatchObject({ line: null, resident: null, area: null, verdict: null, holdSeconds: 0 });
    expect(record).toMatchObject({ answeredAt: null, connectedAt: null, recordings: [], promptsPlayed: [], keys: [] });
    expect(record.ending.outcome).toBe('unknown-number');
  });

  test('was answered only by the resident has both times, and leaves no hold when trusted', () => {
    const events = [arrived({ caller: 'anna' }), answers('resident'), hangsUp('caller'), hangsUp('resident')];
    const record = foldRecord('c', journalOf(...events));
    expect(record).toMatchObject({ answeredAt: nth(2), connectedAt: nth(2), holdSeconds: 0 });
  });

  test('went to the police is connected when caller and resident were, not later', () => {
    const reached = [
      ...whole.slice(0, 10),
      presses('resident', '1'),
      {
        type: 'LineInspected',
        evidence: { ari: [], ami: [], clearing: 'proven', clearingSeconds: 0, sinceClearedMs: 9 },
      } as const,
      answers('police'),
      hangsUp('police'),
      hangsUp('resident'),
    ];
    const record = foldRecord('c', journalOf(...reached));
    expect(record).toMatchObject({ connectedAt: nth(8), endedAt: nth(15) });
  });

  test('lost its caller unheard has no time at which it was cleared', () => {
    const events = [arrived({ known: false }), { type: 'Woke', timer: 'deadline' } as const];
    expect(foldRecord('c', journalOf(...events))).toMatchObject({ clearedAt: null, endedAt: nth(2) });
  });

  test('met faults names each in words', () => {
    const events = [
      arrived({ mode: 'announce' }),
      failed('Play', 'c-p1'),
      failed('Hold', 'Hold'),
      hangsUp('caller'),
      hangsUp('resident'),
    ];
    expect(foldRecord('c', journalOf(...events)).faults).toEqual(['Play c-p1: no', 'Hold Hold: no']);
  });

  test('recorded nothing names no recording, though one was tried', () => {
    const events = [arrived(), finished(1), failed('Record', 'c-name'), hangsUp('caller')];
    expect(foldRecord('c', journalOf(...events)).recordings).toEqual([]);
  });
});

test('a journal without an arrival or without an end is not folded', () => {
  const journal = journalOf(...whole);
  expect(() => foldRecord('c', journal.slice(1))).toThrow('the journal of call c is not that of a whole call');
  expect(() => foldRecord('c', journal.slice(0, -1))).toThrow('the journal of call c is not that of a whole call');
  expect(() => foldRecord('c', [])).toThrow('c');
});
