import { describe } from 'vitest';
import {
  answers,
  cameBack,
  deadline,
  dialled,
  dialling,
  failed,
  finished,
  hangsUp,
  lookTime,
  ringing,
  Story,
  sees,
  wordsTime,
} from './story.ts';
import { closes, concludes, goesOn, looks, parts, resumes, row } from './table.ts';

/** A guarded number: looks at the line, and the trunks in turn. */

const begins = (changes: Parameters<typeof dialled>[1] = {}) => new Story().on(dialled('guarded', changes));
const dialledIt = begins();
const tells = (playback: number, ...words: string[]) => [
  `p${playback} to resident: ${[...words, 'key-call-back'].join(' ')}`,
  'wake words 40 s',
];

describe('a line that is clear', () => {
  row('lets the call leave over the first trunk', dialledIt.on(sees('clear')), 'gone on, over one', goesOn('over one'));
  const over = (changes: Parameters<typeof dialled>[1]) => begins(changes).on(sees('clear'));
  row('not over the suspect’s', over({ suspectTrunks: ['one'] }), 'gone on, over two', goesOn('over two'));
  row(
    'over the suspect’s where there is no other',
    over({ trunks: ['one'], suspectTrunks: ['one'] }),
    'gone on, over one',
    [...goesOn('over one')],
  );
  row('not over one that may be held open', dialledIt.on(sees('oneTimed')), 'gone on, over two', goesOn('over two'));
  row(
    'over the suspect’s rather than one that may be held open',
    begins({ suspectTrunks: ['two'] }).on(sees('oneTimed')),
    'gone on, over two',
    goesOn('over two'),
  );
  row('seen when nobody asked says nothing', dialledIt.on(sees('clear')).on(sees('clear')), 'gone on, over one', []);
});

describe('a line that is not', () => {
  row('is cut and looked at again', dialledIt.on(sees('suspect')), 'checking', ['cut s', 'wake inspect 0.03 s']);
  row('is looked at when it is time', dialledIt.on(sees('suspect')).on(lookTime), 'checking', looks);
  const again = (times: number, found: Parameters<typeof sees>[0] = 'suspect') => {
    let story = dialledIt.on(sees(found));
    for (let n = 1; n < times; n += 1) story = story.on(lookTime).on(sees(found));
    return story;
  };
  row('is cut again, a little later', again(2), 'checking', ['cut s', 'wake inspect 0.06 s']);
  row('and later', again(3), 'checking', ['cut s', 'wake inspect 0.12 s']);
  row('and more rarely', again(4), 'checking', ['cut s', 'wake inspect 0.25 s']);
  row('and in the end each second', again(13), 'checking', ['cut s', 'wake inspect 1 s']);
  row('is clear at last', again(5).on(lookTime).on(sees('clear')), 'gone on, over one', goesOn('over one'));
  row('a witness is silent: asked again in a second', dialledIt.on(sees('silent')), 'checking', ['wake inspect 1 s']);
  row('no answer at all', dialledIt.on(lookTime), 'checking', ['wake inspect 1 s']);
  row('nobody could be asked', dialledIt.on(failed('InspectLine')), 'checking', ['wake inspect 1 s']);
  row('asked again after no answer', dialledIt.on(lookTime).on(lookTime), 'checking', looks);
  row('an answer that was given up says nothing', dialledIt.on(lookTime).on(sees('clear')), 'checking', []);
  row('every trunk may be held open: looked at each second', dialledIt.on(sees('timed')), 'checking', [
    'wake inspect 1 s',
  ]);
  row('or when the first one is free', dialledIt.on(sees('nearlyClear')), 'checking', ['wake inspect 0.4 s']);
  const long = dialledIt.on(sees('suspect')).on(lookTime, 4_000);
  row('for long: staff are told', long.on(sees('suspect'), 1_000), 'checking', [
    'raise line-not-clear',
    'cut s',
    'wake inspect 0.06 s',
  ]);
  row(
    'for long, because a witness is silent',
    dialledIt.on(sees('silent')).on(lookTime).on(sees('silent'), 5_000),
    'checking',
    ['raise line-not-clear', 'wake inspect 1 s'],
  );
  row(
    'for longer: they are told once',
    long.on(sees('suspect'), 1_000).on(lookTime).on(sees('suspect'), 9_000),
    'checking',
    ['cut s', 'wake inspect 0.12 s'],
  );
  row('until the resident’s time is up: the dialplan has its own books', dialledIt.on(deadline), 'gone on, dialplan', [
    ...goesOn('dialplan'),
  ]);
  const handed = dialledIt.on(deadline);
  row('a look that comes too late says nothing', handed.on(sees('suspect')), 'gone on, dialplan', []);
  row('what the dialplan connects is only watched', handed.on(answers('far')), 'connected', [
    'unwake inspect',
    'unwake deadline',
  ]);
  row('what the dialplan gives back goes to it again', handed.on(cameBack()), 'gone on, dialplan', goesOn('dialplan'));
  const notTaken = handed.on(failed('PutThrough')).on(lookTime);
  row('what Asterisk did not hand over is handed over again', notTaken, 'gone on, dialplan', goesOn('dialplan'));
  const giveBack = Array.from({ length: 5 }).reduce<Story>((story) => story.on(cameBack()), handed);
  row('and not for ever', giveBack, 'parting, not-connected by clearline 16', [
    ...parts('answer resident', 'p1 to resident: cannot-reach'),
  ]);
  row('the resident hangs up', dialledIt.on(hangsUp('resident', 127)), 'ended, given-up by resident 16', [
    ...concludes('given-up by resident 16'),
  ]);
});

describe('a sentence first', () => {
  const ghost = begins({ by: 'ghost-dial' });
  row('the line is clear before it is over', ghost.on(sees('clear')), 'checking', ['unwake inspect']);
  row('it is over: one more look', ghost.on(sees('clear')).on(finished(1)), 'checking', [...looks, 'wake words 0.6 s']);
  const second = ghost.on(sees('clear')).on(finished(1));
  row('which is clear', second.on(sees('clear')), 'gone on, over one', goesOn('over one'));
  row('which is not', second.on(sees('suspect')), 'checking', ['cut s', 'wake inspect 0.03 s']);
  row('its end is lost', ghost.on(sees('clear')).on(wordsTime), 'checking', ['stop p1', ...looks, 'wake words 0.6 s']);
  row('it cannot be played', ghost.on(failed('Play', 'c-p1')), 'checking', ['wake words 0.6 s']);
  row('it is over, and the look still under way', ghost.on(finished(1)), 'checking', ['wake words 0.6 s']);
  row('and that look is clear', ghost.on(finished(1)).on(sees('clear')), 'gone on, over one', goesOn('over one'));
  row('it is over, and the line is not clear', ghost.on(sees('suspect')).on(finished(1)), 'checking', [
    ...tells(2, 'line-not-clear wait-up-to 5 minutes'),
  ]);
  row('the time is up', ghost.on(deadline), 'gone on, dialplan', ['stop p1', ...goesOn('dialplan')]);
});

describe('a trunk that does not take the call', () => {
  const out = dialledIt.on(sees('clear'));
  const back = out.on(cameBack());
  row('the line is looked at again', back, 'checking', resumes(299.98));
  row('the next trunk', back.on(sees('clear')), 'gone on, over two', goesOn('over two'));
  row('but only when the line is clear', back.on(sees('suspect')), 'checking', ['cut s', 'wake inspect 0.03 s']);
  row('none left but one that may be held open', out.on(cameBack()).on(sees('oneTimed')), 'gone on, over two', [
    ...goesOn('over two'),
  ]);
  row('it rang before', out.on(dialling('one')).on(ringing).on(cameBack('NOANSWER', 19)), 'checking', resumes(299.96));
  row('after most of the time', out.on(cameBack(), 295_000), 'checking', resumes(10));
  row(
    'the far end is busy: the telephone’s own tone',
    out.on(cameBack('BUSY', 17)),
    'closing, not-connected by far 17',
    [...closes('resident 17')],
  );
  const answered = begins({ by: 'advice' }).on(finished(1)).on(sees('clear'));
  row('busy to somebody already answered', answered.on(cameBack('BUSY', 17)), 'parting, not-connected by far 17', [
    ...parts('p2 to resident: busy'),
  ]);
  row('Asterisk does not hand the call over', out.on(failed('PutThrough')), 'gone on, over one', ['wake inspect 1 s']);
  row('and nothing is heard of it', out.on(failed('PutThrough')).on(lookTime), 'checking', resumes(299.97));
  row(
    'and it comes back after all: the look is taken again',
    out.on(failed('PutThrough')).on(lookTime).on(cameBack()).on(sees('clear')),
    'checking',
    looks,
  );
  const late = out.on(failed('PutThrough')).on(lookTime).on(dialling('one'));
  row('and it dials late: it goes out over no other trunk', late.on(sees('clear')), 'checking', ['wake inspect 1 s']);
  row(
    'and is answered: the call is looked at as any other',
    late.on(sees('clear')).on(answers('far')),
    'connected, first look',
    ['unwake words', 'unwake deadline', ...looks],
  );
  row('and ends: the next trunk', late.on(hangsUp('far')).on(sees('clear')), 'gone on, over two', goesOn('over two'));
  row('and then it dials after all', out.on(failed('PutThrough')).on(dialling('one')), 'gone on, over one', [
    'unwake inspect',
  ]);
  row(
    'the resident hangs up meanwhile',
    back.on(hangsUp('resident')),
    'ended, not-connected by far 38',
    concludes('not-connected by far 38'),
  );
  row(
    'it rings, and the resident hangs up',
    out.on(dialling('one')).on(hangsUp('resident')),
    'closing, given-up by resident 16',
    [...closes('far 16')],
  );
});

describe('no trunk takes the call', () => {
  const all = dialledIt
    .on(sees('clear'))
    .on(cameBack())
    .on(sees('clear'))
    .on(cameBack('CONGESTION', 0))
    .on(sees('clear'));
  row('the resident is told, with a key to try again', all, 'checking', [
    'wake inspect 15 s',
    'answer resident',
    ...tells(1, 'cannot-reach key-other-trunk'),
  ]);
  row('tried again later, but not while the keys are still being said', all.on(lookTime), 'checking', [
    'wake inspect 1 s',
  ]);
  const said = all.on(finished(1));
  row('said again after a while', said, 'checking', ['wake words 8 s']);
  row('tried again: a look first', said.on(lookTime), 'checking', looks);
  row('then the first trunk', said.on(lookTime).on(sees('clear')), 'gone on, over one', goesOn('over one'));
  row('there is none at all', begins({ trunks: [] }).on(sees('clear')), 'checking', [
    'wake inspect 15 s',
    'answer resident',
    ...tells(1, 'cannot-reach'),
  ]);
  row('until the time is up', said.on(deadline), 'gone on, dialplan', goesOn('dialplan'));
  const callBack = begins({ by: 'call-back', trunks: ['one'] })
    .on(finished(1))
    .on(sees('clear'));
  row(
    'in a promised call back: staff are told',
    callBack.on(cameBack()).on(sees('clear')),
    'parting, not-connected by far 38',
    ['raise call-back-failed', ...parts('p2 to resident: call-back-cannot')],
  );
});
