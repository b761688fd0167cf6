import { describe } from 'vitest';
import {
  answers,
  cameBack,
  deadline,
  dialled,
  failed,
  finished,
  hangsUp,
  lookTime,
  presses,
  Story,
  sees,
  wordsTime,
} from './story.ts';
import { closes, concludes, goesOn, looks, parts, resumes, row } from './table.ts';

/** What a resident hears and can do while a guarded number has to wait. */

const begins = (changes: Parameters<typeof dialled>[1] = {}) => new Story().on(dialled('guarded', changes));
const unclear = (changes: Parameters<typeof dialled>[1] = {}) => begins(changes).on(sees('suspect'));
const told = unclear().on(wordsTime);
const staffed = unclear({ staffed: true }).on(wordsTime);
const says = (words: string) => ['answer resident', `p1 to resident: ${words}`, 'wake words 40 s'];

describe('the words', () => {
  row(
    'come when the line is not clear at once',
    told,
    'checking',
    says('line-not-clear wait-up-to 5 minutes key-call-back'),
  );
  row('name the staff where there are any', staffed, 'checking', [
    ...says('line-not-clear wait-up-to 5 minutes key-call-back key-staff'),
  ]);
  row('come though no look was answered', begins().on(wordsTime), 'checking', [
    ...says('line-not-clear wait-up-to 5 minutes key-call-back'),
  ]);
  const later = (ms: number, waitSeconds = 300) =>
    Story.with({ waitSeconds }).on(dialled('guarded')).on(sees('suspect')).on(wordsTime, ms);
  const left = (words: string) => says(`line-not-clear ${words} key-call-back`);
  row('tell the minutes left, rounded up', later(170_000), 'checking', left('wait-up-to 3 minutes'));
  row('of nine', later(600, 540), 'checking', left('wait-up-to 9 minutes'));
  row('of ten', later(600, 601), 'checking', left('several-minutes'));
  row('of one', later(250_000), 'checking', left('one-minute'));
  row('of less', later(280_000), 'checking', left('under-a-minute'));
  const timed = begins().on(sees('timed')).on(wordsTime, 600);
  row('tell when the first trunk is free', timed, 'checking', left('wait-up-to 2 minutes'));
  row('tell it again, with less', timed.on(finished(1)).on(wordsTime, 60_000), 'checking', [
    'p2 to resident: line-not-clear under-a-minute key-call-back',
    'wake words 40 s',
  ]);
  row('pause', told.on(finished(1)), 'checking', ['wake words 8 s']);
  row('come again', told.on(finished(1)).on(wordsTime, 8_000), 'checking', [
    'p2 to resident: line-not-clear wait-up-to 5 minutes key-call-back',
    'wake words 40 s',
  ]);
  row('whose end is lost come again', told.on(wordsTime), 'checking', [
    'stop p1',
    'p2 to resident: line-not-clear wait-up-to 5 minutes key-call-back',
    'wake words 40 s',
  ]);
  row('that cannot be played come again', told.on(failed('Play', 'c-p1')), 'checking', ['wake words 8 s']);
  row(
    'are cut short when the line is clear: nothing need be pressed',
    told.on(lookTime).on(sees('clear')),
    'gone on, over one',
    ['stop p1', ...goesOn('over one')],
  );
  row('of a prompt that is long over change nothing', told.on(finished(7)), 'checking', []);
});

describe('a key', () => {
  row('before any word was said is none', unclear().on(presses('2')), 'checking', []);
  row('inside the sentence is none', begins({ by: 'ghost-dial' }).on(presses('2')), 'checking', []);
  row('that was not offered is none', told.on(presses('5')), 'checking', []);
  row('for staff is none where there are none', told.on(presses('0')), 'checking', []);
  row('for another trunk is none while the line is not clear', told.on(presses('1')), 'checking', []);
  const exhausted = begins({ trunks: ['one'] })
    .on(sees('clear'))
    .on(cameBack())
    .on(sees('clear'));
  row('for another trunk: a look first', exhausted.on(presses('1')), 'checking', [
    'stop p1',
    ...looks,
    'wake words 0.6 s',
  ]);
  row('and then the trunk', exhausted.on(presses('1')).on(sees('clear')), 'gone on, over one', goesOn('over one'));
  row('pressed while a look is under way', exhausted.on(presses('1')).on(presses('1')), 'checking', []);
});

describe('a call back', () => {
  const promised = told.on(presses('2'));
  const ending = 'called-back-later by clearline 16';
  row('is promised', promised, 'promising', [
    'stop p1',
    'wake deadline 15 s',
    'unwake inspect',
    'unwake words',
    'call back later for 101',
    'p2 to resident: call-back-promised',
  ]);
  row('told to the end', promised.on(finished(2), 2_000), `closing, ${ending}`, closes('resident 16'));
  const quickly = promised.on(finished(2), 500);
  row('told sooner than it may fail', quickly, 'promising', ['wake deadline 1 s']);
  row('told sooner, and kept', quickly.on(deadline, 1_000), `closing, ${ending}`, closes('resident 16'));
  row('told sooner, and not kept', quickly.on(failed('CallBackLater'), 500), 'checking', [
    ...resumes(298.97),
    'p3 to resident: call-back-impossible',
    'wake words 8 s',
  ]);
  row('the end is lost', promised.on(deadline), `closing, ${ending}`, ['stop p2', ...closes('resident 16')]);
  row('cannot be promised', promised.on(failed('CallBackLater')), 'checking', [
    'stop p2',
    ...resumes(299.96),
    'p3 to resident: call-back-impossible',
    'wake words 8 s',
  ]);
  row('and waiting goes on', promised.on(failed('CallBackLater')).on(finished(3)), 'checking', ['wake words 8 s']);
  row('and the line is clear', promised.on(failed('CallBackLater')).on(sees('clear')), 'gone on, over one', [
    'stop p3',
    ...goesOn('over one'),
  ]);
  row('hung up at once: the promise may still fail', promised.on(hangsUp('resident')), 'promising', [
    'wake deadline 1.5 s',
  ]);
  row('hung up, and kept', promised.on(hangsUp('resident')).on(deadline), `ended, ${ending}`, concludes(ending));
  row(
    'hung up, and not kept: somebody has to know',
    promised.on(hangsUp('resident')).on(failed('CallBackLater')),
    'ended, given-up by resident 16',
    ['raise call-back-failed', ...concludes('given-up by resident 16')],
  );
  row('a look that was under way says nothing', promised.on(sees('clear')), 'promising', []);
  const stale = told.on(lookTime).on(presses('2')).on(failed('CallBackLater'));
  row('a look from before it is asked for again', stale.on(sees('clear')), 'checking', looks);
});

describe('staff', () => {
  const rings = staffed.on(presses('0'));
  row('are rung', rings, 'ringing-staff', [
    'stop p1',
    'wake deadline 33 s',
    'unwake inspect',
    'unwake words',
    'ring staff as "For Elsie Brown: waits for police" +441923555012, 30 s',
    'p2 to resident: connecting-you (ring)',
  ]);
  row('answer', rings.on(answers('staff')), 'with-staff', ['stop p2', 'unwake deadline', 'connect resident and staff']);
  row('do not answer', rings.on(hangsUp('staff', 19)), 'checking', ['stop p2', ...resumes(299.96)]);
  row('do not answer, and nobody says so', rings.on(deadline), 'checking', [
    'stop p2',
    'hang up staff 19',
    ...resumes(299.96),
  ]);
  row('answer too late', rings.on(deadline).on(answers('staff')), 'checking', ['hang up staff 16']);
  row('still ring from before', rings.on(deadline).on(wordsTime).on(presses('0')), 'checking', []);
  row('are rung again', rings.on(hangsUp('staff', 19)).on(wordsTime).on(presses('0')), 'ringing-staff', [
    'stop p3',
    'wake deadline 33 s',
    'unwake inspect',
    'unwake words',
    'ring staff as "For Elsie Brown: waits for police" +441923555012, 30 s',
    'p4 to resident: connecting-you (ring)',
  ]);
  row('the resident hangs up first', rings.on(hangsUp('resident')), 'closing, given-up by resident 16', [
    'stop p2',
    ...closes('staff 16'),
  ]);
  const talk = rings.on(answers('staff'));
  row(
    'and the resident hang up',
    talk.on(hangsUp('staff')),
    'closing, handled-by-staff by staff 16',
    closes('resident 16'),
  );
  row(
    'and the resident hangs up',
    talk.on(hangsUp('resident')),
    'closing, handled-by-staff by resident 16',
    closes('staff 16'),
  );
  row('cannot be connected', talk.on(failed('Connect')), 'checking', ['hang up staff 16', ...resumes(299.95)]);
  row('are not cut off by time', talk.on(deadline), 'with-staff', []);
  row(
    'answer a resident who has gone',
    rings.on(hangsUp('resident')).on(answers('staff')),
    'closing, given-up by resident 16',
    ['hang up staff 16'],
  );
  const busy = rings.on(hangsUp('staff')).on(sees('clear')).on(cameBack('BUSY', 17));
  row(
    'were rung, and then the number is busy',
    busy,
    'parting, not-connected by far 17',
    parts('p3 to resident: busy'),
  );
});
