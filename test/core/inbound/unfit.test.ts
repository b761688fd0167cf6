import { describe, expect, test } from 'vitest';
import type { LineEvidence } from '../../../services/core/clearance.ts';
import {
  answers,
  arrived,
  callers,
  deadline,
  dialTone,
  elsiesLine,
  failed,
  finished,
  hangsUp,
  presses,
  recorded,
  reminderTime,
  restOfNumber,
  Story,
  signalling,
  type Told,
} from './story.ts';

/**
 * Events cross, repeat and come late. Every stage is given every event; those it does not act on, which is whatever its
 * row does not name, change nothing and ask for nothing. (A leg that goes is remembered as gone in any stage.)
 */

const announced = new Story().on(arrived({ mode: 'announce' })).on(finished(1));
const whispering = announced.on(answers('resident'));
const warned = whispering.on(finished(3));
const talking = warned.on(finished(4));
const advising = talking.on(hangsUp('caller'));
const staffRinging = new Story().on(arrived({ caller: 'villain', staffed: true }));
const naming = new Story().on(arrived()).on(finished(1));
const asking = naming.on(recorded('name'), 3000);
const message = new Story().on(arrived({ mode: 'trusted-only' }));

const current = (call: Story) => call.call.playing ?? 'none';

const evidence: LineEvidence = { ari: null, ami: null, expectedPeer: null, timedTrunks: [], releases: [] };
const dialled: Told = {
  type: 'Dialled',
  line: elsiesLine,
  number: { class: 'guarded', number: '101', prefix: null, name: 'Police' },
  written: '101',
  by: 'phone',
  outOf: null,
  answered: false,
  held: false,
  trunks: ['carrier'],
  suspectTrunks: [],
  staffed: false,
};

/** Everything that can be heard, by name. `its prompt` is the one the stage waits for. */
const events = (call: Story): Record<string, Told> => ({
  arrival: arrived(),
  'its prompt ends': { type: 'PromptFinished', playback: current(call) },
  'its prompt fails': failed('Play', current(call)),
  'another prompt ends': finished(99),
  'another prompt fails': failed('Play', 'c-p99'),
  'name recorded': recorded('name', 3),
  'message recorded': recorded('message', 9),
  'recording fails': failed('Record', 'c-name'),
  deadline,
  reminder: reminderTime,
  'caller presses 5': presses('caller', '5'),
  'caller presses star': presses('caller', '*'),
  'resident presses 1': presses('resident', '1'),
  'resident presses star': presses('resident', '*'),
  'staff press star': presses('staff', '*'),
  'resident answers': answers('resident'),
  'staff answer': answers('staff'),
  'caller gone': hangsUp('caller'),
  'resident gone': hangsUp('resident'),
  'staff gone': hangsUp('staff'),
  'the number is over': restOfNumber,
  'dial tone heard': dialTone,
  'resident presses 9': presses('resident', '9'),
  'a look at the line': { type: 'LineInspected', evidence },
  'the carrier lets go': { type: 'Released', leg: 'caller', status: 200 },
  'a trunk is dialled': { type: 'Dialling', trunk: 'carrier' },
  'the far end rings': { type: 'Ringing', leg: 'far' },
  'the far end answers': answers('far'),
  'the far end is gone': hangsUp('far'),
  'the dialplan gives back': { type: 'CameBack', status: 'CONGESTION', cause: 34 },
  'the resident dialled': dialled,
  'connecting fails': failed('Connect', 'Connect'),
  'hanging up fails': failed('HangUp', 'caller'),
  'holding fails': failed('Hold', 'Hold'),
  'answering fails': failed('Answer', 'caller'),
  'alerting fails': failed('Alert', 'caller'),
  'the INVITE is told': { type: 'Described', caller: callers.anna, signalling },
});

const digits = ['resident presses 1', 'resident presses 9'];
const promptOrDeadline = ['its prompt ends', 'its prompt fails', 'deadline'];
const stages: readonly (readonly [stage: string, call: Story, actsOn: readonly string[]])[] = [
  ['arriving', new Story(), ['arrival']],
  ['announcing', new Story().on(arrived()), [...promptOrDeadline, 'caller gone']],
  ['naming', naming, ['name recorded', 'message recorded', 'recording fails', 'deadline', 'caller gone']],
  ['challenging, asking', asking, [...promptOrDeadline, 'caller presses 5', 'caller presses star', 'caller gone']],
  ['challenging', asking.on(finished(2)), ['deadline', 'caller presses 5', 'caller presses star', 'caller gone']],
  ['ringing resident', announced, ['resident answers', 'resident gone', 'deadline', 'caller gone']],
  ['ringing staff', staffRinging, ['staff answer', 'staff gone', 'deadline', 'caller gone']],
  [
    'whispering resident',
    whispering,
    [...promptOrDeadline, 'resident presses star', ...digits, 'resident gone', 'caller gone'],
  ],
  [
    'whispering resident, warned',
    warned,
    [...promptOrDeadline, 'resident presses star', ...digits, 'resident gone', 'caller gone'],
  ],
  ['whispering staff', staffRinging.on(answers('staff')), [...promptOrDeadline, 'staff gone', 'caller gone']],
  [
    'talking',
    talking,
    [
      ...['resident presses star', ...digits, 'resident gone', 'caller gone', 'reminder', 'connecting fails'],
      'dial tone heard',
    ],
  ],
  [
    'talking, trusted',
    new Story().on(arrived({ caller: 'anna' })).on(answers('resident')),
    ['resident gone', 'caller gone', 'connecting fails'],
  ],
  ['taking-message', message, [...promptOrDeadline, 'caller gone']],
  [
    'taking-message, recording',
    message.on(finished(1)),
    ['name recorded', 'message recorded', 'recording fails', 'deadline', 'caller gone'],
  ],
  ['advising, speaking', advising, [...promptOrDeadline, 'resident presses star', ...digits, 'resident gone']],
  ['advising, waiting', advising.on(finished(5)), ['deadline', 'resident presses star', ...digits, 'resident gone']],
  ['parting', new Story().on(arrived({ caller: 'villain' })), [...promptOrDeadline, 'caller gone']],
  ['closing', announced.on(hangsUp('caller')), ['resident answers', 'staff answer', 'resident gone', 'deadline']],
  ['ended', new Story().on(arrived({ known: false })).on(hangsUp('caller')), []],
];

/** A leg that was given up and is picked up after all is hung up in any stage, which ending.test.ts shows. */
function picksUpWhatWasGivenUp(call: Story, event: Told): boolean {
  if (event.type !== 'Answered') return false;
  return call.call.legs[event.leg] === 'gone' || call.call.stage.name === 'ended';
}

describe.each(stages)('%s', (_, call, actsOn) => {
  const all = Object.entries(events(call));

  test.each(all.filter(([name]) => actsOn.includes(name)))('acts on: %s', (_name, event) => {
    const next = call.on(event);
    expect({ ...next.call, effects: next.effects }).not.toEqual({ ...call.call, effects: [] });
  });

  const others = all.filter(([name, event]) => !actsOn.includes(name) && !picksUpWhatWasGivenUp(call, event));
  test.each(others)('is unmoved by: %s', (_name, event) => {
    const next = call.on(event);
    expect(next.does).toEqual([]);
    const legs =
      event.type === 'HungUp' && call.call.legs[event.leg] !== 'none'
        ? { ...call.call.legs, [event.leg]: 'gone' }
        : call.call.legs;
    expect(next.call).toEqual({ ...call.call, legs });
  });
});
