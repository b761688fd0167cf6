import { describe, expect, test } from 'vitest';
import { answers, arrived, finished, hangsUp, presses, reminderTime, restOfNumber, Story } from './story.ts';
import { closes, concludes, row } from './table.ts';

/** A guarded or emergency number keyed while the suspect caller is still there: they are cut, and it is called. */

const announced = new Story()
  .on(arrived({ mode: 'announce' }))
  .on(finished(1))
  .on(answers('resident'));
const talking = announced.on(finished(3)).on(finished(4));
const ending = 'closing, ghost-dialled by resident 16';
const guarded = (number: string) => ['hold 1800', 'hang up caller 16', `dial ${number} by ghost-dial`];
const emergency = (number: string) => ['hold 1800', `dial ${number} by ghost-dial`, 'hang up caller 16'];
const over = ['raise ghost-dial', ...closes()];

describe('in the conversation', () => {
  row('101: the caller is cut, then it is called', talking.keys('resident', '101'), ending, [
    ...guarded('101'),
    ...over,
  ]);
  row(
    '999: it is called before the caller is even cut; the hold is written down first, and waited for by nobody',
    talking.keys('resident', '999'),
    ending,
    [...emergency('999'), ...over],
  );
  row('18000', talking.keys('resident', '18000'), ending, [...emergency('18000'), ...over]);
  row('with a prefix, and digits before it', talking.keys('resident', '77147003451113333'), ending, [
    ...guarded('147003451113333'),
    ...over,
  ]);
  row(
    'during a reminder, which is stopped first: the leg could not leave',
    talking.on(reminderTime).keys('resident', '999'),
    ending,
    ['stop p5', ...emergency('999'), ...over],
  );
  row('a single digit does nothing', talking.keys('resident', '1'), 'talking resident', []);
  row('two digits do nothing', talking.keys('resident', '10'), 'talking resident', []);
  row('the caller’s digits never count', talking.keys('caller', '101'), 'talking resident', []);
  row('nor do they finish the resident’s', talking.keys('resident', '10').keys('caller', '1'), 'talking resident', []);
  row(
    'with pauses',
    talking.on(presses('resident', '1')).on(presses('resident', '0'), 19_000).on(presses('resident', '1'), 19_000),
    ending,
    [...guarded('101'), ...over],
  );
  row(
    'the inside of a longer number: there is time for the rest',
    talking.keys('resident', '0345111'),
    'talking resident',
    ['wake keys 3 s'],
  );
  row('and no more comes: it is the number', talking.keys('resident', '0345111').on(restOfNumber), ending, [
    ...guarded('111'),
    ...over,
  ]);
  row('and the rest comes', talking.keys('resident', '03451113333'), ending, [...guarded('03451113333'), ...over]);
  row('and something else comes', talking.keys('resident', '03451119'), ending, [...guarded('111'), ...over]);
  row(
    'reported meanwhile: nothing is called',
    talking.keys('resident', '0345111*').on(restOfNumber),
    'advising, 0 heard, reported by resident 16',
    [],
  );
  row(
    'the caller gone meanwhile: it is called',
    talking.keys('resident', '0345111').on(hangsUp('caller')).on(restOfNumber),
    'ended, talked by caller 16',
    [
      'stop p5',
      'dial 111 by advice',
      'wake deadline 5 s',
      'unwake reminder',
      'unwake deadline',
      'conclude talked by caller 16',
    ],
  );
});

describe('while screening is paused, with a stranger who was not announced', () => {
  const paused = new Story().on(arrived({ mode: 'paused' })).on(answers('resident'));
  const pausedOver = ['raise ghost-dial', ...closes()];
  row('101', paused.keys('resident', '101'), ending, [...guarded('101'), ...pausedOver]);
  row('999', paused.keys('resident', '999'), ending, [...emergency('999'), ...pausedOver]);
});

describe('during the whisper', () => {
  // The caller still hears it ring.
  const during = (effects: readonly string[]) => [...effects, 'raise ghost-dial', 'stop p2', ...closes()];
  row('101', announced.keys('resident', '101'), ending, during(['stop p3', ...guarded('101')]));
  row('999', announced.keys('resident', '999'), ending, during(['stop p3', ...emergency('999')]));
  row(
    'begun in it and ended in the conversation',
    announced.keys('resident', '10').on(finished(3)).on(finished(4)).keys('resident', '1'),
    ending,
    [...guarded('101'), ...over],
  );
  row(
    'the inside of a longer number, and no more',
    announced.keys('resident', '0345111').on(restOfNumber),
    ending,
    during(['stop p3', ...guarded('111')]),
  );
  const sentAway = new Story()
    .on(arrived({ mode: 'announce', staffed: true }))
    .on(finished(1))
    .on(answers('resident'))
    .keys('resident', '0345111*')
    .on(answers('staff'));
  row('the caller was sent to staff meanwhile: nothing is called', sentAway.on(restOfNumber), 'whispering staff', []);
});

describe('never', () => {
  const trusted = new Story().on(arrived({ caller: 'anna' })).on(answers('resident'));
  const staff = new Story()
    .on(arrived({ caller: 'villain', staffed: true }))
    .on(answers('staff'))
    .on(finished(2));
  row('with a trusted caller', trusted.keys('resident', '101'), 'talking resident', []);
  row('by staff', staff.keys('staff', '101'), 'talking staff', []);
  row('by a resident who has left the call to staff', staff.keys('resident', '101'), 'talking staff', []);
});

describe('once the resident has left', () => {
  const left = talking.keys('resident', '101');
  test('their leg is the outgoing call’s', () => {
    expect(left.call).toMatchObject({ handedOn: true, legs: { caller: 'up', resident: 'gone' } });
  });
  row('the caller’s end concludes the call', left.on(hangsUp('caller')), 'ended, ghost-dialled by resident 16', [
    'unwake deadline',
    'conclude ghost-dialled by resident 16',
  ]);
  row('their hang-up is none of this call', left.on(hangsUp('resident')), ending, []);
  row('their answer is none of this call', left.on(answers('resident')), ending, []);
  row('nor afterwards', left.on(hangsUp('caller')).on(answers('resident')), 'ended, ghost-dialled by resident 16', []);
  row('nor are their keys', left.keys('resident', '999'), ending, []);
});

describe('during the last words, when the caller has gone', () => {
  const ended = 'ended, caller-gone by caller 16';
  const reached = (number: string, ...stops: string[]) => [
    ...stops,
    `dial ${number} by advice`,
    ...concludes('caller-gone by caller 16'),
  ];
  const parting = announced.keys('resident', '99').on(hangsUp('caller'));
  row('the last 9 of 999', parting.keys('resident', '9'), ended, reached('999', 'stop p4'));
  row(
    'a key that makes no number',
    parting.keys('resident', '5'),
    'parting from resident, caller-gone by caller 16',
    [],
  );
  const inside = announced.keys('resident', '03451').on(hangsUp('caller')).keys('resident', '11');
  row(
    'the inside of a longer number: there is time for the rest',
    inside,
    'parting from resident, caller-gone by caller 16',
    ['wake keys 3 s'],
  );
  row('and the words end meanwhile', inside.on(finished(4)), 'parting from resident, caller-gone by caller 16', []);
  row('and no more comes', inside.on(finished(4)).on(restOfNumber), ended, reached('111'));
});
