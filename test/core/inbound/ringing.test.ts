import { describe } from 'vitest';
import { answers, arrived, deadline, finished, hangsUp, presses, recorded, Story } from './story.ts';
import { closes, row } from './table.ts';

/** The ringing phone. */

/** Unanswered so far: nothing was said to them. */
const trusted = new Story().on(arrived({ caller: 'anna' }));
const warned = new Story().on(arrived({ mode: 'paused', caller: 'villain' }));
/** Answered for the announcement, and hearing the phone ring. */
const announced = new Story().on(arrived({ mode: 'announce' })).on(finished(1));

describe('a caller who was not answered yet', () => {
  const ends = (outcome: string, cause: number) => [`closing, ${outcome} ${cause}`, closes(`caller ${cause}`)] as const;
  row('resident busy', trusted.on(hangsUp('resident', 17)), ...ends('busy by resident', 17));
  row('resident does not answer (18)', trusted.on(hangsUp('resident', 18)), ...ends('no-answer by resident', 19));
  row('resident does not answer (19)', trusted.on(hangsUp('resident', 19)), ...ends('no-answer by resident', 19));
  row('resident rejects', trusted.on(hangsUp('resident', 21)), ...ends('resident-refused by resident', 21));
  row('no phone registered', trusted.on(hangsUp('resident', 20)), ...ends('not-reachable by clearline', 20));
  row('phone out of order', trusted.on(hangsUp('resident', 38)), ...ends('not-reachable by clearline', 20));
  row('the ringing’s end is lost', trusted.on(deadline), 'closing, no-answer by resident 19', [
    'hang up resident 19',
    ...closes('caller 19'),
  ]);
  row(
    'caller gives up (CANCEL, which Asterisk calls 127)',
    trusted.on(hangsUp('caller', 127)),
    'closing, caller-gone by caller 16',
    closes('resident 16'),
  );
  row(
    'caller’s network fails',
    trusted.on(hangsUp('caller', 38)),
    'closing, caller-gone by caller 38',
    closes('resident 38'),
  );
});

describe('a caller who is waiting in the call', () => {
  const tells = (prompt: string) => ['stop p2', 'wake deadline 22 s', `p3 to caller: ${prompt}`];
  row(
    'resident busy',
    announced.on(hangsUp('resident', 17)),
    'parting from caller, busy by resident 16',
    tells('busy'),
  );
  row(
    'resident does not answer',
    announced.on(hangsUp('resident', 19)),
    'parting from caller, no-answer by resident 16',
    tells('no-answer'),
  );
  row(
    'resident rejects',
    announced.on(hangsUp('resident', 21)),
    'parting from caller, resident-refused by resident 16',
    tells('refused'),
  );
  row(
    'no phone registered',
    announced.on(hangsUp('resident', 20)),
    'parting from caller, not-reachable by clearline 16',
    tells('not-reachable'),
  );
  row(
    'resident lost unheard',
    announced.on(hangsUp('resident', 0)),
    'parting from caller, not-reachable by clearline 16',
    tells('not-reachable'),
  );
  row('the ringing’s end is lost', announced.on(deadline), 'parting from caller, no-answer by resident 16', [
    'hang up resident 19',
    ...tells('no-answer'),
  ]);
  row('caller hangs up', announced.on(hangsUp('caller', 0)), 'closing, caller-gone by caller 16', [
    'stop p2',
    ...closes('resident 16'),
  ]);
});

describe('an answer', () => {
  row(
    'for a trusted caller: they talk at once, and nothing is said',
    trusted.on(answers('resident')),
    'talking resident',
    ['answer caller', 'unwake deadline', 'connect caller and resident'],
  );
  row(
    'for a stranger on a paused line: they talk at once, and the line is held from here on',
    new Story().on(arrived({ mode: 'paused' })).on(answers('resident')),
    'talking resident',
    ['answer caller', 'unwake deadline', 'hold 300', 'connect caller and resident, watching keys', 'listen to caller'],
  );
  row(
    'for a suspect on a paused line: the resident is warned, the caller still hears it ring',
    warned.on(answers('resident')),
    'whispering resident',
    ['wake deadline 60 s', 'p1 to resident: whisper-strong whisper-warning'],
  );
  row('for an announced stranger: the resident is warned', announced.on(answers('resident')), 'whispering resident', [
    'wake deadline 60 s',
    'p3 to resident: whisper-unknown whisper-warning',
  ]);
  const named = new Story().on(arrived()).on(finished(1)).on(recorded('name'), 3000).on(presses('caller', '5'));
  row(
    'for a stranger who said a name: it stands before the warning',
    named.on(answers('resident')),
    'whispering resident',
    ['wake deadline 60 s', 'p4 to resident: whisper-unknown whisper-named <name> whisper-warning'],
  );
  row('by somebody who was not rung', announced.on(answers('staff')), 'ringing resident', []);
});
