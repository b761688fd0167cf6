import { describe } from 'vitest';
import { answers, cameBack, dialled, dialling, failed, hangsUp, lookTime, Story, sees } from './story.ts';
import { closes, looks, row } from './table.ts';

/** After a guarded number has answered: is it really alone with the resident? */

const out = new Story().on(dialled('guarded')).on(sees('clear')).on(dialling('one'));
const answered = out.on(answers('far'));
const cut = (...channels: string[]) => [
  'hang up far 16',
  `cut ${channels.join(' ')}`,
  'raise audit-failed',
  ...closes('resident 16'),
];
const ending = 'closing, cut-by-audit by clearline 16';

describe('the first look', () => {
  row('is taken at the answer', answered, 'connected, first look', ['unwake inspect', 'unwake deadline', ...looks]);
  row('finds nobody else', answered.on(sees('connected')), 'connected, last look', ['wake inspect 3 s']);
  row('finds somebody in the call: it is cut at once', answered.on(sees('crowded')), ending, cut('s'));
  row('says nothing where nobody asked', answered.on(sees('another')).on(sees('crowded')), 'connected, first look', []);
  row('finds a channel that waits: that one is cut', answered.on(sees('waiting')), 'connected, first look', [
    'cut s',
    'wake inspect 0.1 s',
  ]);
  const twice = answered.on(sees('waiting')).on(lookTime).on(sees('waiting'));
  row('finds it again', twice, 'connected, first look', ['cut s', 'wake inspect 0.1 s']);
  row('finds it a third time: the call is cut', twice.on(lookTime).on(sees('waiting')), ending, cut('s'));
  row('finds another each time: the call goes on', twice.on(lookTime).on(sees('another')), 'connected, first look', [
    'cut t',
    'wake inspect 0.1 s',
  ]);
  row('finds it gone', twice.on(lookTime).on(sees('connected')), 'connected, last look', ['wake inspect 3 s']);
  row('is left unanswered by a witness', answered.on(sees('silent')), 'connected, first look', ['wake inspect 1 s']);
  row('is left unanswered', answered.on(lookTime), 'connected, first look', ['wake inspect 1 s']);
  row('cannot be asked for', answered.on(failed('InspectLine')), 'connected, first look', ['wake inspect 1 s']);
  const silent = (times: number) => {
    let story = answered.on(sees('silent'));
    for (let n = 1; n < times; n += 1) story = story.on(lookTime).on(sees('silent'));
    return story;
  };
  row('is asked for again', silent(9).on(lookTime), 'connected, first look', looks);
  row('is given up, and the call left alone', silent(10), 'connected', ['unwake inspect', 'raise audit-failed']);
  row('once', silent(10).on(lookTime), 'connected', []);
});

describe('the last look', () => {
  const last = answered.on(sees('connected')).on(lookTime, 3_000);
  row('is taken a little later', last, 'connected, last look', looks);
  row('finds nobody else', last.on(sees('connected')), 'connected', ['unwake inspect']);
  row('finds somebody in the call', last.on(sees('crowded')), ending, cut('s'));
  row('is not repeated', last.on(sees('connected')).on(sees('crowded')), 'connected', []);
});

describe('the end', () => {
  row('of the far end during the audit', answered.on(hangsUp('far')), 'closing, connected by far 16', [
    'wake deadline 30 s',
    'unwake inspect',
    'unwake words',
  ]);
  row('of the resident during the audit', answered.on(hangsUp('resident')), 'closing, connected by resident 16', [
    ...closes('far 16'),
  ]);
  row(
    'a resident who comes back from a call that was answered',
    answered.on(cameBack('ANSWER', 16)),
    'closing, connected by far 16',
    [...closes('resident 16', 'far 16')],
  );
  row(
    'of a call that was cut',
    answered.on(sees('crowded')).on(hangsUp('far')).on(hangsUp('resident')),
    'ended, cut-by-audit by clearline 16',
    ['unwake deadline', 'conclude cut-by-audit by clearline 16'],
  );
});
