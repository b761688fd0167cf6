import { describe } from 'vitest';
import {
  answers,
  arrived,
  deadline,
  failed,
  finished,
  hangsUp,
  presses,
  recorded,
  reminderTime,
  Story,
} from './story.ts';
import { concludes, row } from './table.ts';

/** What becomes of callers who are not put through: staff in the resident's place, the message. */

describe('staff in the resident’s place', () => {
  const challenged = new Story()
    .on(arrived({ staffed: true }))
    .on(finished(1))
    .on(recorded('name'), 3100);
  const failedThrice = challenged.on(presses('caller', '9')).on(presses('caller', '8')).on(presses('caller', '7'));
  const forVillain = new Story().on(arrived({ caller: 'villain', staffed: true }));
  const forStranger = new Story().on(arrived({ mode: 'trusted-only', staffed: true }));
  const refuses = (playing: number) => [`stop p${playing}`, 'wake deadline 22 s', `p${playing + 1} to caller: refused`];
  const offersMessage = ['stop p1', 'wake deadline 30 s', 'p2 to caller: leave-a-message'];
  row(
    'three failed tries are offered to them',
    challenged.on(presses('caller', '9')).on(presses('caller', '8')).on(presses('caller', '7')),
    'ringing staff',
    [
      'stop p4',
      'wake deadline 33 s',
      'ring staff as "For Elsie Brown: unvouched caller" +442079460000, 30 s',
      'p5 to caller: passing-to-staff (ring)',
    ],
  );
  row(
    'three failed tries, and staff are busy',
    failedThrice.on(hangsUp('staff', 17)),
    'parting from caller, challenge-failed by clearline 16',
    refuses(5),
  );
  row(
    'a blocked caller, and staff are busy',
    forVillain.on(hangsUp('staff', 17)),
    'parting from caller, refused by clearline 16',
    refuses(1),
  );
  row(
    'a blocked caller, and no staff phone is registered',
    forVillain.on(hangsUp('staff', 20)),
    'parting from caller, refused by clearline 16',
    refuses(1),
  );
  row(
    'a blocked caller, and staff never answer',
    forVillain.on(deadline),
    'parting from caller, refused by clearline 16',
    ['hang up staff 19', ...refuses(1)],
  );
  row(
    'a stranger, and staff are busy: may leave a message',
    forStranger.on(hangsUp('staff', 17)),
    'taking-message',
    offersMessage,
  );
  row('a stranger, and staff never answer: may leave a message', forStranger.on(deadline), 'taking-message', [
    'hang up staff 19',
    ...offersMessage,
  ]);
  row('they answer and hear whose call it is', forVillain.on(answers('staff')), 'whispering staff', [
    'wake deadline 60 s',
    'p2 to staff: whisper-staff',
  ]);
  row(
    'they answer and hear the caller’s name, where one was said',
    failedThrice.on(answers('staff')),
    'whispering staff',
    ['wake deadline 60 s', 'p6 to staff: whisper-staff whisper-named <name>'],
  );
  row(
    'the caller hangs up while their phone rings',
    forVillain.on(hangsUp('caller')),
    'closing, caller-gone by caller 16',
    ['stop p1', 'wake deadline 5 s', 'unwake reminder', 'hang up staff 16'],
  );
});

describe('the message', () => {
  const told = new Story().on(arrived({ mode: 'trusted-only' }));
  const recording = told.on(finished(1));
  const leftAfter = recording.on(hangsUp('caller', 0), 9000);
  const refuses = ['wake deadline 22 s', 'p2 to caller: refused'];
  const startsRecording = ['wake deadline 65 s', 'record message of caller, 60 s or 5 s of silence'];
  row('is recorded after the tone', told.on(finished(1)), 'taking-message, recording', startsRecording);
  row(
    'is recorded although the words before it failed',
    told.on(failed('Play', 'c-p1')),
    'taking-message, recording',
    startsRecording,
  );
  row('is recorded although the end of these words is lost', told.on(deadline), 'taking-message, recording', [
    'stop p1',
    ...startsRecording,
  ]);
  row(
    'left: the caller hears that it is saved',
    recording.on(recorded('message', 8), 13_000),
    'parting from caller, message-left by clearline 16',
    ['wake deadline 22 s', 'p2 to caller: message-saved'],
  );
  row(
    'empty: silence for five seconds is no message',
    recording.on(recorded('message', 1), 5020),
    'parting from caller, refused by clearline 16',
    refuses,
  );
  row(
    'that cannot be recorded',
    recording.on(failed('Record', 'c-message')),
    'parting from caller, refused by clearline 16',
    refuses,
  );
  row('whose recording never ends', recording.on(deadline), 'parting from caller, refused by clearline 16', refuses);
  row(
    'ended by hanging up: its recording is awaited',
    recording.on(hangsUp('caller', 0)),
    'taking-message, recording',
    ['wake deadline 1 s'],
  );
  row(
    'ended by hanging up: what was said until then is it',
    leftAfter.on(recorded('message', 8), 5),
    'ended, message-left by caller 16',
    concludes('message-left by caller 16'),
  );
  row(
    'ended by hanging up at once: nothing was said',
    leftAfter.on(recorded('message', 0), 5),
    'ended, caller-gone by caller 16',
    concludes('caller-gone by caller 16'),
  );
  row(
    'ended by hanging up, and its recording broke',
    leftAfter.on(failed('Record', 'c-message')),
    'ended, caller-gone by caller 16',
    concludes('caller-gone by caller 16'),
  );
  row(
    'ended by hanging up, and nothing more is heard of it',
    leftAfter.on(deadline),
    'ended, caller-gone by caller 16',
    concludes('caller-gone by caller 16'),
  );
  row(
    'never begun: the caller hangs up before the tone',
    told.on(hangsUp('caller')),
    'ended, caller-gone by caller 16',
    concludes('caller-gone by caller 16'),
  );
  row('is not ended by the wrong timer', recording.on(reminderTime), 'taking-message, recording', []);
});
