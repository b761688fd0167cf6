import { describe, expect, test } from 'vitest';
import type { Effect, JournalEntry } from '../../services/core/call.ts';
import type { LineEvidence } from '../../services/core/clearance.ts';
import { foldRecord, type InboundRecord, type OutgoingRecord } from '../../services/core/record.ts';
import {
  answers,
  arrived,
  begin,
  elsiesLine,
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

function foldInbound(...events: readonly Told[]): InboundRecord {
  const record = foldRecord('c', journalOf(...events));
  if (record.direction !== 'inbound') throw new Error('folded as an outgoing call');
  return record;
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
  const record = foldInbound(...whole);

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
    const record = foldInbound(arrived({ known: false }), hangsUp('caller', 1));
    expect(record).toMatchObject({ line: null, resident: null, area: null, verdict: null, holdSeconds: 0 });
    expect(record).toMatchObject({ answeredAt: null, connectedAt: null, recordings: [], promptsPlayed: [], keys: [] });
    expect(record.ending.outcome).toBe('unknown-number');
  });

  test('was answered only by the resident has both times, and leaves no hold when trusted', () => {
    const events = [arrived({ caller: 'anna' }), answers('resident'), hangsUp('caller'), hangsUp('resident')];
    const record = foldInbound(...events);
    expect(record).toMatchObject({ answeredAt: nth(2), connectedAt: nth(2), holdSeconds: 0 });
  });

  test('the resident left to dial ends with that, tells staff, and is connected when they were, not later', () => {
    const ghost = [
      ...whole.slice(0, 8),
      presses('resident', '1'),
      presses('resident', '0'),
      presses('resident', '1'),
      hangsUp('caller'),
    ];
    expect(foldInbound(...ghost)).toMatchObject({
      connectedAt: nth(8),
      endedAt: nth(12),
      holdSeconds: 1800,
      ending: { outcome: 'ghost-dialled', by: 'resident' },
      alerts: [
        { at: nth(1), alert: 'call-while-held' },
        { at: nth(11), alert: 'ghost-dial' },
      ],
    });
  });

  test('the carrier let go of says when, and how it answered', () => {
    const letGo = [...whole.slice(0, 9), { type: 'Released', leg: 'caller', status: 481 } as const, ...whole.slice(9)];
    expect(foldInbound(...letGo).released).toEqual({ at: nth(10), status: 481 });
    expect(foldInbound(...whole).released).toBeNull();
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

/** An outgoing call's journal, an entry every three seconds: who decides is test/core/outbound's business. */
function foldOutgoing(...entries: readonly (Told | Effect)[]): OutgoingRecord {
  const journal = entries.map((entry, index): JournalEntry => {
    const at = nth(index + 1);
    return 'do' in entry ? { at, effect: entry } : { at, event: { ...entry, at } };
  });
  const record = foldRecord('o', journal);
  if (record.direction !== 'outgoing') throw new Error('folded as an inbound call');
  return record;
}

describe('the record of an outgoing call', () => {
  const police = { class: 'guarded', number: '101', prefix: '141', name: 'Police' } as const;
  const dialled = {
    type: 'Dialled',
    line: elsiesLine,
    number: police,
    written: '141101',
    by: 'phone',
    outOf: null,
    answered: false,
    held: true,
    trunks: ['carrier', 'spare'],
    suspectTrunks: ['carrier'],
    staffed: false,
  } as const satisfies Told;
  const sighting = (...channels: readonly string[]) => ({ at: begin, tookMs: 1, channels, peers: [] });
  const crowded: LineEvidence = {
    ari: sighting('c'),
    ami: sighting('c'),
    expectedPeer: null,
    timedTrunks: [],
    releases: [],
  };
  const clear: LineEvidence = { ...crowded, ari: sighting(), ami: sighting() };
  const looks = (evidence: LineEvidence): Told => ({ type: 'LineInspected', evidence });
  const conclude: Effect = { do: 'Conclude', ending: { outcome: 'connected', by: 'resident', cause: 16 } };
  const reached = [
    dialled,
    looks(crowded),
    { do: 'Cut', channels: ['c'] },
    { do: 'Raise', alert: 'line-not-clear' },
    { do: 'Answer', leg: 'resident' },
    { do: 'Play', leg: 'resident', playback: 'o-p1', sounds: [{ prompt: 'line-not-clear' }] },
    looks(clear),
    looks(clear),
    { type: 'Dialling', trunk: 'spare' },
    { type: 'CameBack', status: 'CHANUNAVAIL', cause: 38 },
    { type: 'Dialling', trunk: 'carrier' },
    answers('far'),
    looks(clear),
    presses('resident', '2'),
    hangsUp('resident'),
    conclude,
  ] as const;

  test('says who dialled what, from which line, and how it began and ended', () => {
    expect(foldOutgoing(...reached)).toMatchObject({
      id: 'o',
      direction: 'outgoing',
      line: 'room-12',
      resident: 'Elsie Brown',
      area: 'Rickmansworth',
      clock: 'asterisk',
      dialled: '141101',
      number: police,
      by: 'phone',
      outOf: null,
      held: true,
      arrivedAt: nth(1),
      answeredAt: nth(5),
      connectedAt: nth(12),
      endedAt: nth(16),
      ending: { outcome: 'connected', by: 'resident', cause: 16 },
    });
  });

  test('has every look at the line with what it was taken for, and when it was first clear', () => {
    const { looks: seen, clearedAt } = foldOutgoing(...reached);
    expect(seen.map(({ at, assessment }) => [at, assessment.state])).toEqual([
      [nth(2), 'clearing'],
      [nth(7), 'clear'],
      [nth(8), 'clear'],
      [nth(13), 'clear'],
    ]);
    expect(seen[0]?.evidence).toEqual(crowded);
    expect(clearedAt).toBe(nth(7));
  });

  test('has each trunk tried, and the one that took the call', () => {
    const { attempts, trunk } = foldOutgoing(...reached);
    expect(attempts).toEqual([
      { at: nth(9), trunk: 'spare' },
      { at: nth(11), trunk: 'carrier' },
    ]);
    expect(trunk).toBe('carrier');
  });

  test('has what was played, pressed and told to staff', () => {
    expect(foldOutgoing(...reached)).toMatchObject({
      promptsPlayed: [{ at: nth(6), leg: 'resident', prompt: 'line-not-clear' }],
      keys: [{ at: nth(14), leg: 'resident', digit: '2' }],
      alerts: [{ at: nth(4), alert: 'line-not-clear' }],
      recordings: [],
      faults: [],
    });
  });

  test('that nobody took has no trunk and no time of connection', () => {
    const record = foldOutgoing(dialled, { type: 'Dialling', trunk: 'carrier' }, conclude);
    expect(record).toMatchObject({ trunk: null, connectedAt: null, answeredAt: null, clearedAt: null, looks: [] });
    expect(record.attempts).toEqual([{ at: nth(2), trunk: 'carrier' }]);
  });

  test('is answered when the far end answers, where nothing was said before', () => {
    const record = foldOutgoing(dialled, { type: 'Dialling', trunk: 'carrier' }, answers('far'), conclude);
    expect(record).toMatchObject({ answeredAt: nth(3), connectedAt: nth(3), trunk: 'carrier' });
  });

  test('is answered from its beginning when it was dialled out of another, which it names', () => {
    const record = foldOutgoing({ ...dialled, by: 'ghost-dial', outOf: 'c', answered: true }, conclude);
    expect(record).toMatchObject({ by: 'ghost-dial', outOf: 'c', answeredAt: nth(1), connectedAt: null });
  });
});

test('a journal without an arrival or without an end is not folded', () => {
  const journal = journalOf(...whole);
  expect(() => foldRecord('c', journal.slice(1))).toThrow('the journal of call c is not that of a whole call');
  expect(() => foldRecord('c', journal.slice(0, -1))).toThrow('the journal of call c is not that of a whole call');
  expect(() => foldRecord('c', [])).toThrow('c');
});
