import { describe } from 'vitest';
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
  Story,
} from './story.ts';
import { closes, concludes, row } from './table.ts';

/** The conversation: what the resident can do in it, and what ends it. */

const trusted = new Story().on(arrived({ caller: 'anna' })).on(answers('resident'));
const announced = new Story()
  .on(arrived({ mode: 'announce' }))
  .on(finished(1))
  .on(answers('resident'));
const guarded = announced.on(finished(3)).on(finished(4));
const staff = new Story()
  .on(arrived({ caller: 'villain', staffed: true }))
  .on(answers('staff'))
  .on(finished(2));

const stopsReminding = 'unwake reminder';

describe('a trusted conversation is left in peace', () => {
  row('caller hangs up', trusted.on(hangsUp('caller')), 'closing, talked by caller 16', closes('resident 16'));
  row('resident hangs up', trusted.on(hangsUp('resident')), 'closing, talked by resident 16', closes('caller 16'));
  row('a star is part of it', trusted.on(presses('resident', '*')), 'talking resident', []);
  row(
    'both are gone',
    trusted.on(hangsUp('caller')).on(hangsUp('resident')),
    'ended, talked by caller 16',
    concludes('talked by caller 16').slice(2),
  );
  row(
    'that Asterisk cannot connect',
    trusted.on(failed('Connect')),
    'closing, failed by clearline 16',
    closes('caller 16', 'resident 16'),
  );
});

describe('a stranger’s conversation while screening is paused is left in peace, but for the tricks', () => {
  const paused = new Story().on(arrived({ mode: 'paused' })).on(answers('resident'));
  row('a star is part of it', paused.on(presses('resident', '*')), 'talking resident', []);
  row('nobody is reminded', paused.on(reminderTime), 'talking resident', []);
  row('caller hangs up', paused.on(hangsUp('caller')), 'closing, talked by caller 16', closes('resident 16'));
  row('a dial tone cuts the caller', paused.on(dialTone), 'advising, 0 heard, fake-dial-tone by clearline 16', [
    'hold 1800',
    'raise fake-dial-tone',
    'hang up caller 16',
    'unwake reminder',
    'wake deadline 30 s',
    'p1 to resident: fake-dial-tone advice',
  ]);
});

describe('a conversation with somebody nobody vouches for', () => {
  const reminds = (playback: number) => [`p${playback} to resident: reminder`, 'wake reminder 300 s'];
  row('is interrupted by a reminder', guarded.on(reminderTime), 'talking resident', reminds(5));
  row(
    'is interrupted again and again',
    guarded.on(reminderTime).on(finished(5)).on(reminderTime),
    'talking resident',
    reminds(6),
  );
  const reminding = guarded.on(reminderTime);
  row('has one reminder at a time', reminding.on(reminderTime), 'talking resident', ['stop p5', ...reminds(6)]);
  row(
    'reported during a reminder: cut short',
    reminding.on(presses('resident', '*')),
    'advising, 0 heard, reported by resident 16',
    [
      'hold 1800',
      'hang up caller 16',
      'raise reported',
      'stop p5',
      stopsReminding,
      'wake deadline 30 s',
      'p6 to resident: reported advice',
    ],
  );
  row(
    'caller hangs up during a reminder: cut short',
    reminding.on(hangsUp('caller')),
    'advising, 0 heard, talked by caller 16',
    ['stop p5', stopsReminding, 'wake deadline 30 s', 'p6 to resident: caller-gone advice'],
  );
  row('goes on when a reminder ends', guarded.on(reminderTime).on(finished(5)), 'talking resident', []);
  row('goes on when a reminder fails', guarded.on(reminderTime).on(failed('Play', 'c-p5')), 'talking resident', []);
  row('has no deadline', guarded.on(deadline), 'talking resident', []);
  row(
    'caller hangs up: the resident is advised',
    guarded.on(hangsUp('caller')),
    'advising, 0 heard, talked by caller 16',
    [stopsReminding, 'wake deadline 30 s', 'p5 to resident: caller-gone advice'],
  );
  row('resident hangs up', guarded.on(hangsUp('resident')), 'closing, talked by resident 16', closes('caller 16'));
  row(
    'resident presses star: reported; the longer hold stands before the hang-up',
    guarded.on(presses('resident', '*')),
    'advising, 0 heard, reported by resident 16',
    [
      'hold 1800',
      'hang up caller 16',
      'raise reported',
      stopsReminding,
      'wake deadline 30 s',
      'p5 to resident: reported advice',
    ],
  );
  row('another key of the resident changes nothing', guarded.on(presses('resident', '1')), 'talking resident', []);
  row('the caller’s star changes nothing', guarded.on(presses('caller', '*')), 'talking resident', []);
  row(
    'Asterisk cannot connect them',
    guarded.on(failed('Connect')),
    'closing, failed by clearline 16',
    closes('caller 16', 'resident 16'),
  );
  row(
    'Asterisk cannot record it: the conversation goes on',
    guarded.on(failed('RecordCall', 'c-call')),
    'talking resident',
    [],
  );
});

describe('a conversation with staff', () => {
  row('caller hangs up', staff.on(hangsUp('caller')), 'closing, handled-by-staff by caller 16', closes('staff 16'));
  row('staff hang up', staff.on(hangsUp('staff')), 'closing, handled-by-staff by staff 16', closes('caller 16'));
  row('a star of theirs is part of it', staff.on(presses('staff', '*')), 'talking staff', []);
  const afterResident = new Story()
    .on(arrived({ mode: 'announce', staffed: true }))
    .on(finished(1))
    .on(answers('resident'))
    .on(presses('resident', '*'))
    .on(answers('staff'))
    .on(finished(5));
  row(
    'the resident, who sent the caller to them, may hang up',
    afterResident.on(hangsUp('resident')),
    'talking staff',
    [],
  );
});

describe('a dial tone that the caller plays', () => {
  const cuts = ['hold 1800', 'raise fake-dial-tone', 'hang up caller 16'];
  const advises = [stopsReminding, 'wake deadline 30 s'];
  row(
    'ends the call, and the resident is told',
    guarded.on(dialTone),
    'advising, 0 heard, fake-dial-tone by clearline 16',
    [...cuts, ...advises, 'p5 to resident: fake-dial-tone advice'],
  );
  row(
    'cuts a reminder short',
    guarded.on(reminderTime).on(dialTone),
    'advising, 0 heard, fake-dial-tone by clearline 16',
    [...cuts, 'stop p5', ...advises, 'p6 to resident: fake-dial-tone advice'],
  );
  row(
    'from the resident’s side is nothing',
    guarded.on({ ...dialTone, leg: 'resident' } as typeof dialTone),
    'talking resident',
    [],
  );
  row('of a trusted caller is nothing', trusted.on(dialTone), 'talking resident', []);
  row('that staff hear is nothing', staff.on(dialTone), 'talking staff', []);
  row(
    'heard once more while the resident is advised is nothing',
    guarded.on(dialTone).on(dialTone),
    'advising, 0 heard, fake-dial-tone by clearline 16',
    [],
  );
});
