import { describe, expect, test } from 'vitest';
import { arrived, deadline, failed, finished, hangsUp, presses, recorded, Story } from './story.ts';
import { concludes, row } from './table.ts';

/** The announcement, the name, the digit. */

const announced = new Story().on(arrived({ mode: 'announce' }));
const greeted = new Story().on(arrived());
const naming = greeted.on(finished(1));
const asking = naming.on(recorded('name'), 3100);
const waiting = asking.on(finished(2));

const asksName = ['wake deadline 8 s', 'record name of caller, 4 s or 2 s of silence'];
const asksDigit = ['wake deadline 30 s', 'p2 to caller: press-to-continue 5'];
const rings = (playback: number) => [
  'wake deadline 33 s',
  'ring resident as "Unknown caller" +442079460000, 30 s',
  `p${playback} to caller: please-wait (ring)`,
];

describe('the announcement', () => {
  row('heard to its end: the phone rings', announced.on(finished(1)), 'ringing resident', rings(2));
  row('that Asterisk cannot play stops nobody', announced.on(failed('Play', 'c-p1')), 'ringing resident', rings(2));
  row('whose end is lost stops nobody', announced.on(deadline), 'ringing resident', ['stop p1', ...rings(2)]);
  row('with the question for the name: the name is recorded', greeted.on(finished(1)), 'naming', asksName);
  row(
    'interrupted by the caller hanging up',
    greeted.on(hangsUp('caller')),
    'ended, caller-gone by caller 16',
    concludes('caller-gone by caller 16'),
  );
});

describe('the name', () => {
  row('spoken: the digit is asked', naming.on(recorded('name'), 3100), 'challenging, 0 failed, asking', asksDigit);
  row('not spoken: asked all the same', naming.on(recorded('name'), 2020), 'challenging, 0 failed, asking', asksDigit);
  row(
    'that cannot be recorded: asked all the same',
    naming.on(failed('Record', 'c-name')),
    'challenging, 0 failed, asking',
    asksDigit,
  );
  row(
    'whose recording never ends: asked all the same',
    naming.on(deadline),
    'challenging, 0 failed, asking',
    asksDigit,
  );
  row(
    'cut short by the caller hanging up',
    naming.on(hangsUp('caller')),
    'ended, caller-gone by caller 16',
    concludes('caller-gone by caller 16'),
  );

  // A recording that silence ends after two seconds lasted 2.0 s if nobody spoke, and 2.5 s after "Ann" said at once.
  test.each([
    [2020, null],
    [2290, null],
    [2520, 'c-name'],
    [4000, 'c-name'],
  ])('recorded for %i ms is kept as %s', (ms, kept) => {
    expect(naming.on(recorded('name'), ms).call.nameRecording).toBe(kept);
  });
});

describe('the digit', () => {
  const oneWrong = waiting.on(presses('caller', '4'));
  const rightNow = (playing: number) => [`stop p${playing}`, ...rings(playing + 1)];
  const wrong = (playback: number) => ['wake deadline 30 s', `p${playback} to caller: wrong-digit 5`];
  row('the question ends: the caller has eight seconds', asking.on(finished(2)), 'challenging, 0 failed', [
    'wake deadline 8 s',
  ]);
  row(
    'the question cannot be played: the caller has eight seconds',
    asking.on(failed('Play', 'c-p2')),
    'challenging, 0 failed',
    ['wake deadline 8 s'],
  );
  row('the question’s end is lost: the caller has eight seconds', asking.on(deadline), 'challenging, 0 failed', [
    'stop p2',
    'wake deadline 8 s',
  ]);
  row('right, while the question is still asked', asking.on(presses('caller', '5')), 'ringing resident', rightNow(2));
  row('right, after it', waiting.on(presses('caller', '5')), 'ringing resident', rings(3));
  row('wrong: asked again', waiting.on(presses('caller', '4')), 'challenging, 1 failed, asking', wrong(3));
  row(
    'wrong, while the question is still asked: cut short',
    asking.on(presses('caller', '4')),
    'challenging, 1 failed, asking',
    ['stop p2', ...wrong(3)],
  );
  row('no key: told so', waiting.on(deadline), 'challenging, 1 failed, asking', [
    'wake deadline 30 s',
    'p3 to caller: press-digit 5',
  ]);
  row(
    'the same wrong key within 250 ms is the same press',
    oneWrong.on(presses('caller', '4'), 249),
    'challenging, 1 failed, asking',
    [],
  );
  row(
    'the same wrong key after 250 ms is a second press',
    oneWrong.on(presses('caller', '4'), 250),
    'challenging, 2 failed, asking',
    ['stop p3', ...wrong(4)],
  );
  row(
    'another wrong key at once is a second press: all nine may not be tried in a sweep',
    oneWrong.on(presses('caller', '3'), 60),
    'challenging, 2 failed, asking',
    ['stop p3', ...wrong(4)],
  );
  row(
    'the right key right after a wrong one counts',
    oneWrong.on(presses('caller', '5'), 60),
    'ringing resident',
    rightNow(3),
  );
  row('pressed by somebody else does not count', waiting.on(presses('resident', '5')), 'challenging, 0 failed', []);
  row(
    'cut short by the caller hanging up',
    waiting.on(hangsUp('caller')),
    'ended, caller-gone by caller 16',
    concludes('caller-gone by caller 16'),
  );

  const tries = {
    wrong: (call: Story) => call.on(presses('caller', '9')),
    silent: (call: Story) => call.on(deadline).on(deadline),
  };
  test.each([
    ['wrong', 'wrong', 'wrong'],
    ['silent', 'silent', 'silent'],
    ['wrong', 'silent', 'wrong'],
    ['silent', 'wrong', 'silent'],
  ] as const)('three failed tries (%s, %s, %s) are the last', (first, second, third) => {
    const two = tries[second](tries[first](asking));
    expect(two.stage).toMatch(/^challenging, 2 failed/);
    const three = tries[third](two);
    expect(three.stage).toBe('parting from caller, challenge-failed by clearline 16');
    expect(three.does.at(-1)).toMatch(/to caller: refused$/);
  });
});
