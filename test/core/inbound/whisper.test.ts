import { describe } from 'vitest';
import { answers, arrived, deadline, failed, finished, hangsUp, presses, Story } from './story.ts';
import { closes, concludes, row } from './table.ts';

/** The whispered warning, which stands between the answer and the conversation. */

/** Unanswered so far: nothing was said to them. */
const warned = new Story().on(arrived({ mode: 'paused', caller: 'villain' }));
/** Answered for the announcement, and hearing the phone ring. */
const announced = new Story().on(arrived({ mode: 'announce' })).on(finished(1));

describe('the whisper', () => {
  const whispering = announced.on(answers('resident'));
  const unanswered = warned.on(answers('resident'));
  const staffed = new Story()
    .on(arrived({ mode: 'announce', staffed: true }))
    .on(finished(1))
    .on(answers('resident'));
  const connects = [
    'unwake deadline',
    'hold 300',
    'connect caller and resident, watching keys',
    'listen to caller',
    'wake reminder 300 s',
  ];
  const warnedNow = whispering.on(finished(3));
  row('the warning heard to its end: which keys there are', warnedNow, 'whispering resident', [
    'p4 to resident: whisper-keys',
  ]);
  row('heard to its end: they talk', warnedNow.on(finished(4)), 'talking resident', ['stop p2', ...connects]);
  row('an end told twice lets nobody through', warnedNow.on(finished(3)), 'whispering resident', []);
  row(
    'heard to its end: a caller who was not answered is answered now',
    unanswered.on(finished(1)).on(finished(2)),
    'talking resident',
    ['answer caller', ...connects],
  );
  const taped = new Story()
    .on(arrived({ mode: 'announce', recordCalls: true }))
    .on(finished(1))
    .on(answers('resident'));
  row('on a recorded line: the resident is told so, too', taped.on(finished(3)), 'whispering resident', [
    'p4 to resident: recording-notice whisper-keys',
  ]);
  row(
    'heard to its end on a recorded line: the call is recorded',
    taped.on(finished(3)).on(finished(4)),
    'talking resident',
    [
      'stop p2',
      'unwake deadline',
      'hold 300',
      'connect caller and resident, watching keys',
      'record the call as call',
      'listen to caller',
      'wake reminder 300 s',
    ],
  );
  row(
    'heard to its end on a line that does not watch for a dial tone: nobody listens',
    new Story()
      .on(arrived({ mode: 'announce', toneWatch: false }))
      .on(finished(1))
      .on(answers('resident'))
      .on(finished(3))
      .on(finished(4)),
    'talking resident',
    ['stop p2', ...connects.filter((does) => does !== 'listen to caller')],
  );
  const untold = new Story()
    .on(arrived({ mode: 'paused', caller: 'villain', recordCalls: true }))
    .on(answers('resident'));
  row(
    'to whose caller nothing was said: nor is the resident told of a recording',
    untold.on(finished(1)),
    'whispering resident',
    ['p2 to resident: whisper-keys'],
  );
  row(
    'to whose caller nothing was said: nothing is recorded',
    untold.on(finished(1)).on(finished(2)),
    'talking resident',
    ['answer caller', ...connects],
  );
  row('another prompt’s end lets nobody through', whispering.on(finished(2)), 'whispering resident', []);
  const fails = ['stop p2', ...closes('caller 16', 'resident 16')];
  row(
    'that Asterisk cannot play: an unheard warning is none',
    whispering.on(failed('Play', 'c-p3')),
    'closing, failed by clearline 16',
    fails,
  );
  row(
    'whose keys Asterisk cannot play',
    warnedNow.on(failed('Play', 'c-p4')),
    'closing, failed by clearline 16',
    fails,
  );
  row(
    'whose end is never heard of: nor is an unconfirmed one',
    whispering.on(deadline),
    'closing, failed by clearline 16',
    fails,
  );
  row('another prompt’s failure ends nothing', whispering.on(failed('Play', 'c-p2')), 'whispering resident', []);
  row(
    'caller hangs up: the resident is told',
    whispering.on(hangsUp('caller', 0)),
    'parting from resident, caller-gone by caller 16',
    ['stop p3', 'stop p2', 'wake deadline 22 s', 'p4 to resident: caller-gone'],
  );
  row(
    'resident hangs up: refused by deed',
    whispering.on(hangsUp('resident', 16)),
    'parting from caller, resident-refused by resident 16',
    ['stop p2', 'wake deadline 22 s', 'p4 to caller: no-answer'],
  );
  row(
    'resident hangs up on a caller not yet answered',
    unanswered.on(hangsUp('resident', 16)),
    'closing, resident-refused by resident 21',
    closes('caller 21'),
  );
  row(
    'resident presses star: the caller is refused',
    whispering.on(presses('resident', '*')),
    'parting from caller, resident-refused by resident 16',
    ['stop p3', 'hang up resident 16', 'stop p2', 'wake deadline 22 s', 'p4 to caller: refused'],
  );
  row(
    'resident presses star on a caller not yet answered',
    unanswered.on(presses('resident', '*')),
    'closing, resident-refused by resident 21',
    ['stop p1', 'hang up resident 16', ...closes('caller 21')],
  );
  row(
    'resident presses star: staff are rung where there are any',
    staffed.on(presses('resident', '*')),
    'ringing staff',
    [
      'stop p3',
      'hang up resident 16',
      'wake deadline 33 s',
      'ring staff as "For Elsie Brown: unvouched caller" +442079460000, 30 s',
      'stop p2',
      'p4 to caller: passing-to-staff (ring)',
    ],
  );
  row(
    'resident presses star, and staff are busy: it was the resident who refused',
    staffed.on(presses('resident', '*')).on(hangsUp('resident')).on(hangsUp('staff', 17)),
    'parting from caller, resident-refused by resident 16',
    ['stop p4', 'wake deadline 22 s', 'p5 to caller: refused'],
  );
  row('another key changes nothing', whispering.on(presses('resident', '1')), 'whispering resident', []);
  row('the caller’s star changes nothing', whispering.on(presses('caller', '*')), 'whispering resident', []);
});

describe('the whisper to staff', () => {
  const rung = new Story().on(arrived({ caller: 'villain', staffed: true }));
  const whispering = rung.on(answers('staff'));
  row('heard to its end: they talk, unwatched, and nothing is held', whispering.on(finished(2)), 'talking staff', [
    'stop p1',
    'unwake deadline',
    'connect caller and staff',
  ]);
  row(
    'staff hang up in it: the caller is refused',
    whispering.on(hangsUp('staff')),
    'parting from caller, refused by clearline 16',
    ['stop p1', 'wake deadline 22 s', 'p3 to caller: refused'],
  );
  row(
    'caller hangs up in it: staff are told',
    whispering.on(hangsUp('caller')),
    'parting from staff, caller-gone by caller 16',
    ['stop p2', 'stop p1', 'wake deadline 22 s', 'p3 to staff: caller-gone'],
  );
  row('a star of theirs changes nothing', whispering.on(presses('staff', '*')), 'whispering staff', []);
  row(
    'everybody gone',
    whispering.on(hangsUp('caller')).on(hangsUp('staff')),
    'ended, caller-gone by caller 16',
    concludes('caller-gone by caller 16'),
  );
});
