import { describe, expect, test } from 'vitest';
import { asKept } from '../../../services/core/inbound.ts';
import {
  answers,
  arrived,
  deadline,
  dialTone,
  failed,
  finished,
  hangsUp,
  presses,
  reminderTime,
  restOfNumber,
  Story,
} from './story.ts';
import { closes, concludes, row } from './table.ts';

/** What the resident hears and can do once the caller has gone: the advice, and the number they key. */

const announced = new Story()
  .on(arrived({ mode: 'announce' }))
  .on(finished(1))
  .on(answers('resident'));
const guarded = announced.on(finished(3)).on(finished(4));

describe('the advice', () => {
  const reported = guarded.on(presses('resident', '*'));
  const advising = guarded.on(hangsUp('caller'));
  const heardOnce = advising.on(finished(5));
  const repeated = heardOnce.on(deadline);
  const heardTwice = repeated.on(finished(6));
  const says = (playback: number, prompt: string, seconds: number) => [
    `wake deadline ${seconds} s`,
    `p${playback} to resident: ${prompt}`,
  ];
  const ending = 'talked by caller 16';
  row('heard: time for the key', heardOnce, `advising, 1 heard, ${ending}`, ['wake deadline 10 s']);
  row('no key: heard again', repeated, `advising, 1 heard, ${ending}`, says(6, 'advice', 30));
  row('heard twice: time for the key', heardTwice, `advising, 2 heard, ${ending}`, ['wake deadline 10 s']);
  row('still no key: goodbye', heardTwice.on(deadline), `parting from resident, ${ending}`, says(7, 'goodbye', 22));
  row(
    'that Asterisk cannot play: goodbye',
    advising.on(failed('Play', 'c-p5')),
    `parting from resident, ${ending}`,
    says(6, 'goodbye', 22),
  );
  row('whose end is lost counts as heard', advising.on(deadline), `advising, 1 heard, ${ending}`, [
    'stop p5',
    'wake deadline 10 s',
  ]);
  row(
    'an earlier prompt’s failure does not end it',
    guarded.on(reminderTime).on(hangsUp('caller')).on(failed('Play', 'c-p5')),
    `advising, 0 heard, ${ending}`,
    [],
  );
  row('another key', advising.on(presses('resident', '5')), `advising, 0 heard, ${ending}`, []);
  row('resident hangs up', advising.on(hangsUp('resident')), `ended, ${ending}`, concludes(ending));
  row(
    'resident hangs up before the reported caller’s end is confirmed',
    reported.on(hangsUp('resident')),
    'closing, reported by resident 16',
    closes('caller 16'),
  );
  row(
    'the reported caller’s end is confirmed',
    reported.on(hangsUp('caller')),
    'advising, 0 heard, reported by resident 16',
    [],
  );

  test('ends by itself although no end of a prompt is ever heard of', () => {
    let call = advising;
    for (let turn = 0; turn < 5; turn += 1) call = call.on(deadline);
    expect(call.stage).toBe(`closing, ${ending}`);
  });
});

describe('the star after the caller has gone', () => {
  const advising = guarded.on(hangsUp('caller'));
  const reports = [
    'hold 1800',
    'raise reported',
    'unwake reminder',
    'wake deadline 30 s',
    'p6 to resident: reported advice',
  ];
  const ending = 'reported by caller 16';
  const starred = advising.on(presses('resident', '*'));
  row('reports the call while the advice plays', starred, `advising, 0 heard, ${ending}`, [
    'hold 1800',
    'raise reported',
    'stop p5',
    ...reports.slice(2),
  ]);
  row(
    'reports it after the advice',
    advising.on(finished(5)).on(presses('resident', '*')),
    `advising, 0 heard, ${ending}`,
    reports,
  );
  row('once', starred.on(presses('resident', '*')), `advising, 0 heard, ${ending}`, []);
  row('and the police can still be reached', starred.keys('resident', '101'), `ended, ${ending}`, [
    'dial 101 by advice',
    ...concludes(ending),
  ]);
  row(
    'after a dial tone was cut too',
    guarded.on(dialTone).on(presses('resident', '*')),
    'advising, 0 heard, reported by clearline 16',
    ['hold 1800', 'raise reported', 'stop p5', ...reports.slice(2)],
  );
  row(
    'after a key for the police: they are called, and nothing else',
    advising.keys('resident', '1*').on(restOfNumber),
    'ended, talked by caller 16',
    ['dial 101 by advice', ...concludes('talked by caller 16')],
  );
  row(
    'of the caller is nothing',
    guarded.on(presses('resident', '*')).on(presses('caller', '*')),
    'advising, 0 heard, reported by resident 16',
    [],
  );

  test('is on record, and no other key is', () => {
    const kept = (digit: string, call = advising.call) =>
      asKept(call, { type: 'KeyPressed', leg: 'resident', digit, at: 0 });
    expect(kept('*')).toMatchObject({ digit: '*' });
    expect(kept('4')).not.toMatchObject({ digit: '4' });
    expect(kept('*', starred.call)).not.toMatchObject({ digit: '*' });
  });
});

describe('a number keyed after the caller has gone', () => {
  const ending = 'talked by caller 16';
  const advising = guarded.on(hangsUp('caller'));
  const heardOnce = advising.on(finished(5));
  const reported = guarded.on(presses('resident', '*'));
  const waits = (seconds: number, ...stops: string[]) => [...stops, 'wake deadline 10 s', `wake keys ${seconds} s`];
  const calls = (number: string) => [`dial ${number} by advice`, ...concludes(ending)];
  const keyed = advising.on(presses('resident', '1'));
  row(
    'key 1 while it plays: cut short, for there may be more',
    keyed,
    `advising, 0 heard, ${ending}`,
    waits(1.5, 'stop p5'),
  );
  row('key 1 after it', heardOnce.on(presses('resident', '1')), `advising, 1 heard, ${ending}`, waits(1.5));
  row('nothing more: the police', keyed.on(restOfNumber), `ended, ${ending}`, calls('101'));
  row(
    'the same key reported twice',
    keyed.on(presses('resident', '1'), 60),
    `advising, 0 heard, ${ending}`,
    waits(1.5),
  );
  row('a second key that fits a number', keyed.keys('resident', '1'), `advising, 0 heard, ${ending}`, waits(3));
  row('a second key that fits none: the police', keyed.keys('resident', '2'), `ended, ${ending}`, calls('101'));
  row('112 in full', keyed.keys('resident', '12'), `ended, ${ending}`, calls('112'));
  row('111 in full', keyed.keys('resident', '11'), `ended, ${ending}`, calls('111'));
  row('159 in full', keyed.keys('resident', '59'), `ended, ${ending}`, calls('159'));
  row('101 in full', keyed.keys('resident', '01'), `ended, ${ending}`, calls('101'));
  row('18000 in full', keyed.keys('resident', '8000'), `ended, ${ending}`, calls('18000'));
  row('with a prefix', keyed.keys('resident', '41101'), `ended, ${ending}`, calls('141101'));
  row('999, which begins unlike the key', advising.keys('resident', '999'), `ended, ${ending}`, calls('999'));
  row('the bank’s', advising.keys('resident', '03451113333'), `ended, ${ending}`, calls('03451113333'));
  row(
    'its beginning: nobody talks into it, and there is time for the rest',
    advising.keys('resident', '03'),
    `advising, 0 heard, ${ending}`,
    ['wake deadline 10 s'],
  );
  row(
    'its beginning and no more: the advice again',
    advising.keys('resident', '03').on(deadline),
    `advising, 0 heard, ${ending}`,
    ['wake deadline 30 s', 'p6 to resident: advice'],
  );
  row(
    'begun while the caller was there',
    guarded.keys('resident', '10').on(hangsUp('caller')).keys('resident', '1'),
    `ended, ${ending}`,
    ['stop p5', ...calls('101')],
  );
  row(
    'before the reported caller’s end is confirmed: they are hung up first, once more',
    reported.keys('resident', '101'),
    'closing, reported by resident 16',
    ['hang up caller 16', 'dial 101 by advice', ...closes()],
  );
  row(
    'an emergency number before the reported caller’s end is confirmed: it waits for nothing',
    reported.keys('resident', '999'),
    'closing, reported by resident 16',
    ['dial 999 by advice', 'hang up caller 16', ...closes()],
  );
  row(
    'the caller’s keys are nothing',
    reported.keys('caller', '101'),
    'advising, 0 heard, reported by resident 16',
    [],
  );
  row('a late timer is nothing', advising.on(restOfNumber), `advising, 0 heard, ${ending}`, []);
  row(
    'goodbye said: no key counts any more',
    heardOnce.on(deadline).on(finished(6)).on(deadline).keys('resident', '1'),
    `parting from resident, ${ending}`,
    [],
  );
});
