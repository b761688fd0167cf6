import { describe, expect, test } from 'vitest';
import type { CallEvent, JournalEntry, Opening } from '../../services/core/call.ts';
import { completed, isLetGo } from '../../services/core/let-go-call.ts';
import { type CallNote, readNote, reconstruct } from '../../services/core/noted-call.ts';
import { type FinishedCall, foldRecord } from '../../services/core/record.ts';
import { tellCall } from '../../services/core/tell.ts';
import { finishedCall, finishedOutgoing, monday, storedLine } from '../support/finished-call.ts';

const seconds = (ms: number) => (ms / 1000).toFixed(3);

/** A note as the dialplan writes it, of a call that lasted ten seconds. */
function noteText(direction: CallNote['direction'], words: Readonly<Record<string, string | number>> = {}): string {
  const common = { begun: seconds(monday), ended: seconds(monday + 10_000), cause: 16, state: 'Up', stasis: 'FAILED' };
  const own =
    direction === 'inbound'
      ? { hold: 300, line: 'room-12', dialled: '01923555012', trunk: 'net', from: 'U2FyYWg=', number: '' }
      : { line: 'room-12', number: '101', written: '141101', emergency: '' };
  const all = Object.entries({ ...common, dial: '', talked: '', peer: '', by: '', ...own, ...words });
  return ['1', direction, ...all.map(([name, value]) => `${name}=${value}`)].join(' ');
}

function read(direction: CallNote['direction'], words?: Readonly<Record<string, string | number>>): CallNote {
  const note = readNote(noteText(direction, words));
  if (note === null) throw new Error('not read');
  return note;
}

const { phoneSecret: _, ...line } = storedLine();
const { caller: shown, signalling } = finishedCall().record;

function arrived(): Opening {
  const unknown = { held: false, engaged: false, calledBefore: false, staffed: false, random: 0 };
  const called = { line, dialled: '01923555012', trunk: 'net', caller: shown, signalling };
  return { type: 'Arrived', at: monday, ...called, ...unknown };
}

function dialled(): Opening {
  const [first] = finishedOutgoing().journal;
  if (!first || !('event' in first) || first.event.type !== 'Dialled')
    throw new Error('it does not begin with Dialled');
  return { ...first.event, at: monday };
}

const resident = 'PJSIP/room-12-00000001';
const caller = 'PJSIP/trunk-net-00000000';
const far = 'PJSIP/trunk-net-00000003';

describe('the ending of a call to a line', () => {
  test.each<[string, Readonly<Record<string, string | number>>, string]>([
    [
      'the caller ended a conversation',
      { dial: 'ANSWER', talked: 4_000, peer: resident, by: caller },
      'talked by caller, 16',
    ],
    ['the resident did', { dial: 'ANSWER', talked: 4_000, peer: resident, by: resident }, 'talked by resident, 16'],
    ['it was cut', { dial: 'ANSWER', talked: 4_000, peer: resident, by: '' }, 'talked by clearline, 16'],
    ['the caller left during the warning', { dial: 'ANSWER', by: caller, cause: 0 }, 'caller-gone by caller, 16'],
    ['the resident could not be warned', { dial: 'ANSWER', cause: 19 }, 'no-answer by clearline, 19'],
    ['busy', { dial: 'BUSY', cause: 17 }, 'busy by resident, 17'],
    ['no answer', { dial: 'NOANSWER', cause: 19 }, 'no-answer by resident, 19'],
    ['not registered', { dial: 'CHANUNAVAIL', cause: 20 }, 'not-reachable by clearline, 20'],
    ['the phone refuses', { dial: 'CONGESTION', cause: 20 }, 'not-reachable by clearline, 20'],
    ['the caller gave up', { dial: 'CANCEL', cause: 0 }, 'caller-gone by caller, 16'],
    ['the caller left during the announcement', { cause: 0 }, 'caller-gone by caller, 16'],
    ['the resident was calling 101', { state: 'Ring', cause: 17, hold: 0 }, 'engaged by clearline, 17'],
    ['Clearline had it, and it held the line', { stasis: 'SUCCESS' }, 'talked by caller, 16'],
    ['Clearline had it, a trusted caller', { stasis: 'SUCCESS', hold: 'trusted' }, 'talked by caller, 16'],
    [
      'Clearline had it, and it rang',
      { stasis: 'SUCCESS', hold: 'trusted', state: 'Ring' },
      'caller-gone by caller, 16',
    ],
    ['Clearline had it, and asked for a digit', { stasis: 'SUCCESS', hold: 0 }, 'caller-gone by caller, 16'],
    ['Clearline had refused it', { stasis: 'SUCCESS', hold: 0, cause: 21 }, 'refused by clearline, 21'],
  ])('%s', (_, words, ending) => {
    const { record } = reconstruct('c', read('inbound', words), arrived(), null);
    expect(`${record.ending.outcome} by ${record.ending.by}, ${record.ending.cause}`).toBe(ending);
    expect(record).toMatchObject({ reconstructed: true, arrivedAt: monday, endedAt: monday + 10_000 });
  });

  test('of a number that no line has', () => {
    const { record } = reconstruct('c', read('inbound', { line: '' }), { ...arrived(), line: null } as Opening, null);
    expect(record.ending).toEqual({ outcome: 'unknown-number', by: 'clearline', cause: 1 });
    expect(record).toMatchObject({ line: null, holdSeconds: 0 });
  });
});

describe('the ending of a call from a line', () => {
  test.each<[string, Readonly<Record<string, string | number>>, string]>([
    [
      'the resident ended a conversation',
      { dial: 'ANSWER', talked: 4_000, peer: far, by: resident },
      'connected by resident, 16',
    ],
    ['the far end did', { dial: 'ANSWER', talked: 4_000, peer: far, by: far }, 'connected by far, 16'],
    ['busy', { dial: 'BUSY', cause: 17 }, 'not-connected by far, 17'],
    ['no answer', { dial: 'NOANSWER', cause: 16 }, 'not-connected by far, 19'],
    ['no trunk reachable', { dial: 'CHANUNAVAIL', cause: 0 }, 'not-connected by far, 20'],
    ['no trunk took it', { dial: 'CONGESTION', cause: 34 }, 'not-connected by far, 34'],
    ['no trunk took it and nobody said why', { dial: 'CONGESTION', cause: 16 }, 'not-connected by far, 31'],
    ['the resident gave up', { dial: 'CANCEL', cause: 16 }, 'given-up by resident, 16'],
    ['the resident gave up waiting', { cause: 0 }, 'given-up by resident, 16'],
    ['a premium number was refused', { cause: 21 }, 'not-allowed by clearline, 21'],
  ])('%s', (_, words, ending) => {
    const { record } = reconstruct('c', read('outgoing', words), dialled(), null);
    expect(`${record.ending.outcome} by ${record.ending.by}, ${record.ending.cause}`).toBe(ending);
    expect(record.reconstructed).toBe(true);
  });
});

test('a conversation has its times, its hold, and an account that every other stands above', () => {
  const note = read('inbound', { dial: 'ANSWER', talked: 4_000, peer: resident, by: caller });
  const call = reconstruct('c', note, arrived(), null);
  expect(call.revision).toBe(-1);
  expect(call.record).toMatchObject({
    answeredAt: monday,
    connectedAt: monday + 6_000,
    clearedAt: monday + 10_000,
    holdSeconds: 300,
  });
  expect(call.journal.map(({ at }) => at)).toEqual(call.journal.map(({ at }) => at).toSorted((a, b) => a - b));
  expect(tellCall(call).join('\n')).toContain('pieced together afterwards');
});

test('a trusted caller leaves no hold', () => {
  expect(reconstruct('c', read('inbound', { hold: 'trusted' }), arrived(), null).record).toMatchObject({
    holdSeconds: 0,
  });
});

test('a call from a line has its trunk, and when it was answered', () => {
  const note = read('outgoing', { dial: 'ANSWER', talked: 4_000, peer: far, by: far });
  expect(reconstruct('c', note, dialled(), 'net').record).toMatchObject({
    trunk: 'net',
    attempts: [{ at: monday + 6_000, trunk: 'net' }],
    connectedAt: monday + 6_000,
    endedAt: monday + 10_000,
  });
});

describe('a note', () => {
  test('of an emergency call says what was dialled, and that it was one', () => {
    expect(read('outgoing', { number: '', written: '', emergency: '999' })).toMatchObject({
      written: '999',
      emergency: true,
    });
    expect(read('outgoing')).toMatchObject({ written: '141101', emergency: false });
  });

  test('has its facts in the order in which a caller is described', () => {
    const note = read('inbound', {
      identity: 'ZQ==',
      asserted: 'YQ==',
      'call-id': 'Yg==',
      number: 'Yw==',
      source: 'ZA==',
    });
    expect(note).toMatchObject({ facts: ['U2FyYWg=', 'YQ==', '', '', 'ZQ==', 'Yg==', '', 'ZA==', '', 'Yw=='] });
  });

  test.each([
    ['', 'nothing'],
    ['1', 'nothing but a version'],
    [noteText('inbound').replace('1 ', '2 '), 'another version'],
    [noteText('inbound', { begun: '' }), 'no beginning'],
    [noteText('outgoing', { ended: 'Sun Nov 22' }), 'an end that is no time'],
    [noteText('outgoing', { line: '' }), 'no line'],
    [noteText('inbound').replace('inbound', 'sideways'), 'no direction'],
    ['=== === ==== \u0000 =', 'rubbish'],
  ])('%j is none: it has %s', (text) => {
    expect(readNote(text)).toBeNull();
  });

  test('of a clock that was put back ends no sooner than it began, and no number in it is out of range', () => {
    const note = read('inbound', { begun: seconds(monday + 60_000), cause: 'x', talked: '9'.repeat(30), hold: '-5' });
    expect(note).toMatchObject({
      begunAt: monday + 10_000,
      endedAt: monday + 10_000,
      cause: 0,
      talkedMs: 0,
      holdSeconds: 0,
    });
  });
});

describe('a call that Clearline let go of', () => {
  const failed = (opening: Opening, events: readonly CallEvent[]): FinishedCall => {
    const at = monday + 2_000;
    const journal: readonly JournalEntry[] = [
      ...[opening, ...events].map((event) => ({ at: event.at, event })),
      { at, event: { type: 'BrokenOff', at, why: 'no such sound' } },
      { at, effect: { do: 'Conclude', ending: { outcome: 'failed', by: 'clearline', cause: 16 } } },
    ];
    return { record: foldRecord('a-1.17', journal), journal };
  };
  const answered: readonly CallEvent[] = [
    { type: 'Dialling', at: monday + 500, trunk: 'net' },
    { type: 'Answered', at: monday + 1_000, leg: 'far' },
  ];
  const talked = read('outgoing', { dial: 'ANSWER', talked: 4_000, peer: far, by: far });

  test.each([
    ['has whom the dialplan dialled for the resident', []],
    ['has an answer once that Clearline had heard itself', answered],
  ])('%s', (_, events) => {
    const account = failed(dialled(), events);
    expect(isLetGo(account)).toBe(true);
    expect(completed(account, talked, 'net')?.record).toMatchObject({
      trunk: 'net',
      attempts: [{ trunk: 'net' }],
      endedAt: talked.endedAt,
      ending: { outcome: 'connected', by: 'far' },
      reconstructed: true,
    });
  });

  test('stays as it is where the dialplan dialled nobody', () => {
    expect(completed(failed(arrived(), []), read('inbound', { dial: '' }), null)).toBeNull();
  });

  test('is none that failed for another reason', () => {
    const { record, journal } = failed(arrived(), []);
    const { ending } = reconstruct('a-1.17', read('inbound'), arrived(), null).record;
    expect(isLetGo({ record: { ...record, ending }, journal })).toBe(false);
  });
});
